public import Autograd

/// `x weightᵀ + bias`.
public struct Linear<Scalar: FloatingPointScalar>: Layer, Sendable {
  /// `[out, in]`
  @Parameter public var weight: Tensor<Scalar>
  /// `[out]`, or nil.
  @OptionalParameter public var bias: Tensor<Scalar>?

  /// - Parameters:
  ///   - inputs: extent of the input's last axis.
  ///   - outputs: extent of the result's last axis.
  ///   - bias: whether a vector is added.
  ///   - generator: both start uniform in ±1/sqrt(inputs).
  public init(
    inputs: Int, outputs: Int, bias: Bool = true,
    using generator: inout some RandomNumberGenerator
  ) {
    _weight = Parameter(
      wrappedValue: .fanInUniform([outputs, inputs], fanIn: inputs, using: &generator))
    _bias = OptionalParameter(
      wrappedValue: bias
        ? .fanInUniform([outputs], fanIn: inputs, using: &generator) : nil)
  }

  /// A layer whose weight is another layer's too, as that of an `Embedding` whose rows the logits
  /// are products with (Press and Wolf, 2017):
  ///
  ///     output = Linear(sharing: embedding.$weight, bias: false)
  ///
  /// The parameter is counted, updated and saved once, under its first name; its gradient is the
  /// sum of both uses'.
  ///
  /// - Parameters:
  ///   - weight: the parameter itself, `[out, in]`.
  ///   - bias: whether a vector is added; it starts at 0.
  public init(sharing weight: Parameter<Scalar>, bias: Bool = true) {
    if weight.shape.rank != 2 {
      trap("Linear: a shared weight of shape \(weight.shape); [out, in] is expected")
    }
    _weight = weight
    _bias = OptionalParameter(wrappedValue: bias ? .zeros([weight.shape[0]]) : nil)
  }

  /// - Parameter x: `[..., in]`
  /// - Returns: `[..., out]`
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  public func callAsFunction(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    Tensor(checkedLinear(x.untyped, $weight.tracked, $bias?.tracked))
  }
}
