import Autograd

extension DerivativeCase {
  static let rearrangements: [DerivativeCase] = [
    .init("split", [[2, 5]]) { inputs in
      let parts = inputs[0].split(axis: 1, lengths: [2, 0, 3])
      return .concatenated([parts[2], parts[0], parts[1]], axis: 1)
    },
    .init("chunk", [[5, 2]]) {
      $0[0].chunked(axis: 0, into: 2)[1] * $0[0].chunked(axis: 0, into: 2)[1]
    },
    .init("roll", [[2, 5]]) { $0[0].rolled(axis: 1, by: -2) * $0[0] },
    .init("tile", [[2, 1]]) { $0[0].tiled([2, 1, 3]) },
    .init("index", [[2, 4]]) { $0[0].indexed(axis: 1, at: Tensor([3, 0, 3])) },
  ]
}
