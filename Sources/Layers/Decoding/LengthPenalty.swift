import Autograd

/// What a hypothesis' log-probability is divided by before hypotheses of different lengths are
/// compared: `((offset + length) / (offset + 1)) ^ exponent`, the end symbol counted.
///
/// Log-probabilities are negative, so a positive exponent is kind to long hypotheses.
public struct LengthPenalty: Codable, Equatable, Sendable {
  /// 0 compares log-probabilities as they are.
  public let exponent: Double
  /// What is added to lengths, more than -1.
  public let offset: Double

  /// - Parameters:
  ///   - exponent: 0 compares log-probabilities as they are.
  ///   - offset: what is added to lengths, more than -1; with 0 the divisor is
  ///     `length ^ exponent`.
  public init(exponent: Double, offset: Double = 0) {
    if !exponent.isFinite || !(offset > -1) || !offset.isFinite {
      trap("LengthPenalty: an exponent of \(exponent) and an offset of \(offset)")
    }
    self.exponent = exponent
    self.offset = offset
  }

  /// Log-probabilities as they are.
  public static let none = LengthPenalty(exponent: 0)

  /// `((5 + length) / 6) ^ alpha` (Wu et al., 2016, equation 14).
  public static func gnmt(_ alpha: Double) -> LengthPenalty {
    LengthPenalty(exponent: alpha, offset: 5)
  }

  /// What hypotheses are ordered by, the higher the better.
  ///
  /// - Parameters:
  ///   - logProbability: of the whole hypothesis.
  ///   - length: number of its symbols, the end counted; at least 1.
  public func score(_ logProbability: Double, length: Int) -> Double {
    if exponent == 0 { return logProbability }
    let base = (offset + Double(length)) / (offset + 1)
    return logProbability / pow(base, exponent)
  }

  /// The highest score that a beginning can still get: its log-probability can only fall, and the
  /// divisor is monotonic in the length, so one of the ends of the range of lengths has it.
  func bound(_ logProbability: Double, lengths: ClosedRange<Int>) -> Double {
    Swift.max(
      score(logProbability, length: lengths.lowerBound),
      score(logProbability, length: lengths.upperBound))
  }
}
