import Platform

/// The frame that charts share: a legend above, values from bottom to top, room for two lines of
/// labels below.
struct ChartFrame {
  /// A line of the chart, as the legend tells it.
  struct Entry {
    /// Its name, and mostly its last value.
    let text: String
    /// The class that gives the colour, such as `series-0`.
    let kind: String
  }

  static let width = 400.0
  private static let plotHeight = 190.0
  private static let legendLine = 20.0

  let left: Double
  let right = ChartFrame.width - 12
  let top: Double
  let bottom: Double
  private let legend: [(entry: Entry, x: Double, y: Double)]

  /// - Parameters:
  ///   - legend: the lines of the chart; an entry that has no room goes to the next line.
  ///   - labels: the labels of the values, which decide how much room is left of the chart.
  init(legend entries: [Entry], labels: [String]) {
    let left = 14 + (labels.map { textWidth($0, size: 13) }.max() ?? 0)
    var places: [(Entry, Double, Double)] = []
    var (x, y) = (left, 16.0)
    for entry in entries {
      let width = 22 + textWidth(entry.text, size: 14) + 14
      if x > left, x + width > Self.width {
        (x, y) = (left, y + Self.legendLine)
      }
      places.append((entry, x, y))
      x += width
    }
    legend = places
    self.left = left
    top = entries.isEmpty ? 22 : y + 16
    bottom = top + Self.plotHeight
  }

  /// An empty drawing of the frame's size.
  func drawing(label: String) -> Drawing {
    var drawing = Drawing("chart", label: label, width: Self.width, height: bottom + 46)
    drawing.scales = true
    for (entry, x, y) in legend {
      drawing.line(from: (x, y - 5), to: (x + 16, y - 5), class: "line \(entry.kind)")
      drawing.text(entry.text, x: x + 22, y: y, class: "value \(entry.kind)")
    }
    return drawing
  }

  /// The linear axis of values from 0.
  func values(upTo maximum: Double) -> ChartScale {
    ChartScale(upTo: maximum, from: bottom, to: top, ticks: 5, round: true)
  }

  /// Grid lines with the labels of their values.
  func grid(_ values: ChartScale, label: (Double) -> String, in drawing: inout Drawing) {
    for tick in values.ticks {
      let y = values.position(of: tick)
      drawing.line(from: (left, y), to: (right, y), class: "grid")
      drawing.text(label(tick), x: left - 8, y: y + 4.5, class: "tick end")
    }
    drawing.newline()
  }

  /// Two labels below each other under a place of the horizontal axis.
  func labels(_ upper: String, _ lower: String, x: Double, in drawing: inout Drawing) {
    drawing.text(upper, x: x, y: bottom + 19, class: "tick middle")
    drawing.text(lower, x: x, y: bottom + 36, class: "tick middle faint")
  }
}

/// A number beside an axis.
func tickLabel(_ value: Double) -> String {
  // The sum of steps of 0.1 is not exactly 0.3; nothing is -0.
  let text = significant(value, 6)
  return text == "-0" ? "0" : text
}
