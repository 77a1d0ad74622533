public import Autograd

/// `x weightᵀ + bias`.
public struct Linear<Scalar: FloatingPointScalar>: Layer, Sendable {
  /// `[out, in]`
  @Parameter public var weight: Tensor<Scalar>
  /// `[out]`, or nil.
  @OptionalParameter public var bias: Tensor<Scalar>?

  /// - Parameters:
  ///   - inputSize: extent of the input's last axis.
  ///   - outputSize: extent of the result's last axis.
  ///   - bias: whether a vector is added.
  ///   - generator: both start uniform in ±1/sqrt(inputSize).
  public init(
    _ inputSize: Int, _ outputSize: Int, bias: Bool = true,
    using generator: inout some RandomNumberGenerator
  ) {
    _weight = Parameter(
      wrappedValue: .fanInUniform([outputSize, inputSize], fanIn: inputSize, using: &generator))
    _bias = OptionalParameter(
      wrappedValue: bias
        ? .fanInUniform([outputSize], fanIn: inputSize, using: &generator) : nil)
  }

  /// - Parameter x: `[..., in]`
  /// - Returns: `[..., out]`
  public func callAsFunction(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    linear(x, weight, bias)
  }
}
