import Tasks
import Testing

/// Lines of several things over one axis.
@Suite struct LineChartTests {
  private let chart = LineChart(
    lines: [
      .init("none", [.init(0, 10), .init(1, 30), .init(2, 40)]),
      .init("additive", [.init(0, 10), .init(1, 20), .init(2, .nan)]),
    ], caption: "error by length", unit: "%",
    labels: [(0, "1–4"), (1, "5"), (2, "6–9")])

  @Test func `numbers that are not finite are left out`() {
    #expect(chart.lines[1].points == [.init(0, 10), .init(1, 20)])
  }

  @Test func `in the terminal each line is a row`() {
    #expect(
      chart.terminal(color: false, width: 40) == """
              none 10 30 40 %
          additive 10 20 %

        """)
  }

  @Test func `dots stand where the values are, under one axis`() throws {
    let markup = try Markup(chart.svg())
    let dots = markup.elements.filter { $0.name == "circle" }
    #expect(dots.count == 5)
    let (x, y) = (try dots.map { try $0.number("cx") }, try dots.map { try $0.number("cy") })
    // Equal places and values are at equal coordinates.
    #expect(x[0] == x[3] && x[1] == x[4] && y[0] == y[3])
    #expect(abs((x[1] - x[0]) - (x[2] - x[1])) < 0.2)
    // Twice as much above 10 is twice as high; drawings are rounded to tenths.
    #expect(abs((y[0] - y[1]) - 2 * (y[0] - y[4])) < 0.3)
    #expect(y[2] < y[1] && y[1] < y[4] && y[4] < y[0])
    let texts = markup.elements.filter { $0.name == "text" }.map(\.text)
    #expect(["none", "additive", "1–4", "5", "6–9", "40 %"].allSatisfy { texts.contains($0) })
  }

  @Test func `eight lines have colours and dashes of their own`() throws {
    let lines = (0..<8).map { LineChart.Line("\($0)", [.init(0, Double($0)), .init(1, 1)]) }
    let markup = try Markup(LineChart(lines: lines, caption: "").svg())
    let kinds = markup.elements.filter { $0.name == "polyline" }.compactMap { $0["class"] }
    #expect(Set(kinds).count == 8)
    for index in 0..<8 {
      #expect(pictureStyle.contains("svg .line.series-\(index) "))
      #expect(pictureStyle.contains("svg .dot.series-\(index),"))
      #expect(paletteStyle.components(separatedBy: "--series-\(index):").count == 3)
    }
  }

  @Test func `a chart of nothing is drawn all the same`() throws {
    #expect(try !Markup(LineChart(lines: [], caption: "").svg()).elements.isEmpty)
    let single = LineChart(lines: [.init("a", [.init(5, 2)])], caption: "")
    let dots = try Markup(single.svg()).elements.filter { $0.name == "circle" }
    #expect(try dots.count == 1 && dots[0].number("cx").isFinite)
    // One place has one label.
    let labels = try Markup(single.svg()).elements.filter { $0.name == "text" }.map(\.text)
    #expect(labels.filter { $0 == "5" }.count == 1)
  }
}
