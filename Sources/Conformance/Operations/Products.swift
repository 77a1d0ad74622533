import Autograd

extension OperationTable {
  mutating func addProducts() {
    numbers("matmul") { try matmul($0[0], $0[1]) }
    numbers("linear") { try linear($0[0], $0[1], $0.optional(2)) }
    for name in ["bmm", "mv", "dot"] { numbers(name) { try matmul($0[0], $0[1]) } }
    numbers("addmm") {
      try $0[0] * Scalar($0.attributes.number("beta"))
        + matmul($0[1], $0[2]) * Scalar($0.attributes.number("alpha"))
    }
    numbers("einsum") { try einsum($0.attributes.text("equation"), $0.list) }
    numbers("scaled_dot_product_attention") {
      try scaledDotProductAttention(
        $0[0], $0[1], $0[2], mask: $0.optionalMask(3), bias: $0.optional(4),
        isCausal: $0.attributes.flag("is_causal"),
        scale: $0.attributes.optionalNumber("scale").map { Scalar($0) })
    }
    addConvolutions()
  }

  private mutating func addConvolutions() {
    numbers("conv1d") {
      try conv1d(
        $0[0], $0[1], bias: $0.optional(2), stride: $0.attributes.integers("stride")[0],
        padding: .each($0.attributes.integers("padding")),
        dilation: $0.attributes.integers("dilation")[0], groups: $0.attributes.integer("groups"))
    }
    numbers("conv2d") {
      try conv2d(
        $0[0], $0[1], bias: $0.optional(2), stride: $0.attributes.integers("stride"),
        padding: .each($0.attributes.integers("padding")),
        dilation: $0.attributes.integers("dilation"), groups: $0.attributes.integer("groups"))
    }
    numbers("max_pool2d") {
      try maxPool2d($0[0], $0.poolingWindow(dilation: $0.attributes.integers("dilation")))
    }
    numbers("avg_pool2d") {
      let divisor: PoolingDivisor =
        if let number = try $0.attributes.optionalNumber("divisor_override") {
          .number(number)
        } else {
          try $0.attributes.flag("count_include_pad") ? .cells : .inputCells
        }
      return try averagePool2d($0[0], $0.poolingWindow(), divisor: divisor)
    }
  }
}

extension Call {
  fileprivate func poolingWindow(dilation: [Int] = [1, 1]) throws -> PoolingWindow {
    PoolingWindow(
      try attributes.integers("kernel_size"), stride: try attributes.integers("stride"),
      padding: try attributes.integers("padding"), dilation: dilation,
      includesPartial: try attributes.flag("ceil_mode"))
  }
}
