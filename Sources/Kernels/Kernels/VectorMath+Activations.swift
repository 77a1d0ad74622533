/// Nonlinearities of networks, right to the last digits where they vanish: a difference from 1 would
/// leave nothing of a tail.
extension VectorInstructions {
  /// `exp(x)` as a product of two factors, either normal where the exponential itself is not: what
  /// is multiplied by the first before the second does not lose digits.
  @inlinable @inline(__always)
  static func expFactors(_ exponent: Bits, _ rest: Vector) -> (first: Vector, second: Vector) {
    let half = shiftRight(exponent, by: 1)
    let scale = powerOfTwo(half)
    return (fma(scale, expm1OfRest(rest), scale), powerOfTwo(subtract(exponent, half)))
  }

  /// The factors of `exp(-x^2 / 2)`, x from 0 to the highest tail.
  ///
  /// The square of x as a sum of two numbers: what the first has rounded away would be multiplied
  /// by the exponent.
  @inlinable @inline(__always)
  static func bellFactors(_ x: Vector) -> (first: Vector, second: Vector) {
    let upper = vector(and(bits(x), bits(splat(Scalar.upperHalf))))
    let (high, low) = (upper * upper, (x - upper) * (x + upper))
    let square = high + low
    let lost = low - (square - high)
    let (exponent, rest) = exponentAndRest(splat(-0.5) * square)
    return expFactors(exponent, fma(splat(-0.5), lost, rest))
  }

  /// `x` times the normal distribution up to x, as `max(x, 0) - |x| tail(|x|)`; error below 8 units.
  @inlinable @inline(__always)
  public static func gelu(_ x: Vector) -> Vector {
    let a = min(splat(Scalar.highestTail), absolute(x))
    let (over, under) = Scalar.tailQuotient(a, Self.self)
    let (first, second) = bellFactors(a)
    return max(zero, x) - a * over / under * first * second
  }

  /// The derivative of `gelu`: `tail(|x|) - |x| density(x)` below 0, 1 less that above.
  ///
  /// Its error is at most 8 units of the larger of the two terms, 8.5 without a fused multiply-add.
  @inlinable @inline(__always)
  public static func geluSlope(_ x: Vector) -> Vector {
    let a = min(splat(Scalar.highestTail), absolute(x))
    let (over, under) = Scalar.tailQuotient(a, Self.self)
    let (first, second) = bellFactors(a)
    // 1 / sqrt(2 pi)
    let below = fma(a, splat(-0.3989422804014327), over / under) * first * second
    return select(less(x, zero), below, splat(1) - below)
  }

  /// `x / (1 + exp(-x))`; error below 4 units.
  @inlinable @inline(__always)
  public static func silu(_ x: Vector) -> Vector {
    let isBelow = less(x, zero)
    let a = negated(min(negated(splat(Scalar.lowestSilu)), absolute(x)))
    let (exponent, rest) = exponentAndRest(a)
    let (first, second) = expFactors(exponent, rest)
    let sum = fma(first, second, splat(1))
    return select(isBelow, a * first / sum * second, x / sum)
  }

  /// The derivative of `silu`, `s (1 + x (1 - s))` with s the sigmoid of x, of which the smaller of s
  /// and 1 - s is known to all digits.
  ///
  /// Its error is at most 8 units of the larger of the two terms, 8.5 without a fused multiply-add.
  @inlinable @inline(__always)
  public static func siluSlope(_ x: Vector) -> Vector {
    let isBelow = less(x, zero)
    let a = negated(min(negated(splat(Scalar.lowestSilu)), absolute(x)))
    let (exponent, rest) = exponentAndRest(a)
    let (first, second) = expFactors(exponent, rest)
    let larger = splat(1) / fma(first, second, splat(1))
    let below = fma(a, larger, splat(1)) * larger * first * second
    let above = fma(negated(a) * larger * first, second, splat(1)) * larger
    return select(isBelow, below, above)
  }

  /// `log(1 + exp(x))`, as `max(x, 0) + log(1 + exp(-|x|))`; error below 3 units.
  @inlinable @inline(__always)
  public static func softplus(_ x: Vector) -> Vector {
    max(zero, x) + log1p(expBelowOverflow(negated(absolute(x))))
  }
}
