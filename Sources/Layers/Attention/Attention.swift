public import Autograd

/// Attention: for each query the mean of the values, weighted by how well their keys fit.
///
/// `weights = softmax(score(q, k))` over the keys that the mask allows, `context = weights values`.
///
/// ```swift
/// let attention = Attention(
///   AdditiveScore<Float>(querySize: 256, keySize: 512, hiddenSize: 128, using: &generator))
/// let memory = attention.prepare(keys: annotations, keyMask: isWord)
/// for step in 0..<length {
///   let (context, weights) = attention(state, memory)
///   // ... the decoder's step with the context ...
/// }
/// ```
///
/// Masks are Boolean, true = may attend. A query with nothing to attend to has zero weights, a
/// zero context, and neither gets nor causes a gradient. What stands at a key has no influence on a
/// query that may not attend to it, in values and gradients, even if it is not a number.
public struct Attention<Score: AttentionScore>: Layer {
  /// `Float` or `Double`.
  public typealias Scalar = Score.Scalar

  /// How well a query fits a key.
  public let score: Score

  /// Attention with the given score.
  public init(_ score: Score) { self.score = score }

  /// - Parameters:
  ///   - queries: `[batch, queries, querySize]`, or of a single step `[batch, querySize]`.
  ///   - keys: `[batch, keys, keySize]`
  ///   - values: `[batch, keys, valueSize]`; the keys if nil.
  ///   - keyMask: true = may attend, for all queries: `[batch, keys]`.
  ///   - mask: true = may attend: `[batch, queries, keys]`.
  /// - Returns: context `[batch, queries, valueSize]` and weights `[batch, queries, keys]`, for a
  ///   single step without the axis of queries.
  public func callAsFunction(
    queries: Tensor<Scalar>, keys: Tensor<Scalar>, values: Tensor<Scalar>? = nil,
    keyMask: Tensor<Bool>? = nil, mask: Tensor<Bool>? = nil
  ) -> (context: Tensor<Scalar>, weights: Tensor<Scalar>) {
    self(queries, prepare(keys: keys, values: values, keyMask: keyMask, mask: mask))
  }

  /// What attention needs to know of a sentence, computed once for all the steps of a decoder.
  ///
  /// - Parameters:
  ///   - keys: `[batch, keys, keySize]`
  ///   - values: `[batch, keys, valueSize]`; the keys if nil.
  ///   - keyMask: true = may attend, for all queries: `[batch, keys]`.
  ///   - mask: true = may attend: `[batch, queries, keys]`.
  public func prepare(
    keys: Tensor<Scalar>, values: Tensor<Scalar>? = nil, keyMask: Tensor<Bool>? = nil,
    mask: Tensor<Bool>? = nil
  ) -> AttentionMemory<Scalar> {
    checkAttention(keys: keys, values: values, keyMask: keyMask, mask: mask, in: self)
    let mask = AttentionMask(keyMask: keyMask, mask: mask)
    let keys = keys.cleared(where: mask?.unusedKeys)
    return AttentionMemory(
      keys: score.prepare(keys: keys),
      values: values?.cleared(where: mask?.unusedKeys) ?? keys, mask: mask)
  }

  /// - Parameters:
  ///   - queries: `[batch, queries, querySize]`, or of a single step `[batch, querySize]`.
  ///   - memory: what `prepare` has returned.
  /// - Returns: context `[batch, queries, valueSize]` and weights `[batch, queries, keys]`, for a
  ///   single step without the axis of queries.
  public func callAsFunction(
    _ queries: Tensor<Scalar>, _ memory: AttentionMemory<Scalar>
  ) -> (context: Tensor<Scalar>, weights: Tensor<Scalar>) {
    if queries.rank == 2 {
      let (context, weights) = self(queries.unsqueezed(axis: 1), memory)
      return (context.squeezed(axes: 1), weights.squeezed(axes: 1))
    }
    return attend(queries, memory) { scores($0, memory) }
  }

