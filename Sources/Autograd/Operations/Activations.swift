// Further functions of each element that networks use as nonlinearities.

/// The exponential linear unit (Clevert et al., 2016): x where x > 0, else alpha (exp(x) - 1).
/// The derivative at 0 is alpha.
public func elu<Scalar: FloatingPointScalar>(
  _ x: Tensor<Scalar>, alpha: Scalar = 1
) -> Tensor<Scalar> {
  expect(Double(alpha), .finite, "elu", "alpha")
  return Tensor(elu(x.untyped, Double(alpha)))
}
package func elu(_ x: UntypedTensor, _ alpha: Double) -> UntypedTensor {
  let zero = Compute.filled(x.type, [], 0)
  let curve = Compute.binary(.multiply, Compute.unary(.expm1, x), alpha)
  let y = Compute.select(Compute.compare(.lessOrEqual, x, zero), curve, x)
  recording(x)?.record(
    "elu", y, of: x,
    by: .elementwise { dy, _ in
      // Constant at 0 itself, where the second derivative is 0. The exponential is kept finite
      // where it is not used, lest 0 times infinity appear.
      let below = select(Compute.compare(.less, x, zero), x, Compute.zeros(like: x))
      let ones = Compute.filled(x.type, x.shape, 1)
      return dy * select(Compute.compare(.lessOrEqual, x, zero), exp(below) * alpha, ones)
    })
  return y
}

/// x where x > 0, else x times a slope; the derivative at 0 is the slope.
public func leakyReLU<Scalar: FloatingPointScalar>(
  _ x: Tensor<Scalar>, slope: Scalar = 0.01
) -> Tensor<Scalar> {
  expect(Double(slope), .finite, "leakyReLU", "slope")
  // Not 0 times an infinity.
  if slope == 0 { return relu(x) }
  return select(x .> Tensor(0), x, x * slope)
}

/// The square root, whose derivative at 0 is 0: for norms and deviations, where the root of 0 is
/// that of a vector which does not change.
package func rootOrZero(_ x: UntypedTensor) -> UntypedTensor {
  let y = Compute.unary(.squareRoot, x)
  recording(x)?.record(
    "rootOrZero", y, of: x,
    by: .elementwise { dy, _ in
      let isZero = Compute.compare(.equal, x.detached, Compute.filled(x.type, [], 0))
      let safe = masked(rootOrZero(x), where: isZero, with: 1)
      return masked(dy / (safe * 2), where: isZero, with: 0)
    })
  return y
}
