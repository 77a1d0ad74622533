import Training

/// The optimizers, by the names that callers from other languages have for them.
enum NamedOptimizer: String, CaseIterable {
  case sgd, adam, adamw, nadam, radam, adamax, rmsprop, adagrad, adadelta

  /// - Parameters:
  ///   - rate: at least 0 and finite.
  ///   - weightDecay: at least 0 and finite; the optimizer's own if nil.
  func optimizer(rate: Double, weightDecay: Double?) -> any Optimizer {
    let decay = weightDecay ?? 0
    return switch self {
    case .sgd: SGD(learningRate: rate, weightDecay: decay)
    case .adam: Adam(learningRate: rate, weightDecay: decay)
    case .adamw:
      weightDecay.map { AdamW(learningRate: rate, weightDecay: $0) } ?? AdamW(learningRate: rate)
    case .nadam: NAdam(learningRate: rate, weightDecay: decay)
    case .radam: RAdam(learningRate: rate, weightDecay: decay)
    case .adamax: Adamax(learningRate: rate, weightDecay: decay)
    case .rmsprop: RMSprop(learningRate: rate, weightDecay: decay)
    case .adagrad: Adagrad(learningRate: rate, weightDecay: decay)
    case .adadelta: Adadelta(learningRate: rate, weightDecay: decay)
    }
  }
}

/// How a model is trained step by step.
struct TrainingRule {
  let optimizer: NamedOptimizer
  let rate: Double
  /// The optimizer's own if nil.
  var weightDecay: Double?
  /// The norm that gradients are clipped to; nil leaves them as they are.
  var clip: Double?
  /// What dropout and the loss draw from.
  var seed: UInt64 = 0

  /// - Throws: `CallError` where a number means nothing.
  init(
    _ name: String, rate: Double, weightDecay: Double?, clip: Double?, seed: UInt64
  ) throws(CallError) {
    guard let optimizer = NamedOptimizer(rawValue: name) else {
      let names = NamedOptimizer.allCases.map(\.rawValue).joined(separator: ", ")
      throw CallError("no optimizer is called '\(name)'; there are \(names)")
    }
    try Self.check(rate: rate)
    if let weightDecay, !weightDecay.isFinite {
      throw CallError("a weight decay of \(weightDecay); a finite number is expected")
    }
    if let clip, !(clip > 0) {
      throw CallError("gradients clipped to the norm \(clip); a number above 0 is expected")
    }
    self.optimizer = optimizer
    self.rate = rate
    self.weightDecay = weightDecay
    self.clip = clip
    self.seed = seed
  }

  static func check(rate: Double) throws(CallError) {
    if !(rate >= 0 && rate.isFinite) {
      throw CallError("a learning rate of \(rate); a finite number of at least 0 is expected")
    }
  }
}
