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
  var yes = targets * logSigmoid(logits)
  if let positiveWeight { yes = yes * positiveWeight.detached }
  // log(1 - sigmoid(x)) = log sigmoid(-x)
  var losses = -(yes + (1 - targets) * logSigmoid(-logits))
  if let weights { losses = losses * weights.detached }
  return losses.reduced(reduction)
}

/// How the elements of a divergence become one number.
public enum DivergenceReduction: Sendable {
  /// As other losses do.
  case elements(LossReduction)
  /// The sum over the extent of the first axis: the mean divergence of the distributions.
  case batchMean
}

/// The divergence of Kullback and Leibler (1951) of a distribution from a target, element by
/// element: `target (log target - logProbability)`.
///
/// A target of 0 contributes 0; the gradient with respect to it is NaN, as that of PyTorch.
///
/// - Parameters:
///   - logProbabilities: logarithms of probabilities, any shape.
///   - targets: of the same shape; differentiated too.
///   - isLogarithmic: whether the targets are given as logarithms.
public func klDivergenceLoss<Scalar: FloatingPointScalar>(
  _ logProbabilities: Tensor<Scalar>, _ targets: Tensor<Scalar>, isLogarithmic: Bool = false,
  reduction: DivergenceReduction = .batchMean
) -> Tensor<Scalar> {
  if logProbabilities.shape != targets.shape {
    trap(
      "klDivergenceLoss: logarithms of shape \(logProbabilities.shape) for targets of shape "
        + "\(targets.shape)")
  }
  let losses: Tensor<Scalar>
  if isLogarithmic {
    losses = exp(targets) * (targets - logProbabilities)
  } else {
    let entropies = (targets * log(targets)).filled(where: targets .== Tensor(0), with: 0)
    losses = entropies - targets * logProbabilities
  }
  switch reduction {
  case .elements(let reduction): return losses.reduced(reduction)
  case .batchMean:
    if losses.rank == 0 { trap("klDivergenceLoss: a tensor without axes is no batch") }
    return losses.sum() / Scalar(losses.shape[0])
  }
}
