// Nonlinearities that are smooth everywhere, and functions that they are made of. Far from 0 their
// derivatives vanish, or become 1, of whatever order: the bounds in here are where a factor that
// vanishes has done so, so that none meets an infinite one.

/// x times sigmoid(x), also called swish; 0 at minus infinity.
public func silu<Scalar: FloatingPointScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
  Tensor(silu(x.untyped))
}
package func silu(_ x: UntypedTensor) -> UntypedTensor {
  let y = Compute.unary(.silu, x)
  recording(x)?.record("silu", y, of: x, by: .elementwise { dy, _ in dy * siluSlope(x) })
  return y
}
/// The derivative of `silu`; with s the sigmoid of x its own is
/// `s (1 - s) (2 + x (1 - 2 s))`.
private func siluSlope(_ x: UntypedTensor) -> UntypedTensor {
  let y = Compute.unary(.siluSlope, x)
  recording(x)?.record(
    "siluSlope", y, of: x,
    by: .elementwise { dy, _ in
      let (share, rest) = (sharpSigmoid(x), sharpSigmoid(-x))
      return dy * (share * rest * (clamped(x, -1000, 1000) * (rest - share) + 2))
    })
  return y
}

/// The sigmoid, with a derivative that keeps its digits where the sigmoid is nearly 1: it takes the
/// exponential once more.
package func sharpSigmoid(_ x: UntypedTensor) -> UntypedTensor {
  let y = Compute.unary(.sigmoid, x)
  recording(x)?.record(
    "sigmoid", y, of: x,
    by: .elementwise { dy, _ in dy * (sharpSigmoid(x) * sharpSigmoid(-x)) })
  return y
}

/// How `gelu` computes the normal distribution.
public enum GELUForm: Sendable {
  /// 0.5 x (1 + erf(x / sqrt(2))).
  case exact
  /// 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x³))).
  case tanh
}

/// The Gaussian error linear unit (Hendrycks and Gimpel, 2016); 0 at minus infinity.
public func gelu<Scalar: FloatingPointScalar>(
  _ x: Tensor<Scalar>, form: GELUForm = .exact
) -> Tensor<Scalar> {
  switch form {
  case .exact: Tensor(gelu(x.untyped))
  case .tanh: Tensor(geluByTanh(x.untyped))
  }
}

/// The exact form.
package func gelu(_ x: UntypedTensor) -> UntypedTensor {
  let y = Compute.unary(.gelu, x)
  recording(x)?.record("gelu", y, of: x, by: .elementwise { dy, _ in dy * geluSlope(x) })
  return y
}
/// The derivative of the exact form, `distribution(x) + x density(x)`; its own is
/// `density(x) (2 - x²)`.
private func geluSlope(_ x: UntypedTensor) -> UntypedTensor {
  let y = Compute.unary(.geluSlope, x)
  recording(x)?.record(
    "geluSlope", y, of: x,
    by: .elementwise { dy, _ in
      let density = bell(x, 0.5) * (1 / (2 * Double.pi).squareRoot())
      return dy * (density * (2 - square(clamped(x, -50, 50))))
    })
  return y
}

/// `(1 + tanh(u)) / 2` is `sigmoid(2 u)`, which keeps its digits where it vanishes.
private func geluByTanh(_ x: UntypedTensor) -> UntypedTensor {
  let inside = clamped(x, -50, 50)
  let argument = inside * (square(inside) * 0.044715 + 1) * (8 / Double.pi).squareRoot()
  let isIdentity = Compute.compare(.greater, x.detached, Compute.filled(x.type, [], 50))
  return select(isIdentity, x, inside * sharpSigmoid(argument))
}

/// `exp(-factor x²)`, the factor being 1 or 1/2.
///
/// The square is taken apart, since what its rounding loses would be multiplied by the exponent: into
/// that of a number of few digits, which is exact, and the rest.
package func bell(_ x: UntypedTensor, _ factor: Double) -> UntypedTensor {
  let inside = clamped(x.detached, -50, 50)
  let near = Compute.unary(.rounded, inside * 64) / 64
  let y = exp(square(near) * -factor) * exp((inside - near) * (inside + near) * -factor)
  recording(x)?.record(
    "bell", y, of: x,
    by: .elementwise { dy, _ in dy * (bell(x, factor) * clamped(x, -50, 50) * (-2 * factor)) })
  return y
}

/// log(1 + exp(beta x)) / beta, and x itself where beta x exceeds the threshold.
///
/// - Parameter beta: finite and not 0.
public func softplus<Scalar: FloatingPointScalar>(
  _ x: Tensor<Scalar>, beta: Scalar = 1, threshold: Scalar = 20
) -> Tensor<Scalar> {
  if !beta.isFinite || beta == 0 { trap("softplus: beta is \(beta), not finite and other than 0") }
  if threshold.isNaN { trap("softplus: threshold is nan, not a number") }
  let scaled = x.detached * beta
  let isLinear = scaled .> Tensor(threshold)
  let curve = Tensor<Scalar>(Compute.unary(.softplus, scaled.untyped)) / beta
  let y = select(isLinear, x.detached, curve)
  recording(x.untyped)?.record(
    "softplus", y.untyped, of: x.untyped,
    by: .elementwise { [x] dy, _ in
      let scaled = x * beta
      // Constant at the threshold itself, where the second derivative is 0.
      let curved = select(scaled .== Tensor(threshold), scaled.detached, scaled)
      let slope = Tensor<Scalar>(sharpSigmoid(curved.untyped))
      return (Tensor(dy) * select(isLinear, Tensor(1), slope)).untyped
    })
  return y
}

/// The logarithm of sigmoid(x), without the loss of digits that taking them one by one would
/// bring: `-log(1 + exp(-x))`.
public func logSigmoid<Scalar: FloatingPointScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
  Tensor(logSigmoid(x.untyped))
}
package func logSigmoid(_ x: UntypedTensor) -> UntypedTensor {
  let y = Compute.unary(.negate, Compute.unary(.softplus, Compute.unary(.negate, x)))
  recording(x)?.record("logSigmoid", y, of: x, by: .elementwise { dy, _ in dy * sharpSigmoid(-x) })
  return y
}
