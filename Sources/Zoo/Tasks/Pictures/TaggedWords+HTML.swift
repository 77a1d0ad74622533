extension TaggedWords {
  /// Words that flow with the page: below each a bar for its weight, around each slot a frame with
  /// its kind.
  public func html(id: String) -> String {
    let content = parts.map { part in
      let words = part.words.map { word(self.words[$0], $0) }.joined(separator: "\n")
      guard let kind = part.kind else { return words }
      return "<span class=\"slot\"><span class=\"inside\">\(words)</span>\n"
        + "<span class=\"kind\">\(isolatedElement(kind))</span></span>"
    }
    return "<div class=\"tagged\">\n"
      + (label.isEmpty ? "" : "<p class=\"label\"><strong>\(isolatedElement(label))</strong></p>\n")
      + "<p class=\"words\">\n\(content.joined(separator: "\n"))\n</p>\n</div>\n"
  }

  private func word(_ word: String, _ index: Int) -> String {
    let text = "<span class=\"word\">\(isolatedElement(word))"
    if weights.isEmpty { return text + "</span>" }
    let width = coordinate(100 * share(index))
    return text
      + " <span class=\"track\"><span class=\"bar\" style=\"width:\(width)%\"></span></span>"
      + "<span class=\"percent\">\(percent(index))</span></span>"
  }

  /// The same as an SVG file, in lines of about 600 units.
  public func svg() -> String {
    let lineWidth = 600.0
    var drawing = Drawing("tagged-words", label: summary)
    let top = label.isEmpty ? 0.0 : 36
    drawing.text(label, x: 0, y: 18, class: "value series-0")
    var (x, y, width) = (0.0, top, textWidth(label, size: 16))
    for part in parts {
      let widths = part.words.map { Swift.max(textWidth(words[$0], size: 16), 34) }
      let padding: Double = part.kind == nil ? 0 : 8
      let breadth = Swift.max(
        widths.reduce(2 * padding) { $0 + $1 } + 10 * Double(widths.count - 1),
        part.kind.map { textWidth($0, size: 14) + 2 * padding } ?? 0)
      if x > 0, x + breadth > lineWidth {
        (x, y) = (0, y + 84)
      }
      if let kind = part.kind {
        drawing.rectangle(x: x, y: y, width: breadth, height: 74, class: "slot", radius: 8)
        drawing.text(kind, x: x + padding, y: y + 67, class: "kind")
      }
      var left = x + padding
      for (index, breadth) in zip(part.words, widths) {
        draw(index, x: left, y: y, width: breadth, in: &drawing)
        left += breadth + 10
      }
      drawing.newline()
      x += breadth + 10
      width = Swift.max(width, x)
    }
    drawing.width = width
    drawing.height = y + (words.isEmpty ? 0 : 76)
    return drawing.standalone
  }

  private func draw(
    _ index: Int, x: Double, y: Double, width: Double, in drawing: inout Drawing
  ) {
    drawing.text(words[index], x: x, y: y + 22, class: "word")
    if weights.isEmpty { return }
    drawing.rectangle(x: x, y: y + 29, width: width, height: 5, class: "row", radius: 2)
    drawing.rectangle(
      x: x, y: y + 29, width: width * share(index), height: 5, class: "bar", radius: 2)
    drawing.text(percent(index), x: x, y: y + 48, class: "tick faint")
  }
}
