/// How a text becomes tokens, and tokens a text again.
public protocol Tokenizer: Sendable {
  /// The tokens of a text.
  func tokens(of text: String) -> [String]
  /// The text of tokens.
  func text(of tokens: [String]) -> String
}

/// Words, as far as white space separates them; for texts whose punctuation marks stand by themselves.
public struct WordTokenizer: Tokenizer, Codable, Equatable {
  /// Whether capital letters become small ones.
  public let lowercases: Bool

  /// A tokenizer that keeps letters as they are, unless it is told to make them small.
  public init(lowercases: Bool = false) { self.lowercases = lowercases }

  /// The words of a text.
  public func tokens(of text: String) -> [String] { words(lowercases ? text.lowercased() : text) }

  /// The words with a space between them.
  public func text(of tokens: [String]) -> String { tokens.joined(separator: " ") }
}

/// Characters as a reader sees them, white space included.
public struct CharacterTokenizer: Tokenizer, Codable, Equatable {
  /// A tokenizer of characters.
  public init() {}

  /// The characters of a text.
  public func tokens(of text: String) -> [String] { text.map { String($0) } }

  /// The characters one after another.
  public func text(of tokens: [String]) -> String { tokens.joined() }
}

/// The parts of a text between white space.
func words(_ text: String) -> [String] {
  text.unicodeScalars.split(whereSeparator: isWhiteSpace).map { String($0) }
}
