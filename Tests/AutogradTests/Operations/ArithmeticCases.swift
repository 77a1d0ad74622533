import Autograd

extension DerivativeCase {
  static let arithmetic: [DerivativeCase] = [
    .init("add", [[2, 3], [2, 3]]) { $0[0] + $0[1] },
    .init("add, broadcast", [[2, 1, 3], [4, 1]]) { $0[0] + $0[1] },
    .init("subtract", [[2, 3], [3]]) { $0[0] - $0[1] },
    .init("multiply", [[2, 3], [2, 3]]) { $0[0] * $0[1] },
    .init("multiply, broadcast", [[2, 1], [1, 3]]) { $0[0] * $0[1] },
    .init("multiply by itself") { $0[0] * $0[0] },
    .init("divide", [[2, 3], [3]], in: 0.5...2) { $0[0] / $0[1] },
    .init("negate") { -$0[0] },
    .init("with a number") { 3 - (2 * $0[0] + 1) / 4 - 1 },
    .init("number over x", in: 0.5...2) { 3 / $0[0] },
    .init("pow", [[2, 3], [3]], in: 0.5...2) { pow($0[0], $0[1]) },
    .init("pow with a number", in: 0.5...2) { pow($0[0], 2.5) },
    .init("max", [[2, 3], [2, 3]]) { max($0[0], $0[1]) },
    .init("min", [[2, 3], [3]]) { min($0[0], $0[1]) },
  ]
}
