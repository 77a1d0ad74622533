import Platform

/// Values of several things over one axis, such as the errors of models by the length of the input.
public struct LineChart: DrawnPicture, Equatable {
  /// A place of the horizontal axis with its value.
  public struct Point: Equatable, Sendable {
    /// The place.
    public let x: Double
    /// The value there.
    public let y: Double

    /// A place and its value; those that are not finite are not drawn.
    public init(_ x: Double, _ y: Double) {
      self.x = x
      self.y = y
    }
  }

  /// One thing's values.
  public struct Line: Equatable, Sendable {
    /// What it is.
    public let name: String
    /// Its values, from left to right.
    public let points: [Point]

    /// Values with a name.
    public init(_ name: String, _ points: [Point]) {
      self.name = name
      self.points = points.filter { $0.x.isFinite && $0.y.isFinite }
    }
  }

  /// The lines, in the order of the legend.
  public let lines: [Line]
  /// What it shows, in a few words.
  public var caption: String
  /// The unit of the values; may be empty.
  public var unit: String
  /// What is written below places of the horizontal axis; the places themselves if empty.
  public var labels: [(x: Double, text: String)]

  /// A chart of lines.
  public init(
    lines: [Line], caption: String, unit: String = "", labels: [(x: Double, text: String)] = []
  ) {
    self.lines = lines
    self.caption = caption
    self.unit = unit
    self.labels = labels
  }

  /// Whether both show the same.
  public static func == (a: LineChart, b: LineChart) -> Bool {
    a.lines == b.lines && a.caption == b.caption && a.unit == b.unit
      && a.labels.map(\.x) == b.labels.map(\.x) && a.labels.map(\.text) == b.labels.map(\.text)
  }

  /// A row for each line: its name and its values.
  public func terminal(color: Bool, width: Int) -> String {
    let label = lines.map { columns(of: $0.name) }.max() ?? 0
    return lines.map { line in
      let values = line.points.map { significant($0.y, 3) }.joined(separator: " ")
      return "  \(rightAligned(line.name, in: label)) \(values)\(suffix)\n"
    }.joined()
  }

  private var suffix: String { unit.isEmpty ? "" : " \(unit)" }

  func drawing() -> Drawing {
    let points = lines.flatMap(\.points)
    let (lowest, highest) = (points.map(\.y).min() ?? 0, points.map(\.y).max() ?? 0)
    let entries = lines.enumerated().map {
      ChartFrame.Entry(text: $1.name, kind: seriesClass($0))
    }
    func scale(_ frame: ChartFrame) -> ChartScale {
      lowest < 0
        ? ChartScale(around: lowest...highest, from: frame.bottom, to: frame.top, ticks: 5)
        : frame.values(upTo: highest)
    }
    let outline = ChartFrame(legend: entries, labels: [])
    let frame = ChartFrame(
      legend: entries, labels: scale(outline).ticks.map { tickLabel($0) + suffix })
    let y = scale(frame)
    let told = lines.map { line in
      "\(line.name): \(line.points.map { significant($0.y, 3) }.joined(separator: ", "))\(suffix)"
    }
    var drawing = frame.drawing(label: "\(caption); \(told.joined(separator: "; "))")
    frame.grid(y, label: { tickLabel($0) + suffix }, in: &drawing)
    let x = Places(points.map(\.x), frame)
    for (place, text) in labels.isEmpty ? x.ticks : labels {
      frame.labels(text, "", x: x.position(place), in: &drawing)
    }
    drawing.newline()
    for (index, line) in lines.enumerated() {
      let places = line.points.map { (x.position($0.x), y.position(of: $0.y)) }
      drawing.polyline(places, class: "line \(seriesClass(index))")
      for (point, place) in zip(line.points, places) {
        drawing.dot(
          place, class: "dot \(seriesClass(index))",
          title: "\(line.name) \(significant(point.y, 4))\(suffix)")
      }
    }
    return drawing
  }

  /// The chart as an SVG file.
  public func svg() -> String { drawing().standalone }

  /// The chart, as wide as there is room.
  public func html(id: String) -> String { page() }
}

/// The horizontal axis: from the least place to the greatest, with some air beside both.
private struct Places {
  private let scale: ChartScale
  private let first: Double
  private let room: Double
  private let (start, end): (Double, Double)

  init(_ places: [Double], _ frame: ChartFrame) {
    first = places.min() ?? 0
    let last = places.max() ?? 1
    room = last > first ? last - first : 1
    (start, end) = (frame.left + 16, frame.right - 16)
    scale = ChartScale(
      around: first...Swift.max(last, first), from: start, to: end, ticks: 5)
  }

  func position(_ place: Double) -> Double { start + (place - first) / room * (end - start) }

  /// Round places between the ends.
  var ticks: [(x: Double, text: String)] {
    var told: Set<String> = []
    return scale.ticks.filter { $0 >= first && $0 <= first + room }
      .map { (x: $0, text: short($0)) }.filter { told.insert($0.text).inserted }
  }
}
