public import Autograd
public import Layers

/// An encoder-decoder with attention (Bahdanau, Cho and Bengio, 2015; articles 001, 002 and 004):
/// a GRU reads the source in both directions; a GRU writes the target, and looks at the source
/// before each step through a score of the attention family.
public struct Seq2Seq<Scalar: FloatingPointScalar>: Layer, Sendable {
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
  public let attention: Attention<DecoderScore<Scalar>>?
  /// Input: embedding of the last symbol and context.
  public let decoder: GRUCell<Scalar>
  /// State and context to the logits of the next symbol.
  public let output: Linear<Scalar>
  private let dropout: Dropout<Scalar>

  /// A model with fresh weights.
  public init(
    _ configuration: Seq2SeqConfiguration, using generator: inout some RandomNumberGenerator
  ) {
    self.configuration = configuration
    let (embedding, hidden) = (configuration.embeddingSize, configuration.hiddenSize)
    sourceEmbedding = Embedding(
      count: configuration.sourceVocabulary, size: embedding, using: &generator)
    targetEmbedding = Embedding(
      count: configuration.targetVocabulary, size: embedding, using: &generator)
    encoder = GRU(
      inputSize: embedding, hiddenSize: hidden, isBidirectional: true, using: &generator)
    bridge = Linear(inputs: 2 * hidden, outputs: hidden, using: &generator)
    attention = DecoderScore(
      configuration.score, hidden, 2 * hidden, configuration.attentionSize, using: &generator
    ).map { Attention($0) }
    decoder = GRUCell(inputSize: embedding + 2 * hidden, hiddenSize: hidden, using: &generator)
    output = Linear(inputs: 3 * hidden, outputs: configuration.targetVocabulary, using: &generator)
    dropout = Dropout(configuration.dropout)
  }

  /// A source sentence as the decoder sees it.
  public struct Memory {
    /// What attention looks at; nil without attention.
    let attention: AttentionMemory<Scalar>?
    /// The encoder's last states in both directions, `[batch, 2 * hidden]`.
    let summary: Tensor<Scalar>
  }

  /// What the decoder hands from step to step.
  public struct State {
    /// `[batch, hidden]`
    public var hidden: Tensor<Scalar>
    /// `[batch, 2 * hidden]`
    public var context: Tensor<Scalar>
    /// `[batch, source]`; nil without attention.
    public var weights: Tensor<Scalar>?
  }

  /// Reads the source.
  ///
  /// - Parameters:
  ///   - source: `[batch, source]`
  ///   - lengths: number of symbols of each sentence; nil where all have all.
  /// - Returns: what the decoder looks at, and its initial state `[batch, hidden]`.
  public func encode(
    _ source: Tensor<Int32>, lengths: [Int]? = nil
  ) -> (memory: Memory, initialState: Tensor<Scalar>) {
    let embedded = dropout(sourceEmbedding(source))  // [batch, source, embedding]
    let annotations = encoder(embedded, lengths: lengths)
    let summary = Tensor.concatenated(
      [annotations.finalStates[0], annotations.reverseFinalStates[0]], axis: 1)
    let isWhole = lengths.map { !$0.contains { $0 < source.shape[1] } } ?? true
    let mask = isWhole ? nil : sequenceMask(lengths: lengths!, time: source.shape[1])
    let memory = Memory(
      attention: attention?.prepare(keys: annotations.outputs, keyMask: mask), summary: summary)
    return (memory, tanh(bridge(summary)))
  }

  /// One step of the decoder.
  ///
  /// - Parameters:
  ///   - embedded: the last symbol, `[batch, embedding]`.
  ///   - hidden: the state before, `[batch, hidden]`.
  public func step(
    _ embedded: Tensor<Scalar>, _ hidden: Tensor<Scalar>, _ memory: Memory
  ) -> State {
    var context = memory.summary  // [batch, 2 * hidden]
    var weights: Tensor<Scalar>?
    if let attention, let sentence = memory.attention {
      let looked = attention(hidden, sentence)
      context = looked.context
      weights = looked.weights
    }
    let next = decoder(.concatenated([embedded, context], axis: 1), hidden)
    return State(hidden: next, context: context, weights: weights)
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
    let (memory, first) = encode(source, lengths: lengths)
    let inputs = dropout(targetEmbedding(target))  // [batch, target, embedding]
    let outputs: Tensor<Scalar>  // [batch, target, hidden]
    let contexts: Tensor<Scalar>  // [batch, target, 2 * hidden]
    if let attention, let sentence = memory.attention {
      let steps = attention.sequence(inputs, cell: decoder, initialState: first, sentence)
      (outputs, contexts) = (steps.outputs, steps.contexts)
    } else {
      contexts = memory.summary.unsqueezed(axis: 1)
        .expanded(to: [inputs.shape[0], inputs.shape[1], memory.summary.shape[1]])
      outputs =
        decoder.sequence(
          .concatenated([inputs, contexts], axis: 2), initialState: first, lengths: nil,
          isReverse: false
        ).outputs
    }
    return output(dropout(.concatenated([outputs, contexts], axis: 2)))
  }
}
