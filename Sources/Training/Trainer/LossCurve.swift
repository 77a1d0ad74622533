import Autograd

/// The loss in the course of a training, in a bounded number of points.
///
/// Each point is the mean over equally many steps. When there are too many points, neighbours are
/// joined in pairs, so the same training gives the same points however long it lasts.
public struct LossCurve: Codable, Equatable, Sendable {
  /// A mean of the losses of some steps.
  public struct Point: Codable, Equatable, Sendable {
    /// Examples seen up to the last of these steps.
    public let examples: Int
    /// Seconds since the start up to there.
    public let seconds: Double
    /// The mean loss of an example.
    public let loss: Double
  }

  private struct Sum: Equatable {
    var examples = 0
    var seconds = 0.0
    var loss = 0.0
    var weight = 0.0
    var steps = 0

    var point: Point { Point(examples: examples, seconds: seconds, loss: loss / weight) }

    mutating func add(_ next: Sum) {
      examples = next.examples
      seconds = next.seconds
      loss += next.loss
      weight += next.weight
      steps += next.steps
    }
  }

  private let capacity: Int
  private var stepsInPoint = 1
  private var sums: [Sum] = []

  /// An empty curve.
  ///
  /// - Parameter capacity: the largest number of points, at least 2.
  public init(capacity: Int = 400) {
    guard capacity >= 2 else { trap("LossCurve: a capacity of \(capacity) is less than 2") }
    self.capacity = capacity
  }

  private enum CodingKeys: CodingKey { case capacity, stepsInPoint, sums }

  /// A curve that was encoded.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    capacity = try container.decode(Int.self, forKey: .capacity)
    stepsInPoint = try container.decode(Int.self, forKey: .stepsInPoint)
    var rest = try container.decode(PackedNumbers.self, forKey: .sums)
    let limit = 1 << 53
    var isWhole = true
    while isWhole && !rest.isEmpty {
      let sum = Self.take(from: &rest)
      isWhole = sum != nil
      sums += [sum].compactMap { $0 }
    }
    guard isWhole, (max(2, sums.count)...limit).contains(capacity),
      (1...limit).contains(stepsInPoint)
    else {
      throw DecodingError.dataCorruptedError(
        forKey: .sums, in: container, debugDescription: "no curve")
    }
  }

  private static func take(from rest: inout PackedNumbers) -> Sum? {
    guard let examples = rest.takeCount(), let seconds = rest.takeNumber(),
      let loss = rest.takeNumber(), let weight = rest.takeNumber(), let steps = rest.takeCount()
    else { return nil }
    return Sum(examples: examples, seconds: seconds, loss: loss, weight: weight, steps: steps)
  }

  /// The points' sums, so that it goes on as if it had not been encoded.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(capacity, forKey: .capacity)
    try container.encode(stepsInPoint, forKey: .stepsInPoint)
    var numbers = PackedNumbers()
    for sum in sums {
      numbers.add(sum.examples)
      for number in [sum.seconds, sum.loss, sum.weight] { numbers.add(number) }
      numbers.add(sum.steps)
    }
    try container.encode(numbers, forKey: .sums)
  }

  /// The points so far.
  public var points: [Point] { sums.map(\.point) }

  /// Takes note of a step: its loss, the mean over `count` examples, and the totals after it.
  public mutating func add(loss: Double, count: Int, examples: Int, seconds: Double) {
    let weight = Double(max(count, 1))
    let step = Sum(
      examples: examples, seconds: seconds, loss: loss * weight, weight: weight, steps: 1)
    if let last = sums.indices.last, sums[last].steps < stepsInPoint {
      sums[last].add(step)
      return
    }
    if sums.count == capacity { halve() }
    if let last = sums.indices.last, sums[last].steps < stepsInPoint {
      sums[last].add(step)
    } else {
      sums.append(step)
    }
  }

  private mutating func halve() {
    stepsInPoint *= 2
    sums = stride(from: 0, to: sums.count, by: 2).map { index in
      var sum = sums[index]
      if index + 1 < sums.count { sum.add(sums[index + 1]) }
      return sum
    }
  }
}
