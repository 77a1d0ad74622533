public import Autograd

/// Adagrad (Duchi, Hazan and Singer, 2011): steps shrink with all that has gone before.
///
/// In step t, with g = gradient + weightDecay p: `s += g²` and
/// `p -= learningRate / (1 + (t - 1) rateDecay) g / (sqrt(s) + epsilon)`.
public struct Adagrad: Optimizer {
  /// The factor of every change.
  public var learningRate: Double
  /// How fast the rate falls beside that.
  public var rateDecay: Double
  /// What the sum s starts from.
  public let initialSum: Double
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
    learningRate: Double = 1e-2, rateDecay: Double = 0, initialSum: Double = 0,
    epsilon: Double = 1e-10, weightDecay: Double = 0, maximizes: Bool = false
  ) {
    expect(learningRate, .notNegative, "Adagrad", "learningRate")
    expect(rateDecay, .notNegative, "Adagrad", "rateDecay")
    expect(initialSum, .notNegative, "Adagrad", "initialSum")
    expect(epsilon, .notNegative, "Adagrad", "epsilon")
    expect(weightDecay, .notNegative, "Adagrad", "weightDecay")
    self.learningRate = learningRate
    self.rateDecay = rateDecay
    self.initialSum = initialSum
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.maximizes = maximizes
  }

  /// Names of what it keeps for each parameter.
  public var slots: [String] { ["sumOfSquares"] }

  /// What the sum s starts from.
  public var initialSlotValue: Double { initialSum }

  /// Changes a part of a parameter.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  public func step<Scalar: FloatingPointScalar>(_ part: OptimizerStep<Scalar>) {
    let sign: Scalar = maximizes ? -1 : 1
    let decay = Scalar(weightDecay * part.weightDecayFactor)
    let epsilon = Scalar(epsilon)
    let (p, gradient) = (part.parameter, part.gradient)
    let rate = Scalar(part.learningRate / (1 + Double(part.number - 1) * rateDecay))
    let sum = part.slots[0]
    for i in 0..<part.count {
      let g = sign * gradient[i] + decay * p[i]
      sum[i] += g * g
      p[i] -= rate * g / (sum[i].squareRoot() + epsilon)
    }
  }
}
