public import Autograd

/// A layer of a Transformer's decoder: self-attention, attention to the encoder's result, then a
/// feed-forward network, each with a residual connection and a norm (Vaswani et al., 2017,
/// section 3.1).
public struct TransformerDecoderLayer<Scalar: FloatingPointScalar>: Layer, Sendable {
  /// Of the target to itself.
  public let selfAttention: MultiHeadAttention<Scalar>
  /// Of the target to the memory.
  public let memoryAttention: MultiHeadAttention<Scalar>
  /// Position by position.
  public let feedForward: FeedForward<Scalar>
  /// Of the attention to itself.
  public let norm1: LayerNorm<Scalar>
  /// Of the attention to the memory.
  public let norm2: LayerNorm<Scalar>
  /// Of the feed-forward network.
  public let norm3: LayerNorm<Scalar>
  /// Where the norms stand.
  public let normPosition: NormPosition
  private let dropout: Dropout<Scalar>

  /// - Parameters:
  ///   - size: extent of target, memory and result.
  ///   - heads: number of attention heads.
  ///   - innerSize: extent inside the feed-forward network.
  ///   - activation: of the feed-forward network.
  ///   - normPosition: where the norms stand; the memory is not normalised.
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
    memoryAttention = MultiHeadAttention(
      size, heads: heads, bias: bias, dropout: dropout, using: &generator)
    feedForward = FeedForward(
      size, innerSize: innerSize, activation: activation, dropout: dropout, bias: bias,
      using: &generator)
    norm1 = LayerNorm([size], epsilon: epsilon, bias: bias)
    norm2 = LayerNorm([size], epsilon: epsilon, bias: bias)
    norm3 = LayerNorm([size], epsilon: epsilon, bias: bias)
    self.normPosition = normPosition
    self.dropout = Dropout(dropout)
  }

  /// - Parameters:
  ///   - x: `[batch, target, size]`
  ///   - memory: the encoder's result, `[batch, source, size]`.
  ///   - mask: of the target to itself, true = may attend, as in `MultiHeadAttention`.
  ///   - memoryMask: of the target to the memory.
  ///   - keyMask: true = may be attended to, `[batch, target]`. Elsewhere NaN and infinity are read as
  ///     0, so that padding does no harm as a query either.
  ///   - memoryKeyMask: true = may be attended to, `[batch, source]`.
  public func callAsFunction(
    _ x: Tensor<Scalar>, memory: Tensor<Scalar>, mask: Tensor<Bool>? = nil,
    memoryMask: Tensor<Bool>? = nil, keyMask: Tensor<Bool>? = nil,
    memoryKeyMask: Tensor<Bool>? = nil
  ) -> Tensor<Scalar> {
    let x = keyMask.map { x.finite(where: !$0.unsqueezed(axis: 2)) } ?? x
    return layer(x) {
      selfAttention.output(queries: $0, keys: $0, keyMask: keyMask, mask: mask)
    } toMemory: {
      memoryAttention.output(queries: $0, keys: memory, keyMask: memoryKeyMask, mask: memoryMask)
    }
  }

  /// The layer, and what each of its heads looks at.
  ///
  /// - Parameters: as for a call.
  /// - Returns: output `[batch, target, size]`, weights of the attention to itself
  ///   `[batch, heads, target, target]` and of that to the memory `[batch, heads, target, source]`.
  public func outputAndWeights(
    _ x: Tensor<Scalar>, memory: Tensor<Scalar>, mask: Tensor<Bool>? = nil,
    memoryMask: Tensor<Bool>? = nil, keyMask: Tensor<Bool>? = nil,
    memoryKeyMask: Tensor<Bool>? = nil
  ) -> (output: Tensor<Scalar>, selfWeights: Tensor<Scalar>, memoryWeights: Tensor<Scalar>) {
    let x = keyMask.map { x.finite(where: !$0.unsqueezed(axis: 2)) } ?? x
    var (own, source): (Tensor<Scalar>?, Tensor<Scalar>?)
    let output = layer(x) {
      let attended = selfAttention(
        queries: $0, keys: $0, keyMask: keyMask, mask: mask, averagesWeights: false)
      own = attended.weights
      return attended.output
    } toMemory: {
      let attended = memoryAttention(
        queries: $0, keys: memory, keyMask: memoryKeyMask, mask: memoryMask,
        averagesWeights: false)
      source = attended.weights
      return attended.output
    }
    return (output, own!, source!)
  }

  /// What the attention to the memory needs to know of it, computed once for all steps.
  ///
  /// - Parameters:
  ///   - memory: the encoder's result, `[batch, source, size]`.
  ///   - keyMask: true = may be attended to, `[batch, source]`.
  public func prepare(
    memory: Tensor<Scalar>, keyMask: Tensor<Bool>? = nil
  ) -> MultiHeadMemory<Scalar> {
    memoryAttention.prepare(keys: memory, keyMask: keyMask)
  }

  /// Further positions of the target, each of which sees those before it and itself. Step by step
  /// the results are those of the whole with `causalMask`.
  ///
  /// - Parameters:
  ///   - x: `[batch, new, size]`
  ///   - memory: what `prepare` has returned.
  ///   - cache: of the positions before; of these, too, when it comes back.
  ///   - keyMask: true = may be attended to: `[batch, positions so far and new]`.
  public func callAsFunction(
    _ x: Tensor<Scalar>, memory: MultiHeadMemory<Scalar>, cache: inout KeyValueCache<Scalar>,
    keyMask: Tensor<Bool>? = nil
  ) -> Tensor<Scalar> {
    layer(x) {
      selfAttention($0, cache: &cache, keyMask: keyMask).output
    } toMemory: {
      memoryAttention($0, memory).output
    }
  }

  private func layer(
    _ x: Tensor<Scalar>, toItself: (Tensor<Scalar>) -> Tensor<Scalar>,
    toMemory: (Tensor<Scalar>) -> Tensor<Scalar>
  ) -> Tensor<Scalar> {
    let own = residual(x, norm1, normPosition, dropout, toItself)
    let attended = residual(own, norm2, normPosition, dropout, toMemory)
    return residual(attended, norm3, normPosition, dropout) { feedForward($0) }
  }
}
