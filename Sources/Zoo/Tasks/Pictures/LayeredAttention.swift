/// What the layers and heads of a Transformer looked at.
public struct LayeredAttention: Picture, Equatable {
  /// What one head of one layer looked at.
  public struct Head: Equatable, Sendable {
    /// The layer's name, such as `decoder 2, source`.
    public let layer: String
    /// The head's name within its layer, such as `1`.
    public let name: String
    /// What it looked at.
    public let map: AttentionMap

    /// A head's map.
    public init(layer: String, name: String, map: AttentionMap) {
      self.layer = layer
      self.name = name
      self.map = map
    }
  }

  /// All heads; those of one layer follow each other, have its name, and have the same sources and
  /// outputs.
  public let heads: [Head]
  /// What it shows, in a few words.
  public var caption: String

  /// The maps of a model's heads. Heads of one layer whose sources or outputs differ are a programming
  /// error and trap.
  public init(heads: [Head], caption: String) {
    for (head, next) in zip(heads, heads.dropFirst()) where head.layer == next.layer {
      require(
        head.map.sources == next.map.sources && head.map.outputs == next.map.outputs,
        "LayeredAttention: the heads \(head.name) and \(next.name) of layer \(head.layer) have "
          + "different sources or outputs")
    }
    self.heads = heads
    self.caption = caption
  }

  /// The maps of one layer.
  struct Layer {
    let name: String
    let heads: [Head]
    /// The mean of the heads; with a single head the head itself.
    let mean: AttentionMap
    /// What can be chosen: the mean first, where there are several heads.
    var choices: [(name: String, map: AttentionMap)] {
      (heads.count > 1 ? [("mean", mean)] : []) + heads.map { ($0.name, $0.map) }
    }
  }

  /// The layers in their order.
  var layers: [Layer] {
    heads.chunked { $0.layer == $1.layer }.map { heads in
      let name = heads[0].layer
      let suffix = heads.count > 1 ? "mean of \(heads.count) heads" : "head \(heads[0].name)"
      let mean = AttentionMap(meanOf: heads.map(\.map), caption: "\(name), \(suffix)")
      return Layer(name: name, heads: heads, mean: mean)
    }
  }

  /// The mean of each layer's heads, one layer below the other.
  public func terminal(color: Bool, width: Int) -> String {
    layers.map { "\($0.mean.caption)\n" + $0.mean.terminal(color: color, width: width) }
      .joined(separator: "\n")
  }

  /// For each layer the mean of its heads, and beside it the heads, smaller, in two rows.
  public func svg() -> String {
    let summary = layers.map(\.mean.summary).joined(separator: ". ")
    var drawing = Drawing("layers", label: "\(caption). \(summary)")
    for layer in layers {
      let mean = layer.mean.drawing()
      let top = drawing.height + (drawing.height > 0 ? 28 : 0)
      drawing.text(layer.mean.caption, x: 0, y: top + 14, class: "value series-0")
      drawing.add(mean, x: 0, y: top + Self.titleHeight)
      drawing.height = top + Self.titleHeight + mean.height
      let titleWidth = textWidth(layer.mean.caption, size: 15)
      drawing.width = max(drawing.width, mean.width, titleWidth)
      if layer.heads.count > 1 {
        draw(layer.heads, x: max(mean.width, titleWidth) + 20, y: top, in: &drawing)
      }
    }
    return drawing.standalone
  }

  private static let titleHeight = 28.0
  private static let smaller = 0.42

  private func draw(_ heads: [Head], x: Double, y: Double, in drawing: inout Drawing) {
    // Heads of a layer have the same sources and outputs, so their drawings have the same size.
    let map = heads[0].map.drawing()
    let names = heads.map { textWidth($0.name, size: 15) }
    let width = max(map.width * Self.smaller, names.max() ?? 0) + 16
    let height = map.height * Self.smaller + Self.titleHeight
    let columns = (heads.count + 1) / 2
    for (index, head) in heads.enumerated() {
      let left = x + Double(index % columns) * width
      let top = y + Double(index / columns) * height
      drawing.text(head.name, x: left, y: top + 14, class: "value")
      drawing.add(head.map.drawing(), x: left, y: top + Self.titleHeight, scale: Self.smaller)
      drawing.width = max(drawing.width, left + width - 16)
      drawing.height = max(drawing.height, top + height)
    }
  }

  /// Buttons for layers and heads, one of which is chosen by a click, or by the arrow keys; the map of
  /// the chosen one is shown. This needs no script: the buttons are a browser's own.
  public func html(id: String) -> String {
    var parts: [String] = []
    var number = 0
    for layer in layers {
      parts.append("<span class=\"layer\">\(isolatedElement(layer.name))</span>\n")
      for (name, map) in layer.choices {
        let choice = "\(id)-\(number)"
        let described = "\(layer.name), \(name == "mean" ? name : "head \(name)")"
        parts.append(
          "<input type=\"radio\" name=\"\(escaped(id))\" id=\"\(escaped(choice))\" "
            + "aria-label=\"\(escaped(described))\"\(number == 0 ? " checked=\"checked\"" : "")/>"
            + "<label for=\"\(escaped(choice))\">\(isolatedElement(name))</label>\n"
            + "<div class=\"choice\">\n\(map.drawing().framed(caption: described))</div>\n")
        number += 1
      }
    }
    return
      "<div class=\"layers\" role=\"radiogroup\" aria-label=\"\(escaped("\(caption): layer and head"))\">\n"
      + parts.joined() + "</div>\n"
  }
}

extension Array {
  /// The elements in parts, each as long as neighbours belong together.
  fileprivate func chunked(by belong: (Element, Element) -> Bool) -> [[Element]] {
    var parts: [[Element]] = []
    for element in self {
      if let last = parts.last?.last, belong(last, element) {
        parts[parts.count - 1].append(element)
      } else {
        parts.append([element])
      }
    }
    return parts
  }
}
