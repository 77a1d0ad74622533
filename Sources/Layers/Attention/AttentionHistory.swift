public import Autograd

/// What a decoder has attended to so far: the explicit state of scores that look back.
///
/// ```swift
/// let attention = Attention(
///   LocationScore<Float>(
///     querySize: 256, keySize: 512, hiddenSize: 128, filters: 10, width: 31, using: &generator))
/// let memory = attention.prepare(keys: annotations, keyMask: isWord)
/// var history = attention.initialHistory(memory)
/// for step in 0..<length {
///   let context: Tensor<Float>, weights: Tensor<Float>
///   (context, weights, history) = attention(state, memory, after: history)
///   // ... the decoder's step with the context ...
/// }
/// ```
public struct AttentionHistory<Scalar: FloatingPointScalar>: BatchState, Sendable {
  /// The weights of the step before, `[batch, keys]`; zeros before the first step.
  public let previous: Tensor<Scalar>
  /// The sum of the weights of all steps, `[batch, keys]`: the coverage of See, Liu and Manning
  /// (2017, equation 10).
  public let total: Tensor<Scalar>

  /// Nothing attended to yet.
  ///
  /// - Parameters:
  ///   - batch: number of sentences.
  ///   - keys: number of positions that each may attend to.
  public init(batch: Int, keys: Int) {
    previous = .zeros([batch, keys])
    total = previous
  }

  private init(previous: Tensor<Scalar>, total: Tensor<Scalar>) {
    self.previous = previous
    self.total = total
  }

  /// The history after one step more.
  ///
  /// - Parameter weights: of that step, `[batch, keys]`.
  public func followed(by weights: Tensor<Scalar>) -> AttentionHistory {
    if weights.shape != total.shape {
      trap("AttentionHistory: weights of shape \(weights.shape) after those of \(total.shape)")
    }
    return AttentionHistory(previous: weights, total: total + weights)
  }

  /// The sentences with the given numbers, which may repeat: for a beam search.
  public func rows(_ indices: Tensor<Int32>) -> AttentionHistory {
    AttentionHistory(previous: previous.rows(indices), total: total.rows(indices))
  }
}

/// A score that depends on what earlier steps have attended to.
///
/// As any score it can be asked about queries that have no past; `Attention` has a call for each
/// of the two.
public protocol HistoryScore<Scalar>: AttentionScore {
  /// - Parameters:
  ///   - query: of one step, `[batch, querySize]`.
  ///   - keys: what `prepare(keys:)` has returned.
  ///   - history: what the steps before have attended to; 0 at positions that may not be attended to.
  /// - Returns: `[batch, keys]`
  func callAsFunction(
    query: Tensor<Scalar>, keys: Tensor<Scalar>, history: AttentionHistory<Scalar>
  ) -> Tensor<Scalar>
}

/// An additive score with a term of what earlier steps have attended to under the tanh:
/// `v · tanh(queryWeight q + keyWeight k + term + bias)`. Conform to it to bring a term of your own.
public protocol AdditiveHistoryScore<Scalar>: HistoryScore {
  /// The score without the term.
  var additive: AdditiveScore<Scalar> { get }
  /// The term of each position, `[batch, keys, hidden]`; of no past, zeros.
  func term(_ history: AttentionHistory<Scalar>) -> Tensor<Scalar>
}

extension AdditiveHistoryScore {
  /// `keyWeight k + bias` of each key.
  public func prepare(keys: Tensor<Scalar>) -> Tensor<Scalar> { additive.prepare(keys: keys) }

  /// Scores of queries that have no past.
  public func callAsFunction(queries: Tensor<Scalar>, keys: Tensor<Scalar>) -> Tensor<Scalar> {
    additive(queries: queries, keys: keys)
  }

  /// Scores of one step, `[batch, keys]`.
  public func callAsFunction(
    query: Tensor<Scalar>, keys: Tensor<Scalar>, history: AttentionHistory<Scalar>
  ) -> Tensor<Scalar> {
    // The term is added to the keys' part, so the fused score runs as it is.
    additive(queries: query.unsqueezed(axis: 1), keys: keys + term(history)).squeezed(axes: 1)
  }
}

extension Attention where Score: HistoryScore {
  /// The history before the first step of a decoder.
  public func initialHistory(_ memory: AttentionMemory<Scalar>) -> AttentionHistory<Scalar> {
    AttentionHistory(batch: memory.keys.shape[0], keys: memory.keys.shape[1])
  }

  /// One step of a decoder.
  ///
  /// - Parameters:
  ///   - query: `[batch, querySize]`
  ///   - memory: what `prepare` has returned, with a mask of `[batch, keys]` or none.
  ///   - history: what the step before has returned, at first `initialHistory(memory)`.
  /// - Returns: context `[batch, valueSize]`, weights `[batch, keys]`, and the history with them.
  public func callAsFunction(
    _ query: Tensor<Scalar>, _ memory: AttentionMemory<Scalar>,
    after history: AttentionHistory<Scalar>
  ) -> (context: Tensor<Scalar>, weights: Tensor<Scalar>, history: AttentionHistory<Scalar>) {
    let shape: Shape = [memory.keys.shape[0], memory.keys.shape[1]]
    if history.total.shape != shape {
      trap("Attention: a history of shape \(history.total.shape), not [batch, keys] = \(shape)")
    }
    if query.rank != 2 {
      trap("Attention: a query of shape \(query.shape) with a history; [batch, querySize] is one")
    }
    let (context, weights) = attend(query.unsqueezed(axis: 1), memory) { queries in
      score(query: queries.squeezed(axes: 1), keys: memory.keys, history: history).unsqueezed(
        axis: 1)
    }
    let own = weights.squeezed(axes: 1)
    return (context.squeezed(axes: 1), own, history.followed(by: own))
  }
}
