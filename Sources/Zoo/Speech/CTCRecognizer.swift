public import Autograd
public import Layers
public import Sequences

/// Recurrent connectionist temporal classification (Graves et al., 2006; Graves, Mohamed and Hinton,
/// 2013): a network that hears both past and future says in each state which symbol it hears, or none
/// (blank). What was said is what remains without repetitions and blanks; the loss sums over all
/// alignments.
///
/// Symbol 0, `SequenceSymbol.padding`, is the blank.
///
/// ```swift
/// import Autograd
/// import Speech
///
/// var generator = Generator(seed: 1)
/// let model = CTCRecognizer<Float>(.init(features: 40, symbols: 43), using: &generator)
/// let recording = Tensor<Float>.normal([98, 40], using: &generator)
/// let found = model.hypotheses(SpeechBatch([recording]), width: 4)
/// print(found[0][0].symbols)
/// ```
public struct CTCRecognizer<Scalar: FloatingPointScalar>: SpeechRecognizer {
  /// Reads the frames.
  public let encoder: SpeechEncoder<Scalar>
  /// A state to the logits of the symbols.
  public let output: Linear<Scalar>
  private let dropout: Dropout<Scalar>

  /// The sizes and options that the model was made from.
  public var configuration: SpeechConfiguration { encoder.configuration }

  /// A model with fresh weights.
  public init(
    _ configuration: SpeechConfiguration, using generator: inout some RandomNumberGenerator
  ) {
    encoder = SpeechEncoder(configuration, using: &generator)
    output = Linear(
      inputs: 2 * configuration.hiddenSize, outputs: configuration.symbols, using: &generator)
    dropout = Dropout(configuration.dropout)
  }

  /// - Parameters:
  ///   - frames: `[batch, time, features]`
  ///   - lengths: number of frames of each recording.
  /// - Returns: the logarithms of the symbols' probabilities, `[states, batch, symbols]`, with the
  ///   number of states of each recording.
  public func callAsFunction(
    _ frames: Tensor<Scalar>, lengths: [Int]
  ) -> (logProbabilities: Tensor<Scalar>, lengths: [Int]) {
    let (states, lengths) = encoder(frames, lengths: lengths)  // [batch, states, 2 * hiddenSize]
    let logits = output(dropout(states))  // [batch, states, symbols]
    return (logSoftmax(logits, axis: 2).transposed(axes: 0, 1), lengths)
  }

  /// The CTC loss, each recording's over its number of symbols. A recording with fewer states than its
  /// symbols need teaches nothing; smoothing is not known to this loss.
  public func loss(_ batch: SpeechBatch<Scalar>, smoothing: Scalar = 0) -> Tensor<Scalar> {
    let (logProbabilities, lengths) = self(batch.frames, lengths: batch.lengths)
    return ctcLoss(
      logProbabilities, batch.targets.map { $0.map { Int($0) } }, lengths: lengths,
      blank: Int(SequenceSymbol.padding), replacesInfinity: true)
  }

  /// The most probable path with a width of 1, else prefix search.
  public func hypotheses(
    _ batch: SpeechBatch<Scalar>, width: Int = 1
  ) -> [[SequenceHypothesis]] {
    let (logProbabilities, lengths) = self(batch.frames, lengths: batch.lengths)
    let blank = Int(SequenceSymbol.padding)
    let found =
      width == 1
      ? ctcBestPaths(logProbabilities, lengths: lengths, blank: blank).map { [$0] }
      : CTCBeamSearch(width: width, blank: blank)(logProbabilities, lengths: lengths)
    return found.map { SequenceHypothesis.all($0.map { ($0.labels, $0.logProbability) }) }
  }

  /// The probability of each symbol in each state: a row for the blank, and one for each different
  /// symbol in the order in which they are said.
  public func alignment(
    of recording: Tensor<Scalar>, saying symbols: [Int32]
  ) -> SpeechAlignment {
    let batch = SpeechBatch([recording])
    let probabilities = exp(self(batch.frames, lengths: batch.lengths).logProbabilities)
    var rows = [SequenceSymbol.padding]
    for symbol in symbols where !rows.contains(symbol) { rows.append(symbol) }
    let bySymbol = probabilities.squeezed(axes: 1).transposed()  // [symbols, states]
    return SpeechAlignment(symbols: rows, weights: bySymbol.rows(Tensor(rows)))
  }
}
