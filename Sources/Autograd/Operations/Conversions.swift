// The same numbers as another scalar type.

extension Tensor {
  /// The elements as another scalar type. Between floating-point types, the gradient is converted
  /// back; a whole number or a truth value has none.
  ///
  /// - To `Int32` and `UInt8`, numbers are rounded towards zero; one that is NaN or does not fit
  ///   traps.
  /// - To `Bool`, 0 is false and all else, NaN as well, is true; from `Bool`, true is 1.
  public func converted<Other: TensorScalar>(to _: Other.Type) -> Tensor<Other> {
    Tensor<Other>(Autograd.converted(untyped, to: Other.scalarType))
  }
}

/// The same numbers as another type; recorded between floating-point types.
package func converted(_ x: UntypedTensor, to type: ScalarType) -> UntypedTensor {
  if x.type == type { return x }
  let y = Compute.converted(x, to: type)
  if !type.isFloatingPoint { return y }
  recording(x)?.record(
    "convert", y, of: x,
    by: .linear({ converted($0, to: type) }) { dy, _ in converted(dy, to: x.type) })
  return y
}

extension Tensor where Scalar == Int32 {
  /// 1 at the position that each index names, of `classes`, and 0 elsewhere. Traps on an index that is
  /// negative or not below the number of classes.
  ///
  /// - Returns: the shape of the indices with a new last axis of `classes` positions.
  public func oneHot<Number: NumericScalar>(
    _ classes: Int, of _: Number.Type = Float.self
  ) -> Tensor<Number> {
    if classes < 0 { trap("oneHot: \(classes) classes") }
    withUnsafeScalars { indices in
      for index in indices where index < 0 || Int(index) >= classes {
        trap("oneHot: index \(index) with \(classes) classes")
      }
    }
    let positions = reshaped(Shape(Array(shape) + [1])) .== Tensor<Int32>.range(classes)
    return positions.converted(to: Number.self)
  }
}
