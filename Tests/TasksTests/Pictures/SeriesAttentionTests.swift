import Tasks
import Testing

/// A series with the weight of each past step.
@Suite struct SeriesAttentionTests {
  private let series = SeriesAttention(
    past: [0, 7, 3.5, 7], weights: [0.1, 0.4, 0.2, 0.3], forecast: [0, 3.5], actual: [1],
    firstLabel: 1990, caption: "spots")

  @Test func `dots are the past, rings the forecast, crosses what came, bars the weights`() {
    let lines = series.terminal(color: false, width: 80).split(
      separator: "\n", omittingEmptySubsequences: false)
    // Eight lines from 7 to 0; two columns for each step after the margin.
    #expect(lines[0] == "       7   •   •")
    #expect(lines[7] == "       0 •       ○")
    #expect(lines[6] == spaces(9) + spaces(8) + "×")
    #expect(lines[8] == "  weight ▂ █ ▄ ▆")
    #expect(lines[9] == "         1990  1993")
    #expect(lines[10] == "largest weight 40.0 % at 1991")
    #expect(lines[11] == "forecast 1994 0 (came 1), 1995 3.5")
  }

  @Test func `of many forecast values the first twelve are told`() {
    let long = SeriesAttention(
      past: [], weights: [], forecast: (0..<20).map { Double($0) }, firstLabel: 1, caption: "")
    #expect(long.forecastSentence.hasPrefix("1 0, 2 1, "))
    #expect(long.forecastSentence.hasSuffix(", 12 11, and 8 more"))
  }

  @Test(arguments: [20, 33, 80])
  func `a long series continues in panels that fit`(width: Int) {
    let values = (0..<100).map { Double($0 % 12) }
    let long = SeriesAttention(
      past: values, weights: values.map { _ in 0.01 }, forecast: [1, 2, 3], caption: "")
    let drawing = long.terminal(color: false, width: width)
    #expect(drawing.split(separator: "\n").allSatisfy { columns(of: String($0)) <= width })
    #expect(drawing.count { $0 == "•" } == 100)
    #expect(drawing.count { $0 == "█" } == 100)
    #expect(drawing.count { $0 == "○" } == 3)
  }

  @Test func `steps without names are counted from the last past one`() {
    let plain = SeriesAttention(
      past: [1, 2, 3], weights: [0, 0, 1], forecast: [4, 5], caption: "")
    #expect(plain.labels == ["-2", "-1", "0", "+1", "+2"])
  }

  @Test func `bars are as high as the weights, and values as high as they are`() throws {
    let drawing = try Markup(series.svg())
    let bars = try drawing.all("rect", class: "bar").map { try $0.number("height") }
    for (bar, weight) in zip(bars, series.weights) {
      #expect(abs(bar / bars[1] - Double(weight / 0.4)) < 0.01)
    }
    let dots = drawing.all("circle")
    let past = try dots.filter { $0.hasClass("past") }.map { try $0.number("cy") }
    #expect(past[1] == past[3] && past[0] > past[2] && past[2] > past[1])
    #expect(abs((past[0] + past[1]) / 2 - past[2]) < 0.02)
    #expect(
      dots.filter { !$0.hasClass("past") }.map(\.text) == [
        "1994: forecast 0", "1995: forecast 3.5", "1994: came 1",
      ])
  }

  @Test(arguments: [4, 30, 120, 400])
  func `labels do not lie on each other, and nothing lies outside`(count: Int) throws {
    let values = (0..<count).map { Double($0 * 37 % 101) - 50 }
    let long = SeriesAttention(
      past: values, weights: values.map { _ in 1 / Float(count) }, forecast: [0],
      firstLabel: 1700, caption: "")
    let drawing = try Markup(long.svg())
    let whole = try #require(drawing.all("svg").first)
    let width = try whole.number("width") - 28
    let labels = try drawing.all("text", class: "middle").map {
      (place: try $0.number("x"), width: textWidth($0.text, size: 13))
    }
    #expect(labels.count > 1)
    for (label, next) in zip(labels, labels.dropFirst()) {
      #expect(label.place + label.width / 2 < next.place - next.width / 2)
    }
    #expect(labels.allSatisfy { $0.place + $0.width / 2 <= width + 14 })
    for bar in drawing.all("rect", class: "bar") {
      #expect(try bar.number("x") >= 0 && bar.number("x") + bar.number("width") <= width)
    }
  }

  @Test func `values that are no number interrupt the line`() throws {
    let broken = SeriesAttention(
      past: [1, .nan, 3, 4], weights: [.nan, 0, 0, 1], forecast: [.infinity], caption: "")
    let drawing = try Markup(broken.svg())
    #expect(drawing.all("circle", class: "past").count == 3)
    #expect(drawing.all("polyline").count == 1)
    #expect(broken.terminal(color: true, width: 60).contains("•"))
  }

  @Test func `a series of equal values, and an empty one, can be drawn`() throws {
    for series in [
      SeriesAttention(past: [5, 5], weights: [0, 0], forecast: [5], caption: ""),
      SeriesAttention(past: [1e30, 1e30], weights: [0, 0], forecast: [1e30], caption: ""),
      SeriesAttention(past: [], weights: [], forecast: [], caption: ""),
    ] {
      for element in try Markup(series.svg()).elements {
        for name in ["x", "y", "cx", "cy", "width", "height"] where element[name] != nil {
          #expect(try element.number(name).isFinite)
        }
      }
      #expect(!series.terminal(color: false, width: 40).contains("nan"))
    }
  }
}
