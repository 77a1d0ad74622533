/// The numbers of one step of stochastic gradient descent.
public struct SGDStep<Scalar: KernelScalar>: Sendable {
  /// The factor of the change.
  public var learningRate: Scalar
  /// 1, or -1 to climb instead of descend.
  public var sign: Scalar
  /// This part of the parameter is added to its gradient.
  public var weightDecay: Scalar
  /// What the old velocity counts in the new one.
  public var momentum: Scalar
  /// What the new gradient counts in the velocity: 1 - dampening; 1 in the first step.
  public var gain: Scalar
  /// Whether the change looks one step of momentum ahead (Nesterov, 1983).
  public var isNesterov: Bool

  /// All numbers as they are.
  @inlinable
  public init(
    learningRate: Scalar, sign: Scalar, weightDecay: Scalar, momentum: Scalar, gain: Scalar,
    isNesterov: Bool
  ) {
    self.learningRate = learningRate
    self.sign = sign
    self.weightDecay = weightDecay
    self.momentum = momentum
    self.gain = gain
    self.isNesterov = isNesterov
  }
}

/// The numbers of one step of Adam.
public struct AdamStep<Scalar: KernelScalar>: Sendable {
  /// Learning rate / (1 - beta1^t).
  public var stepSize: Scalar
  /// 1, or -1 to climb instead of descend.
  public var sign: Scalar
  /// This part of the parameter is added to its gradient.
  public var weightDecay: Scalar
  /// The parameter times this comes first: decoupled weight decay.
  public var shrinkage: Scalar
  /// The decay of the first moment.
  public var beta1: Scalar
  /// 1 - beta1, from double precision.
  public var gain1: Scalar
  /// The decay of the second moment.
  public var beta2: Scalar
  /// 1 - beta2, from double precision.
  public var gain2: Scalar
  /// 1 / sqrt(1 - beta2^t).
  public var rootFactor: Scalar
  /// Added to the root.
  public var epsilon: Scalar

  /// All numbers as they are.
  @inlinable
  public init(
    stepSize: Scalar, sign: Scalar, weightDecay: Scalar, shrinkage: Scalar, beta1: Scalar,
    gain1: Scalar, beta2: Scalar, gain2: Scalar, rootFactor: Scalar, epsilon: Scalar
  ) {
    self.stepSize = stepSize
    self.sign = sign
    self.weightDecay = weightDecay
    self.shrinkage = shrinkage
    self.beta1 = beta1
    self.gain1 = gain1
    self.beta2 = beta2
    self.gain2 = gain2
    self.rootFactor = rootFactor
    self.epsilon = epsilon
  }
}

/// Updates of parameters: one pass over the parameter, its gradient and its moments. The elements
/// of the last, partial vector go through the same instructions, so results do not depend on where
/// a caller divides the work.
extension InstructionSet {
  /// `KernelTable.sgd`.
  @inlinable
  public static func sgd(
    _ step: SGDStep<Scalar>, _ parameter: UnsafeMutablePointer<Scalar>,
    _ gradient: UnsafePointer<Scalar>, _ velocity: UnsafeMutablePointer<Scalar>?, _ count: Int
  ) {
    let rate = splat(-step.learningRate)
    let sign = splat(step.sign)
    let decay = splat(step.weightDecay)
    let momentum = splat(step.momentum)
    let gain = splat(step.gain)
    var i = 0
    while i < count {
      let rest = count &- i
      let isWhole = rest >= width
      let p = isWhole ? load(parameter + i) : load(parameter + i, first: rest)
      let raw = isWhole ? load(gradient + i) : load(gradient + i, first: rest)
      let g = fma(decay, p, raw * sign)
      var change = g
      if let velocity {
        let old = isWhole ? load(velocity + i) : load(velocity + i, first: rest)
        let new = fma(momentum, old, gain * g)
        if isWhole { store(new, velocity + i) } else { store(new, velocity + i, first: rest) }
        change = step.isNesterov ? fma(momentum, new, g) : new
      }
      let moved = fma(rate, change, p)
      if isWhole { store(moved, parameter + i) } else { store(moved, parameter + i, first: rest) }
      i &+= width
    }
  }

  /// `KernelTable.adam`.
  @inlinable
  public static func adam(
    _ step: AdamStep<Scalar>, _ parameter: UnsafeMutablePointer<Scalar>,
    _ gradient: UnsafePointer<Scalar>, _ first: UnsafeMutablePointer<Scalar>,
    _ second: UnsafeMutablePointer<Scalar>, _ largest: UnsafeMutablePointer<Scalar>?, _ count: Int
  ) {
    let size = splat(-step.stepSize)
    let sign = splat(step.sign)
    let decay = splat(step.weightDecay)
    let shrinkage = splat(step.shrinkage)
    let (beta1, gain1) = (splat(step.beta1), splat(step.gain1))
    let (beta2, gain2) = (splat(step.beta2), splat(step.gain2))
    let (rootFactor, epsilon) = (splat(step.rootFactor), splat(step.epsilon))
    var i = 0
    while i < count {
      let rest = count &- i
      let isWhole = rest >= width
      let p = isWhole ? load(parameter + i) : load(parameter + i, first: rest)
      let raw = isWhole ? load(gradient + i) : load(gradient + i, first: rest)
      let g = fma(decay, p, raw * sign)
      let m = fma(beta1, isWhole ? load(first + i) : load(first + i, first: rest), gain1 * g)
      let v = fma(
        beta2, isWhole ? load(second + i) : load(second + i, first: rest), gain2 * g * g)
      var bound = v
      if let largest {
        bound = max(v, isWhole ? load(largest + i) : load(largest + i, first: rest))
        if isWhole { store(bound, largest + i) } else { store(bound, largest + i, first: rest) }
      }
      let root = fma(squareRoot(bound), rootFactor, epsilon)
      let moved = fma(size, m / root, p * shrinkage)
      if isWhole {
        store(m, first + i)
        store(v, second + i)
        store(moved, parameter + i)
      } else {
        store(m, first + i, first: rest)
        store(v, second + i, first: rest)
        store(moved, parameter + i, first: rest)
      }
      i &+= width
    }
  }
}
