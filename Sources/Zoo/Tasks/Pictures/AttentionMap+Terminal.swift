extension AttentionMap {
  /// A heat map for a terminal: sources across, outputs down, darker blocks for larger weights.
  ///
  /// The blocks alone tell the weights apart; colours only add to them, and both leave the
  /// background alone, so that it reads on dark and on light terminals. Sources of several letters
  /// are written from top to bottom. A map too wide for the terminal continues in a further panel
  /// below.
  ///
  ///            p  h  o  n  e
  ///         F  ███▓▓▓
  ///        OW        ███
  ///         N           ███▒▒▒
  ///
  /// - Parameters:
  ///   - color: whether to add ANSI colours (256-colour codes).
  ///   - width: the columns that the terminal has; lines stay within it, down to a least width of
  ///     one source a panel.
  /// - Returns: lines that end in newlines, without trailing spaces.
  public func terminal(color: Bool, width: Int) -> String {
    let margin = 2
    let names = outputs.map { cut($0, to: Swift.max(width / 2 - margin - 1, 3)) }
    let label = (names.map { columns(of: $0) }.max() ?? 0) + margin + 1
    let available = Swift.max(width - label, 1)
    let widest = sources.lazy.joined().map { columns(of: $0) }.max() ?? 1
    let cell = Swift.max(
      Swift.min(available / Swift.max(sources.count, 1), 3), Swift.max(widest, 1))
    let sourcesInPanel = Swift.max(available / cell, 1)
    let strengths = strengths
    let panels = stride(from: 0, to: Swift.max(sources.count, 1), by: sourcesInPanel).map { start in
      let part = start..<Swift.min(start + sourcesInPanel, sources.count)
      let lines =
        header(part, label: label, cell: cell)
        + names.indices.map { row in
          rightAligned(names[row], in: label - 1)
            + blocks(strengths[row][part], cell: cell, color: color)
        }
      return lines.map { $0 + "\n" }.joined()
    }
    return panels.joined(separator: "\n")
  }

  /// The sources above their columns, each from top to bottom, its last letter nearest to the map.
  private func header(_ part: Range<Int>, label: Int, cell: Int) -> [String] {
    let longest = 20
    // Long labels of many narrow columns, such as the times of frames, would run into each other.
    let step = cell == 1 && sources.count > 60 && sources.contains { $0.count > 1 } ? 3 : 1
    let letters = part.map { column in
      column % step == 0 ? cut(sources[column], to: longest).map { $0 } : []
    }
    let height = Swift.max(letters.map(\.count).max() ?? 1, 1)
    return (0..<height).map { line in
      let places = letters.map { letters in
        let index = line - (height - letters.count)
        let letter = index >= 0 ? String(letters[index]) : " "
        let room = cell - columns(of: letter)
        return spaces(room / 2) + letter + spaces(room - room / 2)
      }
      return withoutTrailingSpaces(spaces(label) + places.joined())
    }
  }

  /// The blocks of one row, with the blank before them; nothing after the last visible one.
  private func blocks(_ strengths: ArraySlice<Double>, cell: Int, color: Bool) -> String {
    guard let last = strengths.lastIndex(where: { shade(of: $0) != " " }) else { return "" }
    let blocks = strengths[...last].map { weight in
      let block = String(repeating: shade(of: weight), count: cell)
      return block.first == " " ? block : colorCodes(of: weight, color).begin + block
    }
    return " " + blocks.joined() + (color ? "\u{1B}[0m" : "")
  }
}
