public import Autograd

/// The position-wise network of a Transformer layer:
/// `second(activation(first(x)))` (Vaswani et al., 2017, section 3.3).
public struct FeedForward<Scalar: FloatingPointScalar>: Layer, Sendable {
  /// The function between the two linear layers.
  public enum Activation: String, Codable, Sendable {
    case relu
    /// By the error function.
    case gelu
  }

  /// To the inner size.
  public let first: Linear<Scalar>
  /// Back to the model's size.
  public let second: Linear<Scalar>
  /// The function in between.
  public let activation: Activation
  private let dropout: Dropout<Scalar>

  /// - Parameters:
  ///   - size: extent of input and result.
  ///   - innerSize: extent in between.
  ///   - activation: the function in between.
  ///   - dropout: rate after the activation, in training.
  ///   - bias: whether vectors are added.
  ///   - generator: weights start as those of `Linear`.
  public init(
    _ size: Int, innerSize: Int, activation: Activation = .relu, dropout: Double = 0,
    bias: Bool = true, using generator: inout some RandomNumberGenerator
  ) {
    first = Linear(inputs: size, outputs: innerSize, bias: bias, using: &generator)
    second = Linear(inputs: innerSize, outputs: size, bias: bias, using: &generator)
    self.activation = activation
    self.dropout = Dropout(dropout)
  }

  /// - Parameter x: `[..., size]`
  public func callAsFunction(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    let mask = dropout.drawMask(Shape(x.shape.dropLast() + [first.weight.shape[0]]))
    return feedForward(
      x, first: first.weight, first.bias, second: second.weight, second.bias,
      activation == .relu ? .relu : .gelu,
      dropout: mask.map { DropoutMask(mask: $0.untyped, kept: dropout.kept) })
  }
}

/// Where a Transformer layer normalises.
public enum NormPosition: String, CaseIterable, Codable, Sendable {
  /// `x = norm(x + f(x))`, as in the paper.
  case postNorm = "post"
  /// `x = x + f(norm(x))`, without a norm at the end (Xiong et al., 2020).
  case preNorm = "pre"
}

/// A sublayer with its residual connection and its norm.
func residual<Scalar: FloatingPointScalar>(
  _ x: Tensor<Scalar>, _ norm: LayerNorm<Scalar>, _ position: NormPosition,
  _ dropout: Dropout<Scalar>,
  _ sublayer: (Tensor<Scalar>) -> Tensor<Scalar>
) -> Tensor<Scalar> {
  switch position {
  case .postNorm: norm(x + dropout(sublayer(x)))
  case .preNorm: x + dropout(sublayer(norm(x)))
  }
}
