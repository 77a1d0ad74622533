public import Autograd
public import Layers
import Sequences

/// A captioner with visual attention (Xu et al., "Show, Attend and Tell", 2015; articles 002 and
/// 003): a convolutional network annotates a grid of places of a picture; an LSTM says the caption
/// word by word, and looks at the places before each word.
///
/// ```swift
/// var generator = Generator(seed: 1)
/// let model = ShowAttendTell<AdditiveScore<Float>>(
///   ShowAttendTellConfiguration(vocabulary: 1000), using: &generator)
/// let pictures = Tensor<Float>.zeros([2, 3, 32, 32])
/// for caption in model.captions(pictures, width: 4, limit: 20) {
///   print(caption[0].symbols, caption[0].logProbability)
/// }
/// ```
///
/// Any score of the attention family can take the place of the paper's, one of your own too:
/// `ShowAttendTell(configuration, score: MyScore(...), using: &generator)`.
public struct ShowAttendTell<Score: AttentionScore & Sendable>: Layer, Sendable {
  /// `Float` or `Double`.
  public typealias Scalar = Score.Scalar

  /// The sizes and options that the model was made from.
  public let configuration: ShowAttendTellConfiguration
  /// Pictures to annotations.
  public let encoder: PictureEncoder<Scalar>
  /// The mean annotation to the decoder's first state, f_init,h.
  public let initialHidden: Linear<Scalar>
  /// The mean annotation to the decoder's first cell, f_init,c.
  public let initialCell: Linear<Scalar>
  /// f_att: which places fit the state.
  public let attention: Attention<Score>
  /// f_β: how much the context counts in a step.
  public let gate: Linear<Scalar>
  /// E: `[vocabulary, embedding]`
  public let embedding: Embedding<Scalar>
  /// Input: the last word's vector and the context.
  public let decoder: LSTMCell<Scalar>
  /// L_h of the output (equation 7).
  public let outputHidden: Linear<Scalar>
  /// L_z of the output.
  public let outputContext: Linear<Scalar>
  /// L_o of the output: the logits of the next word.
  public let output: Linear<Scalar>
  /// b of REINFORCE, the mean log-probability of captions so far; nil in soft attention. Frozen, as
  /// no gradient changes it; saved with the weights.
  @OptionalParameter public var baseline: Tensor<Scalar>?
  let dropout: Dropout<Scalar>

  /// A model with fresh weights.
  ///
  /// - Parameter score: of queries of `hiddenSize` and keys of `annotationSize`.
  public init(
    _ configuration: ShowAttendTellConfiguration, score: Score,
    using generator: inout some RandomNumberGenerator
  ) {
    if let contradiction = configuration.contradiction {
      trap("ShowAttendTell: \(contradiction)")
    }
    self.configuration = configuration
    let (size, hidden) = (configuration.embeddingSize, configuration.hiddenSize)
    let features = configuration.annotationSize
    encoder = PictureEncoder(stages: configuration.stages, using: &generator)
    initialHidden = Linear(inputs: features, outputs: hidden, using: &generator)
    initialCell = Linear(inputs: features, outputs: hidden, using: &generator)
    attention = Attention(score)
    gate = Linear(inputs: hidden, outputs: 1, using: &generator)
    embedding = Embedding(count: configuration.vocabulary, size: size, using: &generator)
    decoder = LSTMCell(inputSize: size + features, hiddenSize: hidden, using: &generator)
    outputHidden = Linear(inputs: hidden, outputs: size, using: &generator)
    outputContext = Linear(inputs: features, outputs: size, bias: false, using: &generator)
    output = Linear(inputs: size, outputs: configuration.vocabulary, using: &generator)
    _baseline = OptionalParameter(
      wrappedValue: configuration.glance == .hard ? Tensor(repeating: 0, shape: []) : nil)
    dropout = Dropout(configuration.dropout)
    $baseline?.isFrozen = true
  }

  /// What the decoder knows of pictures.
  public struct Memory: BatchState {
    /// a, `[batch, places, features]`
    let annotations: Tensor<Scalar>
    /// The same as the score wants it.
    let prepared: AttentionMemory<Scalar>

    /// The pictures with the given numbers.
    public func rows(_ indices: Tensor<Int32>) -> Memory {
      Memory(annotations: annotations.rows(indices), prepared: prepared.rows(indices))
    }
  }

  /// Annotates the places of pictures.
  ///
  /// - Parameter pictures: `[batch, 3, size, size]`
  /// - Returns: what the decoder looks at, and its initial state, `[batch, hidden]` twice.
  public func annotate(
    _ pictures: Tensor<Scalar>
  ) -> (memory: Memory, initialState: LSTMState<Scalar>) {
    let grid = dropout(encoder(pictures))  // [batch, features, rows, columns]
    let annotations = grid.flattened(axes: 2...).transposed()  // [batch, places, features]
    let mean = annotations.mean(axes: 1)  // [batch, features]
    let state = LSTMState(hidden: tanh(initialHidden(mean)), cell: tanh(initialCell(mean)))
    return (Memory(annotations: annotations, prepared: attention.prepare(keys: annotations)), state)
  }

