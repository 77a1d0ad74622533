import Kernels

/// The scores of additive attention (Bahdanau, Cho and Bengio, 2015): `v · tanh(query + key)` of
/// each pair of a query and a key, without a tensor of all the tanh.
///
/// - Parameters:
///   - queries: `[batch, queries, size]`, already multiplied by their weight.
///   - keys: `[batch, keys, size]`, already multiplied by theirs.
///   - v: `[size]`
/// - Returns: `[batch, queries, keys]`
public func additiveScores<Scalar: FloatingPointScalar>(
  queries: Tensor<Scalar>, keys: Tensor<Scalar>, v: Tensor<Scalar>
) -> Tensor<Scalar> {
  let fits =
    queries.rank == 3 && keys.rank == 3 && v.rank == 1 && queries.shape[0] == keys.shape[0]
    && queries.shape[2] == v.shape[0] && keys.shape[2] == v.shape[0]
  if !fits {
    trap(
      "additiveScores: queries \(queries.shape), keys \(keys.shape), v \(v.shape): "
        + "[batch, queries, size], [batch, keys, size] and [size] are expected"
        + Compute.layerPath(v.untyped))
  }
  return Tensor(additiveScores(queries.untyped, keys.untyped, v.untyped))
}

package func additiveScores(_ queries: UntypedTensor, _ keys: UntypedTensor, _ v: UntypedTensor)
  -> UntypedTensor
{
  AdditiveScores(queries: queries, keys: keys, v: v).run()[0]
}

package struct AdditiveScores: FusedOperation {
  let queries: UntypedTensor
  let keys: UntypedTensor
  let v: UntypedTensor

  package init(queries: UntypedTensor, keys: UntypedTensor, v: UntypedTensor) {
    self.queries = queries
    self.keys = keys
    self.v = v
  }

  package var name: StaticString { "additiveScores" }
  package var operands: [UntypedTensor?] { [queries, keys, v] }

  package func composed(_ operands: [UntypedTensor?]) -> [UntypedTensor] {
    let (queries, keys, v) = (operands[0]!, operands[1]!, operands[2]!)
    let (shape, size) = (queries.shape, v.shape[0])
    let sums =  // [batch, queries, keys, size]
      reshaped(queries, [shape[0], shape[1], 1, size])
      + reshaped(keys, [shape[0], 1, keys.shape[1], size])
    return [sum(tanh(sums) * v, axis: 3)]
  }

  package func forward() -> [UntypedTensor] { [Compute.additiveScores(queries, keys, v)] }

  package func backward(_ gradients: [UntypedTensor?], needed: [Bool], usesUp: Bool)
    -> [UntypedTensor?]?
  {
    Compute.additiveScoresGradient(gradients[0]!, queries, keys, v)
  }
}

extension Compute {
  /// Pairs times features that are worth a thread: about ten microseconds.
  private static let additiveGrain = 1 << 15

  static func additiveScores(_ queries: UntypedTensor, _ keys: UntypedTensor, _ v: UntypedTensor)
    -> UntypedTensor
  {
    let (queries, keys, v) = (contiguous(queries), contiguous(keys), contiguous(v))
    let (batch, queryCount, keyCount) = (queries.shape[0], queries.shape[1], keys.shape[1])
    let size = v.shape[0]
    let result = UntypedTensor(v.type, [batch, queryCount, keyCount])
    func run<Scalar: FloatingPointScalar>(_: Scalar.Type) {
      let kernels = Scalar.kernels
      forSentences(batch, queryCount * keyCount * size) { sentence in
        kernels.additiveScores(
          queries: queries.pointer() + sentence * queryCount * size,
          keys: keys.pointer() + sentence * keyCount * size, v: v.pointer(Scalar.self),
          to: result.pointer() + sentence * queryCount * keyCount, queryCount: queryCount,
          keyCount: keyCount, size: size)
      }
    }
    v.type.floatingPoint("additiveScores", run(Float.self), run(Double.self))
    return result
  }

  /// The gradients with respect to queries, keys and v. That of v is summed over the sentences
  /// one by one, so it does not depend on the number of threads.
  static func additiveScoresGradient(
    _ dy: UntypedTensor, _ queries: UntypedTensor, _ keys: UntypedTensor, _ v: UntypedTensor
  ) -> [UntypedTensor] {
    let (dy, queries, keys, v) = (
      contiguous(dy), contiguous(queries), contiguous(keys), contiguous(v)
    )
    let (batch, queryCount, keyCount) = (queries.shape[0], queries.shape[1], keys.shape[1])
    let size = v.shape[0]
    let queryResult = UntypedTensor(v.type, queries.shape)
    let keyResult = zeros(like: keys)
    let vResult = filled(v.type, [batch, size], 0)
    func run<Scalar: FloatingPointScalar>(_: Scalar.Type) {
      let kernels = Scalar.kernels
      forSentences(batch, queryCount * keyCount * size) { sentence in
        let (query, key) = (sentence * queryCount * size, sentence * keyCount * size)
        kernels.additiveScoresGradient(
          dy.pointer() + sentence * queryCount * keyCount, queries: queries.pointer() + query,
          keys: keys.pointer() + key, v: v.pointer(Scalar.self),
          toQueries: queryResult.pointer() + query,
          toKeys: keyResult.pointer() + key, toV: vResult.pointer() + sentence * size,
          queryCount: queryCount, keyCount: keyCount,
          size: size)
      }
    }
    v.type.floatingPoint("additiveScores", run(Float.self), run(Double.self))
    return [queryResult, keyResult, reduce(.sum, vResult, axis: 0)]
  }

  /// Calls the body for each sentence of a batch, some on each thread.
  private static func forSentences(_ batch: Int, _ work: Int, _ body: (Int) -> Void) {
    // `Threads.split` would keep 64 sentences together; here one may be worth a thread.
    RowParts(batch, length: Swift.max(additiveGrain / Swift.max(work, 1), 1)).forEach { sentences in
      for sentence in sentences { body(sentence) }
    }
  }
}
