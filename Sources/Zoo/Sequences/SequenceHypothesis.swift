/// What a model makes of one source.
public struct SequenceHypothesis: Codable, Equatable, Sendable {
  /// Target symbols, without start and end.
  public var symbols: [Int32]
  /// Logarithm of the probability that the model gives them, the end included.
  public var logProbability: Double

  /// A hypothesis.
  public init(symbols: [Int32], logProbability: Double) {
    self.symbols = symbols
    self.logProbability = logProbability
  }

  /// What a search has found for a source, the best first. Where it has found nothing, as with a
  /// model whose numbers are not finite, nothing is said, with a log-probability of minus infinity.
  package static func all(
    _ found: [(symbols: [Int32], logProbability: Double)]
  ) -> [SequenceHypothesis] {
    found.isEmpty
      ? [SequenceHypothesis(symbols: [], logProbability: -.infinity)]
      : found.map { SequenceHypothesis(symbols: $0.symbols, logProbability: $0.logProbability) }
  }
}
