/// The columns that a character takes in a terminal: 2 for East Asian letters and emoji, 0 for what
/// has no width of its own.
package func columns(of character: Character) -> Int {
  guard let first = character.unicodeScalars.first else { return 0 }
  switch first.properties.generalCategory {
  case .control, .format, .nonspacingMark, .enclosingMark: return 0
  default: break
  }
  let hasEmojiForm = character.unicodeScalars.contains { $0.value == 0xFE0F }
  return isWide(first) || hasEmojiForm ? 2 : 1
}

/// The columns that a text takes in a terminal.
package func columns(of text: String) -> Int {
  text.reduce(0) { $0 + columns(of: $1) }
}

/// The beginning of a text that takes at most so many columns, with an ellipsis where some is missing.
package func cut(_ text: String, to limit: Int) -> String {
  if columns(of: text) <= limit { return text }
  var (result, used) = ("", 1)
  for character in text {
    used += columns(of: character)
    if used > limit { break }
    result.append(character)
  }
  return result + "…"
}

/// The width of a text in the units of its font size, rather too large than too small: which font
/// a reader has is not known.
package func textWidth(_ text: String, size: Double) -> Double {
  text.reduce(0) { width, character in
    let share: Double =
      switch character {
      case _ where columns(of: character) == 0: 0
      case _ where columns(of: character) == 2: 1.05
      case "i", "j", "l", "t", "f", "r", "I", ".", ",", ":", ";", "'", "|", "!", " ": 0.4
      case "m", "w", "M", "W", "@", "%", "…", "—": 1
      case _ where character.isUppercase: 0.72
      default: 0.63
      }
    return width + share * size
  }
}

/// Ranges of Unicode's East Asian Width "Wide" and "Fullwidth" (UAX #11), without the rare ones.
private func isWide(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
    0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD:
    true
  default: scalar.properties.isEmojiPresentation
  }
}
