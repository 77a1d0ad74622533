/// Exponentials and what is made of them.
///
/// One algorithm serves both scalar types and all instruction sets; the constants and polynomials
/// are in `VectorMathScalar`. The stated errors are in units in the last place of the exact
/// result, measured by `VectorMathTests`, the same for `Float` and `Double`; where there is no
/// fused multiply-add they may be larger by half a unit.
extension VectorInstructions {
  /// The sign bit of each lane.
  @inlinable @inline(__always)
  public static func signBits(_ x: Vector) -> Bits { and(bits(x), bits(splat(-0.0))) }

  /// The sign bit changed, of zeros and NaN too.
  @inlinable @inline(__always)
  public static func negated(_ x: Vector) -> Vector { vector(xor(bits(x), bits(splat(-0.0)))) }

  /// The sign bit cleared.
  @inlinable @inline(__always)
  public static func absolute(_ x: Vector) -> Vector {
    vector(xor(bits(x), signBits(x)))
  }

  /// `x`, which has no sign or the sign of `sign`, with the sign of `sign`: gives zeros their sign.
  @inlinable @inline(__always)
  static func signed(_ x: Vector, like sign: Vector) -> Vector {
    vector(or(bits(x), signBits(sign)))
  }

  /// `x = n ln 2 + r` with |r| <= ln 2 / 2, as `r` and a number whose lowest bits are `n`.
  @inlinable @inline(__always)
  static func exponentAndRest(_ x: Vector) -> (exponent: Bits, rest: Vector) {
    let shifted = fma(x, splat(Scalar.inverseLn2), splat(Scalar.roundingShift))
    let n = shifted - splat(Scalar.roundingShift)
    let rest = fma(n, splat(-Scalar.ln2Low), fma(n, splat(-Scalar.ln2High), x))
    return (bits(shifted), rest)
  }

  /// 2^n, of a number whose lowest bits are `n`. A product with it keeps what is NaN; to add to a
  /// result's exponent instead would not.
  @inlinable @inline(__always)
  static func powerOfTwo(_ n: Bits) -> Vector {
    vector(add(shiftLeft(n, by: Scalar.significandBitCount), bits(splat(1))))
  }

  /// `exp(r) - 1` for |r| <= ln 2 / 2.
  @inlinable @inline(__always)
  static func expm1OfRest(_ r: Vector) -> Vector {
    fma(r * r, Scalar.expTail(r, Self.self), r)
  }

  /// `exp(x) - 1` where 2^n is a normal number: -87 < x < 88 (-708 < x < 709).
  @inlinable @inline(__always)
  static func expm1InRange(_ x: Vector) -> Vector {
    let (exponent, rest) = exponentAndRest(x)
    let scale = powerOfTwo(exponent)
    return fma(scale, expm1OfRest(rest), scale - splat(1))
  }

  /// `exp(x)` where `x` is not above the largest argument that has a finite result.
  @inlinable @inline(__always)
  static func expBelowOverflow(_ x: Vector) -> Vector {
    // Where the result is 0 anyhow nothing must underflow on the way: that is slow.
    let vanishes = less(x, splat(Scalar.lowestExponent))
    let (exponent, rest) = exponentAndRest(select(vanishes, zero, x))
    // 2^n in two factors: either is normal where the result is subnormal or infinite.
    let half = shiftRight(exponent, by: 1)
    let scale = powerOfTwo(half)
    let scaled = fma(scale, expm1OfRest(rest), scale)
    return select(vanishes, zero, scaled * powerOfTwo(subtract(exponent, half)))
  }

  /// `exp(x)` for x <= 0, and exactly 0 for x at or below `lowestScore`.
  ///
  /// It is less by `exp(lowestScore)`, which is far below the rounding of all but the very lowest
  /// results; a selection instead makes the compiler take wide vectors apart.
  @inlinable @inline(__always)
  static func expOfScore(_ x: Vector) -> Vector {
    let lowest = splat(Scalar.lowestScore)
    return expOfNormal(max(lowest, x)) - expOfNormal(lowest)
  }

