public import Autograd

/// Attention to the neighbourhood of one position in the sentence, which moves from step to step
/// (Luong, Pham and Manning, 2015, section 3.2).
///
/// With a window of D keys to either side, a query of step t attends to the positions s with
/// |s - p| ≤ D, where p is
/// - without a predictor the step itself, p = t (local-m);
/// - with one the position that it predicts, and the weights are those of a softmax over the window,
///   times exp(-(s - p)² / (2 σ²)) with σ = D / 2 (local-p, equation 10). They then add up to less
///   than 1, and the gradient reaches the prediction through that factor.
///
/// All scores are computed, and those outside of the window masked. A query whose window has no
/// key that it may attend to has zero weights and a zero context.
public struct LocalAttention<Score: AttentionScore>: Layer {
  /// `Float` or `Double`.
  public typealias Scalar = Score.Scalar

  /// The attention whose scores and memory these are.
  public let attention: Attention<Score>
  /// Where a query looks; nil for the step's own position.
  public let predictor: PositionPredictor<Scalar>?
  /// D, the number of keys to either side.
  public let window: Int

  /// - Parameters:
  ///   - score: how well a query fits a key; none that looks at earlier steps (`HistoryScore`).
  ///   - window: D, the number of keys to either side, at least 1.
  ///   - predictor: where a query looks; nil for the step's own position.
  public init(_ score: Score, window: Int, predictor: PositionPredictor<Scalar>? = nil) {
    if window < 1 { trap("LocalAttention: a window of \(window) keys; at least 1 is needed") }
    if score is any HistoryScore {
      trap("LocalAttention: \(Score.self) looks at earlier steps, which are not kept here")
    }
    attention = Attention(score)
    self.predictor = predictor
    self.window = window
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
    attention.prepare(keys: keys, values: values, keyMask: keyMask, mask: mask)
  }

  /// - Parameters:
  ///   - queries: of consecutive steps, `[batch, queries, querySize]`, or of a single one
  ///     `[batch, querySize]`.
  ///   - memory: what `prepare` has returned.
  ///   - step: number of the first query's step, from 0. A predictor does without.
  /// - Returns: context `[batch, queries, valueSize]` and weights `[batch, queries, keys]`, for a
  ///   single step without the axis of queries.
  public func callAsFunction(
    _ queries: Tensor<Scalar>, _ memory: AttentionMemory<Scalar>, step: Int = 0
  ) -> (context: Tensor<Scalar>, weights: Tensor<Scalar>) {
    if queries.rank == 2 {
      let (context, weights) = self(queries.unsqueezed(axis: 1), memory, step: step)
      return (context.squeezed(axes: 1), weights.squeezed(axes: 1))
    }
    if queries.rank != 3 {
      trap(
        "LocalAttention: queries of shape \(queries.shape): [batch, queries, querySize] or "
          + "[batch, querySize] is expected")
    }
    let positions = Tensor<Scalar>((0..<memory.keys.shape[1]).map { Scalar($0) })
    let present = queries.cleared(where: memory.mask?.emptyQueries)
    let centers =
      predictor.map { $0(present, lengths: memory.lengths) }
      ?? Tensor(
        (0..<queries.shape[1]).map { Scalar(step + $0) }, shape: [1, queries.shape[1], 1])
    let distances = positions - centers  // [batch or 1, queries, keys]
    let isNear = (abs(distances.detached) .<= Tensor(Scalar(window)))
    var allowed = isNear.expanded(
      to: [memory.keys.shape[0], queries.shape[1], memory.keys.shape[1]])
    if let mask = memory.mask { allowed = allowed & mask.allowed }
    let near = AttentionMemory(
      keys: memory.keys, values: memory.values, mask: AttentionMask(allowed))
    guard predictor != nil else { return attention(queries, near) }
    let variance = Scalar(window * window) / 4
    let closeness = exp(square(distances) * (-1 / (2 * variance)))
    return attention.attend(queries, near, scaledBy: closeness) {
      attention.score(queries: $0, keys: near.keys)
    }
  }
}

/// Where in a sentence a query looks: `S sigmoid(v · tanh(weight q))`, from 0 to the sentence's
/// length S (Luong, Pham and Manning, 2015, equation 9).
public struct PositionPredictor<Scalar: FloatingPointScalar>: Layer, Sendable {
  /// `[hidden, querySize]`
  @Parameter public var weight: Tensor<Scalar>
  /// `[hidden]`
  @Parameter public var v: Tensor<Scalar>

  /// - Parameters:
  ///   - querySize: extent of the queries' last axis.
  ///   - hiddenSize: number of features under the tanh.
  ///   - generator: the weight starts Glorot-uniform, `v` uniform in ±1/sqrt(hiddenSize).
  public init(
    querySize: Int, hiddenSize: Int, using generator: inout some RandomNumberGenerator
  ) {
    _weight = Parameter(wrappedValue: .glorotUniform([hiddenSize, querySize], using: &generator))
    _v = Parameter(
      wrappedValue: .fanInUniform([hiddenSize], fanIn: hiddenSize, using: &generator))
  }

  /// - Parameters:
  ///   - queries: `[batch, queries, querySize]`
  ///   - lengths: S of each sentence.
  /// - Returns: `[batch, queries, 1]`
  public func callAsFunction(_ queries: Tensor<Scalar>, lengths: [Int]) -> Tensor<Scalar> {
    let share = sigmoid((tanh(linear(queries, weight)) * v).sum(axes: 2, keepsAxes: true))
    return share * Tensor(lengths.map { Scalar($0) }, shape: [lengths.count, 1, 1])
  }
}

extension AttentionMemory {
  /// Number of keys of each sentence up to the last one that any query may attend to.
  var lengths: [Int] {
    let (batch, count) = (keys.shape[0], keys.shape[1])
    guard let unused = mask?.unusedKeys?.scalars else {
      return Array(repeating: count, count: batch)
    }
    return (0..<batch).map { row in
      (0..<count).last { !unused[row * count + $0] }.map { $0 + 1 } ?? 0
    }
  }
}

extension LocalAttention: Sendable where Score: Sendable {}
