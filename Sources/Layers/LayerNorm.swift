public import Autograd

/// Layer normalisation (Ba, Kiros and Hinton, 2016):
/// `(x - mean) / sqrt(variance + epsilon) * weight + bias` over the last axes.
public struct LayerNorm<Scalar: FloatingPointScalar>: Layer, Sendable {
  /// The axes that are normalised together.
  public let shape: Shape
  /// Added to the variance.
  public let epsilon: Scalar
  /// `shape`, or nil.
  @OptionalParameter public var weight: Tensor<Scalar>?
  /// `shape`, or nil.
  @OptionalParameter public var bias: Tensor<Scalar>?

  /// - Parameters:
  ///   - shape: extents of the last axes, over which mean and variance are taken.
  ///   - epsilon: added to the variance.
  ///   - weight: whether the result is scaled; the scale starts at 1.
  ///   - bias: whether something is added; it starts at 0.
  public init(_ shape: Shape, epsilon: Scalar = 1e-5, weight: Bool = true, bias: Bool = true) {
    expect(Double(epsilon), .notNegative, "LayerNorm", "epsilon")
    self.shape = shape
    self.epsilon = epsilon
    _weight = OptionalParameter(wrappedValue: weight ? .ones(shape) : nil)
    _bias = OptionalParameter(wrappedValue: bias ? .zeros(shape) : nil)
  }

  /// - Parameter x: `[..., *shape]`
  public func callAsFunction(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    layerNorm(x, shape: shape, weight: weight, bias: bias, epsilon: epsilon)
  }
}
