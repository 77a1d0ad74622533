// What the numbers are is documented where `VectorMathScalar` requires them.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// The constants and polynomials of `VectorMath` for `Double`.
///
/// The coefficients are minimax approximations (Remez exchange with 50 decimal digits, weighted
/// by what the term adds to the result), rounded to `Double`.
extension Double: VectorMathScalar {
  @inlinable @inline(__always)
  public static var roundingShift: Self { 0x1.8p52 }

  @inlinable @inline(__always)
  public static var inverseLn2: Self { 1.442695040888963407 }

  @inlinable @inline(__always)
  public static var ln2High: Self { 0.6931471805592082 }

  @inlinable @inline(__always)
  public static var ln2Low: Self { 7.371002565167799e-13 }

  @inlinable @inline(__always)
  public static var lowestExponent: Self { -746 }

  @inlinable @inline(__always)
  public static var lowestScore: Self { -707.5 }

  @inlinable @inline(__always)
  public static var highestExponent: Self { 710 }

  @inlinable @inline(__always)
  public static var lowestExpm1: Self { -38 }

  @inlinable @inline(__always)
  public static var highestTanh: Self { 40 }

  @inlinable @inline(__always)
  public static var rootOfHalf: Self { 0.70710678118654752 }

  @inlinable @inline(__always)
  public static var normalizingFactor: Self { 0x1p52 }

  @inlinable @inline(__always)
  public static var erfBoundary: Self { 1 }

  @inlinable @inline(__always)
  public static var highestErf: Self { 5.95 }

  @inlinable @inline(__always)
  public static var highestTail: Self { 40 }

  @inlinable @inline(__always)
  public static var lowestSilu: Self { -820 }

  @inlinable @inline(__always)
  public static var upperHalf: Self { Self(bitPattern: 0xFFFF_FFFF_F800_0000) }

  @inlinable @inline(__always)
  public static var inverseQuarterTurn: Self { 0.63661977236758134308 }

  @inlinable @inline(__always)
  public static var largestReducedAngle: Self { 1_000_000 }

  /// `(exp(r) - 1 - r) / r^2`.
  @inlinable @inline(__always)
  public static func expTail<I: VectorInstructions>(_ r: I.Vector, _: I.Type) -> I.Vector
  where I.Scalar == Self {
    var p = I.splat(2.511451863921791e-08)
    p = I.fma(p, r, I.splat(2.7626382193544276e-07))
    p = I.fma(p, r, I.splat(2.755722782263366e-06))
    p = I.fma(p, r, I.splat(2.4801504312199696e-05))
    p = I.fma(p, r, I.splat(0.00019841269903160926))
    p = I.fma(p, r, I.splat(0.0013888888932484201))
    p = I.fma(p, r, I.splat(0.008333333333314541))
    p = I.fma(p, r, I.splat(0.04166666666657332))
    p = I.fma(p, r, I.splat(0.16666666666666685))
    p = I.fma(p, r, I.splat(0.5))
    return p
  }

  /// `(2 atanh(s) - 2 s) / s^3`, z = s^2.
  @inlinable @inline(__always)
  public static func logTail<I: VectorInstructions>(_ z: I.Vector, _: I.Type) -> I.Vector
  where I.Scalar == Self {
    var p = I.splat(0.14797507718977523)
    p = I.fma(p, z, I.splat(0.15313903245650412))
    p = I.fma(p, z, I.splat(0.1818356973985316))
    p = I.fma(p, z, I.splat(0.2222219847598522))
    p = I.fma(p, z, I.splat(0.2857142874326269))
    p = I.fma(p, z, I.splat(0.3999999999941109))
    p = I.fma(p, z, I.splat(0.6666666666666735))
    return p
  }

  /// pi/2 in parts of 32 bits, so that products with numbers up to 2^21 are exact.
  @inlinable @inline(__always)
  public static func subtractQuarterTurns<I: VectorInstructions>(
    _ n: I.Vector, _ x: I.Vector, _: I.Type
  ) -> I.Vector where I.Scalar == Self {
    var r = I.fma(n, I.splat(1.5707963267341256), x)
    r = I.fma(n, I.splat(6.077100506303966e-11), r)
    r = I.fma(n, I.splat(2.0222662487111665e-21), r)
    return I.fma(n, I.splat(8.4784276603689e-32), r)
  }

  /// `(sin(r) - r) / r^3`, z = r^2.
  @inlinable @inline(__always)
  public static func sineTail<I: VectorInstructions>(_ z: I.Vector, _: I.Type) -> I.Vector
  where I.Scalar == Self {
    var p = I.splat(1.5896504975467528e-10)
    p = I.fma(p, z, I.splat(-2.5050753265092577e-08))
    p = I.fma(p, z, I.splat(2.755731366206148e-06))
    p = I.fma(p, z, I.splat(-0.00019841269829725216))
    p = I.fma(p, z, I.splat(0.008333333333322316))
    p = I.fma(p, z, I.splat(-0.16666666666666632))
    return p
  }

