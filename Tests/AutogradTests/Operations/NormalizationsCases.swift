import Autograd

extension DerivativeCase {
  static let normalizations: [DerivativeCase] = [
    .init("softmax") { softmax($0[0], axis: 1) },
    .init("softmax of another axis", [[2, 3, 2]]) { softmax($0[0], axis: 1) },
    .init("softmax, masked") {
      softmax($0[0], axis: 1, mask: Tensor([[true, false, true], [false, false, false]]))
    },
    .init("logSoftmax") { logSoftmax($0[0], axis: 1) },
    .init("logSoftmax of another axis", [[2, 3, 2]]) { logSoftmax($0[0], axis: 0) },
  ]
}