  /// `expOfScore(x)`, and 1 less it without loss of digits.
  @inlinable @inline(__always)
  static func weightAndLack(_ x: Vector) -> (weight: Vector, lack: Vector) {
    let lowest = splat(Scalar.lowestScore)
    let (exponent, rest) = exponentAndRest(max(lowest, x))
    let (scale, small) = (powerOfTwo(exponent), expm1OfRest(rest))
    let weight = fma(scale, small, scale) - expOfNormal(lowest)
    return (weight, fma(negated(scale), small, splat(1) - scale))
  }

  /// `exp(x)` where it and its parts are normal numbers.
  @inlinable @inline(__always)
  static func expOfNormal(_ x: Vector) -> Vector {
    let (exponent, rest) = exponentAndRest(x)
    let scale = powerOfTwo(exponent)
    return fma(scale, expm1OfRest(rest), scale)
  }

  /// e to the power of x; error below 1.6 units. Subnormal results are right.
  @inlinable @inline(__always)
  public static func exp(_ x: Vector) -> Vector {
    expBelowOverflow(min(splat(Scalar.highestExponent), x))
  }

  /// `exp(x) - 1` without cancellation near 0; error below 3 units.
  @inlinable @inline(__always)
  public static func expm1(_ x: Vector) -> Vector {
    let inside = min(splat(Scalar.highestExponent), max(splat(Scalar.lowestExpm1), x))
    let (exponent, rest) = exponentAndRest(inside)
    // Half of 2^n, because 2^n itself may be just beyond the largest number.
    let scale = vector(add(shiftLeft(exponent, by: Scalar.significandBitCount), bits(splat(0.5))))
    let half = fma(scale, expm1OfRest(rest), scale - splat(0.5))
    return signed(half + half, like: x)
  }

  /// Hyperbolic tangent, `m / (m + 2)` with `m = expm1(2 |x|)`; error below 3 units.
  @inlinable @inline(__always)
  public static func tanh(_ x: Vector) -> Vector {
    let a = absolute(x)
    let m = expm1InRange(min(splat(Scalar.highestTanh), a + a))
    return signed(m / (m + splat(2)), like: x)
  }

  /// `1 / (1 + exp(-x))`; error below 2.6 units, subnormal results included.
  @inlinable @inline(__always)
  public static func sigmoid(_ x: Vector) -> Vector {
    let e = expBelowOverflow(vector(or(bits(x), bits(splat(-0.0)))))
    return select(less(x, zero), e, splat(1)) / (splat(1) + e)
  }

  /// The sigmoid as a gate needs it; error below 2.6 units where the result is above
  /// `exp(lowestScore)`, else that.
  ///
  /// Without selections, so that a cell's gates stand beside each other in one loop: with them it is
  /// calls, or narrow vectors. Transparent, because inlining by attribute leaves calls there.
  @usableFromInline @_transparent
  static func gate(_ x: Vector) -> Vector {
    let lowest = splat(Scalar.lowestScore)
    let inside = min(negated(lowest), max(lowest, negated(x)))
    return splat(1) / (splat(1) + expOfNormal(inside))
  }

  /// The error function; error below 1.3 units.
  ///
  /// Near 0 a polynomial, farther out `1 - exp(polynomial)`.
  @inlinable @inline(__always)
  public static func erf(_ x: Vector) -> Vector {
    let a = absolute(x)
    let near = fma(x, Scalar.erfNearTail(x * x, Self.self), x)
    let inside = min(splat(Scalar.highestErf), a)
    let far = negated(expm1InRange(Scalar.logErfc(inside, Self.self)))
    return select(less(a, splat(Scalar.erfBoundary)), near, signed(far, like: x))
  }
}