  /// `(cos(r) - 1 + r^2 / 2) / r^4`, z = r^2.
  @inlinable @inline(__always)
  public static func cosineTail<I: VectorInstructions>(_ z: I.Vector, _: I.Type) -> I.Vector
  where I.Scalar == Self {
    var p = I.splat(-1.1359448630333535e-11)
    p = I.fma(p, z, I.splat(2.0875719557743153e-09))
    p = I.fma(p, z, I.splat(-2.7557314326023604e-07))
    p = I.fma(p, z, I.splat(2.4801587289394903e-05))
    p = I.fma(p, z, I.splat(-0.001388888888887399))
    p = I.fma(p, z, I.splat(0.0416666666666666))
    return p
  }

  /// `erf(x) / x - 1` below the boundary, z = x^2.
  @inlinable @inline(__always)
  public static func erfNearTail<I: VectorInstructions>(_ z: I.Vector, _: I.Type) -> I.Vector
  where I.Scalar == Self {
    var p = I.splat(5.945260200617797e-11)
    p = I.fma(p, z, I.splat(-1.136566502864451e-09))
    p = I.fma(p, z, I.splat(1.4657879597306717e-08))
    p = I.fma(p, z, I.splat(-1.6350025185895177e-07))
    p = I.fma(p, z, I.splat(1.646097281353705e-06))
    p = I.fma(p, z, I.splat(-1.4925593506671345e-05))
    p = I.fma(p, z, I.splat(0.0001205533103689036))
    p = I.fma(p, z, I.splat(-0.000854832697874194))
    p = I.fma(p, z, I.splat(0.005223977624780862))
    p = I.fma(p, z, I.splat(-0.026866170645072893))
    p = I.fma(p, z, I.splat(0.11283791670954857))
    p = I.fma(p, z, I.splat(-0.3761263890318375))
    p = I.fma(p, z, I.splat(0.1283791670955126))
    return p
  }

  /// The upper tail of the normal distribution times `exp(x^2 / 2)`, as a quotient.
  @inlinable @inline(__always)
  public static func tailQuotient<I: VectorInstructions>(
    _ x: I.Vector, _: I.Type
  ) -> (over: I.Vector, under: I.Vector) where I.Scalar == Self {
    var p = I.splat(2.2627299185755508e-07)
    p = I.fma(p, x, I.splat(7.031198081016033e-06))
    p = I.fma(p, x, I.splat(0.00010729036986746088))
    p = I.fma(p, x, I.splat(0.001045635774285803))
    p = I.fma(p, x, I.splat(0.007156756274102699))
    p = I.fma(p, x, I.splat(0.03580674037896516))
    p = I.fma(p, x, I.splat(0.13245439509756873))
    p = I.fma(p, x, I.splat(0.35817676042052704))
    p = I.fma(p, x, I.splat(0.6806862034590248))
    p = I.fma(p, x, I.splat(0.8286144118810402))
    p = I.fma(p, x, I.splat(0.5))
    var q = I.splat(5.671822791753818e-07)
    q = I.fma(q, x, I.splat(1.7624599914433335e-05))
    q = I.fma(q, x, I.splat(0.00026950425698163893))
    q = I.fma(q, x, I.splat(0.0026386447968961392))
    q = I.fma(q, x, I.splat(0.018207130332917407))
    q = I.fma(q, x, I.splat(0.09233995913194094))
    q = I.fma(q, x, I.splat(0.3494210502131993))
    q = I.fma(q, x, I.splat(0.9825045244544445))
    q = I.fma(q, x, I.splat(2.0050078174261703))
    q = I.fma(q, x, I.splat(2.8202694714828795))
    q = I.fma(q, x, I.splat(2.455113384564946))
    q = I.fma(q, x, I.splat(1))
    return (p, q)
  }

  /// `log(1 - erf(x))` between the boundary and the highest argument.
  @inlinable @inline(__always)
  public static func logErfc<I: VectorInstructions>(_ x: I.Vector, _: I.Type) -> I.Vector
  where I.Scalar == Self {
    var p = I.splat(-1.8180489276108747e-13)
    p = I.fma(p, x, I.splat(9.083678869920776e-12))
    p = I.fma(p, x, I.splat(-2.138058459886066e-10))
    p = I.fma(p, x, I.splat(3.1513147162322852e-09))
    p = I.fma(p, x, I.splat(-3.258970693358648e-08))
    p = I.fma(p, x, I.splat(2.508144265238767e-07))
    p = I.fma(p, x, I.splat(-1.4836044536592839e-06))
    p = I.fma(p, x, I.splat(6.840819799732365e-06))
    p = I.fma(p, x, I.splat(-2.4464295374988017e-05))
    p = I.fma(p, x, I.splat(6.524130697661766e-05))
    p = I.fma(p, x, I.splat(-0.00011179450793075531))
    p = I.fma(p, x, I.splat(2.372509528661552e-05))
    p = I.fma(p, x, I.splat(0.0005500164145409585))
    p = I.fma(p, x, I.splat(-0.0016724143599463055))
    p = I.fma(p, x, I.splat(0.00020012468857114713))
    p = I.fma(p, x, I.splat(0.019129474679519167))
    p = I.fma(p, x, I.splat(-0.10277150993128084))
    p = I.fma(p, x, I.splat(-0.636620499376355))
    p = I.fma(p, x, I.splat(-1.1283789650852918))
    p = I.fma(p, x, I.splat(-2.2948439350004366e-08))
    return p
  }
}
