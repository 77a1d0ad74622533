/// The frame that the charts of a training share: time from left to right, values from bottom to top.
struct ChartFrame {
  static let width = 480.0
  static let height = 290.0

  let left = 46.0
  let right = ChartFrame.width - 14
  let top = 22.0
  let bottom = ChartFrame.height - 52

  /// The axis of time, in minutes once it is longer than three of them, else in seconds.
  private let time: ChartScale
  private let timeUnit: (name: String, seconds: Double)

  init(seconds: Double) {
    timeUnit = seconds > 180 ? ("min", 60) : ("s", 1)
    time = ChartScale(
      upTo: seconds / timeUnit.seconds, from: left, to: right, ticks: 6, round: false)
  }

  /// The horizontal position of a time.
  func x(_ seconds: Double) -> Double {
    time.position(of: seconds / timeUnit.seconds)
  }

  /// Grid lines with labels; below each time the number of examples seen by then.
  func axes(y: ChartScale, unit: String, examples: (Double) -> Double) -> String {
    var svg = ""
    for tick in y.ticks {
      let place = coordinate(y.position(of: tick))
      svg +=
        "<line class=\"grid\" x1=\"\(coordinate(left))\" x2=\"\(coordinate(right))\" "
        + "y1=\"\(place)\" y2=\"\(place)\"/>"
        + text(coordinate(tick) + unit, left - 8, y.position(of: tick) + 4.5, "tick end")
    }
    for tick in time.ticks {
      let place = time.position(of: tick)
      svg += text("\(coordinate(tick)) \(timeUnit.name)", place, bottom + 20, "tick middle")
      let seen = short(examples(tick * timeUnit.seconds))
      svg += text(seen, place, bottom + 37, "tick middle faint")
    }
    return svg + "\n"
  }

  /// A value written above the last point of a line, where the line itself does not pass.
  func label(_ value: String, endOf line: [(Double, Double)], class kind: String) -> String {
    let (end, height) = line[line.count - 1]
    // Half an em a character and a little air.
    let start = end - 8 * Double(value.count) - 4
    var highest = height
    for (from, to) in zip(line, line.dropFirst()) where to.0 > start {
      // The part of the segment that lies above the text.
      let share = from.0 < start ? (start - from.0) / (to.0 - from.0) : 0
      highest = min(highest, from.1 + share * (to.1 - from.1), to.1)
    }
    return text(value, end, max(highest - 10, 14), "value end \(kind)") + "\n"
  }

  /// The whole drawing.
  func svg(_ content: String, label: String) -> String {
    "<svg class=\"chart\" role=\"img\" aria-label=\"\(escaped(label))\" "
      + "viewBox=\"0 0 \(coordinate(ChartFrame.width)) \(coordinate(ChartFrame.height))\">\n"
      + content + "</svg>\n"
  }

  private func text(_ content: String, _ x: Double, _ y: Double, _ kind: String) -> String {
    "<text class=\"\(kind)\" x=\"\(coordinate(x))\" y=\"\(coordinate(y))\">\(escaped(content))</text>"
  }
}
