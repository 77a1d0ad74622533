import Kernels

// Truth values joined, and elements chosen by them.

extension Tensor where Scalar == Bool {
  /// Where the element is false.
  public static prefix func ! (x: Tensor) -> Tensor { Tensor(Compute.not(x.untyped)) }

  /// Where both are true; shapes broadcast.
  public static func & (a: Tensor, b: Tensor) -> Tensor {
    combine("and", a, b, Compute.and)
  }

  /// Where either is true; shapes broadcast.
  public static func | (a: Tensor, b: Tensor) -> Tensor {
    combine("or", a, b, Compute.or)
  }

  private static func combine(
    _ name: String, _ a: Tensor, _ b: Tensor,
    _ function: (UntypedTensor, UntypedTensor) -> UntypedTensor
  ) -> Tensor {
    guard let shape = a.shape.broadcast(with: b.shape) else {
      Compute.mismatch(name, a.untyped, b.untyped)
    }
    return Tensor(function(Compute.expanded(a.untyped, shape), Compute.expanded(b.untyped, shape)))
  }
}

/// `a` where the condition is true, else `b`; all three broadcast.
public func select<Scalar: TensorScalar>(
  _ condition: Tensor<Bool>, _ a: Tensor<Scalar>, _ b: Tensor<Scalar>
) -> Tensor<Scalar> {
  guard let both = a.shape.broadcast(with: b.shape) else {
    Compute.mismatch("select", a.untyped, b.untyped)
  }
  guard let shape = both.broadcast(with: condition.shape) else {
    Compute.mismatch("select", condition.untyped, Compute.expanded(a.untyped, both))
  }
  return Tensor(
    select(
      Compute.expanded(condition.untyped, shape), expanded(a.untyped, shape),
      expanded(b.untyped, shape)))
}

/// `a` where the condition is true, else a number.
public func select<Scalar: TensorScalar>(
  _ condition: Tensor<Bool>, _ a: Tensor<Scalar>, _ b: Scalar
) -> Tensor<Scalar> {
  select(condition, a, Tensor(b))
}

/// A number where the condition is true, else `b`.
public func select<Scalar: TensorScalar>(
  _ condition: Tensor<Bool>, _ a: Scalar, _ b: Tensor<Scalar>
) -> Tensor<Scalar> {
  select(condition, Tensor(a), b)
}

/// One number where the condition is true, else another: as in `x * select(condition, 1, 0.5)`, where
/// the scalar type is that of what stands beside it.
public func select<Scalar: TensorScalar>(
  _ condition: Tensor<Bool>, _ a: Scalar, _ b: Scalar
) -> Tensor<Scalar> {
  select(condition, Tensor(a), Tensor(b))
}
/// All three of one shape.
package func select(_ condition: UntypedTensor, _ a: UntypedTensor, _ b: UntypedTensor)
  -> UntypedTensor
{
  let y = Compute.select(condition, a, b)
  recording(a, b)?.record(
    "select", y, of: a, b,
    by: .elementwise { dy, operand in
      let zeros = Compute.zeros(like: dy)
      return operand == 0 ? select(condition, dy, zeros) : select(condition, zeros, dy)
    })
  return y
}

extension Tensor {
  /// A number in place of the elements where the mask is true; the mask broadcasts, and so does
  /// the tensor. Elements that are replaced get no gradient.
  public func filled(where mask: Tensor<Bool>, with number: Scalar) -> Tensor {
    select(mask, Tensor(number), self)
  }
}

extension Tensor where Scalar: NumericScalar {
  /// Elements limited to an interval, NaN where they are NaN; the gradient passes within it, bounds
  /// included.
  public func clamped(to range: ClosedRange<Scalar>) -> Tensor {
    Tensor(Autograd.clamped(untyped, range.lowerBound.number, range.upperBound.number))
  }

