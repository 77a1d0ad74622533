public import Autograd

/// A layer of a Transformer's encoder: self-attention, then a feed-forward network, each with a
/// residual connection and a norm (Vaswani et al., 2017, section 3.1).
public struct TransformerEncoderLayer<Scalar: FloatingPointScalar>: Layer, Sendable {
  /// Of the sentence to itself.
  public let selfAttention: MultiHeadAttention<Scalar>
  /// Position by position.
  public let feedForward: FeedForward<Scalar>
  /// Of the attention.
  public let norm1: LayerNorm<Scalar>
  /// Of the feed-forward network.
  public let norm2: LayerNorm<Scalar>
  /// Where the norms stand.
  public let normPosition: NormPosition
  private let dropout: Dropout<Scalar>

  /// - Parameters:
  ///   - size: extent of input and result.
  ///   - heads: number of attention heads.
  ///   - innerSize: extent inside the feed-forward network.
  ///   - activation: of the feed-forward network.
  ///   - normPosition: where the norms stand.
  ///   - epsilon: added to the norms' variance.
  ///   - dropout: rate on sublayers, attention weights and inside the feed-forward network.
  ///   - bias: whether linear layers and norms have one.
  ///   - rotary: of the attention to itself; of `size / heads` features.
  ///   - generator: weights start as those of the layers within.
  public init(
    _ size: Int, heads: Int, innerSize: Int, activation: FeedForward<Scalar>.Activation = .relu,
    normPosition: NormPosition = .postNorm, epsilon: Scalar = 1e-5, dropout: Double = 0,
    bias: Bool = true,
    rotary: RotaryPositions<Scalar>? = nil, using generator: inout some RandomNumberGenerator
  ) {
    selfAttention = MultiHeadAttention(
      size, heads: heads, bias: bias, dropout: dropout, rotary: rotary, using: &generator)
    feedForward = FeedForward(
      size, innerSize: innerSize, activation: activation, dropout: dropout, bias: bias,
      using: &generator)
    norm1 = LayerNorm([size], epsilon: epsilon, bias: bias)
    norm2 = LayerNorm([size], epsilon: epsilon, bias: bias)
    self.normPosition = normPosition
    self.dropout = Dropout(dropout)
  }

  /// - Parameters:
  ///   - x: `[batch, time, size]`
  ///   - mask: true = may attend, as in `MultiHeadAttention`.
  ///   - keyMask: true = may be attended to, `[batch, time]`. Elsewhere NaN and infinity are read as
  ///     0, so that padding does no harm as a query either.
  public func callAsFunction(
    _ x: Tensor<Scalar>, mask: Tensor<Bool>? = nil, keyMask: Tensor<Bool>? = nil
  ) -> Tensor<Scalar> {
    let x = keyMask.map { x.finite(where: !$0.unsqueezed(axis: 2)) } ?? x
    return layer(x) { selfAttention.output(queries: $0, keys: $0, keyMask: keyMask, mask: mask) }
  }

  /// The layer, and what each of its heads looks at.
  ///
  /// - Parameters: as for a call.
  /// - Returns: output `[batch, time, size]`, weights `[batch, heads, time, time]`.
  public func outputAndWeights(
    _ x: Tensor<Scalar>, mask: Tensor<Bool>? = nil, keyMask: Tensor<Bool>? = nil
  ) -> (output: Tensor<Scalar>, weights: Tensor<Scalar>) {
    let x = keyMask.map { x.finite(where: !$0.unsqueezed(axis: 2)) } ?? x
    var weights: Tensor<Scalar>?
    let output = layer(x) {
      let attended = selfAttention(
        queries: $0, keys: $0, keyMask: keyMask, mask: mask, averagesWeights: false)
      weights = attended.weights
      return attended.output
    }
    return (output, weights!)
  }

  /// The layer as part of a decoder without an encoder: further positions, each of which sees
  /// those before it and itself. Step by step the results are those of the whole with
  /// `causalMask`.
  ///
  /// - Parameters:
  ///   - x: `[batch, new, size]`
  ///   - cache: of the positions before; of these, too, when it comes back.
  ///   - keyMask: true = may be attended to: `[batch, positions so far and new]`.
  public func callAsFunction(
    _ x: Tensor<Scalar>, cache: inout KeyValueCache<Scalar>, keyMask: Tensor<Bool>? = nil
  ) -> Tensor<Scalar> {
    layer(x) { selfAttention($0, cache: &cache, keyMask: keyMask).output }
  }

  private func layer(
    _ x: Tensor<Scalar>, attention: (Tensor<Scalar>) -> Tensor<Scalar>
  ) -> Tensor<Scalar> {
    let attended = residual(x, norm1, normPosition, dropout, attention)
    return residual(attended, norm2, normPosition, dropout) { feedForward($0) }
  }
}
