public import Autograd
public import Layers
public import Sequences

/// Attention over the frames of a recording (Chorowski et al., 2015; Chan et al., 2016): a GRU says one
/// symbol after the other, and before each looks at the states of the listener through a score that
/// knows where it looked the step before.
///
///     f_i = filters * a_(i-1)
///     a_i = softmax_t(v · tanh(W s_(i-1) + V h_t + U f_(i, t) + b))
///     c_i = sum_t a_(i, t) h_t
///     s_i = GRU(s_(i-1), [y_(i-1), c_i]),  y_i ~ softmax(output [s_i, c_i])
///
/// ```swift
/// import Autograd
/// import Speech
///
/// var generator = Generator(seed: 1)
/// let model = AttentionRecognizer<Float>(.init(features: 40, symbols: 43), using: &generator)
/// let recording = Tensor<Float>.normal([98, 40], using: &generator)
/// let found = model.hypotheses(SpeechBatch([recording]), width: 4)
/// let alignment = model.alignment(of: recording, saying: found[0][0].symbols)
/// print(alignment.weights.count == found[0][0].symbols.count)  // true
/// ```
public struct AttentionRecognizer<Scalar: FloatingPointScalar>: SpeechRecognizer {
  /// Reads the frames: the listener.
  public let encoder: SpeechEncoder<Scalar>
  /// `[symbols, embeddingSize]`
  public let embedding: Embedding<Scalar>
  /// The decoder's state to the weights of the listener's states.
  public let attention: Attention<LocationScore<Scalar>>
  /// Input: embedding of the last symbol and context.
  public let decoder: GRUCell<Scalar>
  /// State and context to the logits of the next symbol.
  public let output: Linear<Scalar>
  private let dropout: Dropout<Scalar>

  /// The sizes and options that the model was made from.
  public var configuration: SpeechConfiguration { encoder.configuration }

  /// A model with fresh weights.
  public init(
    _ configuration: SpeechConfiguration, using generator: inout some RandomNumberGenerator
  ) {
    encoder = SpeechEncoder(configuration, using: &generator)
    let (keySize, size) = (2 * configuration.hiddenSize, configuration.decoderSize)
    embedding = Embedding(
      count: configuration.symbols, size: configuration.embeddingSize, using: &generator)
    attention = Attention(
      LocationScore(
        querySize: size, keySize: keySize, hiddenSize: configuration.attentionSize,
        filters: configuration.filters, width: configuration.filterWidth, using: &generator))
    decoder = GRUCell(
      inputSize: configuration.embeddingSize + keySize, hiddenSize: size, using: &generator)
    output = Linear(inputs: size + keySize, outputs: configuration.symbols, using: &generator)
    dropout = Dropout(configuration.dropout)
  }

  /// What attention looks at.
  private func listen(_ frames: Tensor<Scalar>, lengths: [Int]) -> AttentionMemory<Scalar> {
    let (states, lengths) = encoder(frames, lengths: lengths)  // [batch, states, 2 * hiddenSize]
    return attention.prepare(
      keys: dropout(states), keyMask: sequenceMask(lengths: lengths, time: states.shape[1]))
  }

  /// The decoder with the symbols given (teacher forcing).
  ///
  /// - Parameters:
  ///   - frames: `[batch, time, features]`
  ///   - lengths: number of frames of each recording.
  ///   - target: what the decoder reads in each step, `[batch, target]`: the symbols after the start.
  /// - Returns: logits of the next symbols, `[batch, target, symbols]`, and the weights of the
  ///   listener's states, `[batch, target, states]`.
  public func callAsFunction(
    _ frames: Tensor<Scalar>, lengths: [Int], target: Tensor<Int32>
  ) -> (logits: Tensor<Scalar>, weights: Tensor<Scalar>) {
    let steps = attention.sequence(
      dropout(embedding(target)), cell: decoder,
      initialState: decoder.initialState(batch: target.shape[0]), listen(frames, lengths: lengths))
    let logits = output(dropout(.concatenated([steps.outputs, steps.contexts], axis: 2)))
    return (logits, steps.weights)
  }

  /// The cross-entropy of each symbol and the end, given those before.
  public func loss(_ batch: SpeechBatch<Scalar>, smoothing: Scalar = 0) -> Tensor<Scalar> {
    let input = padded(batch.targets.map { [SequenceSymbol.start] + $0 })
    let labels = padded(batch.targets.map { $0 + [SequenceSymbol.end] })
    return crossEntropyLoss(
      self(batch.frames, lengths: batch.lengths, target: input).logits, labels,
      ignoring: Int(SequenceSymbol.padding), smoothing: smoothing)
  }

  /// What the decoder hands from step to step.
  private struct State: BatchState {
    /// `[batch, decoderSize]`
    var hidden: Tensor<Scalar>
    /// What it has looked at.
    var history: AttentionHistory<Scalar>

    func rows(_ indices: Tensor<Int32>) -> State {
      State(hidden: hidden.rows(indices), history: history.rows(indices))
    }
  }

  /// Beam search; see `BeamSearch`. A hypothesis has at most a symbol for every three frames: no one
  /// speaks as fast.
  public func hypotheses(
    _ batch: SpeechBatch<Scalar>, width: Int = 1
  ) -> [[SequenceHypothesis]] {
    let memory = listen(batch.frames, lengths: batch.lengths)
    let first = State(
      hidden: decoder.initialState(batch: batch.count), history: attention.initialHistory(memory))
    return beamSearch(
      sources: batch.count, width: width, limit: batch.frames.shape[1] / 3 + 1, state: first,
      memory: memory
    ) { symbols, state, memory in
      let (context, _, history) = attention(state.hidden, memory, after: state.history)
      let hidden = decoder(.concatenated([embedding(symbols), context], axis: 1), state.hidden)
      state = State(hidden: hidden, history: history)
      return logSoftmax(output(.concatenated([hidden, context], axis: 1)), axis: 1)
    }
  }

  /// The weights with which the decoder has looked at the states before each symbol.
  public func alignment(
    of recording: Tensor<Scalar>, saying symbols: [Int32]
  ) -> SpeechAlignment {
    let batch = SpeechBatch([recording])
    let (_, weights) = self(
      batch.frames, lengths: batch.lengths,
      target: Tensor([SequenceSymbol.start] + symbols).unsqueezed(axis: 0))
    // The last row looked for the end.
    return SpeechAlignment(
      symbols: symbols,
      weights: weights.squeezed(axes: 0).narrowed(axis: 0, to: 0..<symbols.count))
  }
}
