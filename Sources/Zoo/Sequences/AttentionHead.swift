public import Autograd

/// What one head of a model's attention looked at while it read a source and said a target.
public struct AttentionHead: Equatable, Sendable {
  /// Which sequence a row or a column of the weights stands for.
  public enum Side: Equatable, Sendable {
    /// The source's symbols.
    case source
    /// The target: a row is the symbol that is said, a column one that was read, of which the
    /// first is the start.
    case target
  }

  /// The layer, for people: `encoder 1`.
  public let layer: String
  /// The head within its layer, from 0; nil where a layer has just one.
  public let head: Int?
  /// What the rows stand for.
  public let queries: Side
  /// What the columns stand for.
  public let keys: Side
  /// `[query][key]`
  public let weights: [[Float]]

  /// - Parameter weights: `[queries, keys]`
  public init<Scalar: FloatingPointScalar>(
    layer: String, head: Int? = nil, queries: Side, keys: Side, weights: Tensor<Scalar>
  ) {
    self.layer = layer
    self.head = head
    self.queries = queries
    self.keys = keys
    let (scalars, width) = (weights.scalars.map { Float($0) }, weights.shape[1])
    self.weights = (0..<weights.shape[0]).map { Array(scalars[$0 * width..<($0 + 1) * width]) }
  }
}