  /// What a step of the decoder has seen and made.
  struct Step {
    /// `[batch, hidden]` each.
    var state: LSTMState<Scalar>
    /// z, `[batch, features]`
    var context: Tensor<Scalar>
    /// α, `[batch, places]`
    var weights: Tensor<Scalar>
  }

  /// One step of the decoder.
  ///
  /// - Parameters:
  ///   - embedded: the last word, `[batch, embedding]`.
  ///   - state: after the step before.
  ///   - look: makes of the weights how much each place counts, both `[batch, places]`; nil looks
  ///     softly.
  func step(
    _ embedded: Tensor<Scalar>, _ state: LSTMState<Scalar>, _ memory: Memory,
    look: ((Tensor<Scalar>) -> Tensor<Scalar>)? = nil
  ) -> Step {
    let (expected, weights) = attention(state.hidden, memory.prepared)  // equations 4, 5 and 13
    let seen =
      look.map { look in
        // [batch, 1, places] times [batch, places, features]
        matmul(look(weights).unsqueezed(axis: 1), memory.annotations).squeezed(axes: 1)
      } ?? expected
    let context = seen * sigmoid(gate(state.hidden))  // β, section 4.2.1: [batch, 1]
    let next = decoder(.concatenated([embedded, context], axis: 1), state)  // equations 1 to 3
    return Step(state: next, context: context, weights: weights)
  }

  /// The logits of the next word (equation 7): `L_o (E y + L_h h + L_z z)`.
  ///
  /// - Parameters:
  ///   - embedded: the last word, `[..., embedding]`.
  ///   - hidden: `[..., hidden]`
  ///   - context: `[..., features]`
  /// - Returns: `[..., vocabulary]`
  func logits(
    _ embedded: Tensor<Scalar>, _ hidden: Tensor<Scalar>, _ context: Tensor<Scalar>
  ) -> Tensor<Scalar> {
    output(dropout(embedded + outputHidden(dropout(hidden)) + outputContext(context)))
  }

  /// The decoder with the caption given (teacher forcing).
  ///
  /// - Parameters:
  ///   - pictures: `[batch, 3, size, size]`
  ///   - input: what the decoder reads: the caption after its start symbol, `[batch, steps]`.
  ///   - look: how much each place counts in a step, given the step and the weights
  ///     `[batch, places]`; nil looks as `configuration.glance` has it, a hard one at the place of
  ///     the largest weight.
  /// - Returns: logits of the next words `[batch, steps, vocabulary]`, and the weights
  ///   `[batch, steps, places]`.
  public func callAsFunction(
    _ pictures: Tensor<Scalar>, _ input: Tensor<Int32>,
    look: ((_ step: Int, _ weights: Tensor<Scalar>) -> Tensor<Scalar>)? = nil
  ) -> (logits: Tensor<Scalar>, weights: Tensor<Scalar>) {
    var (memory, state) = annotate(pictures)
    let embedded = dropout(embedding(input))  // [batch, steps, embedding]
    var (states, contexts, weights) = ([Tensor<Scalar>](), [Tensor<Scalar>](), [Tensor<Scalar>]())
    for (number, word) in embedded.unstacked(axis: 1).enumerated() {
      let step = step(
        word, state, memory, look: look.map { look in { look(number, $0) } } ?? glance)
      state = step.state
      states.append(state.hidden)
      contexts.append(step.context)
      weights.append(step.weights)
    }
    let logits = logits(embedded, .stacked(states, axis: 1), .stacked(contexts, axis: 1))
    return (logits, .stacked(weights, axis: 1))
  }

  /// How places count when nothing is drawn: a hard glance is at the place of the largest weight.
  var glance: ((Tensor<Scalar>) -> Tensor<Scalar>)? {
    configuration.glance == .soft
      ? nil : { $0.argmax(axis: 1).oneHot($0.shape[1], of: Scalar.self) }
  }
}

/// A score that can be made from the sizes of queries and keys, and so from a model's configuration.
public protocol SizedAttentionScore: AttentionScore {
  /// A score with fresh weights.
  ///
  /// - Parameters:
  ///   - querySize: extent of the queries' last axis.
  ///   - keySize: extent of the keys' last axis.
  ///   - hiddenSize: number of features within the score, if there are any.
  init(
    querySize: Int, keySize: Int, hiddenSize: Int, using generator: inout some RandomNumberGenerator
  )
}

extension AdditiveScore: SizedAttentionScore {
  /// A score with a bias.
  public init(
    querySize: Int, keySize: Int, hiddenSize: Int, using generator: inout some RandomNumberGenerator
  ) {
    self.init(
      querySize: querySize, keySize: keySize, hiddenSize: hiddenSize, bias: true,
      using: &generator)
  }
}

extension ShowAttendTell: ConfiguredModel where Score: SizedAttentionScore {
  /// A model with fresh weights, with the paper's score a perceptron of state and annotation.
  public init(
    _ configuration: ShowAttendTellConfiguration, using generator: inout some RandomNumberGenerator
  ) {
    let score = Score(
      querySize: configuration.hiddenSize, keySize: configuration.annotationSize,
      hiddenSize: configuration.attentionSize, using: &generator)
    self.init(configuration, score: score, using: &generator)
  }

  /// Why there is no such model: a phrase; nil if there is one.
  public static func contradiction(in configuration: ShowAttendTellConfiguration) -> String? {
    configuration.contradiction
  }
}
