/// The tokens that a model knows, and their numbers.
///
/// Numbers 0 to 3 are reserved: padding, start and end of a sequence, and what stands for every token
/// that is not known. The others follow in the order of the list. Tokens are different where their
/// bytes are.
public struct Vocabulary: Sendable {
  /// The number that fills the unused positions of a batch.
  public static let padding: Int32 = 0
  /// The number that stands before the first token of a sequence.
  public static let start: Int32 = 1
  /// The number that stands after the last token.
  public static let end: Int32 = 2
  /// The number of every token that the vocabulary does not have.
  public static let unknown: Int32 = 3

  static let reserved = 4

  /// The tokens in the order of their numbers: `tokens[0]` has the number 4.
  public let tokens: [String]

  private let numbers: [ExactToken: Int32]

  /// A vocabulary of the given tokens, in their order; one that is given twice has the first place.
  public init(_ tokens: some Sequence<String>) {
    var list: [String] = []
    var numbers: [ExactToken: Int32] = [:]
    for token in tokens where numbers[ExactToken(token)] == nil {
      numbers[ExactToken(token)] = Int32(list.count + Self.reserved)
      list.append(token)
    }
    self.tokens = list
    self.numbers = numbers
  }

  /// The tokens that occur most often in a corpus, the most frequent first; of equally frequent ones
  /// the one whose bytes come first.
  ///
  /// - Parameters:
  ///   - corpus: the tokens of each text.
  ///   - minimumCount: how often a token occurs at least.
  ///   - limit: how many tokens there are at most.
  public init(
    countedIn corpus: some Sequence<[String]>, minimumCount: Int = 1, limit: Int = .max
  ) {
    require(limit >= 0, "Vocabulary: a limit of \(limit) tokens")
    var counts: [ExactToken: Int] = [:]
    for text in corpus {
      for token in text { counts[ExactToken(token), default: 0] += 1 }
    }
    let frequent = counts.filter { $0.value >= minimumCount }.sorted {
      ($1.value, $0.key) < ($0.value, $1.key)
    }
    self.init(frequent.prefix(limit).map { $0.key.text })
  }

  /// How many numbers there are, the reserved ones included: the size of an embedding table and of a
  /// model's output.
  public var count: Int { tokens.count + Self.reserved }

  /// The number of a token, or that of unknown tokens.
  public subscript(token: String) -> Int32 { numbers[ExactToken(token)] ?? Self.unknown }

  /// Whether the vocabulary has a token.
  public func contains(_ token: String) -> Bool { numbers[ExactToken(token)] != nil }

  /// The numbers of a text's tokens, without start and end.
  public func encode(_ tokens: some Sequence<String>) -> [Int32] { tokens.map { self[$0] } }

  /// The token of a number; a reserved one is shown as `<pad>`, `<s>`, `</s>` or `<unk>`.
  ///
  /// A number outside `0..<count` is a programming error and traps.
  public func token(_ number: Int32) -> String {
    require(
      number >= 0 && Int(number) < count, "Vocabulary: number \(number) of \(count) tokens")
    let number = Int(number)
    return number < Self.reserved
      ? ["<pad>", "<s>", "</s>", "<unk>"][number] : tokens[number - Self.reserved]
  }

  /// The tokens of a sequence of numbers up to the first end, without padding and start.
  ///
  /// A number outside `0..<count` is a programming error and traps.
  public func decode(_ numbers: some Sequence<Int32>) -> [String] {
    numbers.prefix { $0 != Self.end }
      .filter { $0 != Self.padding && $0 != Self.start }
      .map { token($0) }
  }
}

extension Vocabulary: Equatable {
  /// The same tokens, byte for byte, in the same order.
  public static func == (a: Vocabulary, b: Vocabulary) -> Bool {
    a.tokens.elementsEqual(b.tokens) { ExactToken($0) == ExactToken($1) }
  }
}

extension Vocabulary: Codable {
  /// Reads the list of tokens that `encode(to:)` wrote.
  ///
  /// - Throws: `DecodingError` if the content is no list of distinct strings.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let tokens = try container.decode([String].self)
    self.init(tokens)
    if self.tokens.count != tokens.count {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "expected distinct tokens, found one of them twice")
    }
  }

  /// Writes the tokens as a plain list in the order of their numbers.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(tokens)
  }
}
