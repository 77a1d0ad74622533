public import Autograd

/// RMSprop (Tieleman and Hinton, 2012), centred on request (Graves, 2013).
///
/// With g = gradient + weightDecay p: `s = decay s + (1 - decay) g²` and
/// `p -= learningRate g / (sqrt(s) + epsilon)`. Centred, s minus the square of the mean of gradients
/// stands in the root. With momentum, `b = momentum b + g / (...)` and `p -= learningRate b`.
public struct RMSprop: Optimizer {
  /// The factor of every change.
  public var learningRate: Double
  /// What the means keep of themselves in a step.
  public var decay: Double
  /// Keeps the divisor from 0.
  public var epsilon: Double
  /// What the velocity b keeps of itself in a step. Whether it is 0 is settled by the initialiser.
  public let momentum: Double
  /// Whether the variance of gradients is the divisor, not their mean square.
  public let isCentered: Bool
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
    learningRate: Double = 1e-2, decay: Double = 0.99, epsilon: Double = 1e-8, momentum: Double = 0,
    isCentered: Bool = false, weightDecay: Double = 0, maximizes: Bool = false
  ) {
    expect(learningRate, .notNegative, "RMSprop", "learningRate")
    expect(decay, .share, "RMSprop", "decay")
    expect(epsilon, .notNegative, "RMSprop", "epsilon")
    expect(momentum, .notNegative, "RMSprop", "momentum")
    expect(weightDecay, .notNegative, "RMSprop", "weightDecay")
    self.learningRate = learningRate
    self.decay = decay
    self.epsilon = epsilon
    self.momentum = momentum
    self.isCentered = isCentered
    self.weightDecay = weightDecay
    self.maximizes = maximizes
  }

  /// Names of what it keeps for each parameter.
  public var slots: [String] {
    ["meanSquare"] + (isCentered ? ["mean"] : []) + (momentum == 0 ? [] : ["velocity"])
  }

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
    let momentum = Scalar(momentum)
    let square = part.slots[0]
    let mean = isCentered ? part.slots[1] : nil
    let velocity = momentum == 0 ? nil : part.slots[part.slots.count - 1]
    for i in 0..<part.count {
      let g = sign * gradient[i] + weightDecay * p[i]
      square[i] = kept * square[i] + gain * g * g
      var variance = square[i]
      if let mean {
        mean[i] = kept * mean[i] + gain * g
        // Rounding may leave a little less than nothing; what is not a number stays so.
        variance -= mean[i] * mean[i]
        variance = variance < 0 ? 0 : variance
      }
      var change = g / (variance.squareRoot() + epsilon)
      if let velocity {
        velocity[i] = momentum * velocity[i] + change
        change = velocity[i]
      }
      p[i] -= rate * change
    }
  }
}
