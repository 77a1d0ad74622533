extension ImageAttention {
  /// The image in half blocks, then for each word a small one of which only the places that it looked
  /// at are bright. Without colours blocks are dark where the image is, and where the words look.
  public func terminal(color: Bool, width: Int) -> String {
    let wide = Swift.max(Swift.min(width, 2 * grid.columns * 2, image.width), 1)
    let high = Swift.max(wide * image.height / image.width / 2, 1)
    let whole = color ? painted(rows: 2 * high, columns: wide) : shaded(rows: high, columns: wide)
    let panel = Swift.max(2 * grid.columns, words.map { Swift.min(columns(of: $0), 16) }.max() ?? 0)
    let perRow = Swift.max((width + 2) / (panel + 2), 1)
    let groups = stride(from: 0, to: words.count, by: perRow).map { start in
      side(Array(start..<Swift.min(start + perRow, words.count)), panel: panel, color: color)
    }
    return ([whole] + groups).map { lines in
      lines.map { withoutTrailingSpaces($0) + "\n" }.joined()
    }.joined(separator: "\n")
  }

  /// The panels of some words side by side, the words above.
  private func side(_ chosen: [Int], panel: Int, color: Bool) -> [String] {
    let panels = chosen.map { word in
      [leftAligned(cut(words[word], to: panel), in: panel)]
        + (color ? painted(word) : shaded(word)).map {
          $0 + spaces(panel - 2 * grid.columns)
        }
    }
    return (0...grid.rows).map { line in panels.map { $0[line] }.joined(separator: "  ") }
  }

  /// Two rows of the image in a line: the upper half of a block in one colour, the lower in the other.
  private func painted(rows: Int, columns: Int) -> [String] {
    paint(image.mosaic(rows: rows, columns: columns))
  }

  /// What is lit of a small image while a word is said.
  private func painted(_ word: Int) -> [String] {
    let light = light(of: word)
    let mosaic = image.mosaic(rows: 2 * grid.rows, columns: 2 * grid.columns)
    return paint(
      mosaic.enumerated().map { row, colors in
        colors.enumerated().map { column, color in
          color.dimmed(to: light[row / 2][column / 2])
        }
      })
  }

  private func paint(_ mosaic: [[PixelImage.Color]]) -> [String] {
    stride(from: 0, to: mosaic.count, by: 2).map { row in
      zip(mosaic[row], mosaic[row + 1]).map { upper, lower in
        "\u{1B}[38;5;\(upper.terminalCode);48;5;\(lower.terminalCode)m▀"
      }.joined() + "\u{1B}[0m"
    }
  }

  /// Blocks that are dark where the image is.
  private func shaded(rows: Int, columns: Int) -> [String] {
    image.mosaic(rows: rows, columns: columns).map { colors in
      String(colors.map { shade(of: 1 - $0.luminance) })
    }
  }

  /// Blocks that are dark where a word looks.
  private func shaded(_ word: Int) -> [String] {
    light(of: word).map { lights in
      lights.map { String(repeating: shade(of: ($0 - 0.2) / 0.8), count: 2) }.joined()
    }
  }
}
