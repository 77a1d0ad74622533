import Autograd

/// A learning rate as a function of the step.
///
/// A schedule is a plain value without memory: a training that is resumed at step 5,000 asks for
/// the rate of step 5,000 and gets the one it would have had.
///
/// ```swift
/// let schedule = WarmupCosine(learningRate: 4e-3, warmupSteps: 500, totalSteps: 20_000)
/// optimizer.learningRate = schedule.learningRate(step: step)
/// ```
///
/// `ReduceOnPlateau` follows the loss instead of the step and is therefore not a `Schedule`.
public protocol Schedule: Sendable {
  /// The rate to use in the update of this step.
  ///
  /// - Parameter step: the number of updates made before, so 0 for the first.
  func learningRate(step: Int) -> Double
}

/// A learning rate that does not change.
public struct Constant: Schedule, Codable, Equatable {
  /// The rate.
  public var learningRate: Double

  /// A schedule that does not change.
  public init(learningRate: Double) {
    expect(learningRate, .notNegative, "Constant", "learningRate")
    self.learningRate = learningRate
  }

  /// The rate.
  public func learningRate(step: Int) -> Double { learningRate }
}

/// Half a cosine wave from `start` (at fraction 0) to `end` (at fraction 1).
func cosine(from start: Double, to end: Double, at fraction: Double) -> Double {
  end + (start - end) * (1 + cos(.pi * fraction)) / 2
}

/// `start` at fraction 0, `end` at fraction 1.
func line(from start: Double, to end: Double, at fraction: Double) -> Double {
  start + (end - start) * fraction
}
