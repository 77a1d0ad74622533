import Autograd

extension DerivativeCase {
  static let smoothUnits: [DerivativeCase] = [
    .init("silu") { silu($0[0]) },
    .init("gelu") { gelu($0[0]) },
    .init("gelu by tanh") { gelu($0[0], form: .tanh) },
    .init("bell") { Tensor(bell($0[0].untyped, 0.5)) },
    .init("softplus") { softplus($0[0]) },
    .init("softplus beyond its threshold") { softplus($0[0], beta: 2, threshold: 0) },
    .init("logSigmoid") { logSigmoid($0[0]) },
  ]
}
