import Autograd
import Layers

extension OperationTable {
  mutating func addLosses() {
    numbers("mse_loss") { try squaredError($0[0], $0[1], reduction: $0.reduction()) }
    numbers("l1_loss") { try absoluteError($0[0], $0[1], reduction: $0.reduction()) }
    numbers("smooth_l1_loss") {
      try smoothL1Loss(
        $0[0], $0[1], beta: Scalar($0.attributes.number("beta")), reduction: $0.reduction())
    }
    numbers("huber_loss") {
      try huberLoss(
        $0[0], $0[1], delta: Scalar($0.attributes.number("delta")), reduction: $0.reduction())
    }
    numbers("binary_cross_entropy_with_logits") {
      try binaryCrossEntropy(
        logits: $0[0], $0[1], weights: $0.optional(2), positiveWeight: $0.optional(3),
        reduction: $0.reduction())
    }
    numbers("kl_div") {
      let isBatchMean = try $0.attributes.text("reduction") == "batchmean"
      return try klDivergence(
        $0[0], $0[1], isLogarithmic: $0.attributes.flag("log_target"),
        reduction: isBatchMean ? .batchMean : .elements($0.reduction()))
    }
    addClassification()
  }

  private mutating func addClassification() {
    numbers("cross_entropy") { call in
      let smoothing = Scalar(try call.attributes.number("label_smoothing"))
      guard let labels = call.optionalIndices(1) else {
        return try crossEntropy(
          call[0], probabilities: call[1], axis: call.classAxis(), weights: call.optional(2),
          smoothing: smoothing, reduction: call.reduction())
      }
      return try crossEntropy(
        call[0], labels, axis: call.classAxis(), weights: call.optional(2),
        ignoring: call.attributes.integer("ignore_index"), smoothing: smoothing,
        reduction: call.reduction())
    }
    numbers("nll_loss") {
      try negativeLogLikelihood(
        $0[0], $0.indices(1), axis: $0.classAxis(), weights: $0.optional(2),
        ignoring: $0.attributes.integer("ignore_index"), reduction: $0.reduction())
    }
    numbers("ctc_loss") { call in
      let table = try call.indices(1)
      let lengths = try call.attributes.integers("target_lengths")
      let targets = lengths.enumerated().map { row, length in
        (0..<length).map { Int(table[row, $0]) }
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
    case "none": .none
    default: throw Missing()
    }
  }

  /// The classes stand behind the batch, where there is one.
  fileprivate func classAxis() throws -> Int { try self[0].rank == 1 ? 0 : 1 }
}
