/// Exponentials and what is made of them.
///
/// One algorithm serves both scalar types and all instruction sets; the constants and polynomials
/// are in `VectorMathScalar`. The stated errors are in units in the last place of the exact
/// result, the worst found by `Tests/KernelsTests`; where there is no fused multiply-add they are
/// larger by about half a unit.
extension InstructionSet {
  /// The sign bit of each lane.
  @inlinable @inline(__always)
  public static func signBits(_ x: Vector) -> Bits { and(bits(x), bits(splat(-0.0))) }

  @inlinable @inline(__always)
  public static func negated(_ x: Vector) -> Vector { vector(xor(bits(x), bits(splat(-0.0)))) }

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

  /// `exp(r) - 1` for |r| <= ln 2 / 2.
  @inlinable @inline(__always)
  static func expm1OfRest(_ r: Vector) -> Vector {
    fma(r * r, Scalar.expTail(r, Self.self), r)
  }

  /// `exp(x) - 1` where 2^n is a normal number: -87 < x < 88 (-708 < x < 709).
  @inlinable @inline(__always)
  static func expm1InRange(_ x: Vector) -> Vector {
    let (exponent, rest) = exponentAndRest(x)
    let scale = vector(add(shiftLeft(exponent, by: Scalar.significandBitCount), bits(splat(1))))
    return fma(scale, expm1OfRest(rest), scale - splat(1))
  }

  /// `exp(x)` where `x` is not above the largest argument that has a finite result.
  @inlinable @inline(__always)
  static func expBelowOverflow(_ x: Vector) -> Vector {
    let (exponent, rest) = exponentAndRest(max(splat(Scalar.lowestExponent), x))
    let p = splat(1) + expm1OfRest(rest)
    // 2^n in two factors: either is normal where the result is subnormal or infinite.
    let half = shiftRight(exponent, by: 1)
    let other = subtract(exponent, half)
    let scaled = vector(add(bits(p), shiftLeft(half, by: Scalar.significandBitCount)))
    let scale = vector(add(shiftLeft(other, by: Scalar.significandBitCount), bits(splat(1))))
    return scaled * scale
  }

  /// e to the power of x; error at most 1 unit. Subnormal results are right.
  @inlinable @inline(__always)
  public static func exp(_ x: Vector) -> Vector {
    expBelowOverflow(min(splat(Scalar.highestExponent), x))
  }

  /// `exp(x) - 1` without cancellation near 0; error at most 2 units.
  @inlinable @inline(__always)
  public static func expm1(_ x: Vector) -> Vector {
    let inside = min(splat(Scalar.highestExponent), max(splat(Scalar.lowestExpm1), x))
    let (exponent, rest) = exponentAndRest(inside)
    // Half of 2^n, because 2^n itself may be just beyond the largest number.
    let scale = vector(add(shiftLeft(exponent, by: Scalar.significandBitCount), bits(splat(0.5))))
    let half = fma(scale, expm1OfRest(rest), scale - splat(0.5))
    return signed(half + half, like: x)
  }

  /// Hyperbolic tangent, `m / (m + 2)` with `m = expm1(2 |x|)`; error at most 3 units.
  @inlinable @inline(__always)
  public static func tanh(_ x: Vector) -> Vector {
    let a = absolute(x)
    let m = expm1InRange(min(splat(Scalar.highestTanh), a + a))
    return signed(m / (m + splat(2)), like: x)
  }

  /// `1 / (1 + exp(-x))`; error at most 3 units, subnormal results included.
  @inlinable @inline(__always)
  public static func sigmoid(_ x: Vector) -> Vector {
    let e = expBelowOverflow(vector(or(bits(x), bits(splat(-0.0)))))
    return select(less(x, zero), e, splat(1)) / (splat(1) + e)
  }

  /// The error function; error at most 2 units.
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
