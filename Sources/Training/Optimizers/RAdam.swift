public import Autograd

/// Rectified Adam (Liu et al., 2020): no adaptive steps before the variance is known.
///
/// In step t, with g, m and v as in `Adam`, R = 2 / (1 - beta2) - 1 and
/// r = R - 2 t beta2^t / (1 - beta2^t): where r > 5, `p -= learningRate m / (1 - beta1^t)
/// sqrt(1 - beta2^t) / (sqrt(v) + epsilon) sqrt((r-4)(r-2)R / ((R-4)(R-2)r))`, else
/// `p -= learningRate m / (1 - beta1^t)`.
public struct RAdam: Optimizer {
  /// The factor of every change.
  public var learningRate: Double
  /// The decay of the mean of gradients.
  public var beta1: Double
  /// The decay of the mean of squared gradients.
  public var beta2: Double
  /// Keeps the divisor from 0.
  public var epsilon: Double
  /// How strongly parameters are drawn to 0.
  public var weightDecay: Double
  /// Whether weight decay acts on the parameter itself, not through the gradient.
  public var isDecoupled: Bool
  /// Climbs instead of descending.
  public var maximizes: Bool
  /// How single parameters differ from the others.
  public var groups: ParameterGroups?
  /// What it remembers of each parameter.
  public var state = OptimizerState()

  /// The settings of the paper or, where it has none, PyTorch's.
  public init(
    learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    weightDecay: Double = 0, isDecoupled: Bool = false, maximizes: Bool = false
  ) {
    expect(learningRate, .notNegative, "RAdam", "learningRate")
    expect(beta1, .shareBelowOne, "RAdam", "beta1")
    expect(beta2, .shareBelowOne, "RAdam", "beta2")
    expect(epsilon, .notNegative, "RAdam", "epsilon")
    expect(weightDecay, .notNegative, "RAdam", "weightDecay")
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.isDecoupled = isDecoupled
    self.maximizes = maximizes
  }

  /// Names of what it keeps for each parameter.
  public var slots: [String] { ["firstMoment", "secondMoment"] }

  /// The factor of the adaptive step; nil before there is one.
  private func rectification(_ number: Int) -> Double? {
    let t = Double(number)
    let correction = 1 - pow(beta2, t)
    let limit = 2 / (1 - beta2) - 1
    let length = limit - 2 * t * pow(beta2, t) / correction
    guard length > 5 else { return nil }
    let ratio =
      (length - 4) * (length - 2) * limit / ((limit - 4) * (limit - 2) * length)
    return (ratio * correction).squareRoot()
  }

  /// Changes a part of a parameter.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  public func step<Scalar: FloatingPointScalar>(_ part: OptimizerStep<Scalar>) {
    let sign: Scalar = maximizes ? -1 : 1
    let strength = weightDecay * part.weightDecayFactor
    let decay = isDecoupled ? 0 : Scalar(strength)
    let shrinkage = isDecoupled ? Scalar(1 - part.learningRate * strength) : 1
    let epsilon = Scalar(epsilon)
    let (p, gradient) = (part.parameter, part.gradient)
    let (b1, gain1) = (Scalar(beta1), Scalar(1 - beta1))
    let (b2, gain2) = (Scalar(beta2), Scalar(1 - beta2))
    let rate = Scalar(part.learningRate / (1 - pow(beta1, Double(part.number))))
    let rectification = rectification(part.number).map { Scalar($0) }
    let (first, second) = (part.slots[0], part.slots[1])
    for i in 0..<part.count {
      let g = sign * gradient[i] + decay * p[i]
      first[i] = b1 * first[i] + gain1 * g
      second[i] = b2 * second[i] + gain2 * g * g
      var change = rate * first[i]
      if let rectification { change *= rectification / (second[i].squareRoot() + epsilon) }
      p[i] = shrinkage * p[i] - change
    }
  }
}
