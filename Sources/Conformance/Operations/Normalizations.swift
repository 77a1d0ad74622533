import Autograd

extension OperationTable {
  mutating func addNormalizations() {
    numbers("softmax") { try softmax($0[0], axis: $0.attributes.integer("dim")) }
    numbers("log_softmax") { try logSoftmax($0[0], axis: $0.attributes.integer("dim")) }
    numbers("layer_norm") {
      try layerNorm(
        $0[0], shape: Shape($0.attributes.integers("normalized_shape")), weight: $0.optional(1),
        bias: $0.optional(2), epsilon: Scalar($0.attributes.number("eps")))
    }
  }
}
