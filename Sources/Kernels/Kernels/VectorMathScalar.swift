/// The numbers and polynomials in which the vector mathematics of `Float` and `Double` differ.
public protocol VectorMathScalar {
  /// Added to a number it leaves the nearest integer in the lowest bits: 1.5 times 2 to the power
  /// of the significand's length.
  static var roundingShift: Self { get }
  /// 1 / ln 2.
  static var inverseLn2: Self { get }
  /// The leading bits of ln 2: few, so that products with an exponent are exact.
  static var ln2High: Self { get }
  /// ln 2 less `ln2High`.
  static var ln2Low: Self { get }
  /// Below it the exponential is 0.
  static var lowestExponent: Self { get }
  /// Above it the exponential is a normal number, and so are its parts.
  static var lowestScore: Self { get }
  /// Above it the exponential is infinite.
  static var highestExponent: Self { get }
  /// Below it `exp(x) - 1` is -1.
  static var lowestExpm1: Self { get }
  /// Above half of it the hyperbolic tangent is 1.
  static var highestTanh: Self { get }
  static var rootOfHalf: Self { get }
  /// 2 to the power of the significand's length: makes a subnormal number normal.
  static var normalizingFactor: Self { get }
  /// Where the polynomial of the error function gives way to the exponential.
  static var erfBoundary: Self { get }
  /// Above it the error function is 1.
  static var highestErf: Self { get }
  /// Above it the upper tail of the normal distribution, and a multiple of it, is 0.
  static var highestTail: Self { get }
  /// Below it `x exp(x)` is 0.
  static var lowestSilu: Self { get }
  /// All bits but the lower half of the significand's, so that squares are exact.
  static var upperHalf: Self { get }
  /// 2 / pi.
  static var inverseQuarterTurn: Self { get }
  /// The largest angle whose quarter turns can be subtracted by `subtractQuarterTurns`.
  static var largestReducedAngle: Self { get }

  /// `(exp(r) - 1 - r) / r^2` for |r| <= ln 2 / 2.
  static func expTail<I: VectorInstructions>(_ r: I.Vector, _: I.Type) -> I.Vector
  where I.Scalar == Self
  /// `(2 atanh(s) - 2 s) / s^3`, z = s^2, for |s| <= 0.172.
  static func logTail<I: VectorInstructions>(_ z: I.Vector, _: I.Type) -> I.Vector
  where I.Scalar == Self
  /// `x + n pi/2`, n a whole number.
  static func subtractQuarterTurns<I: VectorInstructions>(
    _ n: I.Vector, _ x: I.Vector, _: I.Type
  ) -> I.Vector where I.Scalar == Self
  /// `(sin(r) - r) / r^3`, z = r^2, for |r| <= pi/4.
  static func sineTail<I: VectorInstructions>(_ z: I.Vector, _: I.Type) -> I.Vector
  where I.Scalar == Self
  /// `(cos(r) - 1 + r^2 / 2) / r^4`, z = r^2, for |r| <= pi/4.
  static func cosineTail<I: VectorInstructions>(_ z: I.Vector, _: I.Type) -> I.Vector
  where I.Scalar == Self
  /// `erf(x) / x - 1` below the boundary, z = x^2.
  static func erfNearTail<I: VectorInstructions>(_ z: I.Vector, _: I.Type) -> I.Vector
  where I.Scalar == Self
  /// The numerator and the denominator of `exp(x^2 / 2)` times the upper tail of the normal
  /// distribution, x from 0 to the highest tail.
  static func tailQuotient<I: VectorInstructions>(
    _ x: I.Vector, _: I.Type
  ) -> (over: I.Vector, under: I.Vector) where I.Scalar == Self
  /// `log(1 - erf(x))` between the boundary and the highest argument.
  static func logErfc<I: VectorInstructions>(_ x: I.Vector, _: I.Type) -> I.Vector
  where I.Scalar == Self
}
