import Datasets
import Pronunciation

/// Texts with what a model should make of them.
struct TextPairs: Equatable, Sendable {
  /// A source with all its right answers.
  struct Pair: Equatable, Sendable {
    var source: String
    var references: [String]
  }

  var pairs: [Pair]

  /// One source with one answer at a time, for training.
  var examples: [(source: String, target: String)] {
    pairs.flatMap { pair in pair.references.map { (pair.source, $0) } }
  }

  /// Words with their pronunciations, phonemes separated by spaces.
  init(_ lexicon: Lexicon) {
    pairs = lexicon.map { entry in
      Pair(
        source: entry.word, references: entry.pronunciations.map { $0.joined(separator: " ") })
    }
  }

  init(_ pairs: [Pair]) { self.pairs = pairs }

  /// Reads a file of lines `SOURCE<TAB>TARGET`.
  ///
  /// - Throws: `DataFileError` with the line.
  init(contentsOf path: String) throws {
    pairs = try TextLines(contentsOf: path).lines.map { line in
      let fields = line.text.split(separator: "\t", omittingEmptySubsequences: false)
      guard fields.count == 2, !fields.contains(where: { $0.allSatisfy(\.isWhitespace) }) else {
        throw line.error("expected SOURCE<TAB>TARGET, found \(quoted(line.text))")
      }
      return Pair(source: String(fields[0]), references: [String(fields[1])])
    }
    if pairs.isEmpty {
      throw DataFileError.empty(file: path, expected: "lines SOURCE<TAB>TARGET")
    }
  }

  /// Every `period`th pair, beginning with the first, apart from the others.
  func split(holdingOutEvery period: Int) -> (learnt: TextPairs, heldOut: TextPairs) {
    let parts = [true, false].map { isHeldOut in
      TextPairs(pairs.enumerated().filter { ($0.offset % period == 0) == isHeldOut }.map(\.element))
    }
    return (parts[1], parts[0])
  }
}
