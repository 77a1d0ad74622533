import Kernels

// Comparisons of two tensors, which broadcast, and of a tensor and a number on either side. A truth
// value has no gradient.

infix operator .== : ComparisonPrecedence
infix operator .!= : ComparisonPrecedence
infix operator .< : ComparisonPrecedence
infix operator .<= : ComparisonPrecedence
infix operator .> : ComparisonPrecedence
infix operator .>= : ComparisonPrecedence

extension Tensor {
  /// Where elements are equal; shapes broadcast. NaN is equal to nothing.
  public static func .== (a: Tensor, b: Tensor) -> Tensor<Bool> { compare(.equal, a, b) }
  /// Where elements differ; shapes broadcast.
  public static func .!= (a: Tensor, b: Tensor) -> Tensor<Bool> { compare(.notEqual, a, b) }

  /// Where elements are equal to a number, or a truth value.
  public static func .== (a: Tensor, b: Scalar) -> Tensor<Bool> { a .== Tensor(b) }
  /// Where elements differ from a number, or a truth value.
  public static func .!= (a: Tensor, b: Scalar) -> Tensor<Bool> { a .!= Tensor(b) }

  /// Where a number, or a truth value, is equal to elements.
  public static func .== (a: Scalar, b: Tensor) -> Tensor<Bool> { Tensor(a) .== b }
  /// Where a number, or a truth value, differs from elements.
  public static func .!= (a: Scalar, b: Tensor) -> Tensor<Bool> { Tensor(a) .!= b }

  fileprivate static func compare(
    _ comparison: Comparison, _ a: Tensor, _ b: Tensor
  ) -> Tensor<Bool> {
    Tensor<Bool>(Compute.compare(comparison, a.untyped, b.untyped))
  }
}

extension Tensor where Scalar: NumericScalar {
  /// Where the left element is smaller; shapes broadcast.
  public static func .< (a: Tensor, b: Tensor) -> Tensor<Bool> { compare(.less, a, b) }
  /// Where the left element is not larger; shapes broadcast.
  public static func .<= (a: Tensor, b: Tensor) -> Tensor<Bool> { compare(.lessOrEqual, a, b) }
  /// Where the left element is larger; shapes broadcast.
  public static func .> (a: Tensor, b: Tensor) -> Tensor<Bool> { compare(.greater, a, b) }
  /// Where the left element is not smaller; shapes broadcast.
  public static func .>= (a: Tensor, b: Tensor) -> Tensor<Bool> { compare(.greaterOrEqual, a, b) }

  /// Where elements are smaller than a number.
  public static func .< (a: Tensor, b: Scalar) -> Tensor<Bool> { a .< Tensor(b) }
  /// Where elements are not larger than a number.
  public static func .<= (a: Tensor, b: Scalar) -> Tensor<Bool> { a .<= Tensor(b) }
  /// Where elements are larger than a number.
  public static func .> (a: Tensor, b: Scalar) -> Tensor<Bool> { a .> Tensor(b) }
  /// Where elements are not smaller than a number.
  public static func .>= (a: Tensor, b: Scalar) -> Tensor<Bool> { a .>= Tensor(b) }

  /// Where a number is smaller than elements.
  public static func .< (a: Scalar, b: Tensor) -> Tensor<Bool> { Tensor(a) .< b }
  /// Where a number is not larger than elements.
  public static func .<= (a: Scalar, b: Tensor) -> Tensor<Bool> { Tensor(a) .<= b }
  /// Where a number is larger than elements.
  public static func .> (a: Scalar, b: Tensor) -> Tensor<Bool> { Tensor(a) .> b }
  /// Where a number is not smaller than elements.
  public static func .>= (a: Scalar, b: Tensor) -> Tensor<Bool> { Tensor(a) .>= b }
}
