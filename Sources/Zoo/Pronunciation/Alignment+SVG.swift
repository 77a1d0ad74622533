extension Alignment {
  /// The heat map as an inline SVG: letters across, phonemes down, stronger colour for larger
  /// weights; a cell tells its weight when the pointer rests on it.
  func svg() -> String {
    let cell = 26.0
    let left = 12 + 10.5 * Double(phonemes.map(\.count).max() ?? 1)
    let top = 26.0
    let width = left + cell * Double(letters.count)
    let height = top + cell * Double(phonemes.count)
    var svg = ""
    for (column, letter) in letters.enumerated() {
      let x = left + (Double(column) + 0.5) * cell
      svg += "<text class=\"letter\" x=\"\(coordinate(x))\" y=\"17\">\(escaped(letter))</text>"
    }
    svg += "\n"
    for (row, phoneme) in phonemes.enumerated() {
      let y = top + Double(row) * cell
      svg +=
        "<text class=\"phoneme\" x=\"\(coordinate(left - 8))\" y=\"\(coordinate(y + 18))\">"
        + "\(escaped(phoneme))</text>"
      for (column, letter) in letters.enumerated() {
        let weight = intensity(row, column)
        let x = left + Double(column) * cell
        svg +=
          "<rect x=\"\(coordinate(x + 1))\" y=\"\(coordinate(y + 1))\" width=\"24\" height=\"24\" "
          + "rx=\"3\" style=\"--w:\(coordinate(weight))\">"
          + "<title>\(escaped(phoneme)) looks at \(escaped(letter)): "
          + "\(fixed(100 * weight, 0)) %</title></rect>"
      }
      svg += "\n"
    }
    let label = "Attention of the phonemes \(phonemes.joined(separator: " ")) on the word \(word)"
    return "<svg class=\"heat\" role=\"img\" aria-label=\"\(escaped(label))\" "
      + "width=\"\(coordinate(width))\" height=\"\(coordinate(height))\" "
      + "viewBox=\"0 0 \(coordinate(width)) \(coordinate(height))\">\n\(svg)</svg>\n"
  }
}
