// Functions of each element. Each is there twice: for tensors, which is what a program calls, and
// for the untyped tensors underneath, where the derivative stands next to it.

/// e to the power of each element.
public func exp<T: TensorProtocol>(_ x: T) -> Tensor<T.Scalar>
where T.Scalar: FloatingPointScalar {
  Tensor(exp(x.tensor.untyped))
}
package func exp(_ x: UntypedTensor) -> UntypedTensor {
  let y = Compute.unary(.exp, x)
  recording(x)?.record("exp", y, of: x, by: .elementwise { dy, _ in dy * y })
  return y
}

/// e to the power of each element, minus one; accurate near 0.
public func expm1<T: TensorProtocol>(_ x: T) -> Tensor<T.Scalar>
where T.Scalar: FloatingPointScalar {
  Tensor(expm1(x.tensor.untyped))
}
package func expm1(_ x: UntypedTensor) -> UntypedTensor {
  let y = Compute.unary(.expm1, x)
  // Not y + 1, of which nothing is left far below 0.
  recording(x)?.record("expm1", y, of: x, by: .elementwise { dy, _ in dy * exp(x) })
  return y
}

/// Natural logarithm.
public func log<T: TensorProtocol>(_ x: T) -> Tensor<T.Scalar>
where T.Scalar: FloatingPointScalar {
  Tensor(log(x.tensor.untyped))
}
package func log(_ x: UntypedTensor) -> UntypedTensor {
  let y = Compute.unary(.log, x)
  recording(x)?.record("log", y, of: x, by: .elementwise { dy, _ in dy / x })
  return y
}

/// Natural logarithm of 1 + x; accurate near 0.
public func log1p<T: TensorProtocol>(_ x: T) -> Tensor<T.Scalar>
where T.Scalar: FloatingPointScalar {
  Tensor(log1p(x.tensor.untyped))
}
package func log1p(_ x: UntypedTensor) -> UntypedTensor {
  let y = Compute.unary(.log1p, x)
  recording(x)?.record("log1p", y, of: x, by: .elementwise { dy, _ in dy / (x + 1) })
  return y
}

/// Square root; its derivative at 0 is infinite.
public func sqrt<T: TensorProtocol>(_ x: T) -> Tensor<T.Scalar>
where T.Scalar: FloatingPointScalar {
  Tensor(sqrt(x.tensor.untyped))
}
package func sqrt(_ x: UntypedTensor) -> UntypedTensor {
  let y = Compute.unary(.squareRoot, x)
  recording(x)?.record("sqrt", y, of: x, by: .elementwise { dy, _ in dy / (y * 2) })
  return y
}

/// 1 over the square root.
public func rsqrt<Scalar: FloatingPointScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
  Tensor(rsqrt(x.untyped))
}
package func rsqrt(_ x: UntypedTensor) -> UntypedTensor {
  let y = Compute.unary(.reciprocalSquareRoot, x)
  recording(x)?.record("rsqrt", y, of: x, by: .elementwise { dy, _ in dy * (y * y * y) * -0.5 })
  return y
}

/// x times x.
public func square<Scalar: FloatingPointScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
  Tensor(square(x.untyped))
}
package func square(_ x: UntypedTensor) -> UntypedTensor {
  let y = Compute.unary(.square, x)
  recording(x)?.record("square", y, of: x, by: .elementwise { dy, _ in dy * x * 2 })
  return y
}

/// 1 over x.
public func reciprocal<Scalar: FloatingPointScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
  Tensor(reciprocal(x.untyped))
}
package func reciprocal(_ x: UntypedTensor) -> UntypedTensor {
  let y = Compute.unary(.reciprocal, x)
  recording(x)?.record("reciprocal", y, of: x, by: .elementwise { dy, _ in -(dy * y * y) })
  return y
}

/// Sine of an angle in radians.
public func sin<T: TensorProtocol>(_ x: T) -> Tensor<T.Scalar>
where T.Scalar: FloatingPointScalar {
  Tensor(sin(x.tensor.untyped))
}
package func sin(_ x: UntypedTensor) -> UntypedTensor {
  let y = Compute.unary(.sin, x)
  recording(x)?.record("sin", y, of: x, by: .elementwise { dy, _ in dy * cos(x) })
  return y
}

/// Cosine of an angle in radians.
public func cos<T: TensorProtocol>(_ x: T) -> Tensor<T.Scalar>
where T.Scalar: FloatingPointScalar {
  Tensor(cos(x.tensor.untyped))
}
package func cos(_ x: UntypedTensor) -> UntypedTensor {
  let y = Compute.unary(.cos, x)
  recording(x)?.record("cos", y, of: x, by: .elementwise { dy, _ in -(dy * sin(x)) })
  return y
}

