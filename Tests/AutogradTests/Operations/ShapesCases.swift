import Autograd

extension DerivativeCase {
  static let shapes: [DerivativeCase] = [
    .init("reshape") { $0[0].reshaped([3, -1]) },
    .init("permute", [[2, 3, 4]]) { $0[0].permuted(axes: [2, 0, 1]) },
    .init("transpose") { $0[0].transposed() },
    .init("reshape of a transpose") { $0[0].transposed().reshaped([6]) },
    .init("expand", [[2, 1]]) { $0[0].expanded(to: [4, 2, 3]) },
    .init("narrow", [[2, 5]]) { $0[0].narrowed(axis: 1, to: 1..<4) },
    .init("overlapping parts", [[2, 5]]) {
      $0[0].narrowed(axis: 1, to: 0..<3) * $0[0].narrowed(axis: 1, to: 2..<5)
        + $0[0].narrowed(axis: 1, to: 1..<4)
    },
    .init("one position of an axis", [[2, 5]]) { $0[0].selected(axis: 1, at: 2) },
    .init("unstack", [[2, 3]]) {
      let parts = $0[0].unstacked(axis: 1)
      return parts[0] * parts[2]
    },
    .init("concatenate", [[2, 3], [2, 1]]) { .concatenated($0, axis: 1) },
    .init("stack", [[2, 3], [2, 3]]) { .stacked($0, axis: -1) },
  ]
}
