/// What most instruction sets leave to the compiler: one operation of `Register` each.
extension VectorInstructions {
  /// `a * b + c`, rounded once.
  @inlinable @inline(__always)
  public static func fma(_ a: Vector, _ b: Vector, _ c: Vector) -> Vector {
    Vector.multiplyAdd(a, b, c)
  }

  /// `a < b ? a : b`, so `b` where either is NaN.
  @inlinable @inline(__always)
  public static func min(_ a: Vector, _ b: Vector) -> Vector { select(less(a, b), a, b) }

  /// `a > b ? a : b`, so `b` where either is NaN.
  @inlinable @inline(__always)
  public static func max(_ a: Vector, _ b: Vector) -> Vector { select(less(b, a), a, b) }

  /// The square root, rounded once.
  @inlinable @inline(__always)
  public static func squareRoot(_ a: Vector) -> Vector { Vector.squareRoot(a) }

  /// The nearest integer, halves to the even one.
  @inlinable @inline(__always)
  public static func rounded(_ a: Vector) -> Vector { Vector.rounded(a) }

  /// The largest integer that is not larger.
  @inlinable @inline(__always)
  public static func floor(_ a: Vector) -> Vector { Vector.floor(a) }

  /// The smallest integer that is not smaller.
  @inlinable @inline(__always)
  public static func ceiling(_ a: Vector) -> Vector { Vector.ceiling(a) }

  // MARK: Comparisons

  /// `a < b` in each lane.
  @inlinable @inline(__always)
  public static func less(_ a: Vector, _ b: Vector) -> Bits { Vector.less(a, b) }

  /// `a <= b` in each lane.
  @inlinable @inline(__always)
  public static func lessOrEqual(_ a: Vector, _ b: Vector) -> Bits { Vector.lessOrEqual(a, b) }

  /// `a == b` in each lane.
  @inlinable @inline(__always)
  public static func equal(_ a: Vector, _ b: Vector) -> Bits { Vector.equal(a, b) }

  /// `a` where the comparison is true, else `b`.
  @inlinable @inline(__always)
  public static func select(_ comparison: Bits, _ a: Vector, _ b: Vector) -> Vector {
    Vector.select(comparison, a, b)
  }

  // MARK: Bits

  /// The bits of each lane.
  @inlinable @inline(__always)
  public static func bits(_ a: Vector) -> Bits { cast(a) }

  /// The numbers with these bits.
  @inlinable @inline(__always)
  public static func vector(_ a: Bits) -> Vector { cast(a) }

  /// Wrapping sum of each lane.
  @inlinable @inline(__always)
  public static func add(_ a: Bits, _ b: Bits) -> Bits { Vector.add(a, b) }

  /// Wrapping difference of each lane.
  @inlinable @inline(__always)
  public static func subtract(_ a: Bits, _ b: Bits) -> Bits { Vector.subtract(a, b) }

  /// Bits that are set in both.
  @inlinable @inline(__always)
  public static func and(_ a: Bits, _ b: Bits) -> Bits { Vector.and(a, b) }

  /// Bits that are set in either.
  @inlinable @inline(__always)
  public static func or(_ a: Bits, _ b: Bits) -> Bits { Vector.or(a, b) }

  /// Bits that are set in one of both.
  @inlinable @inline(__always)
  public static func xor(_ a: Bits, _ b: Bits) -> Bits { Vector.xor(a, b) }

  /// The count is less than the lane's bits.
  @inlinable @inline(__always)
  public static func shiftLeft(_ a: Bits, by count: Int) -> Bits {
    Vector.shiftLeft(a, by: count)
  }

  /// Arithmetic shift: the sign is repeated. The count is less than the lane's bits.
  @inlinable @inline(__always)
  public static func shiftRight(_ a: Bits, by count: Int) -> Bits {
    Vector.shiftRight(a, by: count)
  }
}
