import Autograd
import Layers

extension OperationTable {
  mutating func addLosses() {
    differences("mse_loss") { x, y, call in
      try squaredErrorLoss(x, y, reduction: call.reduction())
    }
    differences("l1_loss") { x, y, call in
      try absoluteErrorLoss(x, y, reduction: call.reduction())
    }
    differences("smooth_l1_loss") { x, y, call in
      try smoothL1Loss(
        x, y, beta: Scalar(call.attributes.number("beta")), reduction: call.reduction())
    }
    differences("huber_loss") { x, y, call in
      try huberLoss(
        x, y, delta: Scalar(call.attributes.number("delta")), reduction: call.reduction())
    }
    numbers("binary_cross_entropy_with_logits") {
      try binaryCrossEntropyLoss(
        logits: $0[0], $0[1], weights: $0.optional(2), positiveWeight: $0.optional(3),
        reduction: $0.reduction())
    }
    differences("kl_div") { x, y, call in
      let isLogarithmic = try call.attributes.flag("log_target")
      let loss = try klDivergenceLoss(
        x, y, isLogarithmic: isLogarithmic, reduction: call.reduction())
      guard try call.attributes.text("reduction") == "batchmean" else { return loss }
      // PyTorch's batch is that of the input before it was expanded.
      let batch = try call[0].shape[0]
      return batch == x.shape[0] ? loss : loss * (Scalar(x.shape[0]) / Scalar(batch))
    }
    addClassification()
  }

  /// A loss of two tensors, which PyTorch broadcasts and this library takes for a mistake.
  private mutating func differences(
    _ name: String,
    _ loss: @escaping (Tensor<Scalar>, Tensor<Scalar>, Call<Scalar>) throws -> Tensor<Scalar>
  ) {
    numbers(name) { call in
      let (x, y) = (try call[0], try call[1])
      guard let shape = x.shape.broadcast(with: y.shape) else { return try loss(x, y, call) }
      return try loss(x.expanded(to: shape), y.expanded(to: shape), call)
    }
  }

  private mutating func addClassification() {
    numbers("cross_entropy") { call in
      let smoothing = Scalar(try call.attributes.number("label_smoothing"))
      guard let labels = call.optionalIndices(1) else {
        return try crossEntropyLoss(
          call[0], probabilities: call[1], axis: call.classAxis(), weights: call.optional(2),
          smoothing: smoothing, reduction: call.reduction())
      }
      return try crossEntropyLoss(
        call[0], labels, axis: call.classAxis(), weights: call.optional(2),
        ignoring: call.attributes.integer("ignore_index"), smoothing: smoothing,
        reduction: call.reduction())
    }
    numbers("nll_loss") {
      try negativeLogLikelihoodLoss(
        $0[0], $0.indices(1), axis: $0.classAxis(), weights: $0.optional(2),
        ignoring: $0.attributes.integer("ignore_index"), reduction: $0.reduction())
    }
    numbers("ctc_loss") { call in
      let table = try call.indices(1)
      let lengths = try call.attributes.integers("target_lengths")
      let targets = lengths.enumerated().map { row, length in
        table[row, ..<length].scalars.map { Int($0) }
      }
      // The case differentiates through the normalisation that its input has been through.
      return try ctcLoss(
        logSoftmax(call[0], axis: 2), targets,
        lengths: call.attributes.integers("input_lengths"),
        blank: call.attributes.integer("blank"),
        replacesInfinity: call.attributes.flag("zero_infinity"), reduction: call.reduction())
    }
  }
}

extension Call {
  fileprivate func reduction() throws -> LossReduction {
    switch try attributes.text("reduction") {
    case "mean": .mean
    case "sum": .sum
    case "batchmean": .batchMean
    case "none": .none
    default: throw Missing()
    }
  }

  /// The classes stand after the batch, where there is one.
  fileprivate func classAxis() throws -> Int { try self[0].rank == 1 ? 0 : 1 }
}
