import Autograd

extension DerivativeCase {
  static let indexing: [DerivativeCase] = [
    .init("rows", [[4, 3]]) { $0[0].rows(Tensor([2, 0, 2, 3])) },
    .init("rows of a transpose", [[3, 4]]) { $0[0].transposed().rows(Tensor([2, 0, 2, 3])) },
    .init("gather", [[3, 4]]) { $0[0].gathered(axis: 1, at: Tensor([[0, 3], [1, 1], [2, 0]])) },
    .init("scatterAdd", [[3, 4], [3, 2]]) {
      $0[0].scatterAdding($0[1], axis: 1, at: Tensor([[0, 3], [1, 1], [2, 0]]))
    },
  ]
}
