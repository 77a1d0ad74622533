public import Autograd

/// Adam with decoupled weight decay (Loshchilov and Hutter, 2019): `Adam(isDecoupled: true)` under
/// the name and with the decay, 0.01, by which it is known.
public struct AdamW: Optimizer {
  private var adam: Adam

  /// - Parameters:
  ///   - weightDecay: each step multiplies the parameters by `1 - learningRate weightDecay`.
  ///   - amsgrad: divides by the largest second moment so far.
  public init(
    learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8, weightDecay: Double = 0.01, amsgrad: Bool = false,
    maximizes: Bool = false
  ) {
    adam = Adam(
      learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon,
      weightDecay: weightDecay, isDecoupled: true, amsgrad: amsgrad, maximizes: maximizes)
  }

  /// The factor of every change.
  public var learningRate: Double {
    get { adam.learningRate }
    set { adam.learningRate = newValue }
  }

  /// How single parameters differ from the others.
  public var groups: ParameterGroups? {
    get { adam.groups }
    set { adam.groups = newValue }
  }

  /// What it remembers of each parameter.
  public var state: OptimizerState {
    get { adam.state }
    _modify { yield &adam.state }
  }

  /// How strongly parameters are drawn to 0.
  public var weightDecay: Double {
    get { adam.weightDecay }
    set { adam.weightDecay = newValue }
  }

  /// Names of what it keeps for each parameter.
  public var slots: [String] { adam.slots }

  /// Changes a part of a parameter.
  public func step<Scalar: FloatingPointScalar>(_ part: OptimizerStep<Scalar>) { adam.step(part) }
}
