import Platform

extension ImageAttention {
  /// The image, and then once for each word, where what was not looked at lies in the dark.
  public func svg() -> String {
    let panels = words.count + 1
    let columns = Swift.min(panels, 5)
    let (width, height) = size(longest: 128)
    let (cell, gap, title) = (Swift.max(width, 128), 16.0, 26.0)
    var drawing = Drawing("seen", label: summary)
    for panel in 0..<panels {
      let start = Double(panel % columns) * (cell + gap)
      let y = Double(panel / columns) * (height + title + gap)
      let x = start + (cell - width) / 2
      if panel == 0 {
        drawing.image(image.address, id: "image", x: x, y: y, width: width, height: height)
      } else {
        // From where it stands the first time.
        drawing.repeated("image", x: start, y: y)
        veil(panel - 1, x: x, y: y, width: width, height: height, in: &drawing)
        drawing.text(
          label(panel - 1, width: cell), x: start + cell / 2, y: y + height + 18,
          class: "source middle")
      }
      drawing.newline()
      drawing.width = Swift.max(drawing.width, start + cell)
      drawing.height = Swift.max(drawing.height, y + height + title)
    }
    return drawing.standalone
  }

  /// A word that is cut where it would be wider than its panel.
  private func label(_ word: Int, width: Double) -> String {
    var limit = columns(of: words[word])
    // Words are bold, which is a little wider.
    while limit > 1, textWidth(cut(words[word], to: limit), size: 16) > width { limit -= 1 }
    return cut(words[word], to: limit)
  }

  /// Buttons for the image and for the words, one of which is chosen by a click, or by the arrow keys:
  /// what the word looked at stays bright. This needs no script: the buttons are a browser's own.
  public func html(id: String) -> String {
    let (width, height) = size(longest: 288)
    let image = "\(id)-image"
    var parts: [String] = []
    for choice in 0...words.count {
      let name = choice == 0 ? "image" : words[choice - 1]
      let described =
        choice == 0 ? caption : "\(isolated(name)) looks \(focus(of: choice - 1))"
      var drawing = Drawing("seen", label: described, width: width, height: height)
      if choice == 0 {
        drawing.image(self.image.address, id: image, x: 0, y: 0, width: width, height: height)
      } else {
        drawing.repeated(image, x: 0, y: 0)
        veil(choice - 1, x: 0, y: 0, width: width, height: height, in: &drawing)
      }
      parts.append(
        "<input type=\"radio\" name=\"\(escaped(id))\" id=\"\(escaped(id))-\(choice)\""
          + "\(choice == 0 ? " checked=\"checked\"" : "")/>"
          + "<label for=\"\(escaped(id))-\(choice)\">\(isolatedElement(name))</label>\n"
          + "<div class=\"choice\">\n\(drawing.framed(caption: described))</div>\n")
    }
    return
      "<div class=\"layers seen\" role=\"radiogroup\" aria-label=\"\(escaped(caption)): words\">\n"
      + parts.joined() + "</div>\n"
  }

  /// Width and height of the drawing of an image whose longer side is so long.
  private func size(longest: Double) -> (width: Double, height: Double) {
    let scale = longest / Double(Swift.max(image.width, image.height))
    return (scale * Double(image.width), scale * Double(image.height))
  }

  /// Darkens the places of an image by how little a word looks at them.
  private func veil(
    _ word: Int, x: Double, y: Double, width: Double, height: Double, in drawing: inout Drawing
  ) {
    let (cellWidth, cellHeight) = (width / Double(grid.columns), height / Double(grid.rows))
    for (row, lights) in light(of: word).enumerated() {
      for (column, light) in lights.enumerated() {
        let percent = fixed(100 * intensity(weights[word][row * grid.columns + column]), 1)
        drawing.rectangle(
          x: x + Double(column) * cellWidth, y: y + Double(row) * cellHeight, width: cellWidth,
          height: cellHeight, class: "veil", opacity: 1 - light,
          title: "\(isolated(words[word])): \(percent) %")
      }
    }
    drawing.newline()
  }
}
