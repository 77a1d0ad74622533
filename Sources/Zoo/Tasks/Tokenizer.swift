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

/// Words, with colons and commas at their ends by themselves, as in names and captions:
/// `waving hand: dark skin tone` has the tokens `waving`, `hand`, `:`, `dark`, `skin` and `tone`.
public struct PhraseTokenizer: Tokenizer, Codable, Equatable {
  /// A tokenizer of phrases.
  public init() {}

  private static let marks: Set<String> = [":", ","]

  /// The words and marks of a text.
  public func tokens(of text: String) -> [String] {
    words(text).flatMap { word -> [String] in
      guard let last = word.last.map(String.init), Self.marks.contains(last), word != last else {
        return [word]
      }
      return [String(word.dropLast()), last]
    }
  }

  /// The words with a space between them; a mark follows its word at once.
  public func text(of tokens: [String]) -> String {
    tokens.reduce(into: "") { text, token in
      if !text.isEmpty, !Self.marks.contains(token) { text += " " }
      text += token
    }
  }
}

/// Words and punctuation marks, each by itself: for program text and prose that is not prepared. A word
/// is a run of letters, digits, combining marks and underscores.
public struct MarkTokenizer: Tokenizer, Codable, Equatable {
  /// A tokenizer of words and marks.
  public init() {}

  /// The words and marks of a text.
  public func tokens(of text: String) -> [String] {
    var tokens: [String] = []
    var word = String.UnicodeScalarView()
    func endWord() {
      if !word.isEmpty { tokens.append(String(word)) }
      word = .init()
    }
    for scalar in text.unicodeScalars {
      if isPartOfWord(scalar) {
        word.append(scalar)
      } else {
        endWord()
        if !isWhiteSpace(scalar) { tokens.append(String(scalar)) }
      }
    }
    endWord()
    return tokens
  }

  /// The tokens with a space between them.
  public func text(of tokens: [String]) -> String { tokens.joined(separator: " ") }

  private func isPartOfWord(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
      .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .letterNumber, .otherNumber,
      .connectorPunctuation:
      true
    default: false
    }
  }
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
