public import Autograd
public import Layers
@_exported public import Sequences

/// An encoder-decoder with attention (Bahdanau, Cho and Bengio, 2015; Luong, Pham and Manning, 2015;
/// articles 001, 002 and 004): a GRU reads the source in both directions; a GRU writes the target,
/// and looks at the source through a score of the attention family, or does without.
///
/// ```swift
/// var generator = Generator(seed: 1)
/// let model = Seq2Seq<Float>(
///   Seq2SeqConfiguration(sourceVocabulary: 30, targetVocabulary: 45, score: .general),
///   using: &generator)
/// let batch = SequencePairBatch(sources: [[5, 6, 7], [8]], targets: [[9, 4], [7]])
/// let (loss, gradients) = valueWithGradient(at: model, using: &generator) { model in
///   crossEntropyLoss(
///     model(batch.source, batch.input, lengths: batch.lengths), batch.labels,
///     ignoring: Int(SequenceSymbol.padding))
/// }
/// let said = model.beam([[5, 6, 7]], width: 4, limit: 20)[0][0].symbols
/// ```
public struct Seq2Seq<Scalar: FloatingPointScalar>: ConfiguredModel, Sendable {
  /// The sizes and options that the model was made from.
  public let configuration: Seq2SeqConfiguration
  /// `[sourceVocabulary, embedding]`
  public let sourceEmbedding: Embedding<Scalar>
  /// `[targetVocabulary, embedding]`
  public let targetEmbedding: Embedding<Scalar>
  /// Annotates each source symbol, in both directions.
  public let encoder: GRU<Scalar>
  /// The encoder's last states to the decoder's first.
  public let bridge: Linear<Scalar>
  /// Nil for a decoder without attention.
  public let attention: DecoderAttention<Scalar>?
  /// Input: embedding of the last symbol and what the decoder's form feeds in.
  public let decoder: GRUCell<Scalar>
  /// State and context to the attentional vector, in the forms of Luong et al.
  public let joint: Linear<Scalar>?
  /// What a step has made to the logits of the next symbol.
  public let output: Linear<Scalar>
  private let dropout: Dropout<Scalar>

  /// A model with fresh weights.
  public init(
    _ configuration: Seq2SeqConfiguration, using generator: inout some RandomNumberGenerator
  ) {
    self.init(configuration, score: nil, using: &generator)
  }

  /// A model with fresh weights and a score of the user's own.
  ///
  /// - Parameter score: how well a state of the decoder, of `hiddenSize` features, fits an
  ///   annotation, of `2 * hiddenSize`; the one that the configuration names if nil. It
  ///   takes the place of a named one, and looks at no earlier steps.
  public init(
    _ configuration: Seq2SeqConfiguration,
    score: (any AttentionScore<Scalar> & Sendable)?,
    using generator: inout some RandomNumberGenerator
  ) {
    self.configuration = configuration
    let (embedding, hidden) = (configuration.embeddingSize, configuration.hiddenSize)
    sourceEmbedding = Embedding(
      count: configuration.sourceVocabulary, size: embedding, using: &generator)
    targetEmbedding = Embedding(
      count: configuration.targetVocabulary, size: embedding, using: &generator)
    encoder = GRU(
      inputSize: embedding, hiddenSize: hidden, layers: configuration.encoderLayers,
      isBidirectional: true, dropout: configuration.dropout, using: &generator)
    bridge = Linear(inputs: 2 * hidden, outputs: hidden, using: &generator)
    attention = DecoderAttention(configuration, score: score, using: &generator)
    let context = configuration.score == .none ? 0 : 2 * hidden
    let isJoint = configuration.form != .bahdanau
    let fed =
      switch configuration.form {
      case .bahdanau: context
      case .luong: 0
      case .inputFeeding: hidden
      }
    decoder = GRUCell(inputSize: embedding + fed, hiddenSize: hidden, using: &generator)
    joint = isJoint ? Linear(inputs: hidden + context, outputs: hidden, using: &generator) : nil
    output = Linear(
      inputs: isJoint ? hidden : hidden + context, outputs: configuration.targetVocabulary,
      using: &generator)
    dropout = Dropout(configuration.dropout)
  }

