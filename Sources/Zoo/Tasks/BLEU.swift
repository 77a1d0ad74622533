import Foundation

/// How much of a corpus' translations stands in their references: BLEU (Papineni et al., 2002), with
/// the arithmetic of sacrebleu (Post, 2018), whose figures it repeats on the same tokens.
///
///     let bleu = BLEU(hypotheses: [["a", "dog", "runs"]], references: [[["the", "dog", "runs"]]])
///     print(bleu)
public struct BLEU: Equatable, Sendable {
  /// What stands in for the precision of an order of n-grams of which none is right.
  public enum Smoothing: Equatable, Sendable {
    /// Nothing: the score is then 0.
    case none
    /// Half of one n-gram for the first such order, a quarter for the second, and so on: sacrebleu's
    /// default.
    case exponential
    /// This many n-grams.
    case floor(Double)
    /// This many n-grams more, right and in all, for each order but the first.
    case adding(Double)
  }

  /// The score in percent.
  public let score: Double
  /// The share of n-grams that are right, in percent, smoothed: that of single tokens first.
  public let precisions: [Double]
  /// The factor for hypotheses that are shorter than their references, at most 1.
  public let brevityPenalty: Double
  /// Tokens in all hypotheses.
  public let hypothesisLength: Int
  /// Tokens in the references closest in length, the shorter of two that are equally close.
  public let referenceLength: Int

  /// The score of a corpus.
  ///
  /// Tokens are equal where their bytes are. An n-gram is right as often as it stands in the one
  /// reference that has it most often.
  ///
  /// - Parameters:
  ///   - hypotheses: the tokens of each translation.
  ///   - references: for each translation its references, at least one.
  ///   - maximumOrder: tokens in the longest n-grams.
  ///   - smoothing: for orders without a right n-gram.
  public init(
    hypotheses: [[String]], references: [[[String]]], maximumOrder: Int = 4,
    smoothing: Smoothing = .exponential
  ) {
    require(maximumOrder > 0, "BLEU: n-grams have at least one token")
    checkReferences("BLEU", hypotheses.count, references)
    var counts = Counts(maximumOrder: maximumOrder)
    for (hypothesis, references) in zip(hypotheses, references) {
      counts.add(hypothesis, references)
    }
    self.init(counts, smoothing)
  }

  /// The score of a corpus with one reference for each translation.
  public init(
    hypotheses: [[String]], references: [[String]], maximumOrder: Int = 4,
    smoothing: Smoothing = .exponential
  ) {
    self.init(
      hypotheses: hypotheses, references: references.map { [$0] }, maximumOrder: maximumOrder,
      smoothing: smoothing)
  }

  private init(_ counts: Counts, _ smoothing: Smoothing) {
    hypothesisLength = counts.hypothesisLength
    referenceLength = counts.referenceLength
    let ratio = Double(referenceLength) / Double(hypothesisLength)
    brevityPenalty =
      hypothesisLength >= referenceLength ? 1 : (hypothesisLength > 0 ? exp(1 - ratio) : 0)
    guard counts.right.contains(where: { $0 > 0 }) else {
      precisions = counts.right.map { _ in 0 }
      score = 0
      return
    }
    let precisions = counts.precisions(smoothing)
    self.precisions = precisions
    score =
      precisions.contains(0)
      ? 0
      : brevityPenalty
        * exp(precisions.reduce(0) { $0 + log($1) } / Double(precisions.count))
  }
}

extension BLEU: CustomStringConvertible {
  /// As in `BLEU 28.30 (60.1/34.4/21.5/13.8, brevity 0.987, 12013 of 12172 tokens)`.
  public var description: String {
    let orders = precisions.map { String(format: "%.1f", $0) }.joined(separator: "/")
    return String(
      format: "BLEU %.2f (%@, brevity %.3f, %d of %d tokens)", score, orders, brevityPenalty,
      hypothesisLength, referenceLength)
  }
}

/// The n-grams of a corpus.
private struct Counts {
  /// Right n-grams by their length, those of one token first.
  var right: [Int]
  /// All n-grams of the hypotheses.
  var all: [Int]
  var hypothesisLength = 0
  var referenceLength = 0
  private var numbers = TokenNumbers()

  init(maximumOrder: Int) {
    right = Array(repeating: 0, count: maximumOrder)
    all = right
  }

  mutating func add(_ hypothesis: [String], _ references: [[String]]) {
    let hypothesis = numbers(hypothesis)
    let references = references.map { numbers($0) }
    hypothesisLength += hypothesis.count
    referenceLength +=
      references.map(\.count).min {
        let (a, b) = (abs($0 - hypothesis.count), abs($1 - hypothesis.count))
        return (a, $0) < (b, $1)
      }!
    for order in 1...right.count {
      let found = ngrams(hypothesis, order)
      var allowed: [ArraySlice<Int>: Int] = [:]
      for reference in references {
        allowed.merge(ngrams(reference, order), uniquingKeysWith: max)
      }
      all[order - 1] += max(0, hypothesis.count - order + 1)
      right[order - 1] += found.reduce(0) { $0 + min($1.value, allowed[$1.key] ?? 0) }
    }
  }

  /// The precision of each order in percent, as sacrebleu smooths it. Orders beyond the first of
  /// which there is no n-gram are 0.
  func precisions(_ smoothing: BLEU.Smoothing) -> [Double] {
    var result = right.map { _ in 0.0 }
    var halves = 1.0
    for order in right.indices {
      var (right, all) = (Double(right[order]), Double(all[order]))
      if case .adding(let number) = smoothing, order > 0 {
        right += number
        all += number
      }
      if all == 0 { break }
      if right == 0 {
        switch smoothing {
        case .exponential:
          halves *= 2
          result[order] = 100 / (halves * all)
        case .floor(let number): result[order] = 100 * number / all
        case .none, .adding: break
        }
      } else {
        result[order] = 100 * right / all
      }
    }
    return result
  }
}

/// How often each run of `order` tokens occurs.
private func ngrams(_ tokens: [Int], _ order: Int) -> [ArraySlice<Int>: Int] {
  var result: [ArraySlice<Int>: Int] = [:]
  var start = 0
  while start + order <= tokens.count {
    result[tokens[start..<start + order], default: 0] += 1
    start += 1
  }
  return result
}

/// Traps unless there is a list of references, not empty, for each hypothesis.
func checkReferences<Reference>(_ name: String, _ count: Int, _ references: [[Reference]]) {
  require(
    references.count == count,
    "\(name): \(count) hypotheses, but references for \(references.count)")
  require(
    !references.contains { $0.isEmpty }, "\(name): each hypothesis has at least one reference")
}
