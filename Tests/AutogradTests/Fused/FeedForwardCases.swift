import Autograd

extension DerivativeCase {
  static let feedForward: [DerivativeCase] = [
    .init("feedForward, relu", [[2, 3, 2], [4, 2], [4], [3, 4], [3]], in: 0.1...1) {
      Autograd.feedForward($0[0], first: $0[1], $0[2], second: $0[3], $0[4], .relu)
    },
    .init("feedForward, gelu, without biases", [[3, 2], [4, 2], [2, 4]]) {
      Autograd.feedForward($0[0], first: $0[1], nil, second: $0[2], nil, .gelu)
    },
    .init("feedForward, relu, dropout", [[3, 2], [4, 2], [4], [2, 4], [2]], in: 0.1...1) {
      Autograd.feedForward(
        $0[0], first: $0[1], $0[2], second: $0[3], $0[4], .relu, dropout: dropout)
    },
    .init("feedForward, gelu, dropout", [[3, 2], [4, 2], [4], [2, 4], [2]]) {
      Autograd.feedForward(
        $0[0], first: $0[1], $0[2], second: $0[3], $0[4], .gelu, dropout: dropout)
    },
  ]

  private static var dropout: DropoutMask {
    let mask = Tensor<Double>((0..<12).map { $0 % 5 < 3 ? 1.25 : 0 }, shape: [3, 4])
    return DropoutMask(mask: mask.untyped, kept: 1.25)
  }
}