  /// Reads the source.
  ///
  /// - Parameters:
  ///   - source: `[batch, source]`
  ///   - lengths: number of symbols of each sentence; nil where all have all.
  /// - Returns: what the decoder looks at, and its state before the first step.
  public func encode(
    _ source: Tensor<Int32>, lengths: [Int]? = nil
  ) -> (memory: Memory, initialState: State) {
    let embedded = dropout(sourceEmbedding(source))  // [batch, source, embedding]
    let annotations = encoder(embedded, lengths: lengths)
    let summary = Tensor.concatenated(
      [annotations.finalStates.last!, annotations.reverseFinalStates.last!], axis: 1)
    let isWhole = lengths.map { !$0.contains { $0 < source.shape[1] } } ?? true
    let mask = isWhole ? nil : sequenceMask(lengths: lengths!, time: source.shape[1])
    let looked = attention?.prepare(keys: annotations.outputs, keyMask: mask)
    let hidden = tanh(bridge(summary))
    let first = State(
      hidden: hidden,
      fed: configuration.form == .inputFeeding ? .zeros(hidden.shape) : nil,
      history: looked.flatMap { attention?.initialHistory($0) })
    let isFixed = attention == nil && configuration.score == .fixed
    return (Memory(attention: looked, summary: isFixed ? summary : nil), first)
  }

  /// One step of the decoder.
  ///
  /// - Parameters:
  ///   - embedded: the last symbol, `[batch, embedding]`.
  ///   - state: the decoder's, which goes on by this step.
  /// - Returns: what the output reads, `[batch, features]`, and what the step has looked at,
  ///   `[batch, source]`, nil without attention.
  public func step(
    _ embedded: Tensor<Scalar>, _ state: inout State, _ memory: Memory
  ) -> (features: Tensor<Scalar>, weights: Tensor<Scalar>?) {
    defer { state.step += 1 }
    guard let joint else {
      let (context, weights) = look(&state, memory)
      state.hidden = decoder(joined(embedded, context), state.hidden)
      return (joined(state.hidden, context), weights)
    }
    state.hidden = decoder(joined(embedded, state.fed), state.hidden)
    let (context, weights) = look(&state, memory)
    let vector = tanh(joint(joined(state.hidden, context)))  // [batch, hidden]
    if state.fed != nil { state.fed = dropout(vector) }
    return (vector, weights)
  }

  /// What the state looks at: context `[batch, 2 * hidden]`, nil for a decoder that sees nothing.
  private func look(
    _ state: inout State, _ memory: Memory
  ) -> (context: Tensor<Scalar>?, weights: Tensor<Scalar>?) {
    guard let attention, let source = memory.attention else { return (memory.summary, nil) }
    let (context, weights) = attention(
      state.hidden, source, step: state.step, history: &state.history)
    return (context, weights)
  }

  /// The decoder with the target given (teacher forcing).
  ///
  /// - Parameters:
  ///   - source: `[batch, source]`
  ///   - target: what the decoder reads in each step, `[batch, target]`: the sentence after its
  ///     start symbol.
  ///   - lengths: number of source symbols of each sentence; nil where all have all.
  /// - Returns: logits of the next symbols, `[batch, target, targetVocabulary]`.
  public func callAsFunction(
    _ source: Tensor<Int32>, _ target: Tensor<Int32>, lengths: [Int]? = nil
  ) -> Tensor<Scalar> {
    decode(source, target, lengths: lengths).logits
  }

  /// The decoder with the target given, and what its steps look at.
  ///
  /// - Parameters: as for a call.
  /// - Returns: logits `[batch, target, targetVocabulary]`, and weights `[batch, target, source]`,
  ///   nil without attention.
  public func decode(
    _ source: Tensor<Int32>, _ target: Tensor<Int32>, lengths: [Int]? = nil
  ) -> (logits: Tensor<Scalar>, weights: Tensor<Scalar>?) {
    let made = features(source, target, lengths: lengths)
    return (logits(made.features), made.weights)
  }

  /// What the output reads, with the target given.
  ///
  /// - Parameters: as for a call.
  /// - Returns: features `[batch, target, features]`, the embedded target
  ///   `[batch, target, embedding]`, and weights `[batch, target, source]`, nil without attention.
  public func features(
    _ source: Tensor<Int32>, _ target: Tensor<Int32>, lengths: [Int]? = nil
  ) -> (features: Tensor<Scalar>, inputs: Tensor<Scalar>, weights: Tensor<Scalar>?) {
    let (memory, first) = encode(source, lengths: lengths)
    let inputs = dropout(targetEmbedding(target))
    let made = allAtOnce(inputs, first, memory) ?? stepwise(inputs, first, memory)
    return (made.features, inputs, made.weights)
  }

  /// Logits of the next symbol, `[..., targetVocabulary]`, of a step's features.
  public func logits(_ features: Tensor<Scalar>) -> Tensor<Scalar> { output(dropout(features)) }
}

/// `[..., a]` and `[..., b]` to `[..., a + b]`; the first alone if there is no second.
func joined<Scalar>(_ first: Tensor<Scalar>, _ second: Tensor<Scalar>?) -> Tensor<Scalar> {
  second.map { .concatenated([first, $0], axis: first.rank - 1) } ?? first
}
