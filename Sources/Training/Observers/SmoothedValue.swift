import Autograd

/// A mean in which a value counts less the older it is.
struct SmoothedValue {
  /// The weight after which a value counts 1 / e.
  let memory: Double
  private var sum = 0.0
  private var weights = 0.0

  init(memory: Double) { self.memory = memory }

  /// The mean; `nil` without values.
  var value: Double? { weights > 0 ? sum / weights : nil }

  /// Adds a value that stands for `weight` seconds or steps.
  ///
  /// A value that is not finite is shown as long as it is the latest, and does not spoil the mean
  /// of those that follow.
  mutating func add(_ value: Double, weight: Double = 1) {
    guard value.isFinite && sum.isFinite else {
      sum = value
      weights = 1
      return
    }
    let kept = exp(-weight / memory)
    sum = sum * kept + value * (1 - kept)
    weights = weights * kept + (1 - kept)
  }
}
