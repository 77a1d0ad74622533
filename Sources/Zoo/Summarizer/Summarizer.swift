public import Autograd
public import Layers
@_exported public import Seq2Seq

/// An encoder-decoder that can say words of the source that it does not know: the pointer-generator
/// of See, Liu and Manning (2017; article 003). In each step it says a word of its vocabulary with
/// the probability `p_gen`, and else one of the source's, as likely as attention looks at it:
///
///     p_gen = sigmoid(generation [state, context, input])
///     P(w) = p_gen P_vocabulary(w) + (1 - p_gen) sum of the weights of the places where w stands
///
/// The words of a source that the target's vocabulary lacks get numbers of their own, from the
/// vocabulary's size on, which mean something for that source alone.
///
/// ```swift
/// var generator = Generator(seed: 1)
/// let model = Summarizer<Float>(
///   Seq2SeqConfiguration(sourceVocabulary: 10, targetVocabulary: 8, coverage: true),
///   using: &generator)
/// // The second source's word 9 is none of the target's: it is called 8 there, and is to be said.
/// let batch = SequencePairBatch(
///   sources: [[4, 5], [9, 4]], targets: [[5], [8]], copies: [[4, 5], [8, 4]])
/// let loss = -model.logLikelihood(batch).logProbabilities.sum()
/// ```
public struct Summarizer<Scalar: FloatingPointScalar>: ConfiguredModel, Sendable {
  /// Reads the source, and writes; with attention to the whole source.
  public let writer: Seq2Seq<Scalar>
  /// State, context and input of a step to the logit of `p_gen`.
  public let generation: Linear<Scalar>

  /// The sizes and options that the model was made from.
  public var configuration: Seq2SeqConfiguration { writer.configuration }

  /// A model with fresh weights.
  public init(
    _ configuration: Seq2SeqConfiguration, using generator: inout some RandomNumberGenerator
  ) {
    if let contradiction = Self.contradiction(in: configuration) {
      trap("Summarizer: \(contradiction)")
    }
    writer = Seq2Seq(configuration, using: &generator)
    generation = Linear(
      inputs: configuration.featureSize + configuration.embeddingSize, outputs: 1,
      using: &generator)
  }

  /// Why there is no such model: a phrase; nil if there is one.
  public static func contradiction(in configuration: Seq2SeqConfiguration) -> String? {
    switch configuration.score {
    case .fixed, .none: "words are copied by attention, and there is none"
    default: Seq2Seq<Scalar>.contradiction(in: configuration)
    }
  }

  /// How probable the words of a batch's labels are, each after those before it.
  ///
  /// - Parameter batch: sources that have words as `copies`; labels from the vocabulary's size on are
  ///   words of their source.
  /// - Returns: `[batch, target]`, 0 at padding, and what each step looks at,
  ///   `[batch, target, source]`.
  public func logLikelihood(
    _ batch: SequencePairBatch
  ) -> (logProbabilities: Tensor<Scalar>, weights: Tensor<Scalar>) {
    guard let copies = batch.copies else {
      trap("Summarizer: a batch that does not say what its source words are as target words")
    }
    let made = writer.features(batch.source, known(batch.input), lengths: batch.lengths)
    let weights = made.weights!  // [batch, target, source]
    let logits = writer.logits(made.features)  // [batch, target, targetVocabulary]
    let isKnown = batch.labels .< Tensor(vocabulary)
    let generated = exp(-crossEntropyLoss(logits, known(batch.labels), reduction: .none))
      .filled(where: !isKnown, with: 0)
    let isSame = batch.labels.unsqueezed(axis: 2) .== copies.unsqueezed(axis: 1)
    let copied = weights.filled(where: !isSame, with: 0).sum(axes: 2)
    let gate = gate(made.features, made.inputs).squeezed(axes: 2)  // [batch, target]
    let probability = gate * generated + (1 - gate) * copied
    let isPadding = batch.labels .== Tensor(SequenceSymbol.padding)
    return (log(probability + Self.least).filled(where: isPadding, with: 0), weights)
  }

  /// The share of the vocabulary, `[..., 1]`.
  private func gate(_ features: Tensor<Scalar>, _ inputs: Tensor<Scalar>) -> Tensor<Scalar> {
    sigmoid(generation(.concatenated([features, inputs], axis: features.rank - 1)))
  }

