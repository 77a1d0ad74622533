import Platform

/// How errors depend on the length of the input.
public struct LengthErrors: DrawnPicture, Equatable {
  /// Examples of similar length.
  public struct Bucket: Equatable, Sendable {
    /// The lengths of their inputs.
    public let lengths: ClosedRange<Int>
    /// How many examples there are.
    public let count: Int
    /// Their error, mostly in percent.
    public let rate: Double

    /// Examples of similar length with their error.
    public init(lengths: ClosedRange<Int>, count: Int, rate: Double) {
      self.lengths = lengths
      self.count = count
      self.rate = rate
    }

    /// The lengths for people: `7`, or `7–9`.
    public var range: String {
      lengths.count == 1
        ? "\(lengths.lowerBound)" : "\(lengths.lowerBound)–\(lengths.upperBound)"
    }
  }

  /// The examples by length, the shortest first.
  public let buckets: [Bucket]
  /// What it shows, in a few words: the error, and what the length is counted in.
  public var caption: String
  /// The unit of the errors.
  public var unit: String

  /// Errors of examples that were already put together.
  public init(buckets: [Bucket], caption: String, unit: String = "%") {
    self.buckets = buckets
    self.caption = caption
    self.unit = unit
  }

  /// Errors in percent of examples one by one, put together so that each bucket has about the same
  /// number of them; examples of one length stay together.
  ///
  /// - Parameters:
  ///   - lengths: the length of each example's input.
  ///   - errors: the errors of each: 0 or 1 for wrong examples, or edits.
  ///   - totals: of how many each example's errors are: 1 for wrong examples, or the length of the
  ///     reference.
  ///   - count: the most buckets.
  public init(
    lengths: [Int], errors: [Int], of totals: [Int], buckets count: Int = 7, caption: String
  ) {
    require(
      lengths.count == errors.count && lengths.count == totals.count,
      "LengthErrors: \(lengths.count) lengths, \(errors.count) errors, \(totals.count) totals")
    let buckets = Self.groups(of: lengths, count: count).map { part in
      Bucket(
        lengths: lengths[part[0]]...lengths[part[part.count - 1]], count: part.count,
        rate: percentage(
          part.reduce(0) { $0 + errors[$1] }, of: part.reduce(0) { $0 + totals[$1] }))
    }
    self.init(buckets: buckets, caption: caption)
  }

  /// Examples of similar length, the shortest first: each group has about the same number of them,
  /// and examples of one length stay together.
  ///
  /// - Parameters:
  ///   - lengths: the length of each example's input.
  ///   - count: the most groups.
  /// - Returns: the examples of each group, by their places in `lengths`.
  public static func groups(of lengths: [Int], count: Int = 7) -> [[Int]] {
    require(count > 0, "LengthErrors: \(count) groups")
    let order = lengths.indices.sorted { lengths[$0] < lengths[$1] }
    var parts: [[Int]] = []
    for (place, example) in order.enumerated() {
      // A bucket ends where its share of the examples does, but not within a length.
      let isFull = parts.isEmpty || place * count >= parts.count * order.count
      let isLonger = place == 0 || lengths[example] > lengths[order[place - 1]]
      if isFull && isLonger { parts.append([]) }
      parts[parts.count - 1].append(example)
    }
    return parts
  }

  /// A row for each bucket: the lengths, a bar, the error and the number of examples.
  public func terminal(color: Bool, width: Int) -> String {
    let names = buckets.map(\.range)
    let label = names.map { columns(of: $0) }.max() ?? 0
    let values = buckets.map {
      "\(significant($0.rate, 3))\(unit.isEmpty ? "" : " \(unit)") of \(short(Double($0.count)))"
    }
    let room = min(max(width - 2 - label - 2 - (values.map(\.count).max() ?? 0), 1), 50)
    return buckets.indices.map { index in
      let share = share(of: buckets[index])
      let codes = colorCodes(of: share, color)
      let drawn = bar(share, width: room)
      return "  \(rightAligned(names[index], in: label)) "
        + (drawn.isEmpty ? "" : "\(codes.begin)\(drawn)\(codes.end) ") + "\(values[index])\n"
    }.joined()
  }

  /// The error of a bucket as a share of the largest.
  private func share(of bucket: Bucket) -> Double {
    let highest = rates.max() ?? 0
    return highest > 0 && bucket.rate.isFinite ? max(bucket.rate, 0) / highest : 0
  }

  private var rates: [Double] { buckets.map(\.rate).filter(\.isFinite) }

  func drawing() -> Drawing {
    let unit = unit.isEmpty ? "" : " \(unit)"
    let highest = max(rates.max() ?? 0, 0)
    let outline = ChartFrame(legend: [], labels: [])
    let labels = outline.values(upTo: highest).ticks.map { tickLabel($0) + unit }
    let frame = ChartFrame(legend: [], labels: labels)
    let y = frame.values(upTo: highest)
    let told = buckets.map { "\($0.range): \(significant($0.rate, 3))\(unit)" }.joined(
      separator: ", ")
    var drawing = frame.drawing(label: "\(caption); \(told)")
    frame.grid(y, label: { tickLabel($0) + unit }, in: &drawing)
    let step = (frame.right - frame.left) / Double(max(buckets.count, 1))
    for (index, bucket) in buckets.enumerated() {
      let middle = frame.left + (Double(index) + 0.5) * step
      let top = y.position(of: bucket.rate.isFinite ? bucket.rate : 0)
      let breadth = min(step * 0.7, 60)
      drawing.rectangle(
        x: middle - breadth / 2, y: top, width: breadth, height: frame.bottom - top, class: "bar",
        radius: 2,
        title: "\(bucket.range): \(fixed(bucket.rate, 2))\(unit) of \(bucket.count) examples")
      drawing.text(significant(bucket.rate, 3), x: middle, y: top - 6, class: "tick middle strong")
      frame.labels(bucket.range, "n \(short(Double(bucket.count)))", x: middle, in: &drawing)
    }
    drawing.newline()
    return drawing
  }

  /// The chart as an SVG file.
  public func svg() -> String { drawing().standalone }

  /// The chart, as wide as there is room.
  public func html(id: String) -> String { page() }
}
