import Platform

extension AttentionMap {
  /// The heat map: sources across, outputs down, stronger colour for larger weights; a cell tells its
  /// weight when the pointer rests on it. Sources that are wider than a column stand aslant.
  func drawing() -> Drawing {
    let layout = MapLayout(self)
    var drawing = Drawing("heat", label: summary, width: layout.width, height: layout.height)
    for column in stride(from: 0, to: sources.count, by: layout.labelStep) {
      let x = layout.left + (Double(column) + 0.5) * layout.cell
      if layout.isSlanted {
        drawing.text(
          layout.sources[column], x: x + 4, y: layout.top - 7, class: "source slanted",
          turned: -MapLayout.slant)
      } else {
        drawing.text(layout.sources[column], x: x, y: layout.top - 9, class: "source middle")
      }
    }
    drawing.newline()
    for (row, strengths) in strengths.enumerated() {
      draw(row: row, strengths, layout, in: &drawing)
    }
    return drawing
  }

  private func draw(
    row: Int, _ strengths: [Double], _ layout: MapLayout, in drawing: inout Drawing
  ) {
    let y = layout.top + Double(row) * MapLayout.rowHeight
    drawing.text(layout.outputs[row], x: layout.left - 8, y: y + 18, class: "output end")
    drawing.rectangle(
      x: layout.left, y: y + 1, width: layout.cell * Double(sources.count),
      height: MapLayout.rowHeight - 2, class: "row", radius: 3)
    let gap = layout.cell > 12 ? 1.0 : 0
    for (column, source) in sources.enumerated() {
      // Less than a screen can show.
      if strengths[column] < 0.005 { continue }
      let percent = fixed(100 * intensity(weights[row][column]), 0)
      drawing.rectangle(
        x: layout.left + Double(column) * layout.cell + gap, y: y + 1,
        width: layout.cell - 2 * gap, height: MapLayout.rowHeight - 2, class: "cell",
        radius: gap * 3, opacity: strengths[column],
        title: "\(isolated(outputs[row])) looks at \(isolated(source)): \(percent) %")
    }
    drawing.newline()
  }
}

/// Where the parts of a map lie.
private struct MapLayout {
  static let rowHeight = 26.0
  /// Degrees by which wide labels of columns rise.
  static let slant = 45.0
  private static let fontSize = 15.0
  /// Longer labels are cut, in columns of a terminal.
  private static let longestLabel = 28

  let sources: [String]
  let outputs: [String]
  let isSlanted: Bool
  /// The width of a column.
  let cell: Double
  /// One of so many columns has a label, so that labels don't lie on each other.
  let labelStep: Int
  let left: Double
  let top: Double
  let width: Double
  let height: Double

  init(_ map: AttentionMap) {
    let sources = map.sources.map { cut($0, to: Self.longestLabel) }
    let outputs = map.outputs.map { cut($0, to: Self.longestLabel) }
    let cell: Double = map.sources.count > 60 ? 9 : 26
    // Sources are bold, which is a little wider.
    let widths = sources.map { textWidth($0, size: Self.fontSize * 1.08) }
    let longest = widths.max() ?? 0
    let left = 12 + (outputs.map { textWidth($0, size: Self.fontSize) }.max() ?? 0)
    let angle = Self.slant * .pi / 180
    // Where the slanted labels end, and the last column does.
    let ends = widths.enumerated().map { column, width in
      left + cell * (Double(column) + 0.5) + 16 + width * cos(angle)
    }
    let end = left + cell * Double(sources.count)
    (self.sources, self.outputs, self.cell, self.left) = (sources, outputs, cell, left)
    isSlanted = longest > cell
    labelStep = isSlanted ? Int((22 / cell).rounded(.up)) : 1
    top = isSlanted ? 20 + longest * sin(angle) : 26
    width = isSlanted ? max(end, ends.max() ?? 0) : end
    height = top + Self.rowHeight * Double(outputs.count)
  }
}