  private var vocabulary: Int32 { Int32(configuration.targetVocabulary) }

  /// What a word is read as that the vocabulary lacks.
  private func known(_ symbols: Tensor<Int32>) -> Tensor<Int32> {
    select(symbols .< Tensor(vocabulary), symbols, Tensor(SequenceSymbol.unknown))
  }

  /// Keeps the logarithm of a word finite that can be said in no way.
  private static var least: Scalar { 1e-12 }

  // MARK: Step by step

  /// What a decoder knows of a source.
  public struct Memory: BatchState, Sendable {
    let source: Seq2Seq<Scalar>.Memory
    /// The source's words as target words, `[batch, source]`.
    let copies: Tensor<Int32>
    /// How many words of their own the sources have at most.
    let ownWords: Int

    package init(source: Seq2Seq<Scalar>.Memory, copies: Tensor<Int32>, ownWords: Int) {
      self.source = source
      self.copies = copies
      self.ownWords = ownWords
    }

    /// The sources with the given numbers.
    public func rows(_ indices: Tensor<Int32>) -> Memory {
      Memory(source: source.rows(indices), copies: copies.rows(indices), ownWords: ownWords)
    }
  }

  /// Reads sources, for a decoder that goes step by step.
  ///
  /// - Parameters:
  ///   - sources: symbols of each source, at least one each.
  ///   - copies: the same words as target words; those of no vocabulary from its size on.
  /// - Returns: what the decoder looks at, and its state before the first step.
  public func encode(
    _ sources: [[Int32]], copies: [[Int32]]
  ) -> (memory: Memory, initialState: Seq2Seq<Scalar>.State) {
    let (read, first) = writer.encode(padded(sources), lengths: sources.map(\.count))
    let largest = copies.joined().max() ?? 0
    let ownWords = Int(Swift.max(0, largest - vocabulary + 1))
    return (Memory(source: read, copies: padded(copies), ownWords: ownWords), first)
  }

  /// One step of the decoder.
  ///
  /// - Parameters:
  ///   - symbols: the last words, `[batch]`.
  ///   - state: the decoder's, which goes on by this step.
  /// - Returns: the logarithms of the next words' probabilities, `[batch, targetVocabulary + own
  ///   words]`.
  public func step(
    _ symbols: Tensor<Int32>, _ state: inout Seq2Seq<Scalar>.State, _ memory: Memory
  ) -> Tensor<Scalar> {
    let embedded = writer.targetEmbedding(known(symbols))
    let (features, weights) = writer.step(embedded, &state, memory.source)
    let gate = gate(features, embedded)  // [batch, 1]
    let generated = gate * softmax(writer.logits(features), axis: 1)
    let all = Tensor.concatenated(
      [generated, .zeros([symbols.count, memory.ownWords])], axis: 1)
    let copied = (1 - gate) * weights!
    return log(all.scatterAdding(copied, axis: 1, at: memory.copies) + Self.least)
  }

  /// Beam search: in each step the `width` most probable beginnings of each source go on; see
  /// `BeamSearch`.
  ///
  /// - Parameters:
  ///   - sources: symbols of each source, at least one each.
  ///   - copies: the same words as target words; those of no vocabulary from its size on.
  ///   - width: number of beginnings that are followed.
  ///   - limit: the most words that a target can have.
  ///   - lengthPenalty: how hypotheses of different lengths are compared.
  /// - Returns: for each source from 1 to `width` hypotheses, the best first.
  public func beam(
    _ sources: [[Int32]], copies: [[Int32]], width: Int, limit: Int,
    lengthPenalty: LengthPenalty = .none
  ) -> [[SequenceHypothesis]] {
    if sources.isEmpty { return [] }
    let (memory, first) = encode(sources, copies: copies)
    return beamSearch(
      sources: sources.count, width: width, limit: limit, lengthPenalty: lengthPenalty,
      excluding: [SequenceSymbol.unknown], state: first, memory: memory
    ) { step($0, &$1, $2) }
  }

  /// What the model looks at while it says a target: one head.
  ///
  /// - Parameters: symbols of a source, at least one, and of what is said, without start and end.
  public func attentionHeads(source: [Int32], target: [Int32]) -> [AttentionHead] {
    writer.attentionHeads(source: source, target: known(Tensor(target)).scalars)
  }
}
