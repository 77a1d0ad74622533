/// A word with its number of syllables: the task of the models that classify whole sequences.
public struct SyllableExample: Equatable, Sendable {
  /// The word.
  public let word: String
  /// The number of syllables, from 1 to the number of classes; the last class means "or more".
  public let syllables: Int

  /// The class, counted from 0.
  public var label: Int32 { Int32(syllables - 1) }
}

/// Counts syllables, each of which has exactly one vowel phoneme.
public enum Syllables {
  /// The vowel phonemes of the CMU dictionary, without stress marks.
  public static let vowels: Set<String> = [
    "AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW",
  ]

  /// The number of vowel phonemes of a pronunciation, with or without stress marks.
  public static func count(_ pronunciation: [String]) -> Int {
    pronunciation.count { vowels.contains(String($0.prefix { !$0.isNumber })) }
  }

  /// Every word with the number of syllables of its first pronunciation, clamped to `1...classes`.
  public static func examples(of lexicon: Lexicon, classes: Int) -> [SyllableExample] {
    guard classes > 0 else {
      fatalError("Syllables.examples: the number of classes must be positive")
    }
    return lexicon.map { entry in
      SyllableExample(
        word: entry.word, syllables: min(max(count(entry.pronunciations[0]), 1), classes))
    }
  }
}
