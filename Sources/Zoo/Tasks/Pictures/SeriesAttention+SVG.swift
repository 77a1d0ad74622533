import Platform

extension SeriesAttention {
  /// The lines above, the weight of each past step as a bar below.
  func drawing() -> Drawing {
    let layout = SeriesLayout(self)
    let told = [caption, heaviestSentence, "forecast \(forecastSentence)"]
    var drawing = Drawing(
      "series", label: told.filter { !$0.isEmpty }.joined(separator: "; "), width: layout.width,
      height: layout.height)
    drawLegend(in: &drawing)
    drawGrid(layout, in: &drawing)
    drawWeights(layout, in: &drawing)
    let line = past.enumerated().map { ($0, $1) }
    draw(line, "past", class: "past", dots: layout.step >= 9, layout, in: &drawing)
    // The lines of what comes begin where the past ends.
    let ahead = line.suffix(1) + forecast.enumerated().map { (past.count + $0, $1) }
    draw(ahead, "forecast", class: "series-0", dots: true, layout, in: &drawing)
    if let actual, !actual.isEmpty {
      let came = line.suffix(1) + actual.enumerated().map { (past.count + $0, $1) }
      draw(came, "came", class: "series-1", dots: true, layout, in: &drawing)
    }
    return drawing
  }

  private func drawLegend(in drawing: inout Drawing) {
    let entries =
      [("past", "past"), ("forecast", "series-0")] + (actual == nil ? [] : [("came", "series-1")])
    var x = 4.0
    for (text, kind) in entries {
      drawing.line(from: (x, 11), to: (x + 16, 11), class: "line \(kind)")
      drawing.text(text, x: x + 22, y: 16, class: "value \(kind)")
      x += 22 + textWidth(text, size: 14) + 16
    }
    drawing.newline()
  }

  private func drawGrid(_ layout: SeriesLayout, in drawing: inout Drawing) {
    for tick in layout.values.ticks {
      let y = layout.values.position(of: tick)
      drawing.line(from: (layout.left, y), to: (layout.right, y), class: "grid")
      drawing.text(tickLabel(tick), x: layout.left - 8, y: y + 4.5, class: "tick end")
    }
    for step in stride(from: 0, to: labels.count, by: layout.labelStep) {
      drawing.text(
        layout.labels[step], x: layout.x(step), y: layout.height - 6, class: "tick middle")
    }
    drawing.newline()
  }

  private func drawWeights(_ layout: SeriesLayout, in drawing: inout Drawing) {
    let base = layout.weightsBottom
    drawing.line(from: (layout.left, base), to: (layout.right, base), class: "grid")
    if let heaviest {
      let most = fixed(100 * intensity(weights[heaviest]), 0)
      drawing.text(
        "\(most) %", x: layout.left - 8, y: layout.weightsTop + 9, class: "tick end")
      drawing.text("weight", x: layout.left - 8, y: base, class: "tick end faint")
    }
    for step in past.indices {
      let height = share(step) * (base - layout.weightsTop)
      if height < 0.5 { continue }
      let percent = fixed(100 * intensity(weights[step]), 1)
      drawing.rectangle(
        x: layout.x(step) - layout.step * 0.4, y: base - height, width: layout.step * 0.8,
        height: height, class: "bar", radius: 1,
        title: "\(isolated(labels[step])): weight \(percent) %, value \(significant(past[step], 4))"
      )
    }
    drawing.newline()
  }

  /// One of the lines; values that are no finite number interrupt it.
  private func draw(
    _ line: some Sequence<(Int, Double)>, _ name: String, class kind: String, dots: Bool,
    _ layout: SeriesLayout, in drawing: inout Drawing
  ) {
    var parts: [[(step: Int, value: Double)]] = [[]]
    for (step, value) in line {
      if value.isFinite {
        parts[parts.count - 1].append((step, value))
      } else {
        parts.append([])
      }
    }
    for part in parts {
      drawing.polyline(
        part.map { (layout.x($0.step), layout.values.position(of: $0.value)) },
        class: "line \(kind)")
      for (step, value) in part where dots && (step >= past.count || kind == "past") {
        drawing.dot(
          (layout.x(step), layout.values.position(of: value)),
          radius: Swift.min(layout.step / 3, 3.5), class: "dot \(kind)",
          title: "\(isolated(labels[step])): \(name) \(significant(value, 4))")
      }
    }
  }
}

/// Where the parts of a series lie.
private struct SeriesLayout {
  let left: Double
  let right: Double
  let width: Double
  let height = 304.0
  let weightsTop = 222.0
  let weightsBottom = 274.0
  /// The distance of two steps.
  let step: Double
  let values: ChartScale
  let labels: [String]
  /// One of so many steps has a label, so that labels don't lie on each other.
  let labelStep: Int

  init(_ series: SeriesAttention) {
    let count = Swift.max(series.labels.count, 1)
    let step = Swift.min(Swift.max(600 / Double(count), 6), 28)
    let values = ChartScale(around: series.range, from: 200, to: 34, ticks: 5)
    let labels = series.labels.map { cut($0, to: 20) }
    let widest = labels.map { textWidth($0, size: 13) }.max() ?? 0
    let ticks = values.ticks.map { textWidth(tickLabel($0), size: 13) }
    left = Swift.max(ticks.max() ?? 0, textWidth("weight", size: 13)) + 16
    // The first and the last label are centred under their steps.
    right = left + Swift.max(step * Double(count), 200)
    width = right + Swift.max(widest / 2 - step / 2, 4)
    labelStep = Int(((widest + 14) / step).rounded(.up))
    (self.step, self.values, self.labels) = (step, values, labels)
  }

  func x(_ index: Int) -> Double { left + (Double(index) + 0.5) * step }
}
