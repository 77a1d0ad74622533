import Platform

/// The words of a request with the slots that a model found in them, what it took the whole for, and
/// the weight that each word had for that.
public struct TaggedWords: Picture, Equatable {
  /// The words in their order.
  public let words: [String]
  /// The tag of each word: `O`, `B-KIND` at the beginning of a slot, `I-KIND` within; empty for a
  /// model that finds no slots.
  public let tags: [String]
  /// The weight of each word for the label, each from 0 to 1; empty where there are none.
  public let weights: [Float]
  /// What the model took the whole for: an intent, or a class.
  public let label: String
  /// What it shows, in a few words.
  public var caption: String

  /// Words with as many tags and weights, or none of them; other numbers are a programming error
  /// and trap.
  ///
  /// - Parameter caption: what it shows; the words themselves if nil.
  public init(
    words: [String], tags: [String], weights: [Float], label: String, caption: String? = nil
  ) {
    require(
      tags.isEmpty || tags.count == words.count,
      "TaggedWords: \(tags.count) tags for \(words.count) words")
    require(
      weights.isEmpty || weights.count == words.count,
      "TaggedWords: \(weights.count) weights for \(words.count) words")
    self.words = words
    self.tags = tags
    self.weights = weights
    self.label = label
    self.caption = caption ?? words.joined(separator: " ")
  }

  /// Words that belong together: a slot, or words outside of any.
  struct Part {
    /// The kind of the slot; nil outside.
    let kind: String?
    let words: Range<Int>
  }

  /// All words in their order: each slot, and each word outside by itself.
  var parts: [Part] {
    var parts: [Part] = []
    var next = 0
    for slot in Slot.all(in: tags) {
      parts += (next..<slot.words.lowerBound).map { Part(kind: nil, words: $0..<$0 + 1) }
      parts.append(Part(kind: slot.kind, words: slot.words))
      next = slot.words.upperBound
    }
    return parts + (next..<words.count).map { Part(kind: nil, words: $0..<$0 + 1) }
  }

  /// A word's weight as a share of the largest one: spread over many words even the largest is small.
  func share(_ word: Int) -> Double {
    guard let highest = weights.map(intensity).max(), highest > 0 else { return 0 }
    return intensity(weights[word]) / highest
  }

  /// A word's weight in percent.
  func percent(_ word: Int) -> String { "\(fixed(100 * intensity(weights[word]), 0)) %" }

  /// For a reader who doesn't see the picture.
  var summary: String {
    let slots = parts.compactMap { part in
      part.kind.map { "\($0): \(isolated(words[part.words].joined(separator: " ")))" }
    }
    let heaviest = weights.indices.max { intensity(weights[$0]) < intensity(weights[$1]) }
    let look = heaviest.map { "looks most at \(isolated(words[$0])), \(percent($0))" }
    return
      (["\(isolated(words.joined(separator: " "))) is \(isolated(label))"] + slots
      + (look.map { [$0] } ?? [])).joined(separator: "; ")
  }
}
