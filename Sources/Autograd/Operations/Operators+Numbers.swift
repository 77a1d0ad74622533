// Operators of a floating-point tensor and a number, once more for each of the two types. They say
// nothing that those for all types (`Operators.swift`) don't say; but where the type stands in
// the declaration, the compiler can tell from an operand that is meant, before it tries any. That
// makes an expression of ten operators a matter of milliseconds instead of seconds.

extension Tensor where Scalar == Float {
  /// Adds a number to each element.
  public static func + (x: Tensor, number: Float) -> Tensor { Tensor(x.untyped + Double(number)) }
  /// Adds each element to a number.
  public static func + (number: Float, x: Tensor) -> Tensor { Tensor(x.untyped + Double(number)) }
  /// Subtracts a number from each element.
  public static func - (x: Tensor, number: Float) -> Tensor { Tensor(x.untyped + -Double(number)) }
  /// Subtracts each element from a number.
  public static func - (number: Float, x: Tensor) -> Tensor { Tensor(Double(number) - x.untyped) }
  /// Multiplies each element by a number.
  public static func * (x: Tensor, number: Float) -> Tensor { Tensor(x.untyped * Double(number)) }
  /// Multiplies a number by each element.
  public static func * (number: Float, x: Tensor) -> Tensor { Tensor(x.untyped * Double(number)) }
  /// Divides each element by a number.
  public static func / (x: Tensor, number: Float) -> Tensor { Tensor(x.untyped / Double(number)) }
  /// Divides a number by each element.
  public static func / (number: Float, x: Tensor) -> Tensor { Tensor(Double(number) / x.untyped) }
}

extension Tensor where Scalar == Double {
  /// Adds a number to each element.
  public static func + (x: Tensor, number: Double) -> Tensor { Tensor(x.untyped + number) }
  /// Adds each element to a number.
  public static func + (number: Double, x: Tensor) -> Tensor { Tensor(x.untyped + number) }
  /// Subtracts a number from each element.
  public static func - (x: Tensor, number: Double) -> Tensor { Tensor(x.untyped + -number) }
  /// Subtracts each element from a number.
  public static func - (number: Double, x: Tensor) -> Tensor { Tensor(number - x.untyped) }
  /// Multiplies each element by a number.
  public static func * (x: Tensor, number: Double) -> Tensor { Tensor(x.untyped * number) }
  /// Multiplies a number by each element.
  public static func * (number: Double, x: Tensor) -> Tensor { Tensor(x.untyped * number) }
  /// Divides each element by a number.
  public static func / (x: Tensor, number: Double) -> Tensor { Tensor(x.untyped / number) }
  /// Divides a number by each element.
  public static func / (number: Double, x: Tensor) -> Tensor { Tensor(number / x.untyped) }
}
