/// The vocabulary of a model: letters or phonemes and their numbers.
///
/// Number 0 is padding, 1 the start and 2 the end of a sequence; symbols are numbered from 3 in
/// sorted order, so that the same data gives the same numbers.
public struct Symbols: Equatable, Sendable {
  /// The number that fills the unused positions of a batch.
  public static let padding: Int32 = 0
  /// The number that stands before the first symbol of an output.
  public static let start: Int32 = 1
  /// The number that stands after the last symbol.
  public static let end: Int32 = 2

  static let reserved = 3

  /// The symbols in the order of their numbers: `names[0]` has the number 3.
  public let names: [String]

  private let ids: [String: Int32]

  /// A vocabulary of the distinct symbols of a sequence.
  public init(_ symbols: some Sequence<String>) {
    self.init(ordered: Set(symbols).sorted())
  }

  /// The letters of all words of a lexicon.
  public static func letters(of lexicon: Lexicon) -> Symbols {
    var letters: Set<Character> = []
    for entry in lexicon { letters.formUnion(entry.word) }
    return Symbols(letters.map { String($0) })
  }

  /// The phonemes of all pronunciations of a lexicon.
  public static func phonemes(of lexicon: Lexicon) -> Symbols {
    var phonemes: Set<String> = []
    for entry in lexicon {
      for pronunciation in entry.pronunciations { phonemes.formUnion(pronunciation) }
    }
    return Symbols(phonemes)
  }

  private init(ordered names: [String]) {
    self.names = names
    ids = Dictionary(
      uniqueKeysWithValues: names.enumerated().map { ($1, Int32($0 + Symbols.reserved)) })
  }

  /// How many numbers there are, the three reserved ones included: the size of an embedding table
  /// and of the model's output.
  public var count: Int { names.count + Symbols.reserved }

  /// The number of a symbol, or `nil` if the vocabulary does not have it.
  public subscript(symbol: String) -> Int32? { ids[symbol] }

  /// The numbers of the letters of a word, without start and end; the word is lower-cased.
  ///
  /// - Throws: `UnknownSymbolError` for the first letter that the vocabulary does not have.
  public func encode(word: String) throws(UnknownSymbolError) -> [Int32] {
    try encode(word.lowercased().map { String($0) }, of: word, kind: .letter)
  }

  /// The numbers of the phonemes of a pronunciation, without start and end.
  ///
  /// - Parameter word: the word it belongs to, for the error.
  /// - Throws: `UnknownSymbolError` for the first phoneme that the vocabulary does not have.
  public func encode(
    pronunciation: [String], of word: String
  ) throws(UnknownSymbolError) -> [Int32] {
    try encode(pronunciation, of: word, kind: .phoneme)
  }

  /// The symbols of a sequence of numbers up to the first end, without padding and start.
  ///
  /// A number outside `0..<count` is a programming error and traps.
  public func decode(_ ids: some Sequence<Int32>) -> [String] {
    ids.prefix { $0 != Symbols.end }
      .filter { $0 != Symbols.padding && $0 != Symbols.start }
      .map { id in
        guard (0..<count).contains(Int(id)) else {
          fatalError("Symbols.decode: \(id) is outside 0..<\(count)")
        }
        return names[Int(id) - Symbols.reserved]
      }
  }

  private func encode(
    _ symbols: [String], of word: String, kind: UnknownSymbolError.Kind
  ) throws(UnknownSymbolError) -> [Int32] {
    var result: [Int32] = []
    result.reserveCapacity(symbols.count)
    for symbol in symbols {
      guard let id = ids[symbol] else {
        throw UnknownSymbolError(word: word, symbol: symbol, kind: kind, known: names)
      }
      result.append(id)
    }
    return result
  }
}

extension Symbols: Codable {
  /// Reads the list of symbols that ``encode(to:)`` wrote.
  ///
  /// - Throws: `DecodingError` if the content is no list of distinct strings.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let names = try container.decode([String].self)
    if Set(names).count != names.count {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "expected distinct symbols, found one of them twice")
    }
    self.init(ordered: names)
  }

  /// Writes the symbols as a plain list in the order of their numbers.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(names)
  }
}

/// A word holds a symbol that the vocabulary does not have.
public struct UnknownSymbolError: Error, Equatable, CustomStringConvertible {
  /// What the vocabulary holds.
  public enum Kind: String, Sendable {
    /// The vocabulary of a model's input.
    case letter
    /// The vocabulary of a model's output.
    case phoneme
  }

  /// The word as the caller wrote it.
  public let word: String
  /// The first symbol of it that is unknown.
  public let symbol: String
  /// Whether a letter or a phoneme is unknown.
  public let kind: Kind
  /// All symbols that would have been known.
  public let known: [String]

  /// One sentence without a full stop that names the word, the symbol and the known ones.
  public var description: String {
    "\"\(word)\": the \(kind) \"\(symbol)\" is not among the \(known.count) \(kind)s that the "
      + "model knows: \(known.joined(separator: " "))"
  }
}
