public import Autograd
public import Layers

/// Finds in a sentence what it asks for, its intent, and which of its words say with what, its slots:
/// the attention-based bidirectional network of Liu and Lane (2016).
///
/// A bidirectional LSTM or GRU reads the words, each of them an embedding beside what a convolution
/// makes of its letters (Ma and Hovy, 2016). Every word's state asks, with the tanh score of article
/// 000, which states matter to its tag; the last states of both directions ask which matter to the
/// intent. Tags are told from a state with its context: each by itself, all of a sentence together by
/// scores of neighbours, or one after another by a GRU that sees the tag before.
///
/// ```swift
/// import Autograd
/// import SequenceTagger
///
/// var generator = Generator(seed: 1)
/// let model = SequenceTagger<Float>(
///   .init(words: 100, letters: 30, tags: 3, intents: 2), using: &generator)
/// // Two words of three and of two letters.
/// let batch = SequenceTaggerBatch(words: [[7, 8]], letters: [[[1, 2, 3], [4, 5]]])
/// let answer = model.predict(batch, TagTransitions(bio: ["O", "B-city", "I-city"]))
/// print(answer.intents, answer.tags, answer.intentWeights)
/// ```
public struct SequenceTagger<Scalar: FloatingPointScalar>: ConfiguredModel, Sendable {
  /// What reads the words.
  public enum Network: Sendable {
    /// A GRU in both directions.
    case gru(GRU<Scalar>)
    /// An LSTM in both directions.
    case lstm(LSTM<Scalar>)
  }

  /// The sizes and options that the model was made from.
  public let configuration: SequenceTaggerConfiguration
  /// `[words, wordSize]`
  public let wordEmbedding: Embedding<Scalar>
  /// What a word's letters say; nil where they are not looked at.
  public let spelling: Spelling<Scalar>?
  /// Annotates each word, in both directions.
  public let encoder: Network
  /// The states to what matters to each word.
  public let slotAttention: Attention<AdditiveScore<Scalar>>
  /// The states to what matters to the whole.
  public let intentAttention: Attention<AdditiveScore<Scalar>>
  /// The sentence and its context to the logits of the intents.
  public let intentOutput: Linear<Scalar>
  /// Reads word by word with the tag before; nil where every word is tagged by itself.
  public let decoder: TagDecoder<Scalar>?
  /// How well neighbouring tags fit; nil where they are told one by one.
  public let chain: TagChain<Scalar>?
  /// A word's state and context, or the decoder's state, to the logits of the tags.
  public let tagOutput: Linear<Scalar>
  private let dropout: Dropout<Scalar>

  /// A model with fresh weights.
  public init(
    _ configuration: SequenceTaggerConfiguration, using generator: inout some RandomNumberGenerator
  ) {
    if configuration.tagSize > 0 && configuration.scoresNeighbours {
      trap("SequenceTagger: tags are decoded, or scored with their neighbours, not both")
    }
    self.configuration = configuration
    let (hidden, features) = (configuration.hiddenSize, configuration.letterFeatures)
    wordEmbedding = Embedding(
      count: configuration.words, size: configuration.wordSize, using: &generator)
    spelling = features > 0 ? Spelling(configuration, using: &generator) : nil
    let inputs = configuration.wordSize + features
    encoder =
      switch configuration.cell {
      case .gru:
        .gru(
          GRU(
            inputSize: inputs, hiddenSize: hidden, layers: configuration.layers,
            isBidirectional: true, dropout: configuration.dropout, using: &generator))
      case .lstm:
        .lstm(
          LSTM(
            inputSize: inputs, hiddenSize: hidden, layers: configuration.layers,
            isBidirectional: true, dropout: configuration.dropout, using: &generator))
      }
    func score() -> AdditiveScore<Scalar> {
      AdditiveScore(
        querySize: 2 * hidden, keySize: 2 * hidden, hiddenSize: configuration.attentionSize,
        using: &generator)
    }
    slotAttention = Attention(score())
    intentAttention = Attention(score())
    intentOutput = Linear(inputs: 4 * hidden, outputs: configuration.intents, using: &generator)
    decoder = configuration.tagSize > 0 ? TagDecoder(configuration, using: &generator) : nil
    chain = configuration.scoresNeighbours ? TagChain(tags: configuration.tags) : nil
    tagOutput = Linear(
      inputs: decoder == nil ? 4 * hidden : hidden, outputs: configuration.tags, using: &generator)
    dropout = Dropout(configuration.dropout)
  }

