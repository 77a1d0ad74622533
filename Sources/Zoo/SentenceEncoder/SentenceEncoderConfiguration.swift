public import Autograd
public import Layers

/// The sizes and options of a `SentenceEncoder`.
public struct SentenceEncoderConfiguration: Codable, Hashable, Sendable {
  /// How the states of a sentence's symbols become one vector.
  public enum Pooling: String, Codable, CaseIterable, Sendable {
    /// The mean of all symbols' states (Reimers and Gurevych, 2019).
    case mean
    /// The state of the first symbol, `[CLS]` (Devlin et al., 2019).
    case first
    /// The largest of all symbols' states, feature by feature.
    case largest
  }

  /// Number of symbols.
  public var vocabulary: Int
  /// Extent of a symbol's features.
  public var size: Int
  /// Number of heads of each attention; `size` is a multiple of it.
  public var heads: Int
  /// Extent inside of the feed-forward networks.
  public var innerSize: Int
  /// Number of layers.
  public var layers: Int
  /// Number of positions, which no sentence is longer than.
  public var positions: Int
  /// Number of kinds of symbols: BERT tells a first and a second sentence apart by them.
  public var types: Int
  /// Of the feed-forward networks.
  public var activation: FeedForward<Float>.Activation
  /// Added to the norms' variance.
  public var epsilon: Double
  /// Rate of the dropout on embeddings, sublayers and attention weights, in training.
  public var dropout: Double
  /// How states become one vector.
  public var pooling: Pooling
  /// Whether that vector is brought to length 1.
  public var isNormalized: Bool

  /// - Parameters:
  ///   - innerSize: four times the size if nil.
  public init(
    vocabulary: Int, size: Int = 384, heads: Int = 12, innerSize: Int? = nil, layers: Int = 6,
    positions: Int = 512, types: Int = 2, activation: FeedForward<Float>.Activation = .gelu,
    epsilon: Double = 1e-12, dropout: Double = 0.1, pooling: Pooling = .mean,
    isNormalized: Bool = true
  ) {
    self.vocabulary = vocabulary
    self.size = size
    self.heads = heads
    self.innerSize = innerSize ?? 4 * size
    self.layers = layers
    self.positions = positions
    self.types = types
    self.activation = activation
    self.epsilon = epsilon
    self.dropout = dropout
    self.pooling = pooling
    self.isNormalized = isNormalized
  }
}
