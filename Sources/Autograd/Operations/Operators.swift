// Operators and functions of two tensors, which broadcast as in NumPy, and of a tensor and a number
// on either side. Each is there once for all scalar types that it is for: the fewer there are, the
// sooner the compiler has found the right one, and the better it explains a wrong call.
//
// Whole numbers wrap around where a result does not fit, as in NumPy; a quotient is rounded towards
// zero, and a division by zero traps.

extension Tensor where Scalar: NumericScalar {
  /// Sum of each pair of elements; shapes broadcast. Whole numbers wrap around.
  public static func + (a: Tensor, b: Tensor) -> Tensor { Tensor(a.untyped + b.untyped) }
  /// Difference of each pair of elements; shapes broadcast. Whole numbers wrap around.
  public static func - (a: Tensor, b: Tensor) -> Tensor { Tensor(a.untyped - b.untyped) }
  /// Product of each pair of elements; shapes broadcast. Whole numbers wrap around.
  public static func * (a: Tensor, b: Tensor) -> Tensor { Tensor(a.untyped * b.untyped) }
  /// Quotient of each pair of elements; shapes broadcast. That of whole numbers is rounded towards
  /// zero; dividing them by zero traps.
  public static func / (a: Tensor, b: Tensor) -> Tensor { Tensor(a.untyped / b.untyped) }

  /// Adds a number to each element.
  public static func + (x: Tensor, number: Scalar) -> Tensor { Tensor(x.untyped + number.number) }
  /// Adds each element to a number.
  public static func + (number: Scalar, x: Tensor) -> Tensor { Tensor(x.untyped + number.number) }
  /// Subtracts a number from each element.
  public static func - (x: Tensor, number: Scalar) -> Tensor { Tensor(x.untyped + -number.number) }
  /// Subtracts each element from a number.
  public static func - (number: Scalar, x: Tensor) -> Tensor { Tensor(number.number - x.untyped) }
  /// Multiplies each element by a number.
  public static func * (x: Tensor, number: Scalar) -> Tensor { Tensor(x.untyped * number.number) }
  /// Multiplies a number by each element.
  public static func * (number: Scalar, x: Tensor) -> Tensor { Tensor(x.untyped * number.number) }
  /// Divides each element by a number.
  public static func / (x: Tensor, number: Scalar) -> Tensor { Tensor(x.untyped / number.number) }
  /// Divides a number by each element.
  public static func / (number: Scalar, x: Tensor) -> Tensor { Tensor(number.number / x.untyped) }

  /// Adds in place of the old value.
  public static func += (a: inout Tensor, b: Tensor) { a = a + b }
  /// Subtracts in place of the old value.
  public static func -= (a: inout Tensor, b: Tensor) { a = a - b }
  /// Multiplies in place of the old value.
  public static func *= (a: inout Tensor, b: Tensor) { a = a * b }
  /// Divides in place of the old value.
  public static func /= (a: inout Tensor, b: Tensor) { a = a / b }

  /// Adds a number in place of the old value.
  public static func += (a: inout Tensor, number: Scalar) { a = a + number }
  /// Subtracts a number in place of the old value.
  public static func -= (a: inout Tensor, number: Scalar) { a = a - number }
  /// Multiplies by a number in place of the old value.
  public static func *= (a: inout Tensor, number: Scalar) { a = a * number }
  /// Divides by a number in place of the old value.
  public static func /= (a: inout Tensor, number: Scalar) { a = a / number }
}

extension Tensor where Scalar: NumericScalar & SignedNumeric {
  /// The negative of each element.
  public static prefix func - (x: Tensor) -> Tensor { Tensor(-x.untyped) }
}

extension Tensor where Scalar: IntegerScalar {
  /// Remainder of each pair of elements, with the sign of the left; shapes broadcast. Dividing by
  /// zero traps.
  public static func % (a: Tensor, b: Tensor) -> Tensor {
    Tensor(Compute.remainder(a.untyped, b.untyped))
  }
  /// Remainder of each element divided by a number.
  public static func % (x: Tensor, number: Scalar) -> Tensor { x % Tensor(number) }
  /// Remainder of a number divided by each element.
  public static func % (number: Scalar, x: Tensor) -> Tensor { Tensor(number) % x }
}

// MARK: Larger and smaller

/// The larger of each pair, NaN where either is NaN; a tie gives each half of the gradient, a pair
/// with NaN each the whole.
public func max<Scalar: NumericScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>
) -> Tensor<Scalar> {
  Tensor(extremum(a.untyped, b.untyped, largest: true))
}

/// The larger of each element and a number.
public func max<Scalar: NumericScalar>(_ x: Tensor<Scalar>, _ number: Scalar) -> Tensor<Scalar> {
  max(x, Tensor(number))
}

/// The larger of a number and each element.
public func max<Scalar: NumericScalar>(_ number: Scalar, _ x: Tensor<Scalar>) -> Tensor<Scalar> {
  max(Tensor(number), x)
}

/// The smaller of each pair, NaN where either is NaN; a tie gives each half of the gradient, a pair
/// with NaN each the whole.
public func min<Scalar: NumericScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>
) -> Tensor<Scalar> {
  Tensor(extremum(a.untyped, b.untyped, largest: false))
}

/// The smaller of each element and a number.
public func min<Scalar: NumericScalar>(_ x: Tensor<Scalar>, _ number: Scalar) -> Tensor<Scalar> {
  min(x, Tensor(number))
}

/// The smaller of a number and each element.
public func min<Scalar: NumericScalar>(_ number: Scalar, _ x: Tensor<Scalar>) -> Tensor<Scalar> {
  min(Tensor(number), x)
}
