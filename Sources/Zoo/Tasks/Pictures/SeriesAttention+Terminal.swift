import Platform

extension SeriesAttention {
  /// The past as dots, the forecast as rings, what came as crosses; below each past step its weight
  /// as a bar, the largest weight at full height. A series too long for the terminal continues in a
  /// further panel below.
  public func terminal(color: Bool, width: Int) -> String {
    let names = [tickLabel(rounded(range.upperBound)), tickLabel(rounded(range.lowerBound))]
    let label = Swift.max(names.map(\.count).max() ?? 0, "weight".count) + 2
    let available = Swift.max(width - label - 1, 1)
    let cell = available >= 2 * labels.count ? 2 : 1
    let stepsInPanel = Swift.max(available / cell, 1)
    var panels: [String] = []
    for start in stride(from: 0, to: labels.count, by: stepsInPanel) {
      let part = start..<Swift.min(start + stepsInPanel, labels.count)
      var lines = plot(part, cell: cell)
      for (line, name) in [(0, names[0]), (Self.plotHeight - 1, names[1])] {
        lines[line] = rightAligned(name, in: label) + " " + lines[line]
      }
      for line in 1..<Self.plotHeight - 1 { lines[line] = spaces(label + 1) + lines[line] }
      if part.lowerBound < past.count {
        lines.append(
          rightAligned("weight", in: label) + " " + bars(part, cell: cell, color: color))
      }
      lines.append(spaces(label + 1) + steps(part, cell: cell))
      panels.append(lines.map { withoutTrailingSpaces($0) + "\n" }.joined())
    }
    let sentences = [
      heaviestSentence, forecast.isEmpty ? "" : "forecast \(forecastSentence)",
    ].filter { !$0.isEmpty }
    return panels.joined(separator: "\n")
      + sentences.map { wrapped($0, to: Swift.max(width, 20)) }.joined()
  }

  private static let plotHeight = 8

  /// A value as the label of an axis: three digits are enough.
  private func rounded(_ value: Double) -> Double { Double(significant(value, 3)) ?? value }

  private func plot(_ part: Range<Int>, cell: Int) -> [String] {
    var rows = [[Character]](
      repeating: [Character](repeating: " ", count: part.count * cell), count: Self.plotHeight)
    func put(_ value: Double, _ step: Int, _ sign: Character) {
      guard value.isFinite, part.contains(step) else { return }
      let extent = range.upperBound - range.lowerBound
      let share = extent > 0 ? (value - range.lowerBound) / extent : 0.5
      let row = Int(((1 - share) * Double(Self.plotHeight - 1)).rounded())
      rows[row][(step - part.lowerBound) * cell] = sign
    }
    for (step, value) in past.enumerated() { put(value, step, "•") }
    for (index, value) in (actual ?? []).enumerated() { put(value, past.count + index, "×") }
    for (index, value) in forecast.enumerated() { put(value, past.count + index, "○") }
    return rows.map { String($0) }
  }

  private func bars(_ part: Range<Int>, cell: Int, color: Bool) -> String {
    part.prefix { $0 < past.count }.map { step in
      let share = share(step)
      let heights: [Character] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
      let height = heights[Int((share * 8).rounded())]
      if height == " " { return spaces(cell) }
      let codes = colorCodes(of: share, color)
      return codes.begin + String(height) + codes.end + spaces(cell - 1)
    }.joined()
  }

  /// Names of steps below them, as many as there is room for.
  private func steps(_ part: Range<Int>, cell: Int) -> String {
    var line = ""
    for step in part {
      let place = (step - part.lowerBound) * cell
      let used = columns(of: line)
      if place < used + (used == 0 ? 0 : 2) { continue }
      let name = cut(labels[step], to: 16)
      if place + columns(of: name) > part.count * cell, !line.isEmpty { break }
      line += spaces(place - used) + name
    }
    return cut(line, to: Swift.max(part.count * cell, 8))
  }
}

/// A sentence as lines of at most so many columns, broken at blanks.
func wrapped(_ sentence: String, to width: Int) -> String {
  var lines = [""]
  for word in sentence.split(separator: " ") {
    let last = lines[lines.count - 1]
    if !last.isEmpty, columns(of: last) + 1 + columns(of: String(word)) > width {
      lines.append(String(word))
    } else {
      lines[lines.count - 1] += (last.isEmpty ? "" : " ") + word
    }
  }
  return lines.map { $0 + "\n" }.joined()
}