  /// The weighted mean of a memory's values.
  ///
  /// - Parameters:
  ///   - queries: `[batch, queries, querySize]`
  ///   - factor: what the weights are multiplied by after the softmax, `[batch, queries, keys]`;
  ///     nothing if nil.
  ///   - scores: `[batch, queries, keys]` of the queries, which are cleared where there is nothing
  ///     to attend to.
  func attend(
    _ queries: Tensor<Scalar>, _ memory: AttentionMemory<Scalar>,
    scaledBy factor: Tensor<Scalar>? = nil, scores: (Tensor<Scalar>) -> Tensor<Scalar>
  ) -> (context: Tensor<Scalar>, weights: Tensor<Scalar>) {
    if queries.rank != 3 || queries.shape[0] != memory.keys.shape[0] {
      trap(
        "Attention: queries of shape \(queries.shape) for keys of \(memory.keys.shape[0]) "
          + "sentences: [batch, queries, querySize] or [batch, querySize] is expected\(layerPath)")
    }
    if let mask = memory.mask, ![1, queries.shape[1]].contains(mask.allowed.shape[1]) {
      trap(
        "Attention: \(queries.shape[1]) queries a sentence, and a mask for "
          + "\(mask.allowed.shape[1])\(layerPath)")
    }
    let present = queries.cleared(where: memory.mask?.emptyQueries)
    let mask = memory.mask?.allowed
    var weights = softmax(scores(present), axis: 2, mask: mask)
    if let factor { weights = weights * factor }
    return (Tensor(maskedProduct(weights.untyped, memory.values.untyped, mask?.untyped)), weights)
  }

  /// `[batch, queries, keys]`. Where queries differ in what they may attend to and a number is not
  /// finite, query by query, each against its own keys alone: the gradient of a score that no one
  /// looks at is 0, but 0 times NaN would reach query and key all the same.
  private func scores(
    _ queries: Tensor<Scalar>, _ memory: AttentionMemory<Scalar>
  ) -> Tensor<Scalar> {
    guard let mask = memory.mask?.allowed, mask.shape[1] > 1,
      !Compute.isFinite(queries.untyped) || !Compute.isFinite(memory.keys.untyped)
    else { return score(queries: queries, keys: memory.keys) }
    let rows = (0..<queries.shape[1]).map { query in
      // [batch, keys, 1]
      let isForeign = !mask.narrowed(axis: 1, to: query..<(query + 1)).transposed()
      return score(
        queries: queries.narrowed(axis: 1, to: query..<(query + 1)),
        keys: memory.keys.cleared(where: isForeign))
    }
    return .concatenated(rows, axis: 1)
  }
}

/// A sentence as attention remembers it from one step of a decoder to the next: made by
/// `Attention.prepare(keys:values:keyMask:mask:)`.
public struct AttentionMemory<Scalar: FloatingPointScalar>: BatchState, Sendable {
  /// What the score has made of the keys: `[batch, keys, any size]`
  let keys: Tensor<Scalar>
  /// `[batch, keys, valueSize]`
  let values: Tensor<Scalar>
  let mask: AttentionMask?

  /// The sentences with the given numbers, which may repeat: for a beam search.
  ///
  /// - Parameter indices: `[count]`
  public func rows(_ indices: Tensor<Int32>) -> AttentionMemory {
    AttentionMemory(
      keys: keys.rows(indices), values: values.rows(indices), mask: mask?.rows(indices))
  }
}

/// Traps unless keys, values and masks belong together.
func checkAttention<Scalar: FloatingPointScalar>(
  keys: Tensor<Scalar>, values: Tensor<Scalar>?, keyMask: Tensor<Bool>?,
  mask: Tensor<Bool>? = nil, in layer: some Layer
) {
  if keys.rank != 3 {
    trap(
      "Attention: keys of shape \(keys.shape); [batch, keys, keySize] is expected\(layer.layerPath)"
    )
  }
  let (batch, count) = (keys.shape[0], keys.shape[1])
  if let values, values.rank != 3 || values.shape[0] != batch || values.shape[1] != count {
    trap(
      "Attention: values of shape \(values.shape) for keys of shape \(keys.shape)\(layer.layerPath)"
    )
  }
  if let keyMask, keyMask.shape != [batch, count] {
    trap(
      "Attention: a key mask of shape \(keyMask.shape) for keys of shape \(keys.shape): "
        + "[batch, keys] is expected\(layer.layerPath)")
  }
  if let mask, mask.rank != 3 || mask.shape[0] != batch || mask.shape[2] != count {
    trap(
      "Attention: a mask of shape \(mask.shape) for keys of shape \(keys.shape): "
        + "[batch, queries, keys] is expected\(layer.layerPath)")
  }
}

extension Attention: Sendable where Score: Sendable {}
