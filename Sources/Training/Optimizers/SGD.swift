public import Autograd
import Kernels

/// Stochastic gradient descent, with momentum (Sutskever et al., 2013).
///
/// With g = gradient + weightDecay p: without momentum `p -= learningRate g`, else
/// `b = momentum b + (1 - dampening) g` (in the first step b = g) and `p -= learningRate b`; with
/// Nesterov's momentum `p -= learningRate (g + momentum b)`.
public struct SGD: Optimizer {
  /// The factor of every change.
  public var learningRate: Double
  /// What the velocity b keeps of itself in a step. Whether it is 0 is settled before the first
  /// update.
  public var momentum: Double
  /// The part of the gradient that does not enter the velocity.
  public var dampening: Double
  /// This part of the parameter is added to its gradient.
  public var weightDecay: Double
  /// Whether the momentum is Nesterov's.
  public var isNesterov: Bool
  /// Climbs instead of descending.
  public var maximizes: Bool
  /// How single parameters differ from the others.
  public var groups: ParameterGroups?
  /// What it remembers of each parameter.
  public var state = OptimizerState()

  /// Plain descent, but for what is given.
  public init(
    learningRate: Double, momentum: Double = 0, dampening: Double = 0, weightDecay: Double = 0,
    isNesterov: Bool = false, maximizes: Bool = false
  ) {
    expect(learningRate, .notNegative, "SGD", "learningRate")
    expect(momentum, .notNegative, "SGD", "momentum")
    expect(dampening, .finite, "SGD", "dampening")
    expect(weightDecay, .notNegative, "SGD", "weightDecay")
    self.learningRate = learningRate
    self.momentum = momentum
    self.dampening = dampening
    self.weightDecay = weightDecay
    self.isNesterov = isNesterov
    self.maximizes = maximizes
  }

  /// Names of what it keeps for each parameter.
  public var slots: [String] { momentum == 0 ? [] : ["velocity"] }

  /// Changes a part of a parameter.
  public func step<Scalar: FloatingPointScalar>(_ part: OptimizerStep<Scalar>) {
    let step = SGDStep<Scalar>(
      learningRate: Scalar(part.learningRate), sign: maximizes ? -1 : 1,
      weightDecay: Scalar(weightDecay * part.weightDecayFactor), momentum: Scalar(momentum),
      gain: part.number == 1 ? 1 : Scalar(1 - dampening), isNesterov: isNesterov)
    Scalar.kernels.sgd(
      step, parameter: part.parameter, gradient: part.gradient, velocity: part.slots.first,
      count: part.count)
  }
}
