/// Words cut into pieces of a vocabulary, as BERT's models read them (Devlin et al., 2019; Wu et al., 2016),
/// with the numbers that Hugging Face's `BertTokenizer` gives them.
///
/// A text is cleaned and split at white space and punctuation (`BERTWords`). Of each word the longest piece
/// that the vocabulary has is cut off at the front, then that of the rest, which is marked by `##`. A word
/// of which some rest has no piece, or with more than 100 code points, is `[UNK]` as a whole.
///
/// ```swift
/// let pieces = try WordPiece(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "play", "##ing", "!"])
/// print(pieces.tokens(of: "Playing!"), pieces.numbers(of: "Playing!"))
/// // ["play", "##ing", "!"] [2, 4, 5, 6, 3]
/// ```
public struct WordPiece: Tokenizer, Sendable {
  /// What fills the unused positions of a batch.
  public static let padding = "[PAD]"
  /// What stands for a word that has no pieces.
  public static let unknown = "[UNK]"
  /// What stands before a text.
  public static let start = "[CLS]"
  /// What stands after a text.
  public static let end = "[SEP]"
  /// What stands for a word that is to be guessed.
  public static let mask = "[MASK]"

  static let marks = [padding, unknown, start, end, mask]
  private static let continuation = "##"
  private static let longestWord = 100

  /// The pieces in the order of their numbers, which begin at 0.
  public let pieces: [String]
  /// How a text is cleaned and split.
  public let words: BERTWords

  /// The numbers of marks and of pieces that begin a word.
  private let first: [ExactToken: Int32]
  /// Those of pieces that go on with a word, without their `##`.
  private let further: [ExactToken: Int32]
  /// Bytes of the longest piece.
  private let longest: Int
  private let numbersOfMarks: (unknown: Int32, start: Int32, end: Int32, padding: Int32)

  /// Pieces in the order of their numbers. One that is there twice has the last number.
  ///
  /// - Throws: `MissingPiece` where `[PAD]`, `[UNK]`, `[CLS]` or `[SEP]` is not among them.
  public init(_ pieces: [String], words: BERTWords = BERTWords()) throws(MissingPiece) {
    self.pieces = pieces
    self.words = words
    var first: [ExactToken: Int32] = [:]
    var further: [ExactToken: Int32] = [:]
    first.reserveCapacity(pieces.count)
    for (number, piece) in pieces.enumerated() {
      if piece.utf8.starts(with: Self.continuation.utf8) {
        further[ExactToken(String(piece.unicodeScalars.dropFirst(2)))] = Int32(number)
      }
      first[ExactToken(piece)] = Int32(number)
    }
    func number(_ mark: String) throws(MissingPiece) -> Int32 {
      guard let number = first[ExactToken(mark)] else { throw MissingPiece(piece: mark) }
      return number
    }
    numbersOfMarks = (
      try number(Self.unknown), try number(Self.start), try number(Self.end),
      try number(Self.padding)
    )
    self.first = first
    self.further = further
    longest = pieces.lazy.map(\.utf8.count).max() ?? 0
  }

  /// A vocabulary without a piece that it must have.
  public struct MissingPiece: Error, Equatable, CustomStringConvertible {
    /// The piece.
    public let piece: String
    /// As in `the vocabulary has no [UNK]`.
    public var description: String { "the vocabulary has no \(piece)" }
  }

  /// The number of `[PAD]`.
  public var padding: Int32 { numbersOfMarks.padding }

  /// The pieces of a text's words. A mark that is written out, as `[MASK]`, is a piece by itself.
  public func tokens(of text: String) -> [String] {
    numbersOfPieces(of: text).map { pieces[Int($0)] }
  }

  /// The words that the pieces make, with a space between them.
  public func text(of tokens: [String]) -> String {
    tokens.reduce(into: "") { text, token in
      if token.utf8.starts(with: Self.continuation.utf8) {
        text.unicodeScalars += token.unicodeScalars.dropFirst(2)
      } else {
        text += text.isEmpty ? token : " \(token)"
      }
    }
  }

