extension TrainingCurve {
  /// The training loss against time and examples as an inline SVG; `nil` without a finite loss.
  func lossSVG() -> String? {
    // More points than the chart is wide would only thicken the line.
    let points = reducedLosses(to: 240)
    guard let last = points.last else { return nil }
    let low = points.map(\.loss).min()!
    let high = points.map(\.loss).max()!
    let frame = ChartFrame(seconds: seconds)
    let y =
      low > 0 && high > 5 * low
      ? ChartScale(logarithmic: low...high, from: frame.bottom, to: frame.top)
      : ChartScale(upTo: high, from: frame.bottom, to: frame.top, ticks: 5, round: true)
    let line = points.map { (frame.x($0.seconds), y.position(of: $0.loss)) }
    var svg = frame.axes(y: y, unit: "") { examples(at: $0) }
    svg += polyline(line, class: "loss")
    svg += dot(
      line[line.count - 1], class: "loss", title: "loss \(fixed(last.loss, 3))", at: last.seconds,
      last.examples)
    svg += frame.label(
      fixed(last.loss, 3), endOf: line, class: "loss")
    return frame.svg(svg, label: "Training loss, at last \(fixed(last.loss, 3))")
  }

  /// The error rates on held-out words against time and examples as an inline SVG; `nil` without
  /// any measurement.
  func heldOutSVG() -> String? {
    let points = heldOut.filter { $0.wordErrorRate.isFinite && $0.phonemeErrorRate.isFinite }
    guard let last = points.last else { return nil }
    let frame = ChartFrame(seconds: seconds)
    let high = points.map { Swift.max($0.wordErrorRate, $0.phonemeErrorRate) }.max()!
    let y = ChartScale(upTo: high, from: frame.bottom, to: frame.top, ticks: 5, round: true)
    var svg = frame.axes(y: y, unit: " %") { examples(at: $0) }
    for (name, kind, rate) in [
      ("WER", "wer", \HeldOut.wordErrorRate), ("PER", "per", \HeldOut.phonemeErrorRate),
    ] {
      let line = points.map {
        (frame.x($0.seconds), y.position(of: $0[keyPath: rate]))
      }
      svg += polyline(line, class: kind)
      for (point, place) in zip(points, line) {
        let title = "\(name) \(fixed(point[keyPath: rate], 2)) %"
        svg += dot(place, class: kind, title: title, at: point.seconds, point.examples)
      }
      svg += frame.label(
        "\(name) \(fixed(last[keyPath: rate], 1)) %", endOf: line, class: kind)
    }
    let summary =
      "Held-out error rates, at last WER \(fixed(last.wordErrorRate, 2)) % "
      + "and PER \(fixed(last.phonemeErrorRate, 2)) %"
    return frame.svg(svg, label: summary)
  }

  private var seconds: Double {
    let all = losses.map(\.seconds) + heldOut.map(\.seconds)
    return all.filter(\.isFinite).max() ?? 0
  }

  /// The examples seen after a time, interpolated between measurements of either kind.
  private func examples(at seconds: Double) -> Double {
    let measured =
      (losses.map { ($0.seconds, Double($0.examples)) }
      + heldOut.map { ($0.seconds, Double($0.examples)) }).sorted { $0 < $1 }
    guard let after = measured.firstIndex(where: { $0.0 >= seconds }) else {
      return measured.last?.1 ?? 0
    }
    let (upperTime, upper) = measured[after]
    let (lowerTime, lower) = after > 0 ? measured[after - 1] : (0, 0)
    return upperTime > lowerTime
      ? lower + (upper - lower) * (seconds - lowerTime) / (upperTime - lowerTime) : upper
  }
}

private func polyline(_ points: [(Double, Double)], class kind: String) -> String {
  guard points.count > 1 else { return "" }
  let path = points.map { "\(coordinate($0)),\(coordinate($1))" }.joined(separator: " ")
  return "<polyline class=\"line \(kind)\" points=\"\(path)\"/>\n"
}

private func dot(
  _ place: (Double, Double), class kind: String, title: String, at seconds: Double, _ examples: Int
) -> String {
  "<circle class=\"dot \(kind)\" cx=\"\(coordinate(place.0))\" cy=\"\(coordinate(place.1))\" r=\"4\">"
    + "<title>\(title) after \(fixed(seconds, 0)) s, \(short(Double(examples))) examples</title>"
    + "</circle>\n"
}
