import Foundation

/// How many runs of characters translations share with their references: chrF (Popović, 2015), with
/// the arithmetic of sacrebleu (chrF2), whose figures it repeats.
///
/// Precision and recall are averaged over the lengths of runs that both sides have, and their
/// weighted harmonic mean is taken. White space does not count.
public struct CharacterFScore: Equatable, Sendable {
  /// The score in percent.
  public let score: Double
  /// Code points in the longest runs.
  public let maximumOrder: Int
  /// How many times as much recall counts as precision.
  public let beta: Double

  /// The score of a corpus.
  ///
  /// - Parameters:
  ///   - hypotheses: the texts of the translations.
  ///   - references: for each translation its references, at least one; the one that gives it the
  ///     best score counts, the first of equally good ones.
  public init(
    hypotheses: [String], references: [[String]], maximumOrder: Int = 6, beta: Double = 2
  ) {
    require(maximumOrder > 0, "CharacterFScore: runs have at least one character")
    require(beta > 0 && beta < .infinity, "CharacterFScore: beta is larger than 0")
    checkReferences("CharacterFScore", hypotheses.count, references)
    self.maximumOrder = maximumOrder
    self.beta = beta
    var total = Array(repeating: Matches(), count: maximumOrder)
    for (hypothesis, references) in zip(hypotheses, references) {
      let found = runs(hypothesis, maximumOrder)
      var best: (score: Double, matches: [Matches])?
      for reference in references {
        let matches = zip(found, runs(reference, maximumOrder)).map { Matches($0, $1) }
        let score = fScore(matches, beta)
        if score > best?.score ?? -1 { best = (score, matches) }
      }
      for order in total.indices { total[order].add(best!.matches[order]) }
    }
    score = fScore(total, beta)
  }
}

extension CharacterFScore: CustomStringConvertible {
  /// As in `chrF2 52.31`.
  public var description: String {
    let beta = beta == beta.rounded() ? String(format: "%.0f", beta) : "\(beta)"
    return "chrF\(beta) " + String(format: "%.2f", score)
  }
}

/// The runs of one length on both sides, and what they share.
private struct Matches {
  var hypothesis = 0
  var reference = 0
  var shared = 0

  init() {}

  init(_ found: [ArraySlice<UInt32>: Int], _ wanted: [ArraySlice<UInt32>: Int]) {
    // Runs that no reference could have do not count.
    hypothesis = wanted.isEmpty ? 0 : found.values.reduce(0, +)
    reference = wanted.values.reduce(0, +)
    shared = found.reduce(0) { $0 + min($1.value, wanted[$1.key] ?? 0) }
  }

  mutating func add(_ other: Matches) {
    hypothesis += other.hypothesis
    reference += other.reference
    shared += other.shared
  }
}

private func fScore(_ orders: [Matches], _ beta: Double) -> Double {
  let counted = orders.filter { $0.hypothesis > 0 && $0.reference > 0 }
  if counted.isEmpty { return 0 }
  func mean(_ whole: (Matches) -> Int) -> Double {
    counted.reduce(0) { $0 + Double($1.shared) / Double(whole($1)) } / Double(counted.count)
  }
  let (precision, recall) = (mean(\.hypothesis), mean(\.reference))
  if precision + recall == 0 { return 0 }
  let factor = beta * beta
  return 100 * (1 + factor) * precision * recall / (factor * precision + recall)
}

/// How often each run of 1, 2, ... code points occurs, white space left out.
private func runs(_ text: String, _ maximumOrder: Int) -> [[ArraySlice<UInt32>: Int]] {
  let points = text.unicodeScalars.filter { !isWhiteSpace($0) }.map(\.value)
  return (1...maximumOrder).map { order in
    var result: [ArraySlice<UInt32>: Int] = [:]
    var start = 0
    while start + order <= points.count {
      result[points[start..<start + order], default: 0] += 1
      start += 1
    }
    return result
  }
}

/// What separates words: Unicode's white space, and the four separators of ASCII.
func isWhiteSpace(_ scalar: Unicode.Scalar) -> Bool {
  scalar.properties.isWhitespace || (0x1C...0x1F).contains(scalar.value)
}
