import Autograd

/// The rate is multiplied by `factor` after every `stepSize` steps (PyTorch's `StepLR`).
///
/// In step k: `learningRate factor^(k / stepSize, rounded down)`.
public struct StepDecay: Schedule, Codable, Equatable {
  /// The rate of the first step.
  public var learningRate: Double
  /// Steps between two changes.
  public var stepSize: Int
  /// Multiplies the rate at each change.
  public var factor: Double

  /// A schedule that starts with `learningRate`.
  public init(learningRate: Double, stepSize: Int, factor: Double = 0.1) {
    guard stepSize > 0 else { trap("StepDecay: stepSize is \(stepSize), not above 0") }
    expect(learningRate, .notNegative, "StepDecay", "learningRate")
    expect(factor, .notNegative, "StepDecay", "factor")
    self.learningRate = learningRate
    self.stepSize = stepSize
    self.factor = factor
  }

  /// The rate of this step.
  public func learningRate(step: Int) -> Double {
    learningRate * pow(factor, Double(step / stepSize))
  }
}

/// The rate is multiplied by `factor` at each of the given steps (PyTorch's `MultiStepLR`).
///
/// In step k: `learningRate factor^(number of milestones <= k)`; one listed twice counts twice.
public struct MultiStepDecay: Schedule, Codable, Equatable {
  /// The rate of the first step.
  public var learningRate: Double
  /// The first steps with a changed rate, in any order.
  public var milestones: [Int]
  /// Multiplies the rate at each change.
  public var factor: Double

  /// A schedule that starts with `learningRate`.
  public init(learningRate: Double, milestones: [Int], factor: Double = 0.1) {
    expect(learningRate, .notNegative, "MultiStepDecay", "learningRate")
    expect(factor, .notNegative, "MultiStepDecay", "factor")
    if milestones.contains(where: { $0 < 0 }) {
      trap("MultiStepDecay: milestones of at least 0 are expected, not \(milestones)")
    }
    self.learningRate = learningRate
    self.milestones = milestones
    self.factor = factor
  }

  /// The rate of this step.
  public func learningRate(step: Int) -> Double {
    learningRate * pow(factor, Double(milestones.count { $0 <= step }))
  }
}

/// The rate is multiplied by `factor` after each step (PyTorch's `ExponentialLR`).
///
/// In step k: `learningRate factor^k`.
public struct ExponentialDecay: Schedule, Codable, Equatable {
  /// The rate of the first step.
  public var learningRate: Double
  /// Multiplies the rate at each step.
  public var factor: Double

  /// A schedule that starts with `learningRate`.
  public init(learningRate: Double, factor: Double) {
    expect(learningRate, .notNegative, "ExponentialDecay", "learningRate")
    expect(factor, .notNegative, "ExponentialDecay", "factor")
    self.learningRate = learningRate
    self.factor = factor
  }

  /// The rate of this step.
  public func learningRate(step: Int) -> Double { learningRate * pow(factor, Double(step)) }
}

/// The rate falls to 0 along a power of the steps that remain (PyTorch's `PolynomialLR`).
///
/// In step k: `learningRate (1 - min(k, totalSteps) / totalSteps)^power`.
public struct PolynomialDecay: Schedule, Codable, Equatable {
  /// The rate of the first step.
  public var learningRate: Double
  /// Steps until the rate is 0.
  public var totalSteps: Int
  /// 1 for a straight line.
  public var power: Double

  /// A schedule that starts with `learningRate`.
  public init(learningRate: Double, totalSteps: Int, power: Double = 1) {
    guard totalSteps > 0 else { trap("PolynomialDecay: totalSteps is \(totalSteps), not above 0") }
    expect(learningRate, .notNegative, "PolynomialDecay", "learningRate")
    expect(power, .notNegative, "PolynomialDecay", "power")
    self.learningRate = learningRate
    self.totalSteps = totalSteps
    self.power = power
  }

  /// The rate of this step.
  public func learningRate(step: Int) -> Double {
    learningRate * pow(1 - Double(min(step, totalSteps)) / Double(totalSteps), power)
  }
}

/// A straight line from one part of the rate to another (PyTorch's `LinearLR`).
///
/// In step k: `learningRate (startFactor + (endFactor - startFactor) min(k, totalSteps) /
/// totalSteps)`.
public struct LinearFactor: Schedule, Codable, Equatable {
  /// What the factors multiply.
  public var learningRate: Double
  /// The part of the rate in the first step.
  public var startFactor: Double
  /// The part of the rate from step `totalSteps` on.
  public var endFactor: Double
  /// Steps until the end factor.
  public var totalSteps: Int

  /// A schedule that starts with `learningRate * startFactor`.
  public init(
    learningRate: Double, startFactor: Double = 1.0 / 3, endFactor: Double = 1, totalSteps: Int
  ) {
    guard totalSteps > 0 else { trap("LinearFactor: totalSteps is \(totalSteps), not above 0") }
    expect(learningRate, .notNegative, "LinearFactor", "learningRate")
    expect(startFactor, .notNegative, "LinearFactor", "startFactor")
    expect(endFactor, .notNegative, "LinearFactor", "endFactor")
    self.learningRate = learningRate
    self.startFactor = startFactor
    self.endFactor = endFactor
    self.totalSteps = totalSteps
  }

  /// The rate of this step.
  public func learningRate(step: Int) -> Double {
    let fraction = Double(min(step, totalSteps)) / Double(totalSteps)
    return learningRate * line(from: startFactor, to: endFactor, at: fraction)
  }
}

/// A part of the rate for some steps, then all of it (PyTorch's `ConstantLR`).
///
/// In step k: `learningRate factor` while k < `totalSteps`, then `learningRate`.
public struct ConstantFactor: Schedule, Codable, Equatable {
  /// The rate after the first steps.
  public var learningRate: Double
  /// The part of the rate that the first steps have.
  public var factor: Double
  /// The number of these first steps.
  public var totalSteps: Int

  /// A schedule that starts with `learningRate * factor`.
  public init(learningRate: Double, factor: Double = 1.0 / 3, totalSteps: Int) {
    expect(learningRate, .notNegative, "ConstantFactor", "learningRate")
    expect(factor, .notNegative, "ConstantFactor", "factor")
    expect(totalSteps, atLeast: 0, "ConstantFactor", "totalSteps")
    self.learningRate = learningRate
    self.factor = factor
    self.totalSteps = totalSteps
  }

  /// The rate of this step.
  public func learningRate(step: Int) -> Double {
    step < totalSteps ? learningRate * factor : learningRate
  }
}
