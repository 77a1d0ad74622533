import Platform

/// The positions of values along one axis of a chart, linear or logarithmic, and its ticks.
struct ChartScale {
  /// The values at the two ends of the axis.
  let domain: ClosedRange<Double>
  /// The coordinates at the two ends.
  let start: Double
  let end: Double
  /// The values that are labelled.
  let ticks: [Double]

  private let isLogarithmic: Bool

  /// A linear axis from 0 to the first round number that is not below `maximum`, or to `maximum`
  /// itself where the last tick need not be the end.
  init(upTo maximum: Double, from start: Double, to end: Double, ticks count: Int, round: Bool) {
    let maximum = maximum > 0 && maximum.isFinite ? maximum : 1
    let step = ChartScale.roundStep(atLeast: maximum / Double(count))
    // A little off the exact quotient, so that 0.3 / 0.1 is three steps, neither four nor two.
    let steps = (maximum / step + (round ? -1e-9 : 1e-9)).rounded(round ? .up : .down)
    domain = 0...(round ? step * steps : maximum)
    ticks = (0...max(Int(steps), 0)).map { Double($0) * step }
    (self.start, self.end) = (start, end)
    isLogarithmic = false
  }

  /// A linear axis between the round numbers around finite values.
  init(around values: ClosedRange<Double>, from start: Double, to end: Double, ticks count: Int) {
    let middle = values.lowerBound / 2 + values.upperBound / 2
    // Values that are all the same get some air around them.
    let least = max(abs(middle) * 1e-6, 1e-12)
    let extent = max(values.upperBound / 2 - values.lowerBound / 2, least) * 2
    let step = ChartScale.roundStep(atLeast: extent / Double(count))
    let first = (values.lowerBound / step + 1e-9).rounded(.down)
    let last = max((values.upperBound / step - 1e-9).rounded(.up), first + 1)
    domain = (first * step)...(last * step)
    ticks = (0...Int(last - first)).map { (first + Double($0)) * step }
    (self.start, self.end) = (start, end)
    isLogarithmic = false
  }

  /// A logarithmic axis around positive values, with ticks at 1, 2 and 5 times the powers of ten.
  init(logarithmic values: ClosedRange<Double>, from start: Double, to end: Double) {
    let candidates = (-12...12).flatMap { power in
      [1, 2, 5].map { $0 * pow(10, Double(power)) }
    }
    let lower = candidates.last { $0 <= values.lowerBound } ?? values.lowerBound
    let upper = candidates.first { $0 >= values.upperBound } ?? values.upperBound
    domain = lower...max(upper, lower * 2)
    let within = candidates.filter { $0 >= lower && $0 <= upper }
    // Over many powers of ten only they have room.
    ticks = within.count <= 9 ? within : within.enumerated().filter { $0.0 % 3 == 0 }.map(\.1)
    (self.start, self.end) = (start, end)
    isLogarithmic = true
  }

  /// The coordinate of a value; values outside the domain are drawn at its ends.
  func position(of value: Double) -> Double {
    let value = min(max(value, domain.lowerBound), domain.upperBound)
    let share =
      isLogarithmic
      ? log(value / domain.lowerBound) / log(domain.upperBound / domain.lowerBound)
      : (value - domain.lowerBound) / (domain.upperBound - domain.lowerBound)
    return start + share * (end - start)
  }

  /// The least of 1, 2, 5, 10, 20, ... and of their tenths that is not below a positive value.
  private static func roundStep(atLeast value: Double) -> Double {
    let power = pow(10, value.decimalExponent)
    return ([1, 2, 5].first { $0 * power >= value * (1 - 1e-9) } ?? 10) * power
  }
}
