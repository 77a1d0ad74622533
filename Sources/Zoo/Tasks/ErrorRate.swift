import Foundation

/// How many symbols must be changed to turn hypotheses into their references: the word error rate of
/// speech recognition, or the phoneme error rate, in percent of the references' symbols.
///
/// Of several references the closest counts, the first of equally close ones.
public struct ErrorRate: Equatable, Sendable {
  /// Insertions, deletions and substitutions of all sequences.
  public private(set) var errors = 0
  /// Symbols in the closest references.
  public private(set) var length = 0
  /// Sequences that equal none of their references.
  public private(set) var wrongSequences = 0
  /// Sequences in all.
  public private(set) var sequences = 0

  /// Errors in percent of the references' symbols; above 100 where hypotheses are much too long, 0
  /// where there is nothing to compare.
  public var rate: Double { percentage(errors, of: length) }
  /// The share of sequences that equal none of their references, in percent.
  public var sequenceRate: Double { percentage(wrongSequences, of: sequences) }

  /// The errors of a corpus.
  ///
  /// - Parameters:
  ///   - hypotheses: the symbols of each sequence.
  ///   - references: for each sequence its references, at least one.
  public init<Symbol: Equatable>(hypotheses: [[Symbol]], references: [[[Symbol]]]) {
    checkReferences("ErrorRate", hypotheses.count, references)
    for (hypothesis, references) in zip(hypotheses, references) {
      let distances = references.map { editDistance(hypothesis, $0) }
      let closest = distances.indices.min { distances[$0] < distances[$1] }!
      errors += distances[closest]
      length += references[closest].count
      wrongSequences += distances[closest] == 0 ? 0 : 1
      sequences += 1
    }
  }

  /// The errors of a corpus with one reference for each sequence.
  public init<Symbol: Equatable>(hypotheses: [[Symbol]], references: [[Symbol]]) {
    self.init(hypotheses: hypotheses, references: references.map { [$0] })
  }
}

extension ErrorRate: CustomStringConvertible {
  /// As in `errors 5.67 % of 75104 symbols, 24.13 % of 12000 sequences`.
  public var description: String {
    String(
      format: "errors %.2f %% of %d symbols, %.2f %% of %d sequences", rate, length, sequenceRate,
      sequences)
  }
}

/// The least number of insertions, deletions and substitutions that turn one list into the other.
public func editDistance<Element: Equatable>(_ first: [Element], _ second: [Element]) -> Int {
  var row = Array(0...second.count)
  for (i, x) in first.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, y) in second.enumerated() {
      let above = row[j + 1]
      row[j + 1] = min(above + 1, row[j] + 1, diagonal + (x == y ? 0 : 1))
      diagonal = above
    }
  }
  return row[second.count]
}

/// One division of whole numbers, so that the result rounds as Python's `100 * part / whole` does;
/// 0 of nothing.
package func percentage(_ part: Int, of whole: Int) -> Double {
  whole == 0 ? 0 : Double(100 * part) / Double(whole)
}