  /// A batch of sentences as the outputs see it.
  private struct Memory {
    /// Each word's state with its context, `[batch, time, 4 * hidden]`.
    let words: Tensor<Scalar>
    /// The sentence's last states with its context, `[batch, 4 * hidden]`.
    let sentence: Tensor<Scalar>
    /// What each word's context is made of, `[batch, time, time]`.
    let slotWeights: Tensor<Scalar>
    /// What the sentence's context is made of, `[batch, time]`.
    let intentWeights: Tensor<Scalar>
  }

  private func read(_ batch: SequenceTaggerBatch) -> Memory {
    var embedded = wordEmbedding(batch.words)  // [batch, time, wordSize]
    if let spelling {
      embedded = .concatenated([embedded, spelling(batch.letters)], axis: 2)
    }
    let (outputs, summary) = annotate(dropout(embedded), batch.lengths)
    let states = dropout(outputs)  // [batch, time, 2 * hidden]
    let mask = sequenceMask(lengths: batch.lengths, time: states.shape[1])
    let slots = slotAttention(queries: states, keys: states, keyMask: mask)
    let intent = intentAttention(queries: summary, keys: states, keyMask: mask)
    return Memory(
      words: .concatenated([states, slots.context], axis: 2),
      sentence: .concatenated([summary, intent.context], axis: 1), slotWeights: slots.weights,
      intentWeights: intent.weights)
  }

  /// The states of all words, `[batch, time, 2 * hidden]`, and the last ones of both directions,
  /// `[batch, 2 * hidden]`.
  private func annotate(
    _ inputs: Tensor<Scalar>, _ lengths: [Int]
  ) -> (states: Tensor<Scalar>, summary: Tensor<Scalar>) {
    switch encoder {
    case .gru(let network):
      let read = network(inputs, lengths: lengths)
      let last = [read.finalStates.last!, read.reverseFinalStates.last!]
      return (read.outputs, .concatenated(last, axis: 1))
    case .lstm(let network):
      let read = network(inputs, lengths: lengths)
      let last = [read.finalStates.last!.hidden, read.reverseFinalStates.last!.hidden]
      return (read.outputs, .concatenated(last, axis: 1))
    }
  }

  /// The logits of tags and intents. A decoder sees the batch's tags (teacher forcing).
  ///
  /// - Returns: `[batch, time, tags]` and `[batch, intents]`.
  public func callAsFunction(
    _ batch: SequenceTaggerBatch
  ) -> (tags: Tensor<Scalar>, intents: Tensor<Scalar>) {
    let memory = read(batch)
    var words = memory.words
    if let decoder {
      guard let tags = batch.tags else {
        trap(
          "SequenceTagger: a decoder is taught with the tags of the words, and they are not there")
      }
      words = decoder(words, sentence: memory.sentence, tags: tags)
    }
    return (tagOutput(dropout(words)), intentOutput(dropout(memory.sentence)))
  }

  /// The logits of tags and intents, and what words and sentence look at, of a model without a decoder.
  ///
  /// - Returns: `[batch, time, tags]`, `[batch, intents]`, `[batch, time, time]` and `[batch, time]`.
  package func logitsAndWeights(
    _ batch: SequenceTaggerBatch
  ) -> (
    tags: Tensor<Scalar>, intents: Tensor<Scalar>, slotWeights: Tensor<Scalar>,
    intentWeights: Tensor<Scalar>
  ) {
    let memory = read(batch)
    return (
      tagOutput(dropout(memory.words)), intentOutput(dropout(memory.sentence)), memory.slotWeights,
      memory.intentWeights
    )
  }

