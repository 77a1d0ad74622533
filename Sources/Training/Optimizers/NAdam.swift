public import Autograd
import Synchronization

/// Adam with Nesterov's momentum (Dozat, 2016).
///
/// In step t, with g, m and v as in `Adam`, u(t) = beta1 (1 - 0.96^(t momentumDecay) / 2) and
/// P = u(1) ... u(t): `p -= learningRate ((1 - u(t)) / (1 - P) g + u(t+1) / (1 - P u(t+1)) m) /
/// (sqrt(v / (1 - beta2^t)) + epsilon)`.
public struct NAdam: Optimizer {
  /// The factor of every change.
  public var learningRate: Double
  /// The decay of the mean of gradients.
  public let beta1: Double
  /// The decay of the mean of squared gradients.
  public var beta2: Double
  /// Keeps the divisor from 0.
  public var epsilon: Double
  /// How fast the momentum grows to its last value.
  public let momentumDecay: Double
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
  private let momenta: Momenta

  /// The settings of the paper or, where it has none, PyTorch's.
  public init(
    learningRate: Double = 2e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    momentumDecay: Double = 4e-3, weightDecay: Double = 0, isDecoupled: Bool = false,
    maximizes: Bool = false
  ) {
    expect(learningRate, .notNegative, "NAdam", "learningRate")
    expect(beta1, .shareBelowOne, "NAdam", "beta1")
    expect(beta2, .shareBelowOne, "NAdam", "beta2")
    expect(epsilon, .notNegative, "NAdam", "epsilon")
    expect(momentumDecay, .notNegative, "NAdam", "momentumDecay")
    expect(weightDecay, .notNegative, "NAdam", "weightDecay")
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.momentumDecay = momentumDecay
    self.weightDecay = weightDecay
    self.isDecoupled = isDecoupled
    self.maximizes = maximizes
    momenta = Momenta(beta1: beta1, decay: momentumDecay)
  }

  /// Names of what it keeps for each parameter.
  public var slots: [String] { ["firstMoment", "secondMoment"] }

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
    let (now, next, product) = momenta.values(part.number)
    let gradientRate = Scalar(part.learningRate * (1 - now) / (1 - product))
    let momentRate = Scalar(part.learningRate * next / (1 - product * next))
    let rootFactor = Scalar(1 / (1 - pow(beta2, Double(part.number))).squareRoot())
    let (first, second) = (part.slots[0], part.slots[1])
    for i in 0..<part.count {
      let g = sign * gradient[i] + decay * p[i]
      first[i] = b1 * first[i] + gain1 * g
      second[i] = b2 * second[i] + gain2 * g * g
      let root = second[i].squareRoot() * rootFactor + epsilon
      p[i] = shrinkage * p[i] - (gradientRate * g + momentRate * first[i]) / root
    }
  }
}

/// The momentum of each step and the products of all up to it, computed once.
private final class Momenta: Sendable {
  private let beta1: Double
  private let decay: Double
  /// At index t: the product of u(1) ... u(t).
  private let products = Mutex([1.0])

  init(beta1: Double, decay: Double) {
    self.beta1 = beta1
    self.decay = decay
  }

  /// u(t), u(t + 1), and the product up to u(t).
  func values(_ t: Int) -> (now: Double, next: Double, product: Double) {
    let product = products.withLock { products in
      while products.count <= t { products.append(products.last! * momentum(products.count)) }
      return products[t]
    }
    return (momentum(t), momentum(t + 1), product)
  }

  private func momentum(_ t: Int) -> Double {
    beta1 * (1 - 0.5 * pow(0.96, Double(t) * decay))
  }
}
