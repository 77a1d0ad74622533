import Autograd

extension OperationTable {
  mutating func addElementwise() {
    addFunctions()
    addArithmetic()
    addComparisons()
  }

  private mutating func addFunctions() {
    numbers("neg") { try -$0[0] }
    numbers("exp") { try exp($0[0]) }
    numbers("log") { try log($0[0]) }
    numbers("log1p") { try log1p($0[0]) }
    numbers("expm1") { try expm1($0[0]) }
    numbers("sqrt") { try sqrt($0[0]) }
    numbers("rsqrt") { try rsqrt($0[0]) }
    numbers("square") { try square($0[0]) }
    numbers("reciprocal") { try reciprocal($0[0]) }
    numbers("sin") { try sin($0[0]) }
    numbers("cos") { try cos($0[0]) }
    numbers("tanh") { try tanh($0[0]) }
    numbers("sigmoid") { try sigmoid($0[0]) }
    numbers("erf") { try erf($0[0]) }
    numbers("silu") { try silu($0[0]) }
    numbers("abs") { try abs($0[0]) }
    numbers("sign") { try sign($0[0]) }
    numbers("relu") { try relu($0[0]) }
    numbers("floor") { try floor($0[0]) }
    numbers("ceil") { try ceil($0[0]) }
    numbers("round") { try round($0[0]) }
    numbers("gelu") {
      try gelu($0[0], form: $0.attributes.text("approximate") == "tanh" ? .tanh : .exact)
    }
    numbers("elu") { try elu($0[0], alpha: Scalar($0.attributes.number("alpha"))) }
    numbers("leaky_relu") {
      try leakyReLU($0[0], slope: Scalar($0.attributes.number("negative_slope")))
    }
    numbers("softplus") {
      try softplus(
        $0[0], beta: Scalar($0.attributes.number("beta")),
        threshold: Scalar($0.attributes.number("threshold")))
    }
  }

  private mutating func addArithmetic() {
    numbers("add") { try $0[0] + scaled($0[1], $0) }
    numbers("sub") { try $0[0] - scaled($0[1], $0) }
    numbers("mul") { try $0[0] * $0[1] }
    numbers("div") { try $0[0] / $0[1] }
    numbers("maximum") { try max($0[0], $0[1]) }
    numbers("minimum") { try min($0[0], $0[1]) }
    numbers("pow") {
      $0.attributes.has("exponent")
        ? try pow($0[0], Scalar($0.attributes.number("exponent"))) : try pow($0[0], $0[1])
    }
    numbers("clamp") { call in
      let low = try call.attributes.optionalNumber("min").map { Scalar($0) }
      let high = try call.attributes.optionalNumber("max").map { Scalar($0) }
      let x = try call[0]
      let bounded = low.map { x.clamped(to: $0...) } ?? x
      return high.map { bounded.clamped(to: ...$0) } ?? bounded
    }
    numbers("where") { call in
      // Whole numbers beside others become such, without gradients.
      func operand(_ number: Int) throws -> Tensor<Scalar> {
        try call.optional(number) ?? call.indices(number).converted(to: Scalar.self)
      }
      return try select(call.mask(0), operand(1), operand(2))
    }
    numbers("masked_fill") {
      try $0[0].filled(where: $0.mask(1), with: Scalar($0.attributes.number("value")))
    }
  }

  private mutating func addComparisons() {
    masks("eq") { try $0[0] .== $0[1] }
    masks("ne") { try $0[0] .!= $0[1] }
    masks("lt") { try $0[0] .< $0[1] }
    masks("le") { try $0[0] .<= $0[1] }
    masks("gt") { try $0[0] .> $0[1] }
    masks("ge") { try $0[0] .>= $0[1] }
    masks("logical_and") { try $0.mask(0) & $0.mask(1) }
    masks("logical_or") { try $0.mask(0) | $0.mask(1) }
    masks("logical_not") { try !$0.mask(0) }
  }
}

/// The second operand of an addition, times its attribute `alpha`.
private func scaled<Scalar>(
  _ tensor: Tensor<Scalar>, _ call: Call<Scalar>
) throws -> Tensor<Scalar> {
  let alpha = try call.attributes.number("alpha")
  return alpha == 1 ? tensor : tensor * Scalar(alpha)
}
