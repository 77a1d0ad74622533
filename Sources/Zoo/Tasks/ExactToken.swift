/// A token that equals another only where both have the same bytes.
///
/// Strings of Swift are equal where they look the same: "é" as one character and as a letter with an
/// accent after it. A vocabulary, and the published scorers, take them for two.
struct ExactToken: Hashable, Comparable {
  let text: String

  init(_ text: String) { self.text = text }

  static func == (a: ExactToken, b: ExactToken) -> Bool { a.text.utf8.elementsEqual(b.text.utf8) }

  /// The order of code points, which is that of the bytes.
  static func < (a: ExactToken, b: ExactToken) -> Bool {
    a.text.utf8.lexicographicallyPrecedes(b.text.utf8)
  }

  func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}

/// Numbers for tokens, in the order in which they are met: lists of numbers are compared faster than
/// lists of texts.
struct TokenNumbers {
  private var numbers: [ExactToken: Int] = [:]

  mutating func callAsFunction(_ tokens: [String]) -> [Int] {
    tokens.map { token in
      let token = ExactToken(token)
      if let known = numbers[token] { return known }
      let number = numbers.count
      numbers[token] = number
      return number
    }
  }
}
