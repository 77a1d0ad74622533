/// What a decoder knows of the source in each step.
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
  case fixed
  /// No attention, and no step but the first state sees anything of the source (Sutskever, Vinyals
  /// and Le, 2014).
  case none
}

/// When a decoder looks at the source, and what becomes of what it sees.
public enum DecoderForm: String, Codable, CaseIterable, Sendable {
  /// The state before a step looks; the context goes into the step beside the last symbol, and
  /// into the output beside the new state (Bahdanau et al., 2015).
  case bahdanau
  /// The state after a step looks; a tanh layer joins it with the context to the attentional
  /// vector, which the output reads (Luong et al., 2015, section 3.1).
  case luong
  /// As `luong`, and the attentional vector goes into the next step beside the last symbol (Luong
  /// et al., 2015, section 3.3).
  case inputFeeding = "input-feeding"
}

/// How far a decoder looks.
public enum AttentionReach: String, Codable, CaseIterable, Sendable {
  /// At the whole source.
  case whole
  /// At the neighbourhood of the step's own position: local-m of Luong et al. (2015).
  case monotonic
  /// At the neighbourhood of a position that the state predicts: local-p of Luong et al. (2015).
  case predicted
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
  /// Number of the encoder's layers.
  public var encoderLayers: Int
  /// Features under the tanh of the additive and concat scores, and of the position's prediction.
  public var attentionSize: Int
  /// What the decoder knows of the source in each step.
  public var score: ScoreName
  /// When the decoder looks.
  public var form: DecoderForm
  /// How far the decoder looks.
  public var reach: AttentionReach
  /// Source symbols to either side of the position that local attention looks at.
  public var window: Int
  /// Whether the additive score knows what earlier steps have looked at (See, Liu and Manning, 2017).
  public var coverage: Bool
  /// Rate of the dropout on embeddings, between the encoder's layers and before the output, in
  /// training.
  public var dropout: Double

  /// - Parameters:
  ///   - attentionSize: the hidden size if nil.
  public init(
    sourceVocabulary: Int, targetVocabulary: Int, embeddingSize: Int = 64, hiddenSize: Int = 128,
    encoderLayers: Int = 1, attentionSize: Int? = nil, score: ScoreName = .additive,
    form: DecoderForm = .bahdanau, reach: AttentionReach = .whole, window: Int = 3,
    coverage: Bool = false, dropout: Double = 0
  ) {
    self.sourceVocabulary = sourceVocabulary
    self.targetVocabulary = targetVocabulary
    self.embeddingSize = embeddingSize
    self.hiddenSize = hiddenSize
    self.encoderLayers = encoderLayers
    self.attentionSize = attentionSize ?? hiddenSize
    self.score = score
    self.form = form
    self.reach = reach
    self.window = window
    self.coverage = coverage
    self.dropout = dropout
  }

  /// What the output reads: the features of a step, a decoder's state with its context or the
  /// attentional vector.
  public var featureSize: Int {
    form == .bahdanau && score != .none ? 3 * hiddenSize : hiddenSize
  }
}
