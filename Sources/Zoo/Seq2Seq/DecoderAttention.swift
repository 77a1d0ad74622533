public import Autograd
public import Layers

/// The attention of a decoder, in one of the forms that a configuration names.
public enum DecoderAttention<Scalar: FloatingPointScalar>: Layer, CustomReflectable, Sendable {
  /// To the whole source.
  case whole(Attention<DecoderScore<Scalar>>)
  /// To the whole source, with what earlier steps have looked at.
  case covered(Attention<CoverageScore<Scalar>>)
  /// To a neighbourhood.
  case local(LocalAttention<DecoderScore<Scalar>>)

  /// Nil for a decoder without attention.
  ///
  /// - Parameter score: a score of the user's own, instead of the one that is named.
  init?(
    _ configuration: Seq2SeqConfiguration,
    score: (any AttentionScore<Scalar> & Sendable)? = nil,
    using generator: inout some RandomNumberGenerator
  ) {
    if let contradiction = Seq2Seq<Scalar>.contradiction(in: configuration) {
      trap("Seq2Seq: \(contradiction)")
    }
    if let score { Self.check(own: score, configuration) }
    let (query, key) = (configuration.hiddenSize, 2 * configuration.hiddenSize)
    if configuration.coverage {
      self = .covered(
        Attention(
          CoverageScore(
            querySize: query, keySize: key, hiddenSize: configuration.attentionSize,
            using: &generator)))
      return
    }
    guard
      let score = score.map({ DecoderScore($0) })
        ?? DecoderScore(
          configuration.score, query, key, configuration.attentionSize, using: &generator)
    else { return nil }
    switch configuration.reach {
    case .whole: self = .whole(Attention(score))
    case .monotonic: self = .local(LocalAttention(score, window: configuration.window))
    case .predicted:
      self = .local(
        LocalAttention(
          score, window: configuration.window,
          predictor: PositionPredictor(
            querySize: query, hiddenSize: configuration.attentionSize, using: &generator)))
    }
  }

  /// Traps where a score of the user's own would be passed over in silence.
  private static func check(
    own score: any AttentionScore<Scalar> & Sendable, _ configuration: Seq2SeqConfiguration
  ) {
    if configuration.coverage || [.fixed, .none].contains(configuration.score) {
      trap(
        "Seq2Seq: a score of one's own takes the place of a named one, without coverage; the "
          + "configuration names \(configuration.score.rawValue)"
          + (configuration.coverage ? " with coverage" : ""))
    }
    if score is any HistoryScore {
      trap("Seq2Seq: \(type(of: score)) looks at earlier steps, which only coverage keeps here")
    }
  }

  /// What attention needs to know of a source, computed once for all steps.
  func prepare(keys: Tensor<Scalar>, keyMask: Tensor<Bool>?) -> AttentionMemory<Scalar> {
    switch self {
    case .whole(let attention): attention.prepare(keys: keys, keyMask: keyMask)
    case .covered(let attention): attention.prepare(keys: keys, keyMask: keyMask)
    case .local(let attention): attention.prepare(keys: keys, keyMask: keyMask)
    }
  }

  /// What the steps before the first have looked at; nil for an attention that does not look back.
  func initialHistory(_ memory: AttentionMemory<Scalar>) -> AttentionHistory<Scalar>? {
    if case .covered(let attention) = self { attention.initialHistory(memory) } else { nil }
  }

  /// What one step looks at.
  ///
  /// - Parameters:
  ///   - query: `[batch, hidden]`
  ///   - step: number of the step, from 0.
  ///   - history: goes on by this step, if there is one.
  /// - Returns: context `[batch, 2 * hidden]` and weights `[batch, source]`.
  func callAsFunction(
    _ query: Tensor<Scalar>, _ memory: AttentionMemory<Scalar>, step: Int,
    history: inout AttentionHistory<Scalar>?
  ) -> (context: Tensor<Scalar>, weights: Tensor<Scalar>) {
    switch self {
    case .whole(let attention): return attention(query, memory)
    case .local(let attention): return attention(query, memory, step: step)
    case .covered(let attention):
      let (context, weights, next) = attention(
        query, memory, after: history ?? attention.initialHistory(memory))
      history = next
      return (context, weights)
    }
  }

  /// What all steps look at, whose states are known; nil for an attention that looks back.
  ///
  /// - Parameter queries: `[batch, target, hidden]`
  /// - Returns: contexts `[batch, target, 2 * hidden]` and weights `[batch, target, source]`.
  func callAsFunction(
    all queries: Tensor<Scalar>, _ memory: AttentionMemory<Scalar>
  ) -> (context: Tensor<Scalar>, weights: Tensor<Scalar>)? {
    switch self {
    case .whole(let attention): attention(queries, memory)
    case .local(let attention): attention(queries, memory)
    case .covered: nil
    }
  }

  /// All steps of a decoder that reads the context beside its input (`Attention.sequence`); nil for
  /// an attention that has no such run.
  func sequence(
    _ inputs: Tensor<Scalar>, cell: GRUCell<Scalar>, initialState: Tensor<Scalar>,
    _ memory: AttentionMemory<Scalar>
  ) -> AttentionSequence<GRUCell<Scalar>>? {
    switch self {
    case .whole(let attention):
      attention.sequence(inputs, cell: cell, initialState: initialState, memory)
    case .covered(let attention):
      attention.sequence(inputs, cell: cell, initialState: initialState, memory)
    case .local: nil
    }
  }

  /// The mirror of the attention itself, so that its parameters go by this layer's name.
  public var customMirror: Mirror {
    switch self {
    case .whole(let attention): Mirror(reflecting: attention)
    case .covered(let attention): Mirror(reflecting: attention)
    case .local(let attention): Mirror(reflecting: attention)
    }
  }
}

extension DecoderAttention: PyTorchNamed {
  /// None.
  public static var pyTorchModule: String? { nil }
  /// Those of the attention itself, whose parameters go by this layer's name.
  public var pyTorchNames: [NameRule] {
    switch self {
    case .whole(let attention): attention.pyTorchNames
    case .covered(let attention): attention.pyTorchNames
    case .local(let attention): attention.pyTorchNames
    }
  }
}
