import Autograd

extension DerivativeCase {
  static let additiveScores: [DerivativeCase] = [
    .init("additiveScores", [[2, 2, 5], [2, 3, 5], [5]]) {
      Autograd.additiveScores(queries: $0[0], keys: $0[1], v: $0[2])
    }
  ]
}
