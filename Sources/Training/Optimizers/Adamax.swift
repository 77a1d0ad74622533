public import Autograd

/// Adamax (Kingma and Ba, 2015, section 7.1): Adam with the maximum norm.
///
/// In step t, with g = gradient + weightDecay p: `m = beta1 m + (1 - beta1) g`,
/// `u = max(beta2 u, |g| + epsilon)` and `p -= learningRate / (1 - beta1^t) m / u`.
public struct Adamax: Optimizer {
  /// The factor of every change.
  public var learningRate: Double
  /// The decay of the mean of gradients.
  public var beta1: Double
  /// What the largest gradient keeps of itself in a step.
  public var beta2: Double
  /// Keeps the divisor from 0.
  public var epsilon: Double
  /// How strongly parameters are drawn to 0, through their gradients.
  public var weightDecay: Double
  /// Climbs instead of descending.
  public var maximizes: Bool
  /// How single parameters differ from the others.
  public var groups: ParameterGroups?
  /// What it remembers of each parameter.
  public var state = OptimizerState()

  /// The settings of the paper or, where it has none, PyTorch's.
  public init(
    learningRate: Double = 2e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    weightDecay: Double = 0, maximizes: Bool = false
  ) {
    expect(learningRate, .notNegative, "Adamax", "learningRate")
    expect(beta1, .shareBelowOne, "Adamax", "beta1")
    expect(beta2, .shareBelowOne, "Adamax", "beta2")
    expect(epsilon, .notNegative, "Adamax", "epsilon")
    expect(weightDecay, .notNegative, "Adamax", "weightDecay")
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.maximizes = maximizes
  }

  /// Names of what it keeps for each parameter.
  public var slots: [String] { ["firstMoment", "largest"] }

  /// Changes a part of a parameter.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  public func step<Scalar: FloatingPointScalar>(_ part: OptimizerStep<Scalar>) {
    let sign: Scalar = maximizes ? -1 : 1
    let decay = Scalar(weightDecay * part.weightDecayFactor)
    let epsilon = Scalar(epsilon)
    let (p, gradient) = (part.parameter, part.gradient)
    let (b1, gain1) = (Scalar(beta1), Scalar(1 - beta1))
    let b2 = Scalar(beta2)
    let rate = Scalar(part.learningRate / (1 - pow(beta1, Double(part.number))))
    let (first, largest) = (part.slots[0], part.slots[1])
    for i in 0..<part.count {
      let g = sign * gradient[i] + decay * p[i]
      first[i] = b1 * first[i] + gain1 * g
      // A gradient that is not a number stays one.
      let size = abs(g) + epsilon
      largest[i] = b2 * largest[i] > size ? b2 * largest[i] : size
      p[i] -= rate * first[i] / largest[i]
    }
  }
}
