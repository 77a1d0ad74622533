public import Layers

/// Which parts a Transformer has.
public enum TransformerForm: String, Codable, CaseIterable, Sendable {
  /// An encoder that reads the source, and a decoder that looks at it (Vaswani et al., 2017).
  case encoderDecoder = "encoder-decoder"
  /// A decoder alone, which reads the source and then goes on with the target (Radford et al., 2018;
  /// Liu et al., 2018).
  case decoder
  /// An encoder alone, which says something of each source symbol (Devlin et al., 2019).
  case encoder
}

/// The sizes and options of a `Transformer`.
public struct TransformerConfiguration: Codable, Hashable, Sendable {
  /// Which parts there are.
  public var form: TransformerForm
  /// Number of source symbols.
  public var sourceVocabulary: Int
  /// Number of target symbols.
  public var targetVocabulary: Int
  /// Extent of a position's features.
  public var size: Int
  /// Number of heads of each attention; `size` is a multiple of it.
  public var heads: Int
  /// Extent inside of the feed-forward networks.
  public var innerSize: Int
  /// Number of layers of the encoder, if there is one.
  public var encoderLayers: Int
  /// Number of layers of the decoder, if there is one.
  public var decoderLayers: Int
  /// Where the norms stand; `preNorm` has one more at the end of each part.
  public var normPosition: NormPosition
  /// Rate of the dropout on embeddings, sublayers and attention weights, in training.
  public var dropout: Double

  /// - Parameters:
  ///   - innerSize: four times the size if nil.
  public init(
    form: TransformerForm = .encoderDecoder, sourceVocabulary: Int, targetVocabulary: Int,
    size: Int = 256, heads: Int = 4, innerSize: Int? = nil, encoderLayers: Int = 3,
    decoderLayers: Int = 3, normPosition: NormPosition = .preNorm, dropout: Double = 0.1
  ) {
    self.form = form
    self.sourceVocabulary = sourceVocabulary
    self.targetVocabulary = targetVocabulary
    self.size = size
    self.heads = heads
    self.innerSize = innerSize ?? 4 * size
    self.encoderLayers = encoderLayers
    self.decoderLayers = decoderLayers
    self.normPosition = normPosition
    self.dropout = dropout
  }
}
