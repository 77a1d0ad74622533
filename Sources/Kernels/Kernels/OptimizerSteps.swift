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
/// a caller divides the work. They have code of their own because a load of a part, joined with
/// that of a whole vector, makes the compiler take every vector to pieces.
extension VectorInstructions {
  /// `KernelSet.sgd`.
  @inlinable
  public static func sgd(
    _ step: SGDStep<Scalar>, parameter: UnsafeMutablePointer<Stored>,
    gradient: UnsafePointer<Stored>, velocity: UnsafeMutablePointer<Stored>?, count: Int
  ) {
    var i = 0
    while i &+ width <= count {
      let p = load(parameter + i)
      let g = descent(p, load(gradient + i), step.sign, step.weightDecay)
      var change = g
      if let velocity {
        let new = fma(splat(step.momentum), load(velocity + i), splat(step.gain) * g)
        store(new, velocity + i)
        change = step.isNesterov ? fma(splat(step.momentum), new, g) : new
      }
      store(fma(splat(-step.learningRate), change, p), parameter + i)
      i &+= width
    }
    let rest = count &- i
    if rest == 0 { return }
    let p = load(parameter + i, first: rest)
    let g = descent(p, load(gradient + i, first: rest), step.sign, step.weightDecay)
    var change = g
    if let velocity {
      let old = load(velocity + i, first: rest)
      let new = fma(splat(step.momentum), old, splat(step.gain) * g)
      store(new, velocity + i, first: rest)
      change = step.isNesterov ? fma(splat(step.momentum), new, g) : new
    }
    store(fma(splat(-step.learningRate), change, p), parameter + i, first: rest)
  }

  /// `KernelSet.adam`.
  @inlinable
  public static func adam(
    _ step: AdamStep<Scalar>, parameter: UnsafeMutablePointer<Stored>,
    gradient: UnsafePointer<Stored>, first: UnsafeMutablePointer<Stored>,
    second: UnsafeMutablePointer<Stored>, largest: UnsafeMutablePointer<Stored>?, count: Int
  ) {
    var i = 0
    while i &+ width <= count {
      let p = load(parameter + i)
      let g = descent(p, load(gradient + i), step.sign, step.weightDecay)
      let m = fma(splat(step.beta1), load(first + i), splat(step.gain1) * g)
      let v = fma(splat(step.beta2), load(second + i), splat(step.gain2) * g * g)
      store(m, first + i)
      store(v, second + i)
      var bound = v
      if let largest {
        bound = max(load(largest + i), v)
        store(bound, largest + i)
      }
      store(adamMoved(step, p, m, bound), parameter + i)
      i &+= width
    }
    let rest = count &- i
    if rest == 0 { return }
    let p = load(parameter + i, first: rest)
    let g = descent(p, load(gradient + i, first: rest), step.sign, step.weightDecay)
    let m = fma(splat(step.beta1), load(first + i, first: rest), splat(step.gain1) * g)
    let v = fma(splat(step.beta2), load(second + i, first: rest), splat(step.gain2) * g * g)
    store(m, first + i, first: rest)
    store(v, second + i, first: rest)
    var bound = v
    if let largest {
      bound = max(load(largest + i, first: rest), v)
      store(bound, largest + i, first: rest)
    }
    store(adamMoved(step, p, m, bound), parameter + i, first: rest)
  }

  /// The gradient with its sign and weight decay.
  @inlinable @inline(__always)
  static func descent(_ p: Vector, _ gradient: Vector, _ sign: Scalar, _ decay: Scalar) -> Vector {
    fma(splat(decay), p, gradient * splat(sign))
  }

  /// The parameter after the moments have moved it.
  @inlinable @inline(__always)
  static func adamMoved(
    _ step: AdamStep<Scalar>, _ p: Vector, _ first: Vector, _ bound: Vector
  ) -> Vector {
    let root = fma(squareRoot(bound), splat(step.rootFactor), splat(step.epsilon))
    return fma(splat(-step.stepSize), first / root, p * splat(step.shrinkage))
  }
}
