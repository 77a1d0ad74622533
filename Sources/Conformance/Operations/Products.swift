import Autograd

extension OperationTable {
  mutating func addProducts() {
    numbers("matmul") { try matmul($0[0], $0[1]) }
    numbers("linear") { call in
      let (weight, bias) = (try call[1], call.optional(2))
      if weight.rank != 1 { return try linear(call[0], weight, bias) }
      // A vector is one row, and the axis of its one result is dropped.
      return try linear(call[0], weight.unsqueezed(axis: 0), bias?.reshaped([1])).squeezed(axes: -1)
    }
    for name in ["bmm", "mv", "dot"] { numbers(name) { try matmul($0[0], $0[1]) } }
    numbers("addmm") {
      try $0[0] * Scalar($0.attributes.number("beta"))
        + matmul($0[1], $0[2]) * Scalar($0.attributes.number("alpha"))
    }
    numbers("einsum") { try einsum($0.attributes.text("equation"), $0.list) }
    numbers("scaled_dot_product_attention") {
      try scaledDotProductAttention(
        queries: $0[0], keys: $0[1], values: $0[2], mask: $0.optionalMask(3), bias: $0.optional(4),
        isCausal: $0.attributes.flag("is_causal"),
        scale: $0.attributes.optionalNumber("scale").map { Scalar($0) })
    }
    addConvolutions()
  }

  private mutating func addConvolutions() {
    numbers("conv1d") {
      try conv1d(
        $0[0], $0[1], bias: $0.optional(2), stride: $0.attributes.integers("stride")[0],
        padding: $0.attributes.padding(),
        dilation: $0.attributes.integers("dilation")[0], groups: $0.attributes.integer("groups"))
    }
    numbers("conv2d") {
      try conv2d(
        $0[0], $0[1], bias: $0.optional(2), stride: $0.attributes.integers("stride"),
        padding: $0.attributes.padding(),
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
    // One number stands for rows and columns, no stride for that of the window's size.
    func pair(_ name: String) throws -> [Int]? {
      let numbers = attributes.has(name) ? try attributes.integers(name) : []
      return numbers.count == 1 ? numbers + numbers : numbers.isEmpty ? nil : numbers
    }
    return PoolingWindow(
      try pair("kernel_size") ?? [], stride: try pair("stride"),
      padding: try pair("padding") ?? [0, 0], dilation: dilation,
      includesPartial: try attributes.flag("ceil_mode"))
  }
}

extension Attributes {
  /// The padding of a convolution: text, or numbers.
  func padding() throws(CaseError) -> Padding {
    switch try? text("padding") {
    case "valid": .valid
    case "same": .same
    default: .each(try integers("padding"))
    }
  }
}
