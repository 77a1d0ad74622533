import Autograd

extension DerivativeCase {
  static let choices: [DerivativeCase] = [
    .init("select", [[2, 3], [3]]) {
      select(Tensor([[true, false, true], [false, false, true]]), $0[0], $0[1])
    },
    .init("filled") { $0[0].filled(where: Tensor([true, false, false]), with: 7) },
    .init("weighted by a constant", [[2, 3]]) {
      $0[0].weighted(byConstant: Tensor([[2, 0, -1]]))
    },
    .init("weighted", [[2, 3], [2, 3]]) { $0[0].weighted(by: $0[1]) },
    .init("clamped") { $0[0].clamped(to: -0.7...0.9) },
  ]
}