  /// Elements of at least a number, NaN where they are NaN: `x.clamped(to: 0...)`. The gradient
  /// passes from the bound on.
  public func clamped(to range: PartialRangeFrom<Scalar>) -> Tensor {
    Tensor(Autograd.clamped(untyped, range.lowerBound.number, nil))
  }

  /// Elements of at most a number, NaN where they are NaN: `x.clamped(to: ...1)`. The gradient
  /// passes up to the bound.
  public func clamped(to range: PartialRangeThrough<Scalar>) -> Tensor {
    Tensor(Autograd.clamped(untyped, nil, range.upperBound.number))
  }
}
package func clamped(_ x: UntypedTensor, _ low: Double?, _ high: Double?) -> UntypedTensor {
  if low?.isNaN == true || high?.isNaN == true { trap("clamped: a bound is nan, not a number") }
  var y = x.detached
  if let low { y = Compute.binary(.maximum, y, low) }
  if let high { y = Compute.binary(.minimum, y, high) }
  if low == nil && high == nil { return x }
  recording(x)?.record(
    "clamp", y, of: x,
    by: .elementwise { dy, _ in
      func passing(_ gradient: UntypedTensor, _ comparison: Comparison, _ bound: Double?)
        -> UntypedTensor
      {
        guard let bound else { return gradient }
        let passes = Compute.compare(comparison, x, Compute.filled(x.type, [], bound))
        return select(passes, gradient, Compute.zeros(like: gradient))
      }
      return passing(passing(dy, .greaterOrEqual, low), .lessOrEqual, high)
    })
  return y
}

/// `x` with a number where the mask, which has its shape or broadcasts to it, is true.
package func masked(_ x: UntypedTensor, where mask: UntypedTensor, with number: Double)
  -> UntypedTensor
{
  let shape = x.shape.broadcast(with: mask.shape)!
  let mask = Compute.expanded(mask, shape)
  return select(mask, Compute.filled(x.type, shape, number), expanded(x, shape))
}

/// `x` times a constant that broadcasts to it, and 0 where the constant is 0, be the element infinite
/// or NaN: it is left out, and so is its gradient.
package func weighted(_ x: UntypedTensor, byConstant weights: UntypedTensor) -> UntypedTensor {
  let y = Compute.binary(.weigh, x, weights)
  recording(x)?.record(
    "weighted", y, of: x,
    by: .elementwise { dy, _ in summed(weighted(dy, byConstant: weights), to: x.shape) })
  return y
}

/// `x` times weights that are differentiated too; both have the same shape. Where a weight is 0 the
/// product is 0, be the element infinite or NaN. Such a term is left out: neither gets a gradient of
/// it, whereas the weight 0 of a finite element gets the element.
package func weighted(_ x: UntypedTensor, by weights: UntypedTensor) -> UntypedTensor {
  let y = Compute.binary(.weigh, x, weights)
  recording(x, weights)?.record(
    "weighted", y, of: x, weights,
    by: .elementwise { dy, operand in
      if operand == 0 { return weighted(dy, by: weights) }
      let size = Compute.unary(.absolute, x)
      let isFinite = Compute.compare(.less, size, Compute.filled(x.type, [], .infinity))
      let isZero = Compute.compare(.equal, weights, Compute.filled(x.type, [], 0))
      return dy * masked(x, where: Compute.and(isZero, Compute.not(isFinite)), with: 0)
    })
  return y
}

extension Tensor where Scalar: FloatingPointScalar {
  /// The tensor times weights that may broadcast; where one is 0 the product is 0, be the element
  /// infinite or NaN.
  package func weighted(byConstant weights: Tensor) -> Tensor {
    Tensor(Autograd.weighted(untyped, byConstant: weights.untyped.detached))
  }

  /// The tensor times weights of its shape, which are differentiated too; where one is 0 the product
  /// is 0, be the element infinite or NaN.
  package func weighted(by weights: Tensor) -> Tensor {
    Tensor(Autograd.weighted(untyped, by: weights.untyped))
  }
}
