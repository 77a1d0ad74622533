/// The elements of an SVG, one after the other, in the units of its own width and height.
package struct Drawing {
  /// The class of the whole, for the style sheet.
  let kind: String
  /// What a reader hears who doesn't see it.
  let label: String
  var width: Double
  var height: Double
  /// Whether a page may make it as wide as there is room; else it keeps its size and scrolls.
  var scales = false

  private(set) var content = ""

  init(_ kind: String, label: String, width: Double = 0, height: Double = 0) {
    self.kind = kind
    self.label = label
    self.width = width
    self.height = height
  }

  /// Ends a line of the file.
  mutating func newline() { content += "\n" }

  /// Writes text at a point, turned by so many degrees around it.
  mutating func text(
    _ text: String, x: Double, y: Double, class kind: String, turned degrees: Double = 0
  ) {
    if text.isEmpty { return }
    let (x, y) = (coordinate(x), coordinate(y))
    let turn =
      degrees == 0 ? "" : " transform=\"rotate(\(coordinate(degrees)) \(x) \(y))\""
    content += "<text class=\"\(kind)\" x=\"\(x)\" y=\"\(y)\"\(turn)>\(escaped(text))</text>"
  }

  /// Fills a rectangle; a pointer that rests on it is told the title.
  mutating func rectangle(
    x: Double, y: Double, width: Double, height: Double, class kind: String, radius: Double = 0,
    opacity: Double = 1, title: String = ""
  ) {
    content +=
      "<rect class=\"\(kind)\" x=\"\(coordinate(x))\" y=\"\(coordinate(y))\" "
      + "width=\"\(coordinate(width))\" height=\"\(coordinate(height))\""
    if radius > 0 { content += " rx=\"\(coordinate(radius))\"" }
    if opacity < 1 { content += " fill-opacity=\"\(coordinate(opacity))\"" }
    content += title.isEmpty ? "/>" : "><title>\(escaped(title))</title></rect>"
  }

  /// A straight line.
  mutating func line(from start: (Double, Double), to end: (Double, Double), class kind: String) {
    content +=
      "<line class=\"\(kind)\" x1=\"\(coordinate(start.0))\" y1=\"\(coordinate(start.1))\" "
      + "x2=\"\(coordinate(end.0))\" y2=\"\(coordinate(end.1))\"/>"
  }

  /// A line through points; a single point has none.
  mutating func polyline(_ points: [(Double, Double)], class kind: String) {
    guard points.count > 1 else { return }
    let path = points.map { "\(coordinate($0)),\(coordinate($1))" }.joined(separator: " ")
    content += "<polyline class=\"\(kind)\" points=\"\(path)\"/>\n"
  }

  /// A dot; a pointer that rests on it is told the title.
  mutating func dot(
    _ place: (Double, Double), radius: Double = 4, class kind: String, title: String
  ) {
    content +=
      "<circle class=\"\(kind)\" cx=\"\(coordinate(place.0))\" cy=\"\(coordinate(place.1))\" "
      + "r=\"\(coordinate(radius))\"><title>\(escaped(title))</title></circle>\n"
  }

  /// Shows an image of pixels.
  ///
  /// - Parameters:
  ///   - address: where it is, or what holds it.
  ///   - id: what `repeated` knows it by, a name that nothing else of the page has.
  mutating func image(
    _ address: String, id: String, x: Double, y: Double, width: Double, height: Double
  ) {
    content +=
      "<image id=\"\(escaped(id))\" image-rendering=\"pixelated\" "
      + "x=\"\(coordinate(x))\" y=\"\(coordinate(y))\" "
      + "width=\"\(coordinate(width))\" height=\"\(coordinate(height))\" href=\"\(escaped(address))\"/>"
  }

  /// Shows what has that id once more, moved to the right and down.
  mutating func repeated(_ id: String, x: Double, y: Double) {
    content += "<use href=\"#\(escaped(id))\" x=\"\(coordinate(x))\" y=\"\(coordinate(y))\"/>"
  }

  /// Another drawing, smaller or at full size, with its upper left corner at a point.
  mutating func add(_ other: Drawing, x: Double, y: Double, scale: Double = 1) {
    content +=
      "<g class=\"\(other.kind)\" transform=\"translate(\(coordinate(x)) \(coordinate(y))) "
      + "scale(\(coordinate(scale)))\">\n\(other.content)</g>\n"
  }

  /// The element on a page, whose style sheet it needs.
  package var inline: String {
    let size = scales ? "" : "width=\"\(coordinate(width))\" height=\"\(coordinate(height))\" "
    return "<svg class=\"\(kind)\" role=\"img\" aria-label=\"\(escaped(label))\" \(size)"
      + "viewBox=\"0 0 \(coordinate(width)) \(coordinate(height))\">\n\(content)</svg>\n"
  }

  /// The element on a page, in a frame in which it scrolls where a phone is too narrow for it. The
  /// frame can be reached by the keyboard, whose arrows then move it.
  func framed(caption: String) -> String {
    if scales { return inline }
    // The room that a phone 390 pixels wide leaves.
    let reach =
      width > 320 ? " tabindex=\"0\" role=\"group\" aria-label=\"\(escaped(caption))\"" : ""
    return "<div class=\"pan\"\(reach)>\n\(inline)</div>\n"
  }

  /// The whole file.
  var standalone: String {
    let margin = 14.0
    let (width, height) = (width + 2 * margin, height + 2 * margin)
    let origin = coordinate(-margin)
    return """
      <svg xmlns="http://www.w3.org/2000/svg" class="\(kind)" role="img" \
      aria-label="\(escaped(label))" width="\(coordinate(width))" height="\(coordinate(height))" \
      viewBox="\(origin) \(origin) \(coordinate(width)) \(coordinate(height))">
      <style>
      \(paletteStyle)\(pictureStyle)</style>
      <rect class="surface" x="\(origin)" y="\(origin)" width="\(coordinate(width))" \
      height="\(coordinate(height))"/>
      \(content)</svg>

      """
  }
}
