/// Words cut into pieces that were learnt: byte-pair encoding (Sennrich, Haddow and Birch, 2016), with
/// the pieces, the file form and the mark `@@` of subword-nmt.
///
/// A word begins as its code points, the last one marked as such. The pair that was learnt first is
/// joined first, wherever it stands, until no pair that was learnt is left.
public struct BytePairEncoding: Tokenizer, Equatable {
  /// A pair of pieces that become one; `</w>` at the end of a piece marks the end of a word.
  public struct Merge: Hashable, Sendable {
    /// The piece before.
    public let left: String
    /// The piece after it.
    public let right: String

    /// A pair of pieces.
    public init(_ left: String, _ right: String) {
      self.left = left
      self.right = right
    }

    /// Whether both pieces are the same, byte for byte.
    public static func == (a: Merge, b: Merge) -> Bool {
      ExactToken(a.left) == ExactToken(b.left) && ExactToken(a.right) == ExactToken(b.right)
    }

    /// Both pieces' bytes.
    public func hash(into hasher: inout Hasher) {
      hasher.combine(ExactToken(left))
      hasher.combine(ExactToken(right))
    }
  }

  static let wordEnd = "</w>"
  /// What a piece ends with that is not the last of its word.
  static let mark = "@@"

  /// The pairs in the order in which they were learnt.
  public let merges: [Merge]

  private let ranks: [Merge: Int]

  /// The encoding that joins the given pairs; one that is given twice has the first place.
  public init(merges: [Merge]) {
    self.merges = merges
    ranks = Dictionary(merges.enumerated().map { ($1, $0) }) { first, _ in first }
  }

  /// Whether both join the same pairs.
  public static func == (a: BytePairEncoding, b: BytePairEncoding) -> Bool { a.merges == b.merges }

  /// The pieces of a text's words, all but the last of a word with `@@` at their end.
  public func tokens(of text: String) -> [String] {
    words(text).flatMap { word in
      let pieces = pieces(of: word)
      return pieces.dropLast().map { $0 + Self.mark } + [pieces[pieces.count - 1]]
    }
  }

  /// The words that the pieces make, with a space between them.
  public func text(of tokens: [String]) -> String {
    var text = ""
    var isWithin = true
    for token in tokens {
      if !isWithin { text += " " }
      isWithin = token.utf8.count >= 2 && token.utf8.suffix(2).elementsEqual(Self.mark.utf8)
      text.unicodeScalars += isWithin ? token.unicodeScalars.dropLast(2) : token.unicodeScalars[...]
    }
    return text
  }

  private func pieces(of word: String) -> [String] {
    var pieces = Self.codePoints(of: word)
    while pieces.count > 1 {
      let ranked = (1..<pieces.count).compactMap { position in
        ranks[Merge(pieces[position - 1], pieces[position])]
      }
      guard let best = ranked.min() else { break }
      pieces = Self.joined(pieces, merges[best])
    }
    let last = pieces.removeLast()
    return pieces + [String(last.unicodeScalars.dropLast(Self.wordEnd.count))]
  }

  /// A word's code points, the last with the mark of a word's end.
  static func codePoints(of word: String) -> [String] {
    var pieces = word.unicodeScalars.map { String($0) }
    pieces[pieces.count - 1] += wordEnd
    return pieces
  }

  /// The pieces with each occurrence of a pair, from the left, as one.
  static func joined(_ pieces: [String], _ merge: Merge) -> [String] {
    var result: [String] = []
    var position = 0
    while position < pieces.count {
      if position + 1 < pieces.count, Merge(pieces[position], pieces[position + 1]) == merge {
        result.append(merge.left + merge.right)
        position += 2
      } else {
        result.append(pieces[position])
        position += 1
      }
    }
    return result
  }
}

// MARK: In files

extension BytePairEncoding {
  private static let header = "#version: 0.2"

  /// The pairs as subword-nmt writes them: a line that names the version, then a pair a line.
  public var text: String {
    merges.reduce(into: Self.header + "\n") { $0 += "\($1.left) \($1.right)\n" }
  }

  /// Reads the pairs that `text` or subword-nmt has written.
  ///
  /// - Parameters:
  ///   - bytes: UTF-8, a line that names version 0.2, then a pair a line.
  ///   - file: its name, for errors.
  /// - Throws: `TextError` with the line that is no pair.
  public init(bytes: [UInt8], file: String? = nil) throws(TextError) {
    var merges: [Merge] = []
    var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    for (number, line) in lines.enumerated() {
      func error(_ problem: String) -> TextError {
        TextError(file: file, line: number + 1, problem: problem)
      }
      guard let text = String(validating: line, as: UTF8.self) else {
        throw error("the line is not UTF-8")
      }
      if number == 0 {
        if text != Self.header { throw error("expected \"\(Self.header)\"") }
        continue
      }
      let parts = text.unicodeScalars.split(separator: " ", omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
        throw error("expected two pieces with a space between them")
      }
      merges.append(Merge(String(parts[0]), String(parts[1])))
    }
    if lines.isEmpty {
      throw TextError(file: file, line: 1, problem: "expected \"\(Self.header)\"")
    }
    self.init(merges: merges)
  }
}
