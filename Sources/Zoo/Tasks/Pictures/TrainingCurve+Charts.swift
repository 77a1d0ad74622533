import Platform

extension TrainingCurve {
  /// A chart of a training with the words above it.
  package struct Chart {
    package let caption: String
    package let drawing: Drawing
  }

  /// The charts of what was measured: the loss, the learning rate, and the metrics, those of one unit
  /// together.
  package var charts: [Chart] {
    // More points than a chart is wide would only thicken the line.
    let losses = reducedLosses(to: 200)
    let rates = losses.compactMap { loss in
      loss.learningRate.flatMap { $0.isFinite ? Point(loss.examples, loss.seconds, $0) : nil }
    }
    var charts: [Chart] = []
    let points = losses.map { Point($0.examples, $0.seconds, $0.loss) }
    if let drawing = chart([Line(name: "loss", points: points, digits: 4)], hasDots: false) {
      charts.append(Chart(caption: "Training loss", drawing: drawing))
    }
    let rate = Line(name: "learning rate", points: rates, digits: 3)
    if let drawing = chart([rate], hasDots: false) {
      charts.append(Chart(caption: "Learning rate", drawing: drawing))
    }
    for lines in metricLines {
      if let drawing = chart(lines, hasDots: true) {
        let names = lines.map(\.name).joined(separator: ", ")
        charts.append(Chart(caption: "\(names) on held-out examples", drawing: drawing))
      }
    }
    return charts
  }

  /// The metrics by name, in the order in which they first come; those of one unit together.
  private var metricLines: [[Line]] {
    var charts: [[Line]] = []
    for evaluation in evaluations where evaluation.seconds.isFinite {
      for metric in evaluation.metrics where metric.value.isFinite {
        let point = Point(evaluation.examples, evaluation.seconds, metric.value)
        let chart = charts.firstIndex {
          $0[0].unit == metric.unit && (!metric.unit.isEmpty || $0[0].name == metric.name)
        }
        let line = Line(name: metric.name, unit: metric.unit, points: [point], digits: 4)
        guard let chart else {
          charts.append([line])
          continue
        }
        if let place = charts[chart].firstIndex(where: { $0.name == metric.name }) {
          charts[chart][place].points.append(point)
        } else {
          charts[chart].append(line)
        }
      }
    }
    return charts
  }

  /// Lines against time and examples; `nil` without any point.
  private func chart(_ lines: [Line], hasDots: Bool) -> Drawing? {
    let lines = lines.filter { !$0.points.isEmpty }
    let values = lines.flatMap { $0.points.map(\.value) }
    guard let low = values.min(), let high = values.max() else { return nil }
    let unit = lines[0].unit.isEmpty ? "" : " \(lines[0].unit)"
    let entries = lines.enumerated().map { index, line in
      ChartFrame.Entry(text: line.latest, kind: seriesClass(index))
    }
    // The labels decide where the axis is, and the axis decides the labels, which do not depend on
    // where it is.
    let outline = ChartFrame(legend: entries, labels: [])
    let labels = scale(low, high, outline, isLoss: !hasDots).ticks.map { tickLabel($0) + unit }
    let frame = ChartFrame(legend: entries, labels: labels)
    let y = scale(low, high, frame, isLoss: !hasDots)
    let time = TimeAxis(seconds: seconds, frame)
    let summary = lines.map(\.latest).joined(separator: ", ")
    var drawing = frame.drawing(label: "In the course of the training; at last \(summary)")
    frame.grid(y, label: { tickLabel($0) + unit }, in: &drawing)
    for tick in time.ticks {
      frame.labels(
        tick.label, short(examples(at: tick.seconds)), x: time.x(tick.seconds), in: &drawing)
    }
    drawing.newline()
    for (index, line) in lines.enumerated() {
      let places = line.points.map { (time.x($0.seconds), y.position(of: $0.value)) }
      drawing.polyline(places, class: "line \(seriesClass(index))")
      for (point, place) in zip(line.points, places).suffix(hasDots ? .max : 1) {
        drawing.dot(place, class: "dot \(seriesClass(index))", title: line.title(of: point))
      }
    }
    return drawing
  }

  /// From 0 where that shows the values well: a loss that falls over powers of ten has a logarithmic
  /// axis, and values below 0 one around them.
  private func scale(_ low: Double, _ high: Double, _ frame: ChartFrame, isLoss: Bool) -> ChartScale
  {
    if low < 0 {
      return ChartScale(around: low...high, from: frame.bottom, to: frame.top, ticks: 5)
    }
    return isLoss && low > 0 && high > 5 * low
      ? ChartScale(logarithmic: low...high, from: frame.bottom, to: frame.top)
      : frame.values(upTo: high)
  }

  private var seconds: Double {
    let all = losses.map(\.seconds) + evaluations.map(\.seconds)
    return all.filter(\.isFinite).max() ?? 0
  }

  /// The examples seen after a time, interpolated between measurements of either kind.
  private func examples(at seconds: Double) -> Double {
    let measured =
      (losses.map { ($0.seconds, Double($0.examples)) }
      + evaluations.map { ($0.seconds, Double($0.examples)) }).sorted { $0 < $1 }
    guard let after = measured.firstIndex(where: { $0.0 >= seconds }) else {
      return measured.last?.1 ?? 0
    }
    let (upperTime, upper) = measured[after]
    let (lowerTime, lower) = after > 0 ? measured[after - 1] : (0, 0)
    return upperTime > lowerTime
      ? lower + (upper - lower) * (seconds - lowerTime) / (upperTime - lowerTime) : upper
  }
}

/// The class that gives a line of a chart its colour and its dashes.
func seriesClass(_ index: Int) -> String { "series-\(index % 8)" }

private struct Point {
  let examples: Int
  let seconds: Double
  let value: Double

  init(_ examples: Int, _ seconds: Double, _ value: Double) {
    (self.examples, self.seconds, self.value) = (examples, seconds, value)
  }
}

private struct Line {
  let name: String
  var unit = ""
  var points: [Point]
  /// How many digits of a value tell something.
  let digits: Int

  /// The name with the last value.
  var latest: String { text(points[points.count - 1]) }

  func title(of point: Point) -> String {
    "\(text(point)) after \(fixed(point.seconds, 0)) s, \(short(Double(point.examples))) examples"
  }

  private func text(_ point: Point) -> String {
    "\(name) \(significant(point.value, digits))" + (unit.isEmpty ? "" : " \(unit)")
  }
}

/// The axis of time: hours where it is longer than three of them, minutes where it is longer than
/// three of those, else seconds.
private struct TimeAxis {
  let ticks: [(seconds: Double, label: String)]
  private let scale: ChartScale
  private let unit: Double

  init(seconds: Double, _ frame: ChartFrame) {
    let (name, unit) = seconds > 3 * 3600 ? ("h", 3600.0) : seconds > 180 ? ("min", 60) : ("s", 1)
    let scale = ChartScale(
      upTo: seconds / unit, from: frame.left, to: frame.right, ticks: 5, round: false)
    ticks = scale.ticks.map { ($0 * unit, "\(tickLabel($0)) \(name)") }
    self.scale = scale
    self.unit = unit
  }

  func x(_ seconds: Double) -> Double { scale.position(of: seconds / unit) }
}
