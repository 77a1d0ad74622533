public import Autograd

/// Adadelta (Zeiler, 2012): steps as large as the last ones were.
///
/// With g = gradient + weightDecay p: `s = decay s + (1 - decay) g²`,
/// `d = sqrt(q + epsilon) / sqrt(s + epsilon) g`, `q = decay q + (1 - decay) d²` and
/// `p -= learningRate d`.
public struct Adadelta: Optimizer {
  /// The factor of every change.
  public var learningRate: Double
  /// What the means keep of themselves in a step.
  public var decay: Double
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
    learningRate: Double = 1, decay: Double = 0.9, epsilon: Double = 1e-6, weightDecay: Double = 0,
    maximizes: Bool = false
  ) {
    expect(learningRate, .notNegative, "Adadelta", "learningRate")
    expect(decay, .share, "Adadelta", "decay")
    expect(epsilon, .notNegative, "Adadelta", "epsilon")
    expect(weightDecay, .notNegative, "Adadelta", "weightDecay")
    self.learningRate = learningRate
    self.decay = decay
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.maximizes = maximizes
  }

  /// Names of what it keeps for each parameter.
  public var slots: [String] { ["meanSquare", "meanSquareChange"] }

  /// Changes a part of a parameter.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  public func step<Scalar: FloatingPointScalar>(_ part: OptimizerStep<Scalar>) {
    let sign: Scalar = maximizes ? -1 : 1
    let weightDecay = Scalar(weightDecay * part.weightDecayFactor)
    let epsilon = Scalar(epsilon)
    let (p, gradient) = (part.parameter, part.gradient)
    let rate = Scalar(part.learningRate)
    let (kept, gain) = (Scalar(decay), Scalar(1 - decay))
    let (square, change) = (part.slots[0], part.slots[1])
    for i in 0..<part.count {
      let g = sign * gradient[i] + weightDecay * p[i]
      square[i] = kept * square[i] + gain * g * g
      let d = ((change[i] + epsilon) / (square[i] + epsilon)).squareRoot() * g
      change[i] = kept * change[i] + gain * d * d
      p[i] -= rate * d
    }
  }
}
