/// Texts that come from files and arguments, as they may be printed: whatever they hold, a terminal is not
/// told to do anything, and a line does not go on for pages.
package enum PrintableText {
  /// Characters of a name or a line that are shown.
  private static let nameLimit = 200
  private static let lineLimit = 1000

  /// A name within a sentence: on one line, and shortened where it is long.
  package static func name(_ text: String) -> String {
    shortened(escaped(text, sparing: []), to: nameLimit)
  }

  /// What is printed for people: lines, and tabs between columns.
  ///
  /// - Parameter isShortened: whether long lines are shortened.
  package static func lines(_ text: String, isShortened: Bool) -> String {
    let escaped = escaped(text, sparing: ["\n", "\t"])
    // Only a long text can have a long line.
    if !isShortened || escaped.utf8.count <= lineLimit { return escaped }
    return escaped.split(separator: "\n", omittingEmptySubsequences: false)
      .map { shortened(String($0), to: lineLimit) }.joined(separator: "\n")
  }

  /// The beginning and the end of what is too long.
  private static func shortened(_ text: String, to limit: Int) -> String {
    if text.utf8.count <= limit || text.count <= limit { return text }
    return "\(text.prefix(limit * 3 / 4)) ... \(text.suffix(limit / 4))"
  }

  private static func escaped(_ text: String, sparing spared: Set<Unicode.Scalar>) -> String {
    if !text.unicodeScalars.contains(where: { isCommand($0) && !spared.contains($0) }) {
      return text
    }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if isCommand(scalar) && !spared.contains(scalar) {
        result += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}".unicodeScalars
      } else {
        result.append(scalar)
      }
    }
    return String(result)
  }

  /// Whether a terminal would do something other than to show it: control characters, ends of lines, and
  /// what turns the direction of a text around (Unicode Standard Annex 9).
  private static func isCommand(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F...0x9F, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}
