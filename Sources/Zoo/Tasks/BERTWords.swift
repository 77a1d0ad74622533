import Foundation

/// The words that BERT's models cut into pieces: a text is cleaned of control characters, Chinese
/// characters stand by themselves, letters become small ones without accents, and every punctuation mark
/// is a word. As Hugging Face's `BertNormalizer` and `BertPreTokenizer` do it.
///
/// The properties of characters are those of the Unicode version that Swift's library knows; one that is
/// newer than another program may be a letter here and nothing there.
public struct BERTWords: Codable, Hashable, Sendable {
  /// Whether capital letters become small ones.
  public var lowercases: Bool
  /// Whether accents are taken off letters.
  public var stripsAccents: Bool
  /// Whether each Chinese character is a word.
  public var separatesChinese: Bool

  /// - Parameter stripsAccents: as `lowercases` if nil.
  public init(
    lowercases: Bool = true, stripsAccents: Bool? = nil, separatesChinese: Bool = true
  ) {
    self.lowercases = lowercases
    self.stripsAccents = stripsAccents ?? lowercases
    self.separatesChinese = separatesChinese
  }

  /// The words of a text.
  func words(of text: Substring) -> [String] {
    var words: [String] = []
    var word = String.UnicodeScalarView()
    func endWord() {
      if !word.isEmpty { words.append(String(word)) }
      word = .init()
    }
    for scalar in normalized(text) {
      if scalar == " " {
        endWord()
      } else if Self.isPunctuation(scalar) {
        endWord()
        words.append(String(scalar))
      } else {
        word.append(scalar)
      }
    }
    endWord()
    return words
  }

  /// The text with ` ` as its only white space, as letters are to be read.
  private func normalized(_ text: Substring) -> String.UnicodeScalarView {
    var scalars = cleaned(text)
    if stripsAccents, scalars.contains(where: { !$0.isASCII }) {
      // An accent is a code point of its own once its letter is decomposed.
      let decomposed = String(scalars).decomposedStringWithCanonicalMapping
      scalars = .init()
      for scalar in decomposed.unicodeScalars
      where scalar.properties.generalCategory != .nonspacingMark { scalars.append(scalar) }
    }
    guard lowercases else { return scalars }
    var small = String.UnicodeScalarView()
    for scalar in scalars {
      if scalar.isASCII {
        let isCapital = (0x41...0x5A).contains(scalar.value)
        small.append(isCapital ? Unicode.Scalar(UInt8(scalar.value) + 32) : scalar)
      } else {
        small += scalar.properties.lowercaseMapping.unicodeScalars
      }
    }
    return small
  }

  private func cleaned(_ text: Substring) -> String.UnicodeScalarView {
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if scalar == "\t" || scalar == "\n" || scalar == "\r" {
        scalars.append(" ")
      } else if scalar.value > 0x1F && scalar.value < 0x7F {
        scalars.append(scalar)
      } else if Self.isNothing(scalar) {
        continue
      } else if scalar.properties.isWhitespace {
        scalars.append(" ")
      } else if separatesChinese && Self.isChinese(scalar) {
        scalars += [" ", scalar, " "]
      } else {
        scalars.append(scalar)
      }
    }
    return scalars
  }

  /// Control characters, among them those that have no width, and what stands for no character.
  private static func isNothing(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse: true
    default: scalar == "\u{FFFD}"
    }
  }

  /// CJK ideographs, as BERT counts them: Hangul, Hiragana and Katakana are written in words.
  private static func isChinese(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x2A6DF, 0x2A700...0x2B73F, 0x2B740...0x2B81F,
      0x2B920...0x2CEAF, 0xF900...0xFAFF, 0x2F800...0x2FA1F:
      true
    default: false
    }
  }

  /// What Unicode calls so, and all marks of ASCII, such as `$` and `^`.
  private static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII {
      return switch scalar.value {
      case 33...47, 58...64, 91...96, 123...126: true
      default: false
      }
    }
    return switch scalar.properties.generalCategory {
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
      .initialPunctuation, .finalPunctuation, .otherPunctuation:
      true
    default: false
    }
  }
}
