import Autograd

/// The rate falls to `minimum` along half a cosine wave (PyTorch's `CosineAnnealingLR`).
///
/// In step k: `minimum + (learningRate - minimum) (1 + cos(pi k / totalSteps)) / 2`. Beyond
/// `totalSteps` it rises again. (Loshchilov and Hutter 2017, equation 5, without restarts.)
public struct CosineAnnealing: Schedule, Codable, Equatable {
  /// The rate of the first step.
  public var learningRate: Double
  /// Steps until the minimum.
  public var totalSteps: Int
  /// The rate in step `totalSteps`.
  public var minimum: Double

  /// A schedule that starts with `learningRate`.
  public init(learningRate: Double, totalSteps: Int, minimum: Double = 0) {
    guard totalSteps > 0 else { trap("CosineAnnealing: totalSteps is \(totalSteps), not above 0") }
    expect(learningRate, .notNegative, "CosineAnnealing", "learningRate")
    expect(minimum, .notNegative, "CosineAnnealing", "minimum")
    self.learningRate = learningRate
    self.totalSteps = totalSteps
    self.minimum = minimum
  }

  /// The rate of this step.
  public func learningRate(step: Int) -> Double {
    cosine(from: learningRate, to: minimum, at: Double(step) / Double(totalSteps))
  }
}

/// Half cosine waves, each as long as the one before times `lengthFactor` (PyTorch's
/// `CosineAnnealingWarmRestarts`; SGDR, Loshchilov and Hutter 2017).
///
/// In the n-th step of a cycle of length L:
/// `minimum + (learningRate - minimum) (1 + cos(pi n / L)) / 2`.
public struct CosineWarmRestarts: Schedule, Codable, Equatable {
  /// The rate at the start of each cycle.
  public var learningRate: Double
  /// Steps of the first cycle.
  public var firstLength: Int
  /// How much longer each cycle is than the one before.
  public var lengthFactor: Int
  /// The rate towards which each cycle falls.
  public var minimum: Double

  /// A schedule that starts with `learningRate`.
  public init(
    learningRate: Double, firstLength: Int, lengthFactor: Int = 1, minimum: Double = 0
  ) {
    guard firstLength > 0 && lengthFactor > 0 else {
      trap(
        "CosineWarmRestarts: firstLength \(firstLength) and lengthFactor \(lengthFactor) must be above 0"
      )
    }
    expect(learningRate, .notNegative, "CosineWarmRestarts", "learningRate")
    expect(minimum, .notNegative, "CosineWarmRestarts", "minimum")
    self.learningRate = learningRate
    self.firstLength = firstLength
    self.lengthFactor = lengthFactor
    self.minimum = minimum
  }

  /// The rate of this step.
  public func learningRate(step: Int) -> Double {
    var step = step
    var length = firstLength
    if lengthFactor == 1 { step %= length }
    while step >= length {
      step -= length
      length *= lengthFactor
    }
    return cosine(from: learningRate, to: minimum, at: Double(step) / Double(length))
  }
}

/// One rise and one fall of the rate over the whole training (PyTorch's `OneCycleLR`; Smith and
/// Topin 2018).
///
/// From `maximum / divisor` to `maximum` in the first `risingFraction` of the steps, then down to
/// `maximum / divisor / finalDivisor`; with three phases, first back to where it started in as
/// many steps as it rose. Beyond the last step the final rate stays.
public struct OneCycle: Schedule, Codable, Equatable {
  /// The curve between two rates.
  public enum Curve: String, Sendable, Codable {
    /// Half a cosine wave.
    case cosine
    /// A straight line.
    case linear
  }

  /// The highest rate.
  public var maximum: Double
  /// Steps of the whole training.
  public var totalSteps: Int
  /// The part of the steps in which the rate rises.
  public var risingFraction: Double
  /// The curve of each phase.
  public var curve: Curve
  /// The highest rate divided by the first.
  public var divisor: Double
  /// The first rate divided by the last.
  public var finalDivisor: Double
  /// Whether the rate falls in two phases instead of one.
  public var threePhases: Bool

  /// A schedule whose peak is `maximum`.
  public init(
    maximum: Double, totalSteps: Int, risingFraction: Double = 0.3, curve: Curve = .cosine,
    divisor: Double = 25, finalDivisor: Double = 1e4, threePhases: Bool = false
  ) {
    expect(maximum, .notNegative, "OneCycle", "maximum")
    expect(totalSteps, atLeast: 1, "OneCycle", "totalSteps")
    expect(risingFraction, .share, "OneCycle", "risingFraction")
    expect(divisor, .positive, "OneCycle", "divisor")
    expect(finalDivisor, .positive, "OneCycle", "finalDivisor")
    self.maximum = maximum
    self.totalSteps = totalSteps
    self.risingFraction = risingFraction
    self.curve = curve
    self.divisor = divisor
    self.finalDivisor = finalDivisor
    self.threePhases = threePhases
  }

  /// The rate of this step.
  public func learningRate(step: Int) -> Double {
    let low = maximum / divisor
    let final = low / finalDivisor
    let top = risingFraction * Double(totalSteps) - 1
    let end = Double(totalSteps - 1)
    let step = min(Double(step), end)
    if step <= top { return rate(from: low, to: maximum, start: 0, end: top, step: step) }
    guard threePhases else {
      return rate(from: maximum, to: final, start: top, end: end, step: step)
    }
    let bottom = 2 * risingFraction * Double(totalSteps) - 2
    return step <= bottom
      ? rate(from: maximum, to: low, start: top, end: bottom, step: step)
      : rate(from: low, to: final, start: bottom, end: end, step: step)
  }

  private func rate(
    from first: Double, to last: Double, start: Double, end: Double, step: Double
  ) -> Double {
    // A phase of no length is at its end.
    let fraction = end > start ? (step - start) / (end - start) : 1
    return switch curve {
    case .cosine: cosine(from: first, to: last, at: fraction)
    case .linear: line(from: first, to: last, at: fraction)
    }
  }
}
