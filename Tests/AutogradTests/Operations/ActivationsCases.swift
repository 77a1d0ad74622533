import Autograd

extension DerivativeCase {
  static let activations: [DerivativeCase] = [
    .init("elu", in: 0.1...2) { elu($0[0]) },
    .init("elu below 0", in: -2 ... -0.1) { elu($0[0], alpha: 0.7) },
    .init("leakyReLU", in: 0.1...2) { leakyReLU($0[0]) },
    .init("leakyReLU below 0", in: -2 ... -0.1) { leakyReLU($0[0], slope: 0.2) },
    .init("rootOrZero", in: 0.5...2) { Tensor(rootOrZero($0[0].untyped)) },
  ]
}