  /// The numbers of a text's pieces between those of `[CLS]` and `[SEP]`.
  ///
  /// - Parameter limit: how many numbers there are at most, at least 2; further pieces are left out.
  public func numbers(of text: String, limit: Int = .max) -> [Int32] {
    require(limit >= 2, "WordPiece: a limit of \(limit) numbers, of which two are [CLS] and [SEP]")
    let numbers = numbersOfPieces(of: text).prefix(limit - 2)
    return [numbersOfMarks.start] + numbers + [numbersOfMarks.end]
  }

  private func numbersOfPieces(of text: String) -> [Int32] {
    var numbers: [Int32] = []
    for part in parts(of: text) {
      switch part {
      case .mark(let mark): numbers.append(first[ExactToken(mark)]!)
      case .text(let text):
        for word in words.words(of: text) { append(word, to: &numbers) }
      }
    }
    return numbers
  }

  /// Appends the numbers of a word's pieces.
  private func append(_ word: String, to numbers: inout [Int32]) {
    // Most words are one piece.
    if let number = first[ExactToken(word)] { return numbers.append(number) }
    let bytes = Array(word.utf8)
    let count = numbers.count
    var position = 0
    if word.unicodeScalars.count <= Self.longestWord {
      while position < bytes.count, let (number, end) = longestPiece(of: bytes, from: position) {
        numbers.append(number)
        position = end
      }
    }
    if position < bytes.count {
      numbers.removeSubrange(count...)
      numbers.append(numbersOfMarks.unknown)
    }
  }

  private func longestPiece(of bytes: [UInt8], from start: Int) -> (number: Int32, end: Int)? {
    let table = start == 0 ? first : further
    var end = min(bytes.count, start + longest)
    while end > start {
      // No piece ends within a code point.
      if end == bytes.count || bytes[end] & 0xC0 != 0x80 {
        let piece = ExactToken(String(decoding: bytes[start..<end], as: UTF8.self))
        if let number = table[piece] { return (number, end) }
      }
      end -= 1
    }
    return nil
  }

  // MARK: Marks

  private enum Part {
    case mark(String)
    case text(Substring)
  }

  /// The text between marks that are written out, and these.
  private func parts(of text: String) -> [Part] {
    var parts: [Part] = []
    var (rest, searched) = (text[...], text.startIndex)
    while let bracket = text.unicodeScalars[searched...].firstIndex(of: "[") {
      let bytes = text[bracket...].utf8
      let found = Self.marks.first { bytes.starts(with: $0.utf8) }
      guard let mark = found, first[ExactToken(mark)] != nil else {
        searched = text.unicodeScalars.index(after: bracket)
        continue
      }
      parts += [.text(rest[..<bracket]), .mark(mark)]
      searched = bytes.index(bracket, offsetBy: mark.utf8.count)
      rest = text[searched...]
    }
    return parts + [.text(rest)]
  }
}

// MARK: In files

extension WordPiece {
  /// The pieces as BERT's `vocab.txt` has them, each on a line of its own.
  public var text: String { pieces.reduce(into: "") { $0 += "\($1)\n" } }

  /// Reads a `vocab.txt`.
  ///
  /// - Parameters:
  ///   - bytes: UTF-8, a piece a line in the order of their numbers.
  ///   - file: its name, for errors.
  /// - Throws: `TextError` with the line that is not UTF-8, or the last line where a mark is missing.
  public init(
    bytes: [UInt8], words: BERTWords = BERTWords(), file: String? = nil
  ) throws(TextError) {
    var pieces: [String] = []
    var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    pieces.reserveCapacity(lines.count)
    for (number, line) in lines.enumerated() {
      let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
      guard let text = String(validating: line, as: UTF8.self) else {
        throw TextError(file: file, line: number + 1, problem: "the line is not UTF-8")
      }
      pieces.append(text)
    }
    do throws(MissingPiece) {
      try self.init(pieces, words: words)
    } catch {
      throw TextError(file: file, line: max(lines.count, 1), problem: error.description)
    }
  }
}
