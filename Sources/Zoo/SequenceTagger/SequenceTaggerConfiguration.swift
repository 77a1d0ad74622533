/// The sizes and options of a `SequenceTagger` model.
public struct SequenceTaggerConfiguration: Codable, Hashable, Sendable {
  /// The cell that reads the words.
  public enum Cell: String, Codable, CaseIterable, Sendable {
    /// Cho et al. (2014).
    case gru
    /// Hochreiter and Schmidhuber (1997).
    case lstm
  }

  /// Number of words, those reserved included.
  public var words: Int
  /// Number of letters, those reserved included.
  public var letters: Int
  /// Number of tags.
  public var tags: Int
  /// Number of intents.
  public var intents: Int
  /// Extent of a word's embedding.
  public var wordSize: Int
  /// Extent of a letter's embedding.
  public var letterSize: Int
  /// What a word's letters are summed up in; 0 where they are not looked at.
  public var letterFeatures: Int
  /// How many neighbouring letters a feature is made of.
  public var letterWidth: Int
  /// The cell that reads the words.
  public var cell: Cell
  /// Extent of a state of the encoder, in each direction, and of the decoder.
  public var hiddenSize: Int
  /// Layers of the encoder.
  public var layers: Int
  /// Features under the tanh of the scores.
  public var attentionSize: Int
  /// Extent of the embedding of the tag before, which then tags are decoded with one after another;
  /// 0 where every word is tagged by itself.
  public var tagSize: Int
  /// Whether a sentence's tags are scored together, each with the one before; not with a decoder.
  public var scoresNeighbours: Bool
  /// Rate of the dropout on embeddings, on states and before the outputs, in training.
  public var dropout: Double

  /// - Parameters:
  ///   - attentionSize: the hidden size if nil.
  public init(
    words: Int, letters: Int, tags: Int, intents: Int, wordSize: Int = 128, letterSize: Int = 32,
    letterFeatures: Int = 64, letterWidth: Int = 3, cell: Cell = .lstm, hiddenSize: Int = 128,
    layers: Int = 1, attentionSize: Int? = nil, tagSize: Int = 0, scoresNeighbours: Bool = false,
    dropout: Double = 0
  ) {
    self.words = words
    self.letters = letters
    self.tags = tags
    self.intents = intents
    self.wordSize = wordSize
    self.letterSize = letterSize
    self.letterFeatures = letterFeatures
    self.letterWidth = letterWidth
    self.cell = cell
    self.hiddenSize = hiddenSize
    self.layers = layers
    self.attentionSize = attentionSize ?? hiddenSize
    self.tagSize = tagSize
    self.scoresNeighbours = scoresNeighbours
    self.dropout = dropout
  }
}
