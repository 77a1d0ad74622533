public import Autograd

/// How a loss of many elements becomes one number.
public enum LossReduction: Sendable {
  /// Their mean.
  case mean
  /// Their sum.
  case sum
}

/// Cross-entropy of logits and the classes that they should name: the mean, or sum, over the
/// labels that count of `logSumExp(logits) - logits[label]`.
///
/// Where every label is ignored the mean is NaN, as that of no numbers, and gradients are 0/0;
/// leave such batches out.
///
/// - Parameters:
///   - logits: `[..., classes]`
///   - labels: `[...]`, each from 0 up to but not including `classes`, or `ignored`.
///   - ignored: a label that does not count, such as that of padding.
///   - smoothing: s takes the target from 1 to 1 - s + s / classes, the other classes to
///     s / classes (Szegedy et al., 2016).
public func crossEntropy<Scalar: FloatingPointScalar>(
  _ logits: Tensor<Scalar>, _ labels: Tensor<Int32>, ignoring ignored: Int? = nil,
  smoothing: Scalar = 0, reduction: LossReduction = .mean
) -> Tensor<Scalar> {
  if logits.rank == 0 || Shape(logits.shape.dropLast()) != labels.shape {
    trap(
      "crossEntropy: logits of shape \(logits.shape) and labels of shape \(labels.shape): "
        + "the logits have one more axis, the classes")
  }
  let classes = logits.shape[logits.rank - 1]
  let targets = labels.scalars
  var weights = [Scalar](repeating: 1, count: targets.count)
  var safe = targets
  var counted = 0
  for (position, label) in targets.enumerated() {
    if let ignored, Int(label) == ignored {
      weights[position] = 0
      safe[position] = 0
    } else if label < 0 || Int(label) >= classes {
      trap("crossEntropy: label \(label) at position \(position), with \(classes) classes")
    } else {
      counted += 1
    }
  }
  let rows: Shape = [targets.count, classes]
  let logProbabilities = logSoftmax(logits.reshaped(rows), axis: 1)
  let chosen = logProbabilities.gathered(1, Tensor(safe, shape: [targets.count, 1]))
  var losses = -chosen.reshaped([targets.count] as Shape)
  if smoothing != 0 {
    losses = losses * (1 - smoothing) - logProbabilities.mean(axes: 1) * smoothing
  }
  let isIgnored = Tensor<Bool>(weights.map { $0 == 0 })
  let total = losses.filled(where: isIgnored, with: 0).sum()
  switch reduction {
  case .sum: return total
  case .mean: return total / Scalar(counted)
  }
}
