import Autograd
import Layers
import Training

/// Runs a case of the family `optimizers`: the parameters after each of its steps.
struct OptimizerCheck<Scalar: FloatingPointScalar> {
  let item: Case

  /// Parameters by number, each with the gradient that the case gives.
  private struct Numbered: Layer {
    let list: [Parameter<Scalar>]

    /// Gradients of the given values: those of the sum of products with them.
    func gradients(_ values: [Tensor<Scalar>]) -> Gradients {
      valueWithGradient(at: self) { model in
        zip(model.list, values).reduce(Tensor(0)) { $0 + ($1.0.wrappedValue * $1.1).sum() }
      }.gradients
    }
  }

  /// The first difference, if there is one.
  func run() throws -> Difference? {
    if item.operation.hasPrefix("clip_grad") { return try clipping() }
    guard var optimizer = try optimizer() else { throw Missing() }
    let numbers = item.numbers("parameter")
    let model = Numbered(
      list: try numbers.map {
        Parameter(wrappedValue: try Tensor(item.file.entry("parameter.\($0)")))
      })
    let comparison = try Comparison<Scalar>(item: item)
    var step = 0
    while item.file.tensors["step.\(step).parameter.\(numbers.first ?? 0)"] != nil {
      let gradients = try numbers.map {
        try Tensor<Scalar>(item.file.entry("step.\(step).gradient.\($0)"))
      }
      optimizer.update(model, along: model.gradients(gradients))
      for (parameter, number) in zip(model.list, numbers) {
        let key = "step.\(step).parameter.\(number)"
        let entry = try item.file.entry(key)
        if let difference = try comparison.difference(key, parameter.tensor, entry) {
          return difference
        }
      }
      step += 1
    }
    return nil
  }

  private func clipping() throws -> Difference? {
    let inputs = try item.numbers("input").map {
      try Tensor<Scalar>(item.file.entry("input.\($0)"))
    }
    let model = Numbered(list: inputs.map { Parameter(wrappedValue: .zeros($0.shape)) })
    let gradients = model.gradients(inputs)
    let clipped: Gradients
    let comparison = try Comparison<Scalar>(item: item)
    switch item.operation {
    case "clip_grad_value_":
      clipped = gradients.clipped(toValue: try item.attributes.number("clip_value"))
    case "clip_grad_norm_":
      let order = try item.attributes.number("norm_type")
      clipped = gradients.clipped(toNorm: try item.attributes.number("max_norm"), order: order)
      let norm = Results<Scalar>.Output.numbers(Tensor(Scalar(gradients.norm(order: order))))
      if let difference = try comparison.difference("extra.total_norm", norm) { return difference }
    default: throw Missing()
    }
    for (number, parameter) in model.list.enumerated() {
      let ours = clipped[parameter] ?? .zeros(parameter.shape)
      if let difference = try comparison.difference("output.\(number)", .numbers(ours)) {
        return difference
      }
    }
    return nil
  }

  private func optimizer() throws -> (any Optimizer)? {
    let attributes = item.attributes
    let (rate, decay) = (try attributes.number("lr"), try attributes.number("weight_decay"))
    let maximizes = try attributes.flag("maximize")
    switch item.operation {
    case "SGD":
      return SGD(
        learningRate: rate, momentum: try attributes.number("momentum"),
        dampening: try attributes.number("dampening"), weightDecay: decay,
        isNesterov: try attributes.flag("nesterov"), maximizes: maximizes)
    case "RMSprop":
      return RMSprop(
        learningRate: rate, decay: try attributes.number("alpha"),
        epsilon: try attributes.number("eps"), momentum: try attributes.number("momentum"),
        isCentered: try attributes.flag("centered"), weightDecay: decay, maximizes: maximizes)
    case "Adagrad":
      return Adagrad(
        learningRate: rate, rateDecay: try attributes.number("lr_decay"),
        initialSum: try attributes.number("initial_accumulator_value"),
        epsilon: try attributes.number("eps"), weightDecay: decay, maximizes: maximizes)
    case "Adadelta":
      return Adadelta(
        learningRate: rate, decay: try attributes.number("rho"),
        epsilon: try attributes.number("eps"), weightDecay: decay, maximizes: maximizes)
    default: return try relativeOfAdam(rate, decay, maximizes)
    }
  }

  private func relativeOfAdam(
    _ rate: Double, _ decay: Double, _ maximizes: Bool
  ) throws -> (any Optimizer)? {
    let attributes = item.attributes
    let known = ["Adam", "AdamW", "NAdam", "RAdam", "Adamax"]
    guard known.contains(item.operation) else { return nil }
    let betas = try attributes.numbers("betas")
    let epsilon = try attributes.number("eps")
    switch item.operation {
    case "Adam":
      return Adam(
        learningRate: rate, beta1: betas[0], beta2: betas[1], epsilon: epsilon,
        weightDecay: decay, isDecoupled: try attributes.flag("decoupled_weight_decay"),
        amsgrad: try attributes.flag("amsgrad"), maximizes: maximizes)
    case "AdamW":
      return AdamW(
        learningRate: rate, beta1: betas[0], beta2: betas[1], epsilon: epsilon,
        weightDecay: decay, amsgrad: try attributes.flag("amsgrad"), maximizes: maximizes)
    case "NAdam":
      return NAdam(
        learningRate: rate, beta1: betas[0], beta2: betas[1], epsilon: epsilon,
        momentumDecay: try attributes.number("momentum_decay"), weightDecay: decay,
        isDecoupled: try attributes.flag("decoupled_weight_decay"), maximizes: maximizes)
    case "RAdam":
      return RAdam(
        learningRate: rate, beta1: betas[0], beta2: betas[1], epsilon: epsilon,
        weightDecay: decay, isDecoupled: try attributes.flag("decoupled_weight_decay"),
        maximizes: maximizes)
    default:
      return Adamax(
        learningRate: rate, beta1: betas[0], beta2: betas[1], epsilon: epsilon,
        weightDecay: decay, maximizes: maximizes)
    }
  }
}
