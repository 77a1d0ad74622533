public import Autograd

// Multi-head attention step by step, as decoders need it.

extension MultiHeadAttention {
  /// Causal attention of a sequence to itself, further positions at a time: each sees those before
  /// it and itself. Step by step the results are those of the whole sequence with `causalMask`.
  ///
  /// ```swift
  /// var cache = KeyValueCache<Float>()
  /// for step in 0..<length { y = attention(x[step], cache: &cache).output }  // [batch, 1, size]
  /// ```
  ///
  /// - Parameters:
  ///   - x: `[batch, new, size]`, queries, keys and values in one.
  ///   - cache: of the positions before; of these, too, when it comes back.
  ///   - keyMask: true = may be attended to: `[batch, positions so far and new]`.
  ///   - averagesWeights: whether the weights are the mean of the heads', or each head's.
  /// - Returns: output `[batch, new, size]`; weights `[batch, new, positions]`, or
  ///   `[batch, heads, new, positions]`.
  public func callAsFunction(
    _ x: Tensor<Scalar>, cache: inout KeyValueCache<Scalar>, keyMask: Tensor<Bool>? = nil,
    averagesWeights: Bool = true
  ) -> (output: Tensor<Scalar>, weights: Tensor<Scalar>) {
    if x.rank != 3 { trap("MultiHeadAttention: [batch, new, size] is expected, not \(x.shape)") }
    let (batch, new, start) = (x.shape[0], x.shape[1], cache.count)
    let total = start + new
    if let keyMask, keyMask.shape != [batch, total] {
      trap(
        "MultiHeadAttention: a key mask of shape \(keyMask.shape) for [batch, positions] = "
          + "[\(batch), \(total)]")
    }
    var allowed = new > 1 ? causalMask(new, from: start).unsqueezed(axis: 0) : nil
    if let keys = keyMask?.unsqueezed(axis: 1) { allowed = allowed.map { $0 & keys } ?? keys }
    let mask = keyMask == nil ? nil : allowed.map { AttentionMask($0) }
    // What nothing may attend to is not looked at, be it NaN.
    let own = x.cleared(
      where: keyMask.map { !$0.narrowed(axis: 1, to: start..<total).unsqueezed(axis: 2) })
    let (k, v) = projected(keys: own, values: own, from: start)
    cache.append(keys: k, values: v)
    let q = projected(queries: x.cleared(where: mask?.emptyQueries), from: start)
    let (keys, values) = cache.parts!
    return attend(q, keys, values, allowed?.unsqueezed(axis: 1), averagesWeights)
  }

  /// What attention needs to know of a memory, computed once for all steps of a decoder.
  ///
  /// - Parameters:
  ///   - keys: `[batch, keys, keySize]`
  ///   - values: `[batch, keys, valueSize]`; the keys if nil.
  ///   - keyMask: true = may be attended to: `[batch, keys]`.
  public func prepare(
    keys: Tensor<Scalar>, values: Tensor<Scalar>? = nil, keyMask: Tensor<Bool>? = nil
  ) -> MultiHeadMemory<Scalar> {
    checkAttention(keys: keys, values: values, keyMask: keyMask, in: self)
    let mask = AttentionMask(keyMask: keyMask, mask: nil)
    let own = keys.cleared(where: mask?.unusedKeys)
    let (k, v) = projected(
      keys: own, values: values?.cleared(where: mask?.unusedKeys) ?? own, from: 0)
    return MultiHeadMemory(keys: k, values: v, mask: mask)
  }

  /// - Parameters:
  ///   - queries: `[batch, queries, size]`
  ///   - memory: what `prepare` has returned.
  ///   - start: position of the first query, for an attention with rotary positions.
  ///   - averagesWeights: whether the weights are the mean of the heads', or each head's.
  /// - Returns: output `[batch, queries, size]`; weights `[batch, queries, keys]`, or
  ///   `[batch, heads, queries, keys]`.
  public func callAsFunction(
    _ queries: Tensor<Scalar>, _ memory: MultiHeadMemory<Scalar>, from start: Int = 0,
    averagesWeights: Bool = true
  ) -> (output: Tensor<Scalar>, weights: Tensor<Scalar>) {
    if queries.rank != 3 || queries.shape[0] != memory.keys.shape[0] {
      trap(
        "MultiHeadAttention: queries of shape \(queries.shape) for a memory of "
          + "\(memory.keys.shape[0]) sentences: [batch, queries, size] is expected")
    }
    let q = projected(queries: queries.cleared(where: memory.mask?.emptyQueries), from: start)
    return attend(
      q, memory.keys, memory.values, memory.mask?.allowed.unsqueezed(axis: 1), averagesWeights)
  }
}

/// A sentence as multi-head attention remembers it from one step of a decoder to the next: made by
/// `MultiHeadAttention.prepare(keys:values:keyMask:)`.
public struct MultiHeadMemory<Scalar: FloatingPointScalar>: BatchState, Sendable {
  /// `[batch, heads, keys, features]`
  let keys: Tensor<Scalar>
  /// `[batch, heads, keys, features]`
  let values: Tensor<Scalar>
  let mask: AttentionMask?

  /// The sentences with the given numbers, which may repeat: for a beam search.
  public func rows(_ indices: Tensor<Int32>) -> MultiHeadMemory {
    MultiHeadMemory(
      keys: keys.rows(indices), values: values.rows(indices), mask: mask?.rows(indices))
  }
}
