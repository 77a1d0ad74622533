// What the numbers are is documented where `VectorMathScalar` requires them.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// The constants and polynomials of `VectorMath` for `Float`.
///
/// The coefficients are minimax approximations (Remez exchange with 50 decimal digits, weighted
/// by what the term adds to the result), rounded to `Float`.
extension Float: VectorMathScalar {
  @inlinable @inline(__always)
  public static var roundingShift: Self { 0x1.8p23 }

  @inlinable @inline(__always)
  public static var inverseLn2: Self { 1.442695040888963407 }

  @inlinable @inline(__always)
  public static var ln2High: Self { 0x1.62e4p-1 }

  @inlinable @inline(__always)
  public static var ln2Low: Self { 1.4286068203094173e-06 }

  @inlinable @inline(__always)
  public static var lowestExponent: Self { -104 }

  @inlinable @inline(__always)
  public static var lowestScore: Self { -86.5 }

  @inlinable @inline(__always)
  public static var highestExponent: Self { 89 }

  @inlinable @inline(__always)
  public static var lowestExpm1: Self { -18 }

  @inlinable @inline(__always)
  public static var highestTanh: Self { 20 }

  @inlinable @inline(__always)
  public static var rootOfHalf: Self { 0.70710678118654752 }

  @inlinable @inline(__always)
  public static var normalizingFactor: Self { 0x1p23 }

  @inlinable @inline(__always)
  public static var erfBoundary: Self { 0.925 }

  @inlinable @inline(__always)
  public static var highestErf: Self { 3.95 }

  @inlinable @inline(__always)
  public static var highestTail: Self { 15 }

  @inlinable @inline(__always)
  public static var lowestSilu: Self { -115 }

  @inlinable @inline(__always)
  public static var upperHalf: Self { Self(bitPattern: 0xFFFF_F000) }

  @inlinable @inline(__always)
  public static var inverseQuarterTurn: Self { 0.63661977236758134 }

  @inlinable @inline(__always)
  public static var largestReducedAngle: Self { 10_000 }

  /// `(exp(r) - 1 - r) / r^2`.
  @inlinable @inline(__always)
  public static func expTail<I: VectorInstructions>(_ r: I.Vector, _: I.Type) -> I.Vector
  where I.Scalar == Self {
    var p = I.splat(1.3946499e-03)
    p = I.fma(p, r, I.splat(8.366611e-03))
    p = I.fma(p, r, I.splat(4.166628e-02))
    p = I.fma(p, r, I.splat(1.6666543e-01))
    p = I.fma(p, r, I.splat(0.5))
    return p
  }

  /// `(2 atanh(s) - 2 s) / s^3`, z = s^2.
  @inlinable @inline(__always)
  public static func logTail<I: VectorInstructions>(_ z: I.Vector, _: I.Type) -> I.Vector
  where I.Scalar == Self {
    var p = I.splat(2.358357e-01)
    p = I.fma(p, z, I.splat(2.8537238e-01))
    p = I.fma(p, z, I.splat(4.0000337e-01))
    p = I.fma(p, z, I.splat(6.666666e-01))
    return p
  }

  /// pi/2 in parts of 11 bits, so that products with numbers up to 2^13 are exact.
  @inlinable @inline(__always)
  public static func subtractQuarterTurns<I: VectorInstructions>(
    _ n: I.Vector, _ x: I.Vector, _: I.Type
  ) -> I.Vector where I.Scalar == Self {
    var r = I.fma(n, I.splat(1.5703125), x)
    r = I.fma(n, I.splat(0.0004837512969970703), r)
    r = I.fma(n, I.splat(7.549533620476723e-08), r)
    r = I.fma(n, I.splat(2.5632829192545614e-12), r)
    return I.fma(n, I.splat(6.123233995736766e-17), r)
  }

  /// `(sin(r) - r) / r^3`, z = r^2.
  @inlinable @inline(__always)
  public static func sineTail<I: VectorInstructions>(_ z: I.Vector, _: I.Type) -> I.Vector
  where I.Scalar == Self {
    var p = I.splat(-1.9516656e-04)
    p = I.fma(p, z, I.splat(8.332173e-03))
    p = I.fma(p, z, I.splat(-1.6666655e-01))
    return p
  }

  /// `(cos(r) - 1 + r^2 / 2) / r^4`, z = r^2.
  @inlinable @inline(__always)
  public static func cosineTail<I: VectorInstructions>(_ z: I.Vector, _: I.Type) -> I.Vector
  where I.Scalar == Self {
    var p = I.splat(2.443773e-05)
    p = I.fma(p, z, I.splat(-1.3887362e-03))
    p = I.fma(p, z, I.splat(4.1666646e-02))
    return p
  }

  /// `erf(x) / x - 1` below the boundary, z = x^2.
  @inlinable @inline(__always)
  public static func erfNearTail<I: VectorInstructions>(_ z: I.Vector, _: I.Type) -> I.Vector
  where I.Scalar == Self {
    var p = I.splat(-5.9537415e-04)
    p = I.fma(p, z, I.splat(4.9859406e-03))
    p = I.fma(p, z, I.splat(-2.676172e-02))
    p = I.fma(p, z, I.splat(1.12816826e-01))
    p = I.fma(p, z, I.splat(-3.761248e-01))
    p = I.fma(p, z, I.splat(1.2837915e-01))
    return p
  }

  /// The upper tail of the normal distribution times `exp(x^2 / 2)`, as a quotient.
  @inlinable @inline(__always)
  public static func tailQuotient<I: VectorInstructions>(
    _ x: I.Vector, _: I.Type
  ) -> (over: I.Vector, under: I.Vector) where I.Scalar == Self {
    var p = I.splat(0.0042221267)
    p = I.fma(p, x, I.splat(0.04134168))
    p = I.fma(p, x, I.splat(0.18532911))
    p = I.fma(p, x, I.splat(0.44110852))
    p = I.fma(p, x, I.splat(0.5))
    var q = I.splat(0.010583204)
    q = I.fma(q, x, I.splat(0.10363377))
    q = I.fma(q, x, I.splat(0.4750004))
    q = I.fma(q, x, I.splat(1.2111802))
    q = I.fma(q, x, I.splat(1.6801021))
    q = I.fma(q, x, I.splat(1))
    return (p, q)
  }

  /// `log(1 - erf(x))` between the boundary and the highest argument.
  @inlinable @inline(__always)
  public static func logErfc<I: VectorInstructions>(_ x: I.Vector, _: I.Type) -> I.Vector
  where I.Scalar == Self {
    var p = I.splat(1.9593717e-04)
    p = I.fma(p, x, I.splat(-3.043217e-03))
    p = I.fma(p, x, I.splat(2.2226918e-02))
    p = I.fma(p, x, I.splat(-1.0393159e-01))
    p = I.fma(p, x, I.splat(-6.3718224e-01))
    p = I.fma(p, x, I.splat(-1.1276757e+00))
    p = I.fma(p, x, I.splat(-1.9567604e-04))
    return p
  }
}
