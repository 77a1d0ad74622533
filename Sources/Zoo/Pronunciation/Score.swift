import Platform
import Tasks

/// Word and phoneme error rates as the published tables of grapheme-to-phoneme conversion state them.
///
/// A word is right if its hypothesis equals any of its reference pronunciations. Phoneme errors are
/// the edit distance to the closest reference, over the length of that reference; among equally
/// close references the first counts. A word without a hypothesis counts as pronounced with no
/// phoneme at all. Phonemes are compared as they stand: drop stress marks on both sides first.
public struct Score: Equatable, Sendable {
  /// How one word was pronounced.
  public struct Word: Equatable, Sendable {
    /// The word.
    public let word: String
    /// What the model says; empty if there is no hypothesis.
    public let hypothesis: [String]
    /// All references.
    public let references: [[String]]
    /// The reference that is closest to the hypothesis, the first of equally close ones.
    public let closest: [String]
    /// The edit distance between the hypothesis and the closest reference.
    public let errors: Int
    /// Whether the hypothesis equals one of the references.
    public var isRight: Bool { errors == 0 }

    /// Compares a hypothesis with the references, of which there must be one at least.
    public init(word: String, hypothesis: [String], references: [[String]]) {
      guard !references.isEmpty else { fatalError("Score: the word \(word) has no reference") }
      var best = references[0]
      var errors = editDistance(hypothesis, best)
      for reference in references.dropFirst() {
        let distance = editDistance(hypothesis, reference)
        if distance < errors { (best, errors) = (reference, distance) }
      }
      self.word = word
      self.hypothesis = hypothesis
      self.references = references
      self.closest = best
      self.errors = errors
    }
  }

  /// Every word of the references, in their order.
  public let words: [Word]
  /// How many words are wrong.
  public let wrongWords: Int
  /// The phoneme errors of all words together.
  public let phonemeErrors: Int
  /// The length of all closest references together.
  public let phonemes: Int

  /// The score of words that were already compared.
  public init(words: [Word]) {
    self.words = words
    wrongWords = words.count { !$0.isRight }
    phonemeErrors = words.reduce(0) { $0 + $1.errors }
    phonemes = words.reduce(0) { $0 + $1.closest.count }
  }

  /// The score of hypotheses by word; words that are not among the references are ignored.
  public init(references: Lexicon, hypotheses: [String: [String]]) {
    self.init(references: references) { hypotheses[$0.word] ?? [] }
  }

  /// The score of one hypothesis for each word of the references, in the same order.
  public init(references: Lexicon, hypotheses: [[String]]) {
    guard references.count == hypotheses.count else {
      fatalError(
        "Score: \(references.count) words with references, but \(hypotheses.count) hypotheses")
    }
    self.init(
      words: zip(references, hypotheses).map {
        Word(word: $0.word, hypothesis: $1, references: $0.pronunciations)
      })
  }

  private init(references: Lexicon, hypothesis: (Lexicon.Entry) -> [String]) {
    self.init(
      words: references.map {
        Word(word: $0.word, hypothesis: hypothesis($0), references: $0.pronunciations)
      })
  }

  /// The share of words that are wrong, in percent; 0 without words.
  public var wordErrorRate: Double { percentage(wrongWords, of: words.count) }

  /// The phoneme errors over the length of the closest references, in percent; above 100 if the
  /// hypotheses are much too long, 0 without words.
  public var phonemeErrorRate: Double { percentage(phonemeErrors, of: phonemes) }

  /// The hypotheses as lines `WORD<TAB>PH PH`, which the reference scorer reads. A word without any
  /// phoneme keeps its line, with nothing after the tab; ``Lexicon`` would refuse that line.
  public var hypothesesText: String {
    words.reduce(into: "") { text, word in
      text += "\(word.word)\t\(word.hypothesis.joined(separator: " "))\n"
    }
  }
}

extension Score: CustomStringConvertible {
  /// `WER 24.10 PER 5.60 words 12000`.
  public var description: String {
    "WER \(fixed(wordErrorRate, 2)) PER \(fixed(phonemeErrorRate, 2)) words \(words.count)"
  }
}
