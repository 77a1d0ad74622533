public import Autograd

/// exp(x) over its sum along an axis.
public struct Softmax<Scalar: FloatingPointScalar>: Layer, Sendable {
  /// The axis along which weights add up to 1.
  public let axis: Int

  /// - Parameter axis: may be negative, counted from the end.
  public init(axis: Int = -1) { self.axis = axis }

  /// - Parameters:
  ///   - x: any shape.
  ///   - mask: true = may have weight; broadcasts to `x`.
  public func callAsFunction(_ x: Tensor<Scalar>, mask: Tensor<Bool>? = nil) -> Tensor<Scalar> {
    softmax(x, axis: axis, mask: mask)
  }
}
