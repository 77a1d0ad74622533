public import Autograd

/// Cross-entropy of logits and probabilities of yes and no, element by element:
/// `-weight (positiveWeight t log sigmoid(x) + (1 - t) log(1 - sigmoid(x)))`.
///
/// - Parameters:
///   - logits: x, any shape.
///   - targets: t, of the same shape, from 0 to 1; differentiated too.
///   - weights: what each element counts; a constant that broadcasts.
///   - positiveWeight: what a yes counts against a no; a constant that broadcasts.
public func binaryCrossEntropyLoss<Scalar: FloatingPointScalar>(
  logits: Tensor<Scalar>, _ targets: Tensor<Scalar>, weights: Tensor<Scalar>? = nil,
  positiveWeight: Tensor<Scalar>? = nil, reduction: LossReduction = .mean
) -> Tensor<Scalar> {
  if logits.shape != targets.shape {
    trap("binaryCrossEntropyLoss: logits of shape \(logits.shape) for targets of \(targets.shape)")
  }
  var yes = logSigmoid(logits).weighted(by: targets)
  if let positiveWeight { yes = yes.weighted(byConstant: positiveWeight) }
  // log(1 - sigmoid(x)) = log sigmoid(-x)
  var losses = -(yes + logSigmoid(-logits).weighted(by: 1 - targets))
  if let weights { losses = losses.weighted(byConstant: weights) }
  return losses.reduced(reduction)
}

/// The divergence of Kullback and Leibler (1951) of a distribution from a target, element by
/// element: `target (log target - logProbability)`.
///
/// A target of 0 is left out, whatever the probability: it contributes 0 and gets no gradient.
///
/// - Parameters:
///   - logProbabilities: logarithms of probabilities, any shape.
///   - targets: of the same shape; differentiated too.
///   - isLogarithmic: whether the targets are given as logarithms.
///   - reduction: by default the mean divergence of the distributions of a batch.
public func klDivergenceLoss<Scalar: FloatingPointScalar>(
  _ logProbabilities: Tensor<Scalar>, _ targets: Tensor<Scalar>, isLogarithmic: Bool = false,
  reduction: LossReduction = .batchMean
) -> Tensor<Scalar> {
  if logProbabilities.shape != targets.shape {
    trap(
      "klDivergenceLoss: logarithms of shape \(logProbabilities.shape) for targets of shape "
        + "\(targets.shape)")
  }
  // Constants stand in place of what is left out, since 0 times an infinity would be NaN.
  let isLeftOut = targets .== Tensor(isLogarithmic ? -.infinity : 0)
  let target = targets.filled(where: isLeftOut, with: 1)
  let other = logProbabilities.filled(where: isLeftOut, with: 0)
  let terms = isLogarithmic ? exp(target) * (target - other) : target * (log(target) - other)
  let losses = terms.filled(where: isLeftOut, with: 0)
  return losses.reduced(reduction)
}
