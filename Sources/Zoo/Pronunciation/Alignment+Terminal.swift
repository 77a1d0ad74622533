extension Alignment {
  /// A heat map for a terminal: letters across, phonemes down, darker blocks for larger weights.
  ///
  /// The blocks alone tell the weights apart; colours only add to them, and both leave the
  /// background alone, so that it reads on dark and on light terminals. A word too long for the
  /// width continues in a further panel below.
  ///
  ///            p  h  o  n  e
  ///         F  ███▓▓▓
  ///        OW        ███
  ///         N           ███▒▒▒
  ///
  /// - Parameters:
  ///   - color: whether to add ANSI colours (256-colour codes).
  ///   - width: the columns that the terminal has; lines stay within it, down to a least width of
  ///     one letter a panel.
  /// - Returns: lines that end in newlines, without trailing spaces.
  public func terminal(color: Bool, width: Int = 80) -> String {
    let margin = 2
    let label = (phonemes.map(\.count).max() ?? 0) + margin + 1
    let available = Swift.max(width - label, 1)
    let cell = Swift.min(Swift.max(available / Swift.max(letters.count, 1), 1), 3)
    let lettersInPanel = Swift.max(available / cell, 1)
    let panels = stride(from: 0, to: Swift.max(letters.count, 1), by: lettersInPanel).map { start in
      panel(
        start..<Swift.min(start + lettersInPanel, letters.count), label: label, cell: cell,
        color: color)
    }
    return panels.joined(separator: "\n")
  }

  private func panel(_ columns: Range<Int>, label: Int, cell: Int, color: Bool) -> String {
    let header =
      spaces(label)
      + columns.map { column in
        let left = (cell - 1) / 2
        return spaces(left) + letters[column] + spaces(cell - 1 - left)
      }.joined()
    var lines = [withoutTrailingSpaces(header)]
    for (row, phoneme) in phonemes.enumerated() {
      let cells = columns.map { intensity(row, $0) }
      // Nothing after the last visible block, so that lines can be compared and copied.
      let visible = cells.prefix((cells.lastIndex { shade(of: $0) != " " } ?? -1) + 1)
      let blocks = visible.map { weight in
        let block = String(repeating: shade(of: weight), count: cell)
        return color && block.first != " " ? "\u{1B}[38;5;\(hue(of: weight))m\(block)" : block
      }.joined()
      let name = spaces(label - 1 - phoneme.count) + phoneme
      if visible.isEmpty {
        lines.append(name)
      } else {
        lines.append(name + " " + blocks + (color ? "\u{1B}[0m" : ""))
      }
    }
    return lines.map { $0 + "\n" }.joined()
  }
}

/// Weights below a twentieth are left blank: attention is never exactly zero, and a grey veil over
/// the whole map would hide where it points.
private func shade(of weight: Double) -> Character {
  switch weight {
  case ..<0.05: " "
  case ..<0.25: "░"
  case ..<0.5: "▒"
  case ..<0.75: "▓"
  default: "█"
  }
}

/// Codes of the 256-colour palette from blue over teal and green to orange, of middle brightness.
private func hue(of weight: Double) -> Int {
  let ramp = [61, 67, 73, 72, 71, 107, 143, 179, 173, 209]
  return ramp[Swift.min(Int(weight * Double(ramp.count)), ramp.count - 1)]
}

private func spaces(_ count: Int) -> String {
  String(repeating: " ", count: Swift.max(count, 0))
}

private func withoutTrailingSpaces(_ text: String) -> String {
  String(text[..<(text.lastIndex { $0 != " " }.map { text.index(after: $0) } ?? text.startIndex)])
}