/// Hyperbolic tangent.
public func tanh<T: TensorProtocol>(_ x: T) -> Tensor<T.Scalar>
where T.Scalar: FloatingPointScalar {
  Tensor(tanh(x.tensor.untyped))
}
package func tanh(_ x: UntypedTensor) -> UntypedTensor {
  let y = Compute.unary(.tanh, x)
  recording(x)?.record("tanh", y, of: x, by: .elementwise { dy, _ in tanhGradient(dy, y) })
  return y
}
/// dy (1 - y²) in one pass.
private func tanhGradient(_ dy: UntypedTensor, _ y: UntypedTensor) -> UntypedTensor {
  let dx = Compute.binary(.tanhGradient, dy, y)
  recording(dy, y)?.record(
    "tanhGradient", dx, of: dy, y,
    by: .elementwise { g, operand in
      operand == 0 ? tanhGradient(g, y) : g * dy * y * -2
    })
  return dx
}

/// The logistic function, 1 / (1 + exp(-x)).
public func sigmoid<Scalar: FloatingPointScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
  Tensor(sigmoid(x.untyped))
}
package func sigmoid(_ x: UntypedTensor) -> UntypedTensor {
  let y = Compute.unary(.sigmoid, x)
  recording(x)?.record("sigmoid", y, of: x, by: .elementwise { dy, _ in sigmoidGradient(dy, y) })
  return y
}
/// dy y (1 - y) in one pass.
private func sigmoidGradient(_ dy: UntypedTensor, _ y: UntypedTensor) -> UntypedTensor {
  let dx = Compute.binary(.sigmoidGradient, dy, y)
  recording(dy, y)?.record(
    "sigmoidGradient", dx, of: dy, y,
    by: .elementwise { g, operand in
      operand == 0 ? sigmoidGradient(g, y) : g * dy * (y * -2 + 1)
    })
  return dx
}

/// The error function, 2 / sqrt(pi) times the integral of exp(-t²) from 0 to x.
public func erf<T: TensorProtocol>(_ x: T) -> Tensor<T.Scalar>
where T.Scalar: FloatingPointScalar {
  Tensor(erf(x.tensor.untyped))
}
package func erf(_ x: UntypedTensor) -> UntypedTensor {
  let y = Compute.unary(.erf, x)
  // 2 / sqrt(pi)
  recording(x)?.record(
    "erf", y, of: x, by: .elementwise { dy, _ in dy * (bell(x, 1) * 1.1283791670955126) })
  return y
}

/// max(x, 0); the derivative at 0 is 0.
public func relu<Scalar: FloatingPointScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
  Tensor(relu(x.untyped))
}
package func relu(_ x: UntypedTensor) -> UntypedTensor {
  let y = Compute.unary(.relu, x)
  recording(x)?.record("relu", y, of: x, by: .elementwise { dy, _ in reluGradient(dy, y) })
  return y
}
/// dy where y > 0, else 0.
private func reluGradient(_ dy: UntypedTensor, _ y: UntypedTensor) -> UntypedTensor {
  let dx = Compute.binary(.reluGradient, dy, y)
  // Piecewise constant in y.
  recording(dy)?.record(
    "reluGradient", dx, of: dy, by: .elementwise { dy, _ in reluGradient(dy, y) })
  return dx
}

/// Absolute value; the derivative at 0 is 0.
public func abs<T: TensorProtocol>(_ x: T) -> Tensor<T.Scalar>
where T.Scalar: NumericScalar & SignedNumeric {
  Tensor(abs(x.tensor.untyped))
}
package func abs(_ x: UntypedTensor) -> UntypedTensor {
  let y = Compute.unary(.absolute, x)
  recording(x)?.record("abs", y, of: x, by: .elementwise { dy, _ in dy * sign(x) })
  return y
}

/// -1, 0 or 1; the derivative is 0.
public func sign<Scalar: FloatingPointScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
  Tensor(sign(x.untyped))
}
package func sign(_ x: UntypedTensor) -> UntypedTensor { Compute.unary(.sign, x) }

/// The largest integer not above x; the derivative is 0.
public func floor<T: TensorProtocol>(_ x: T) -> Tensor<T.Scalar>
where T.Scalar: FloatingPointScalar {
  Tensor(Compute.unary(.floor, x.tensor.untyped))
}

/// The smallest integer not below x; the derivative is 0.
public func ceil<T: TensorProtocol>(_ x: T) -> Tensor<T.Scalar>
where T.Scalar: FloatingPointScalar {
  Tensor(Compute.unary(.ceiling, x.tensor.untyped))
}

/// The nearest integer, halves to even; the derivative is 0.
public func round<Scalar: FloatingPointScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
  Tensor(Compute.unary(.rounded, x.untyped))
}
