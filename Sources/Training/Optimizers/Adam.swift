public import Autograd
import Kernels

/// Adam (Kingma and Ba, 2015), with weight decay in the gradient or decoupled from it
/// (Loshchilov and Hutter, 2019), and AMSGrad (Reddi et al., 2018).
///
/// In step t, with g = gradient + weightDecay p:
/// `m = beta1 m + (1 - beta1) g`, `v = beta2 v + (1 - beta2) g²`, and
/// `p -= learningRate (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)`. Decoupled decay
/// leaves g alone and first multiplies p by `1 - learningRate weightDecay`. AMSGrad takes the
/// largest v so far.
public struct Adam: Optimizer {
  /// The factor of every change.
  public var learningRate: Double
  /// The decay of the mean of gradients.
  public var beta1: Double
  /// The decay of the mean of squared gradients.
  public var beta2: Double
  /// Added to the root.
  public var epsilon: Double
  /// How strongly parameters are drawn to 0.
  public var weightDecay: Double
  /// Whether weight decay acts on the parameter itself, not through the gradient.
  public var isDecoupled: Bool
  /// Whether steps never grow because a large gradient is forgotten. To be set before the first
  /// update.
  public let amsgrad: Bool
  /// Climbs instead of descending.
  public var maximizes: Bool
  /// How single parameters differ from the others.
  public var groups: ParameterGroups?
  /// What it remembers of each parameter.
  public var state = OptimizerState()

  /// - Parameter amsgrad: divides by the largest second moment so far.
  public init(
    learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8, weightDecay: Double = 0, isDecoupled: Bool = false,
    amsgrad: Bool = false, maximizes: Bool = false
  ) {
    expect(learningRate, .notNegative, "Adam", "learningRate")
    expect(beta1, .shareBelowOne, "Adam", "beta1")
    expect(beta2, .shareBelowOne, "Adam", "beta2")
    expect(epsilon, .notNegative, "Adam", "epsilon")
    expect(weightDecay, .notNegative, "Adam", "weightDecay")
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.isDecoupled = isDecoupled
    self.amsgrad = amsgrad
    self.maximizes = maximizes
  }

  /// Names of what it keeps for each parameter.
  public var slots: [String] {
    ["firstMoment", "secondMoment"] + (amsgrad ? ["largestSecondMoment"] : [])
  }

  /// Changes a part of a parameter.
  public func step<Scalar: FloatingPointScalar>(_ part: OptimizerStep<Scalar>) {
    let t = Double(part.number)
    let decay = weightDecay * part.weightDecayFactor
    let step = AdamStep<Scalar>(
      stepSize: Scalar(part.learningRate / (1 - pow(beta1, t))), sign: maximizes ? -1 : 1,
      weightDecay: isDecoupled ? 0 : Scalar(decay),
      shrinkage: isDecoupled ? Scalar(1 - part.learningRate * decay) : 1,
      beta1: Scalar(beta1), gain1: Scalar(1 - beta1), beta2: Scalar(beta2),
      gain2: Scalar(1 - beta2), rootFactor: Scalar(1 / (1 - pow(beta2, t)).squareRoot()),
      epsilon: Scalar(epsilon))
    Scalar.kernels.adam(
      step, parameter: part.parameter, gradient: part.gradient, first: part.slots[0],
      second: part.slots[1],
      largest: amsgrad ? part.slots[2] : nil, count: part.count)
  }
}
