/// How dark a block is for a weight from 0 to 1.
///
/// Weights below a twentieth are left blank: attention is never exactly zero, and a grey veil over
/// the whole map would hide where it points.
package func shade(of weight: Double) -> Character {
  switch weight {
  case ..<0.05: " "
  case ..<0.25: "░"
  case ..<0.5: "▒"
  case ..<0.75: "▓"
  default: "█"
  }
}

/// The codes that write in the colour of a weight from 0 to 1, and that end it; empty without
/// colours. The colours go from blue over teal and green to orange, of middle brightness, so that
/// they read on dark and on light terminals.
func colorCodes(of weight: Double, _ color: Bool) -> (begin: String, end: String) {
  let ramp = [61, 67, 73, 72, 71, 107, 143, 179, 173, 209]
  let hue = ramp[Swift.min(Int(weight * Double(ramp.count)), ramp.count - 1)]
  return color ? ("\u{1B}[38;5;\(hue)m", "\u{1B}[0m") : ("", "")
}

/// A horizontal bar for a share from 0 to 1 of `width` columns, to an eighth of a column.
package func bar(_ share: Double, width: Int) -> String {
  let eighths = Int((share * Double(width) * 8).rounded())
  let rest = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]
  return String(repeating: "█", count: eighths / 8) + rest
}

/// Blanks; none for a negative count.
package func spaces(_ count: Int) -> String {
  String(repeating: " ", count: Swift.max(count, 0))
}

/// A text with blanks before it, so that it takes so many columns.
func rightAligned(_ text: String, in width: Int) -> String {
  spaces(width - columns(of: text)) + text
}

/// A text with blanks after it, so that it takes so many columns.
func leftAligned(_ text: String, in width: Int) -> String {
  text + spaces(width - columns(of: text))
}

/// A line without the blanks at its end, so that lines can be compared and copied.
func withoutTrailingSpaces(_ text: String) -> String {
  String(text[..<(text.lastIndex { $0 != " " }.map { text.index(after: $0) } ?? text.startIndex)])
}

/// A weight as a share from 0 to 1: what is no number from 0 to 1 (a diverged model) is drawn as the
/// nearest one, NaN as 0.
func intensity(_ weight: Float) -> Double {
  weight.isNaN ? 0 : Double(Swift.min(Swift.max(weight, 0), 1))
}
