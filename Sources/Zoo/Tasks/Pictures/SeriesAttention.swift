import Platform

/// A series of past values with the weight that a model gave to each past step, what it said would
/// come and, where that is known, what came.
public struct SeriesAttention: DrawnPicture, Equatable {
  /// The values that the model saw, the oldest first.
  public let past: [Double]
  /// The weight of each past step, each from 0 to 1.
  public let weights: [Float]
  /// What the model says comes next.
  public let forecast: [Double]
  /// What came, as far as it is known.
  public let actual: [Double]?
  /// The name of each step, past and forecast: years or hours.
  public let labels: [String]
  /// What it shows, in a few words.
  public var caption: String

  /// A series with one weight for each past value; other numbers of weights, of labels, or more
  /// actual values than forecast ones are a programming error and trap.
  ///
  /// - Parameter labels: the names of all steps, past and forecast; none for steps that are counted
  ///   from the last past one, which is 0.
  public init(
    past: [Double], weights: [Float], forecast: [Double], actual: [Double]? = nil,
    labels: [String] = [], caption: String
  ) {
    require(
      weights.count == past.count,
      "SeriesAttention: \(weights.count) weights for \(past.count) past steps")
    let steps = past.count + forecast.count
    require(
      labels.isEmpty || labels.count == steps,
      "SeriesAttention: \(labels.count) labels for \(steps) steps")
    require(
      (actual ?? []).count <= forecast.count,
      "SeriesAttention: \((actual ?? []).count) actual values for \(forecast.count) forecast ones")
    self.past = past
    self.weights = weights
    self.forecast = forecast
    self.actual = actual
    self.labels =
      labels.isEmpty
      ? (0..<steps).map { index in
        let step = index - past.count + 1
        return step > 0 ? "+\(step)" : "\(step)"
      } : labels
    self.caption = caption
  }

  /// A series whose steps are numbered, such as years, from the first past one.
  public init(
    past: [Double], weights: [Float], forecast: [Double], actual: [Double]? = nil,
    firstLabel: Int, caption: String
  ) {
    self.init(
      past: past, weights: weights, forecast: forecast, actual: actual,
      labels: (0..<past.count + forecast.count).map { "\(firstLabel + $0)" }, caption: caption)
  }

  /// The past step with the largest weight, if there is any.
  var heaviest: Int? {
    weights.indices.max { intensity(weights[$0]) < intensity(weights[$1]) }
  }

  /// The weight of a past step as a share of the largest one: spread over many steps even the largest
  /// is small.
  func share(_ step: Int) -> Double {
    guard let heaviest, intensity(weights[heaviest]) > 0 else { return 0 }
    return intensity(weights[step]) / intensity(weights[heaviest])
  }

  /// The least and the largest finite value of all lines; 0 and 1 without any.
  var range: ClosedRange<Double> {
    let finite = (past + forecast + (actual ?? [])).filter(\.isFinite)
    guard let low = finite.min(), let high = finite.max() else { return 0...1 }
    return low...high
  }

  /// The largest weight in a sentence; nothing without weights.
  var heaviestSentence: String {
    heaviest.map {
      "largest weight \(fixed(100 * intensity(weights[$0]), 1)) % at \(isolated(labels[$0]))"
    } ?? ""
  }

  /// The first forecast values with what came, one after the other.
  package var forecastSentence: String {
    let told = 12
    let values = forecast.prefix(told).enumerated().map { index, value in
      let came = actual.flatMap { index < $0.count ? $0[index] : nil }
      return "\(isolated(labels[past.count + index])) \(significant(value, 4))"
        + (came.map { " (came \(significant($0, 4)))" } ?? "")
    }
    let rest = forecast.count > told ? ["and \(forecast.count - told) more"] : []
    return (values + rest).joined(separator: ", ")
  }

  /// The drawing as an SVG file.
  public func svg() -> String { drawing().standalone }

  /// The drawing in a frame in which it scrolls where it is wider than the page.
  public func html(id: String) -> String { page() }
}
