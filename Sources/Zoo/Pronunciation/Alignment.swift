/// Which letters a model looked at while it said each phoneme of a word.
public struct Alignment: Equatable, Sendable {
  /// The input letters, in reading order.
  public let letters: [String]
  /// The output phonemes, in the order in which they were said.
  public let phonemes: [String]
  /// The attention weights, `[phoneme, letter]`, each from 0 to 1; a row sums to 1.
  public let weights: [[Float]]

  /// An alignment with one row of weights for each phoneme and one column for each letter; other
  /// sizes are a programming error and trap.
  public init(letters: [String], phonemes: [String], weights: [[Float]]) {
    guard weights.count == phonemes.count else {
      fatalError("Alignment: \(weights.count) rows of weights for \(phonemes.count) phonemes")
    }
    for (phoneme, row) in zip(phonemes, weights) {
      guard row.count == letters.count else {
        fatalError(
          "Alignment: the row of \(phoneme) has \(row.count) weights for \(letters.count) letters")
      }
    }
    self.letters = letters
    self.phonemes = phonemes
    self.weights = weights
  }

  /// The word as its letters spell it.
  public var word: String { letters.joined() }

  /// A weight as a share of a full cell; what is no number from 0 to 1 (a diverged model) is drawn
  /// as the nearest one, NaN as 0.
  func intensity(_ phoneme: Int, _ letter: Int) -> Double {
    let weight = Double(weights[phoneme][letter])
    return weight.isNaN ? 0 : Swift.min(Swift.max(weight, 0), 1)
  }
}
