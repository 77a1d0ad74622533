/// Words with their pronunciations, in the order in which a file names the words first.
///
/// Words are lower-case and distinct. Each has one pronunciation or more, in file order, no two of
/// them equal; a pronunciation is a list of phonemes such as `["F", "OW", "N"]`, never empty.
public struct Lexicon: Sendable {
  /// A word and every way to pronounce it.
  public struct Entry: Equatable, Sendable {
    /// The word, lower-case.
    public let word: String
    /// The distinct pronunciations in file order; at least one.
    public internal(set) var pronunciations: [[String]]
  }

  /// The words with their pronunciations, in file order.
  public private(set) var entries: [Entry] = []

  private var positions: [String: Int] = [:]

  /// A lexicon without words.
  public init() {}

  /// A lexicon of words and pronunciations; a word that occurs again gains a pronunciation.
  ///
  /// - Parameter pairs: words, lower-cased here, each with one pronunciation, which must not be
  ///   empty (an empty one is a programming error and traps).
  public init(_ pairs: [(word: String, pronunciation: [String])]) {
    for pair in pairs {
      guard !pair.pronunciation.isEmpty else {
        fatalError("Lexicon: the pronunciation of \(pair.word) is empty")
      }
      add(pair.pronunciation, to: pair.word.lowercased())
    }
  }

  /// A lexicon of entries that are already distinct, as filters and splits make them.
  init(distinct entries: [Entry]) {
    self.entries = entries
    positions.reserveCapacity(entries.count)
    for (position, entry) in entries.enumerated() {
      positions[entry.word] = position
    }
  }

  /// The pronunciations of a lower-case word, or `nil` if the lexicon does not have it.
  public subscript(word: String) -> [[String]]? {
    positions[word].map { entries[$0].pronunciations }
  }

  /// Every pair of a word and one of its pronunciations, in file order: the examples to train on.
  public var pairs: [(word: String, pronunciation: [String])] {
    entries.flatMap { entry in entry.pronunciations.map { (entry.word, $0) } }
  }

  mutating func reserveCapacity(_ count: Int) {
    entries.reserveCapacity(count)
    positions.reserveCapacity(count)
  }

  mutating func add(_ pronunciation: [String], to word: String) {
    // Files list the pronunciations of a word next to each other, which spares the dictionary.
    if let last = entries.indices.last, entries[last].word == word {
      add(pronunciation, at: last)
    } else if let position = positions[word] {
      add(pronunciation, at: position)
    } else {
      positions[word] = entries.count
      entries.append(Entry(word: word, pronunciations: [pronunciation]))
    }
  }

  private mutating func add(_ pronunciation: [String], at position: Int) {
    if !entries[position].pronunciations.contains(pronunciation) {
      entries[position].pronunciations.append(pronunciation)
    }
  }
}

extension Lexicon: RandomAccessCollection {
  /// The position of the first word.
  public var startIndex: Int { 0 }
  /// One past the position of the last word.
  public var endIndex: Int { entries.count }
  /// The word at a position, counted from 0 in file order.
  public subscript(position: Int) -> Entry { entries[position] }
}

extension Lexicon: Equatable {
  /// Whether both hold the same words with the same pronunciations in the same order.
  public static func == (left: Lexicon, right: Lexicon) -> Bool { left.entries == right.entries }
}

extension Lexicon: CustomStringConvertible {
  /// `Lexicon of 126052 words, 135166 pronunciations`.
  public var description: String {
    let pronunciations = entries.reduce(0) { $0 + $1.pronunciations.count }
    return "Lexicon of \(entries.count) words, \(pronunciations) pronunciations"
  }
}
