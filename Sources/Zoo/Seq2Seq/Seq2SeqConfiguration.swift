/// Which attention a decoder has.
public enum ScoreName: String, Codable, CaseIterable, Sendable {
  /// v · tanh(W q + U k + b) (Bahdanau, Cho and Bengio, 2015).
  case additive
  /// v · tanh(W [q; k] + b) (Luong, Pham and Manning, 2015).
  case concat
  /// q · k; the keys are projected to the query's size.
  case dot
  /// q · k / sqrt(size) (Vaswani et al., 2017); the keys are projected to the query's size.
  case scaledDot = "scaled-dot"
  /// q W k, also called multiplicative (Luong et al., 2015).
  case general
  /// No attention: every step sees the encoder's last states (Cho et al., 2014).
  case none
}

/// The sizes and options of a `Seq2Seq` model.
public struct Seq2SeqConfiguration: Codable, Hashable, Sendable {
  /// Number of source symbols.
  public var sourceVocabulary: Int
  /// Number of target symbols.
  public var targetVocabulary: Int
  /// Extent of both embeddings.
  public var embeddingSize: Int
  /// Extent of a state of the encoder, in each direction, and of the decoder.
  public var hiddenSize: Int
  /// Features under the tanh of the additive and concat scores.
  public var attentionSize: Int
  /// Which attention the decoder has.
  public var score: ScoreName
  /// Rate of the dropout on embeddings and before the output, in training.
  public var dropout: Double

  /// - Parameters:
  ///   - attentionSize: the hidden size if nil.
  public init(
    sourceVocabulary: Int, targetVocabulary: Int, embeddingSize: Int = 64, hiddenSize: Int = 128,
    attentionSize: Int? = nil, score: ScoreName = .additive, dropout: Double = 0
  ) {
    self.sourceVocabulary = sourceVocabulary
    self.targetVocabulary = targetVocabulary
    self.embeddingSize = embeddingSize
    self.hiddenSize = hiddenSize
    self.attentionSize = attentionSize ?? hiddenSize
    self.score = score
    self.dropout = dropout
  }
}
