public import Platform

/// Sine and cosine: the argument less the nearest multiple of a quarter turn, and a polynomial.
extension VectorInstructions {
  /// `x = n pi/2 + r` with |r| <= pi/4, as `r` and a number whose lowest bits are `n`.
  ///
  /// The parts of pi/2 but the last are so short that their products with `n` are exact.
  @inlinable @inline(__always)
  static func quarterTurns(_ x: Vector) -> (count: Bits, rest: Vector) {
    let shifted = fma(x, splat(Scalar.inverseQuarterTurn), splat(Scalar.roundingShift))
    let n = negated(shifted - splat(Scalar.roundingShift))
    return (bits(shifted), Scalar.subtractQuarterTurns(n, x, Self.self))
  }

  /// Sine (cosine where the quadrant is odd) of `rest`, negated in the second half turn.
  @inlinable @inline(__always)
  static func sineOfQuadrant(_ count: Bits, _ r: Vector) -> Vector {
    let z = r * r
    let sine = signed(fma(r * z, Scalar.sineTail(z, Self.self), r), like: r)
    let cosine = fma(z * z, Scalar.cosineTail(z, Self.self), fma(z, splat(-0.5), splat(1)))
    // The two lowest bits moved to the top: the upper is the sign, the lower makes 0 or 2.
    let quadrant = shiftLeft(count, by: Bits.Scalar.bitWidth &- 2)
    let odd = less(zero, vector(and(quadrant, bits(splat(2)))))
    let result = select(odd, cosine, sine)
    return vector(xor(bits(result), and(quadrant, bits(splat(-0.0)))))
  }

  /// Sine; error below 1.6 units. Large arguments take the C library's way, lane by lane.
  @inlinable @inline(__always)
  public static func sin(_ x: Vector) -> Vector {
    let (count, rest) = quarterTurns(x)
    let result = sineOfQuadrant(count, rest)
    let large = less(splat(Scalar.largestReducedAngle), absolute(x))
    return anyTrue(large) ? eachLane(x, large, result, Platform.sin) : result
  }

  /// Cosine; error below 1.6 units. Large arguments take the C library's way, lane by lane.
  @inlinable @inline(__always)
  public static func cos(_ x: Vector) -> Vector {
    let (count, rest) = quarterTurns(x)
    // The least number above 0 has the bits of the integer 1.
    let next = add(count, bits(splat(.leastNonzeroMagnitude)))
    let result = sineOfQuadrant(next, rest)
    let large = less(splat(Scalar.largestReducedAngle), absolute(x))
    return anyTrue(large) ? eachLane(x, large, result, Platform.cos) : result
  }

  /// `function` of every lane where the mask is true, `other` elsewhere.
  @inlinable @inline(never)
  static func eachLane(
    _ x: Vector, _ mask: Bits, _ other: Vector, _ function: (Double) -> Double
  ) -> Vector {
    var result = zero
    var lane = 0
    while lane < width {
      result[lane] = Scalar(function(Double(x[lane])))
      lane &+= 1
    }
    return select(mask, result, other)
  }
}
