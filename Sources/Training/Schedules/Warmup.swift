import Autograd

/// The rate grows linearly to its peak, then falls linearly.
///
/// With w warm-up and n total steps, in step k: `peak (k + 1) / w` for k < w, then
/// `peak (1 - (1 - final) (k - w) / (n - w))`, and `peak final` from step n on. The first step
/// already has a rate above 0, and the last one, n - 1, too: no step is wasted.
public struct WarmupLinear: Schedule, Codable, Equatable {
  /// The peak.
  public var learningRate: Double
  /// Steps in which the rate grows.
  public var warmupSteps: Int
  /// Steps until the rate has fallen.
  public var totalSteps: Int
  /// What remains of the peak at the end.
  public var finalFraction: Double

  /// A schedule whose peak is `learningRate`.
  public init(
    learningRate: Double, warmupSteps: Int, totalSteps: Int, finalFraction: Double = 0
  ) {
    expect(learningRate, .notNegative, "WarmupLinear", "learningRate")
    expect(warmupSteps, atLeast: 0, "WarmupLinear", "warmupSteps")
    expect(totalSteps, atLeast: 0, "WarmupLinear", "totalSteps")
    expect(finalFraction, .notNegative, "WarmupLinear", "finalFraction")
    self.learningRate = learningRate
    self.warmupSteps = warmupSteps
    self.totalSteps = totalSteps
    self.finalFraction = finalFraction
  }

  /// The rate of this step.
  public func learningRate(step: Int) -> Double {
    if step < warmupSteps { return learningRate * Double(step + 1) / Double(warmupSteps) }
    let fraction = decayed(step: step, warmupSteps: warmupSteps, totalSteps: totalSteps)
    return learningRate * line(from: 1, to: finalFraction, at: fraction)
  }
}

/// The rate grows linearly to its peak, then falls along half a cosine wave.
///
/// As `WarmupLinear`, but after the warm-up
/// `peak (final + (1 - final) (1 + cos(pi (k - w) / (n - w))) / 2)`.
public struct WarmupCosine: Schedule, Codable, Equatable {
  /// The peak.
  public var learningRate: Double
  /// Steps in which the rate grows.
  public var warmupSteps: Int
  /// Steps until the rate has fallen.
  public var totalSteps: Int
  /// What remains of the peak at the end.
  public var finalFraction: Double

  /// A schedule whose peak is `learningRate`.
  public init(
    learningRate: Double, warmupSteps: Int, totalSteps: Int, finalFraction: Double = 0
  ) {
    expect(learningRate, .notNegative, "WarmupCosine", "learningRate")
    expect(warmupSteps, atLeast: 0, "WarmupCosine", "warmupSteps")
    expect(totalSteps, atLeast: 0, "WarmupCosine", "totalSteps")
    expect(finalFraction, .notNegative, "WarmupCosine", "finalFraction")
    self.learningRate = learningRate
    self.warmupSteps = warmupSteps
    self.totalSteps = totalSteps
    self.finalFraction = finalFraction
  }

  /// The rate of this step.
  public func learningRate(step: Int) -> Double {
    if step < warmupSteps { return learningRate * Double(step + 1) / Double(warmupSteps) }
    let fraction = decayed(step: step, warmupSteps: warmupSteps, totalSteps: totalSteps)
    return learningRate * cosine(from: 1, to: finalFraction, at: fraction)
  }
}

/// The rate grows linearly to its peak, then falls with the square root of the step; for
/// trainings without a planned end.
///
/// With w warm-up steps, in step k: `peak (k + 1) / w` for k < w, then
/// `peak max(final, sqrt(w / (k + 1)))`. Without warm-up w counts as 1.
public struct WarmupInverseSquareRoot: Schedule, Codable, Equatable {
  /// The peak.
  public var learningRate: Double
  /// Steps in which the rate grows.
  public var warmupSteps: Int
  /// The part of the peak below which the rate does not fall.
  public var finalFraction: Double

  /// A schedule whose peak is `learningRate`.
  public init(learningRate: Double, warmupSteps: Int, finalFraction: Double = 0) {
    expect(learningRate, .notNegative, "WarmupInverseSquareRoot", "learningRate")
    expect(warmupSteps, atLeast: 0, "WarmupInverseSquareRoot", "warmupSteps")
    expect(finalFraction, .notNegative, "WarmupInverseSquareRoot", "finalFraction")
    self.learningRate = learningRate
    self.warmupSteps = warmupSteps
    self.finalFraction = finalFraction
  }

  /// The rate of this step.
  public func learningRate(step: Int) -> Double {
    if step < warmupSteps { return learningRate * Double(step + 1) / Double(warmupSteps) }
    let decay = sqrt(Double(max(warmupSteps, 1)) / Double(step + 1))
    return learningRate * max(finalFraction, decay)
  }
}

/// The schedule of the transformer (Vaswani et al. 2017, section 5.3).
///
/// In step k, with s = k + 1: `factor modelSize^-0.5 min(s^-0.5, s warmupSteps^-1.5)`.
public struct Noam: Schedule, Codable, Equatable {
  /// Multiplies everything; 1 in the paper.
  public var factor: Double
  /// The number of features of the model.
  public var modelSize: Int
  /// Steps in which the rate grows.
  public var warmupSteps: Int

  /// A schedule for a model of that size.
  public init(modelSize: Int, warmupSteps: Int, factor: Double = 1) {
    expect(modelSize, atLeast: 1, "Noam", "modelSize")
    expect(warmupSteps, atLeast: 0, "Noam", "warmupSteps")
    expect(factor, .notNegative, "Noam", "factor")
    self.factor = factor
    self.modelSize = modelSize
    self.warmupSteps = warmupSteps
  }

  /// The rate of this step.
  public func learningRate(step: Int) -> Double {
    let step = Double(step + 1)
    let growth = step * pow(Double(warmupSteps), -1.5)
    return factor * pow(Double(modelSize), -0.5) * min(pow(step, -0.5), growth)
  }
}

/// How much of the decay after the warm-up is done, from 0 to 1.
private func decayed(step: Int, warmupSteps: Int, totalSteps: Int) -> Double {
  guard step < totalSteps else { return 1 }
  return Double(step - warmupSteps) / Double(totalSteps - warmupSteps)
}