  /// What training lowers: the cross-entropy of the tags, by word, and that of the intent together (Liu
  /// and Lane, 2016, section 3.3).
  ///
  /// - Parameter batch: with tags and intents.
  /// - Returns: one number.
  public func loss(_ batch: SequenceTaggerBatch) -> Tensor<Scalar> {
    guard let tags = batch.tags, let intents = batch.intents else {
      trap("SequenceTagger: a batch without tags and intents has no loss")
    }
    let logits = self(batch)
    let words =
      chain?.loss(logits.tags, tags)
      ?? crossEntropyLoss(logits.tags, tags, ignoring: Int(SequenceTaggerBatch.noTag))
    return words + crossEntropyLoss(logits.intents, intents)
  }

  /// What the model takes sentences for, and what it looked at.
  public struct Prediction {
    /// The tag of each word, as many as the sentence has words.
    public let tags: [[Int]]
    /// The intent of each sentence.
    public let intents: [Int]
    /// The probability of each intent, `[batch, intents]`.
    public let intentProbabilities: Tensor<Scalar>
    /// What each word looked at for its tag, `[batch, time, time]`.
    public let slotWeights: Tensor<Scalar>
    /// What the sentence looked at for its intent, `[batch, time]`.
    public let intentWeights: Tensor<Scalar>
  }

  /// Finds intent and tags: the likeliest of all taggings that are allowed; with a decoder, word by
  /// word the likeliest tag that may follow the one before.
  ///
  /// - Parameters:
  ///   - batch: tags and intents are not looked at.
  ///   - transitions: which tag may follow which.
  public func predict(
    _ batch: SequenceTaggerBatch, _ transitions: TagTransitions
  ) -> Prediction {
    if transitions.count != configuration.tags {
      trap("SequenceTagger: transitions of \(transitions.count) tags for \(configuration.tags)")
    }
    let memory = read(batch)
    let intents = intentOutput(memory.sentence)
    return Prediction(
      tags: decoder.map { tags(memory, batch.lengths, transitions, by: $0) }
        ?? path(memory, batch.lengths, transitions),
      intents: intents.argmax(axis: 1).scalars.map { Int($0) },
      intentProbabilities: softmax(intents, axis: 1), slotWeights: memory.slotWeights,
      intentWeights: memory.intentWeights)
  }

  /// The likeliest taggings.
  private func path(
    _ memory: Memory, _ lengths: [Int], _ transitions: TagTransitions
  ) -> [[Int]] {
    let logits = tagOutput(memory.words)  // [batch, time, tags]
    let scores = logits.scalars.map { Double($0) }
    let (time, count) = (logits.shape[1], logits.shape[2])
    let neighbours = chain.map { chain in
      chain.scores.unstacked(axis: 0).map { $0.scalars.map { Double($0) } }
    }
    return lengths.enumerated().map { row, length in
      let words = (0..<length).map { word in
        let start = (row * time + word) * count
        return scores[start..<(start + count)]
      }
      return transitions.best(of: words, neighbours: neighbours)
    }
  }

  /// Tags one after another.
  private func tags(
    _ memory: Memory, _ lengths: [Int], _ transitions: TagTransitions,
    by decoder: TagDecoder<Scalar>
  ) -> [[Int]] {
    var tags: [[Int]] = lengths.map { _ in [] }
    var state = decoder.initialState(memory.sentence)
    for position in 0..<memory.words.shape[1] {
      let word = memory.words.selected(axis: 1, at: position)  // [batch, 4 * hidden]
      state = decoder.step(word, state, tags: tags.map(\.last))
      let scores = tagOutput(state).scalars.map { Double($0) }
      for (row, length) in lengths.enumerated() where position < length {
        let own = scores[(row * transitions.count)..<((row + 1) * transitions.count)]
        tags[row].append(transitions.best(of: own, after: tags[row].last))
      }
    }
    return tags
  }
}
