import Autograd

extension DerivativeCase {
  static let elementwise: [DerivativeCase] = [
    .init("exp") { exp($0[0]) },
    .init("expm1") { expm1($0[0]) },
    .init("log", in: 0.5...3) { log($0[0]) },
    .init("log1p", in: -0.5...3) { log1p($0[0]) },
    .init("sqrt", in: 0.5...3) { sqrt($0[0]) },
    .init("rsqrt", in: 0.5...3) { rsqrt($0[0]) },
    .init("square") { square($0[0]) },
    .init("reciprocal", in: 0.5...3) { reciprocal($0[0]) },
    .init("sin") { sin($0[0]) },
    .init("cos") { cos($0[0]) },
    .init("tanh") { tanh($0[0]) },
    .init("sigmoid") { sigmoid($0[0]) },
    .init("erf") { erf($0[0]) },
    .init("relu", in: 0.1...2) { relu($0[0]) },
    .init("relu below 0", in: -2 ... -0.1) { relu($0[0]) },
    .init("abs", in: 0.1...2) { abs($0[0]) },
    .init("abs below 0", in: -2 ... -0.1) { abs($0[0]) },
    .init("convert") { $0[0].converted(to: Float.self).converted(to: Double.self) * 0 + $0[0] },
  ]
}
