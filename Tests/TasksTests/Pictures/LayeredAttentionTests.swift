import Tasks
import Testing

/// The layers and heads of a Transformer.
@Suite struct LayeredAttentionTests {
  private func map(_ weights: [[Float]]) -> AttentionMap {
    AttentionMap(sources: ["a", "b"], outputs: ["X"], weights: weights, caption: "")
  }

  private var layers: LayeredAttention {
    LayeredAttention(
      heads: [
        .init(layer: "layer 1", name: "1", map: map([[1, 0]])),
        .init(layer: "layer 1", name: "2", map: map([[0.5, 0.5]])),
        .init(layer: "layer 2", name: "1", map: map([[0, 1]])),
      ], caption: "a b")
  }

  @Test func `in the terminal each layer has the mean of its heads`() {
    #expect(
      layers.terminal(color: false, width: 80) == """
        layer 1, mean of 2 heads
             a  b
          X ███▒▒▒

        layer 2, head 1
             a  b
          X    ███

        """)
  }

  @Test func `on a page one button of a group is chosen, each with its map beside it`() throws {
    let page = try Markup(layers.html(id: "picture-3"))
    let buttons = page.all("input")
    #expect(buttons.allSatisfy { $0["type"] == "radio" && $0["name"] == "picture-3" })
    #expect(buttons.map { $0["checked"] != nil } == [true, false, false, false])
    #expect(
      buttons.map { $0["aria-label"] } == [
        "layer 1, mean", "layer 1, head 1", "layer 1, head 2", "layer 2, head 1",
      ])
    #expect(page.all("label").map { $0["for"] } == buttons.map { $0["id"] })
    #expect(Set(buttons.map { $0["id"] }).count == 4)
    #expect(page.texts("label") == ["mean", "1", "2", "1"])
    // What is shown follows its button and the label: the style sheet says so in terms of this order.
    let order = page.elements.filter {
      $0.ancestors.count == 1 && $0.name != "span"
    }.map(\.name)
    #expect(order == Array(repeating: ["input", "label", "div"], count: 4).flatMap { $0 })
    #expect(pageStyle.contains(".layers input:checked + label + .choice { display: block; }"))
    let cells = page.all("rect", class: "cell").map { $0["fill-opacity"] ?? "1" }
    #expect(cells == ["0.75", "0.25", "1", "0.5", "0.5", "1"])
  }

  @Test func `as a drawing each layer has the mean and, smaller, its heads`() throws {
    let drawing = try Markup(layers.svg())
    #expect(
      drawing.texts("text", class: "value") == [
        "layer 1, mean of 2 heads", "1", "2", "layer 2, head 1",
      ])
    let scales = drawing.all("g").compactMap { $0["transform"]?.split(separator: " ").last }
    #expect(scales == ["scale(1)", "scale(0.42)", "scale(0.42)", "scale(1)"])
  }
}
