import Layers

/// The sizes and options of a recogniser of speech.
public struct SpeechConfiguration: Codable, Hashable, Sendable {
  /// Features of a frame.
  public var features: Int
  /// Number of symbols, those of `SequenceSymbol` included.
  public var symbols: Int
  /// Extent of a state of the encoder, in each direction.
  public var hiddenSize: Int
  /// Layers of the encoder.
  public var layers: Int
  /// How many of them, from the lowest, read two steps at once, and so halve the time.
  public var halvings: Int
  /// Rate of the dropout between the encoder's layers and before the output, in training.
  public var dropout: Double
  /// Extent of the vector of a symbol that a decoder reads; for attention alone.
  public var embeddingSize: Int
  /// Extent of a decoder's state; for attention alone.
  public var decoderSize: Int
  /// Features under the tanh of the score; for attention alone.
  public var attentionSize: Int
  /// Filters over the weights of the step before; for attention alone.
  public var filters: Int
  /// States that a filter looks at, an odd number; for attention alone.
  public var filterWidth: Int

  /// A configuration for frames of so many features and so many symbols.
  public init(
    features: Int, symbols: Int, hiddenSize: Int = 128, layers: Int = 3, halvings: Int = 2,
    dropout: Double = 0, embeddingSize: Int = 32, decoderSize: Int = 128, attentionSize: Int = 64,
    filters: Int = 10, filterWidth: Int = 15
  ) {
    self.features = features
    self.symbols = symbols
    self.hiddenSize = hiddenSize
    self.layers = layers
    self.halvings = halvings
    self.dropout = dropout
    self.embeddingSize = embeddingSize
    self.decoderSize = decoderSize
    self.attentionSize = attentionSize
    self.filters = filters
    self.filterWidth = filterWidth
  }

  /// Why there is no such model: a phrase; nil if there is one.
  var contradiction: String? {
    if !(0...Swift.min(Swift.max(layers, 0), 8)).contains(halvings) {
      return "\(halvings) halvings by \(layers) layers; at most one a layer is expected"
    }
    if filterWidth % 2 == 0 { return "a filter of \(filterWidth) states; it has a middle" }
    return Layers.contradiction(
      sizes: [
        "features": features, "symbols": symbols, "hiddenSize": hiddenSize,
        "embeddingSize": embeddingSize, "decoderSize": decoderSize,
        "attentionSize": attentionSize, "filters": filters, "filterWidth": filterWidth,
      ], layers: ["layers": layers], rates: ["dropout": dropout])
  }

  /// Frames that a state of the encoder stands for.
  public var framesPerState: Int { 1 << halvings }
}
