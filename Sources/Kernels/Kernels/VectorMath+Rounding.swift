/// Rounding to whole numbers on machines without an instruction for it.
extension VectorInstructions {
  /// The nearest integer, halves to the even one: adding the smallest number without a fraction
  /// and taking it away again. Numbers beyond it are whole already.
  @inlinable @inline(__always)
  public static func roundedByAddition(_ x: Vector) -> Vector {
    let limit = splat(Scalar.normalizingFactor)
    let a = absolute(x)
    let result = vector(or(bits((a + limit) - limit), signBits(x)))
    return select(less(a, limit), result, x)
  }

  /// The largest integer that is not above.
  @inlinable @inline(__always)
  public static func floorByAddition(_ x: Vector) -> Vector {
    let nearest = roundedByAddition(x)
    return select(less(x, nearest), nearest - splat(1), nearest)
  }

  /// The smallest integer that is not below.
  @inlinable @inline(__always)
  public static func ceilingByAddition(_ x: Vector) -> Vector {
    let nearest = roundedByAddition(x)
    return signed(select(less(nearest, x), nearest + splat(1), nearest), like: x)
  }
}
