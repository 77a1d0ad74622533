import Autograd

extension DerivativeCase {
  static let windows: [DerivativeCase] = [
    .init("flip", [[2, 3]]) { $0[0].flipped(axes: 0, 1) },
    .init("diagonal", [[2, 3, 4]]) { $0[0].diagonal(offset: 1) },
    .init("diagonal of other axes", [[3, 2, 3]]) { $0[0].diagonal(offset: -1, axes: 0, 2) },
    .init("pad") { $0[0].padded([(1, 0), (2, 1)], with: 3) },
    .init("lowerTriangle", [[2, 3, 3]]) { $0[0].lowerTriangle() },
    .init("upperTriangle", [[3, 4]]) { $0[0].upperTriangle(diagonal: -1) },
  ]
}
