public import Autograd
public import Layers
public import Sequences

/// A model that makes symbols, such as phonemes or letters, of the frames of a recording.
public protocol SpeechRecognizer<Scalar>: ConfiguredModel, Sendable
where Configuration == SpeechConfiguration {
  /// `Float` or `Double`.
  associatedtype Scalar: FloatingPointScalar

  /// What training makes smaller, one number.
  ///
  /// - Parameter smoothing: the share of a symbol's target that is spread evenly over all symbols, by
  ///   models that say one symbol after the other.
  func loss(_ batch: SpeechBatch<Scalar>, smoothing: Scalar) -> Tensor<Scalar>

  /// What a beam search finds in each recording.
  ///
  /// - Parameters:
  ///   - batch: recordings, whose targets are not looked at.
  ///   - width: beginnings that are followed; 1 is greedy.
  /// - Returns: for each recording from 1 to `width` hypotheses, the best first. A model whose weights
  ///   are not finite says nothing, with a log-probability of minus infinity.
  func hypotheses(_ batch: SpeechBatch<Scalar>, width: Int) -> [[SequenceHypothesis]]

  /// Where in time the symbols of a recording were heard.
  ///
  /// - Parameters:
  ///   - recording: `[time, features]`
  ///   - symbols: what was said, as a hypothesis has it.
  func alignment(of recording: Tensor<Scalar>, saying symbols: [Int32]) -> SpeechAlignment
}

extension SpeechRecognizer {
  /// Why there is no such model: a phrase; nil if there is one.
  public static func contradiction(in configuration: SpeechConfiguration) -> String? {
    configuration.contradiction
  }
}

/// Where in time symbols were heard.
public struct SpeechAlignment: Equatable, Sendable {
  /// What the rows stand for.
  public let symbols: [Int32]
  /// For each row the weight or probability of each state of the encoder, `[row][state]`.
  public let weights: [[Float]]

  /// - Parameter weights: `[symbols, states]`
  init<Scalar: FloatingPointScalar>(symbols: [Int32], weights: Tensor<Scalar>) {
    self.symbols = symbols
    let (scalars, width) = (weights.scalars.map { Float($0) }, weights.shape[1])
    self.weights = symbols.indices.map { Array(scalars[$0 * width..<($0 + 1) * width]) }
  }
}
