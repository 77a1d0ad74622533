/// How texts become the numbers that a model reads, and numbers texts again. Weights files have one as
/// JSON for each side of a model.
public struct TextCodec: Equatable, Sendable {
  /// What a token is.
  public enum Kind: String, Codable, CaseIterable, Sendable {
    /// A character.
    case characters
    /// What stands between white space.
    case words
    /// A word or a punctuation mark.
    case marks
    /// A frequent part of a word (Sennrich, Haddow and Birch, 2016).
    case bytePairs = "byte-pairs"
  }

  /// What a token is.
  public let kind: Kind
  /// The known tokens.
  public let vocabulary: Vocabulary
  private let tokenizer: any Tokenizer

  /// A codec that is learnt from texts.
  ///
  /// - Parameters:
  ///   - mergeCount: how many parts of words are joined, for byte pairs.
  ///   - minimumCount: how often a token occurs to be known.
  public init(
    _ kind: Kind, learningFrom texts: [String], mergeCount: Int = 0, minimumCount: Int = 1
  ) {
    self.kind = kind
    let tokenizer = Self.tokenizer(kind) {
      BytePairEncoding(learningFrom: texts, mergeCount: mergeCount)
    }
    vocabulary = Vocabulary(
      countedIn: texts.lazy.map { tokenizer.tokens(of: $0) }, minimumCount: minimumCount)
    self.tokenizer = tokenizer
  }

  private static func tokenizer(
    _ kind: Kind, bytePairs: () -> BytePairEncoding
  ) -> any Tokenizer {
    switch kind {
    case .characters: CharacterTokenizer()
    case .words: WordTokenizer()
    case .marks: MarkTokenizer()
    case .bytePairs: bytePairs()
    }
  }

  /// The numbers of a text's tokens.
  public func encode(_ text: String) -> [Int32] { vocabulary.encode(tokenizer.tokens(of: text)) }
  /// The tokens of numbers.
  public func tokens(_ numbers: some Sequence<Int32>) -> [String] { vocabulary.decode(numbers) }
  /// The tokens of a text.
  public func tokens(of text: String) -> [String] { tokenizer.tokens(of: text) }
  /// The text of tokens.
  public func text(of tokens: [String]) -> String { tokenizer.text(of: tokens) }

  /// The first token of a text that is not known; nil if all are.
  public func unknownToken(in text: String) -> String? {
    tokenizer.tokens(of: text).first { !vocabulary.contains($0) }
  }

  /// Whether both make the same numbers of every text.
  public static func == (a: TextCodec, b: TextCodec) -> Bool {
    a.kind == b.kind && a.vocabulary == b.vocabulary && a.mergesText == b.mergesText
  }

  private var mergesText: String? { (tokenizer as? BytePairEncoding)?.text }
}

extension TextCodec: Codable {
  private enum CodingKeys: String, CodingKey {
    case kind, vocabulary, merges
  }

  /// Reads what `encode` has written.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    kind = try container.decode(Kind.self, forKey: .kind)
    vocabulary = try container.decode(Vocabulary.self, forKey: .vocabulary)
    let merges = try container.decodeIfPresent(String.self, forKey: .merges)
    let pairs = try merges.map { try BytePairEncoding(bytes: Array($0.utf8)) }
    tokenizer = Self.tokenizer(kind) { pairs ?? BytePairEncoding(merges: []) }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(kind, forKey: .kind)
    try container.encode(vocabulary, forKey: .vocabulary)
    try container.encodeIfPresent(mergesText, forKey: .merges)
  }
}
