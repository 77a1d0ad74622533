/// Natural logarithms: `log(2^k m) = k ln 2 + log m` with m between the roots of 1/2 and 2, and
/// `log m = 2 atanh(s)`, `s = (m - 1) / (m + 1)`, arranged as in FreeBSD's `e_log.c` so that the
/// leading terms are exact.
extension VectorInstructions {
  /// Exponent `k` and significand `m` of a positive normal number, m between the roots of 1/2 and 2.
  @inlinable @inline(__always)
  static func exponentAndSignificand(_ x: Vector) -> (k: Vector, m: Vector) {
    let distance = subtract(bits(x), bits(splat(Scalar.rootOfHalf)))
    let exponent = shiftRight(distance, by: Scalar.significandBitCount)
    let m = vector(subtract(bits(x), shiftLeft(exponent, by: Scalar.significandBitCount)))
    let shift = splat(Scalar.roundingShift)
    return (vector(add(exponent, bits(shift))) - shift, m)
  }

  /// `k ln 2 + log(1 + f) + correction`.
  @inlinable @inline(__always)
  static func logarithm(_ k: Vector, _ f: Vector, _ correction: Vector) -> Vector {
    let s = f / (f + splat(2))
    let z = s * s
    let half = splat(0.5) * f * f
    let tail = z * Scalar.logTail(z, Self.self)
    let low = fma(s, half + tail, fma(k, splat(Scalar.ln2Low), correction))
    return fma(k, splat(Scalar.ln2High), f - (half - low))
  }

  /// Natural logarithm; error below 1 unit. Minus infinity at 0, NaN below.
  @inlinable @inline(__always)
  public static func log(_ x: Vector) -> Vector {
    let subnormal = less(x, splat(Scalar.leastNormalMagnitude))
    let normal = select(subnormal, x * splat(Scalar.normalizingFactor), x)
    let (exponent, m) = exponentAndSignificand(normal)
    let k = exponent - select(subnormal, splat(Scalar(Scalar.significandBitCount)), zero)
    let result = logarithm(k, m - splat(1), zero)
    let positive = select(equal(x, splat(.infinity)), x, result)
    let other = select(equal(x, zero), splat(-.infinity), splat(.nan))
    return select(less(zero, x), positive, other)
  }

  /// `log(1 + x)` without loss near 0; error below 1 unit. Minus infinity at -1, NaN below.
  @inlinable @inline(__always)
  public static func log1p(_ x: Vector) -> Vector {
    let one = splat(1)
    let sum = one + x
    let (k, m) = exponentAndSignificand(sum)
    // What the sum has rounded away, as a first-order correction of its logarithm.
    let lost = select(less(one, x), one - (sum - x), x - (sum - one))
    let near = equal(k, zero)
    let result = logarithm(
      k, select(near, x, m - one), select(near, zero, lost / sum))
    let finite = select(equal(x, splat(.infinity)), x, signed(result, like: x))
    let other = select(equal(x, splat(-1)), splat(-.infinity), splat(.nan))
    return select(less(splat(-1), x), finite, other)
  }
}
