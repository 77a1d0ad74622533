// The form in which a vocabulary lies in a file: a token a line, in the order of the numbers, the
// reserved ones left out. In a token `\n`, `\r` and `\\` stand for a line feed, a carriage return and
// a backslash, so that any token can be written, and what is written is read as the same bytes.

extension Vocabulary {
  /// The tokens, each on a line of its own that ends in a line feed.
  public var text: String {
    tokens.reduce(into: "") { text, token in
      for scalar in token.unicodeScalars {
        switch scalar {
        case "\\": text += "\\\\"
        case "\n": text += "\\n"
        case "\r": text += "\\r"
        default: text.unicodeScalars.append(scalar)
        }
      }
      text += "\n"
    }
  }

  /// Reads the text of a vocabulary.
  ///
  /// - Parameters:
  ///   - bytes: UTF-8, a token a line.
  ///   - file: its name, for errors.
  /// - Throws: `TextError` with the line that is no token.
  public init(bytes: [UInt8], file: String? = nil) throws(TextError) {
    var tokens: [String] = []
    var seen: [ExactToken: Int] = [:]
    var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    for (number, line) in lines.enumerated() {
      func error(_ problem: String) -> TextError {
        TextError(file: file, line: number + 1, problem: problem)
      }
      guard let text = String(validating: line, as: UTF8.self) else {
        throw error("the line is not UTF-8")
      }
      guard let token = Self.unescaped(text) else {
        throw error("a backslash stands before n, r or a backslash")
      }
      if let first = seen.updateValue(number + 1, forKey: ExactToken(token)) {
        throw error("the token of line \(first) stands here again")
      }
      tokens.append(token)
    }
    self.init(tokens)
  }

  private static func unescaped(_ line: String) -> String? {
    var token = ""
    var scalars = line.unicodeScalars.makeIterator()
    while let scalar = scalars.next() {
      guard scalar == "\\" else {
        if scalar == "\r" { return nil }
        token.unicodeScalars.append(scalar)
        continue
      }
      switch scalars.next() {
      case "n": token.unicodeScalars.append("\n")
      case "r": token.unicodeScalars.append("\r")
      case "\\": token.unicodeScalars.append("\\")
      default: return nil
      }
    }
    return token
  }
}
