public import Autograd

/// How a loss of many elements becomes one number.
public enum LossReduction: Sendable {
  /// Their mean.
  case mean
  /// Their sum.
  case sum
  /// Their sum over the extent of the first axis: the mean loss of an example of the batch.
  case batchMean
  /// It does not: every element by itself.
  case none
}

extension Tensor where Scalar: FloatingPointScalar {
  /// The mean or sum of all elements, or the tensor itself.
  func reduced(_ reduction: LossReduction) -> Tensor {
    switch reduction {
    case .mean: mean()
    case .sum: sum()
    case .batchMean: sum() / Scalar(batchSize(shape))
    case .none: self
    }
  }
}

/// The number of examples whose losses have a shape.
private func batchSize(_ shape: Shape) -> Int {
  if shape.rank == 0 { trap("the reduction batchMean: a loss without axes is not that of a batch") }
  return shape[0]
}

/// Cross-entropy of logits and the classes that they should name, over the labels that count:
/// `logSumExp(logits) - logits[label]`. The mean is weighted, where there are weights: it is the
/// sum over the sum of the labels' weights.
///
/// Where every label is ignored the mean is NaN, as that of no numbers, but the gradient is 0.
///
/// - Parameters:
///   - logits: `[..., classes]`, or with the classes at another axis.
///   - labels: `[...]`, each from 0 up to but not including `classes`, or `ignored`.
///   - axis: the axis of the classes.
///   - weights: what a label of each class counts, `[classes]`; a constant.
///   - ignored: a label that does not count, such as that of padding.
///   - smoothing: s takes the target from 1 to 1 - s + s / classes, the other classes to
///     s / classes (Szegedy et al., 2016).
/// - Returns: one number, or `[...]` with the reduction `none`, where ignored labels have 0.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
public func crossEntropyLoss<Scalar: FloatingPointScalar>(
  _ logits: Tensor<Scalar>, _ labels: Tensor<Int32>, axis: Int = -1,
  weights: Tensor<Scalar>? = nil, ignoring ignored: Int? = nil, smoothing: Scalar = 0,
  reduction: LossReduction = .mean
) -> Tensor<Scalar> {
  if weights == nil, ignored == nil, smoothing == 0 {
    return Tensor(plainCrossEntropy(logits.untyped, labels.untyped, axis, reduction))
  }
  return crossEntropyOfTargets(logits, labels, axis, weights, ignored, smoothing, reduction)
}

/// The frequent case: every label counts 1. Not generic, it looks up no type.
private func plainCrossEntropy(
  _ logits: UntypedTensor, _ labels: UntypedTensor, _ axis: Int, _ reduction: LossReduction
) -> UntypedTensor {
  // A call of its own: a constant that is either the value or a view counts a reference.
  if !hasClassesLast(logits, axis, "crossEntropyLoss") {
    return plainCrossEntropy(classesLast(logits, axis, "crossEntropyLoss"), labels, -1, reduction)
  }
  let shape = logits.shape.removing(logits.rank - 1)
  checkLabels(labels, logits.shape[logits.rank - 1], shape, "crossEntropyLoss")
  switch reduction {
  case .mean: return softmaxCrossEntropy(logits, labels, sumOver: Double(labels.count))
  case .sum: return softmaxCrossEntropy(logits, labels, sumOver: 1)
  case .batchMean:
    return softmaxCrossEntropy(logits, labels, sumOver: Double(batchSize(shape)))
  case .none: return reshaped(softmaxCrossEntropy(logits, labels), shape)
  }
}

/// Cross-entropy where labels count differently, or are smoothed.
private func crossEntropyOfTargets<Scalar: FloatingPointScalar>(
  _ logits: Tensor<Scalar>, _ labels: Tensor<Int32>, _ axis: Int, _ weights: Tensor<Scalar>?,
  _ ignored: Int?, _ smoothing: Scalar, _ reduction: LossReduction
) -> Tensor<Scalar> {
  expect(Double(smoothing), .share, "crossEntropyLoss", "smoothing")
  let rows = classRows(logits, axis, "crossEntropyLoss")
  let targets = ClassTargets(labels, rows, weights, ignored, "crossEntropyLoss")
  if smoothing == 0 { return targets.reduced(targets.losses(rows.rows), reduction) }
  let logProbabilities = targets.logProbabilities(rows.rows)
  let all = weights.map { logProbabilities.weighted(byConstant: $0) } ?? logProbabilities
  let spread = all.sum(axes: 1) * (-smoothing / Scalar(rows.rows.shape[1]))
  if smoothing == 1 { return targets.reduced(spread, reduction) }
  let losses = targets.likelihood(logProbabilities) * (1 - smoothing) + spread
  return targets.reduced(losses, reduction)
}

/// The negative logarithms of the probabilities of the classes that labels name; the mean is
/// weighted as that of `crossEntropyLoss`.
///
/// - Parameters:
///   - logProbabilities: `[..., classes]`, or with the classes at another axis.
///   - labels: `[...]`, each from 0 up to but not including `classes`, or `ignored`.
///   - axis: the axis of the classes.
///   - weights: what a label of each class counts, `[classes]`; a constant.
///   - ignored: a label that does not count.
public func negativeLogLikelihoodLoss<Scalar: FloatingPointScalar>(
  _ logProbabilities: Tensor<Scalar>, _ labels: Tensor<Int32>, axis: Int = -1,
  weights: Tensor<Scalar>? = nil, ignoring ignored: Int? = nil, reduction: LossReduction = .mean
) -> Tensor<Scalar> {
  let rows = classRows(logProbabilities, axis, "negativeLogLikelihoodLoss")
  let targets = ClassTargets(labels, rows, weights, ignored, "negativeLogLikelihoodLoss")
  return targets.reduced(targets.likelihood(rows.rows), reduction)
}

/// Cross-entropy of logits and probabilities of classes: the sum over the classes of
/// `-probability * logSoftmax(logits)`. The mean is over the distributions. A class with probability
/// 0 is left out, so its logit may be minus infinity.
///
/// - Parameters:
///   - logits: `[..., classes]`, or with the classes at another axis.
///   - probabilities: of the same shape; they are differentiated too.
///   - axis: the axis of the classes.
///   - weights: what each class counts, `[classes]`; a constant.
///   - smoothing: s takes a probability p to (1 - s) p + s / classes.
public func crossEntropyLoss<Scalar: FloatingPointScalar>(
  _ logits: Tensor<Scalar>, probabilities: Tensor<Scalar>, axis: Int = -1,
  weights: Tensor<Scalar>? = nil, smoothing: Scalar = 0, reduction: LossReduction = .mean
) -> Tensor<Scalar> {
  if logits.shape != probabilities.shape {
    trap(
      "crossEntropyLoss: logits of shape \(logits.shape) and probabilities of shape "
        + "\(probabilities.shape)")
  }
  expect(Double(smoothing), .share, "crossEntropyLoss", "smoothing")
  let (rows, shape) = classRows(logits, axis, "crossEntropyLoss")
  var targets = classRows(probabilities, axis, "crossEntropyLoss").rows
  if smoothing != 0 {
    targets = targets * (1 - smoothing) + smoothing / Scalar(rows.shape[1])
  }
  if let weights {
    checkWeights(weights, rows.shape[1], "crossEntropyLoss")
    targets = targets * weights.detached
  }
  let losses = -logSoftmax(rows, axis: 1).weighted(by: targets).sum(axes: 1)
  return losses.reshaped(shape).reduced(reduction)
}

/// `[rows, classes]` of a tensor with the classes at any axis, and its shape without them.
private func classRows<Scalar: FloatingPointScalar>(
  _ x: Tensor<Scalar>, _ axis: Int, _ name: String
) -> (rows: Tensor<Scalar>, shape: Shape) {
  let moved = classesLast(x.untyped, axis, name)
  let shape = moved.shape.removing(moved.rank - 1)
  let rows = Shape(shape.elementCount, moved.shape[moved.rank - 1])
  return (Tensor(Autograd.reshaped(moved, rows)), shape)
}

/// Whether logits are `[..., classes]`.
private func hasClassesLast(_ x: UntypedTensor, _ axis: Int, _ name: String) -> Bool {
  if x.rank == 0 { trap("\(name): a tensor without axes has no classes") }
  return x.shape.axis(axis, name) == x.rank - 1
}

/// `[..., classes]` of logits with the classes at any axis.
private func classesLast(_ x: UntypedTensor, _ axis: Int, _ name: String) -> UntypedTensor {
  if hasClassesLast(x, axis, name) { return x }
  let position = x.shape.axis(axis, name)
  return permuted(x, x.shape.indices.filter { $0 != position } + [position])
}

/// Traps unless there is a label for each position of `shape`, and unless it is one of the classes or
/// `ignored`.
private func checkLabels(
  _ labels: UntypedTensor, _ classes: Int, _ shape: Shape, _ name: String,
  ignoring ignored: Int? = nil
) {
  if labels.shape != shape {
    trap(
      "\(name): labels of shape \(labels.shape), and logits that have \(shape) without the axis "
        + "of classes")
  }
  if !labels.isContiguous {
    return checkLabels(Compute.copy(labels), classes, shape, name, ignoring: ignored)
  }
  let numbers = UnsafeBufferPointer(start: labels.pointer(Int32.self), count: labels.count)
  for position in numbers.indices {
    let label = Int(numbers[position])
    if label < 0 || label >= classes, label != ignored {
      trap("\(name): label \(label) at position \(position), with \(classes) classes")
    }
  }
  withExtendedLifetime(labels) {}
}

private func checkWeights<Scalar>(_ weights: Tensor<Scalar>, _ classes: Int, _ name: String) {
  if weights.shape != [classes] {
    trap("\(name): weights of shape \(weights.shape) for \(classes) classes")
  }
}

/// Labels that have been looked at: what each counts, and which are ignored.
private struct ClassTargets<Scalar: FloatingPointScalar> {
  private let shape: Shape
  /// Labels, `[rows, 1]`, 0 in place of those that are ignored.
  private let labels: Tensor<Int32>
  /// What each label counts, nil where all count 1 or are ignored.
  private let weights: Tensor<Scalar>?
  /// `[rows]`, nil where none is.
  private let isIgnored: Tensor<Bool>?
  /// The sum of what the labels count.
  private let total: Scalar

  init(
    _ labels: Tensor<Int32>, _ logits: (rows: Tensor<Scalar>, shape: Shape),
    _ classWeights: Tensor<Scalar>?, _ ignored: Int?, _ name: String
  ) {
    let classes = logits.rows.shape[1]
    checkLabels(labels.untyped, classes, logits.shape, name, ignoring: ignored)
    if let classWeights { checkWeights(classWeights, classes, name) }
    shape = labels.shape
    if classWeights == nil, ignored == nil {
      // Nothing to be made of the labels.
      self.labels = labels.reshaped([labels.count, 1] as Shape)
      weights = nil
      isIgnored = nil
      total = Scalar(labels.count)
      return
    }
    let table = classWeights?.scalars
    var safe = labels.scalars
    var counts = [Scalar](repeating: 0, count: safe.count)
    var ignoring = [Bool](repeating: false, count: safe.count)
    // Summed here: `reduce` on a generic number allocates for each.
    var total = 0.0
    for (position, label) in safe.enumerated() {
      if let ignored, Int(label) == ignored {
        ignoring[position] = true
        safe[position] = 0
      } else {
        counts[position] = table?[Int(label)] ?? 1
        total += Double(counts[position])
      }
    }
    self.labels = Tensor(safe, shape: [safe.count, 1])
    weights = table.map { _ in Tensor(counts) }
    isIgnored = ignoring.contains(true) ? Tensor(ignoring) : nil
    self.total = Scalar(total)
  }

  /// The labels' weights times their negative logarithms: `[rows]`.
  func likelihood(_ logProbabilities: Tensor<Scalar>) -> Tensor<Scalar> {
    let chosen = -logProbabilities.gathered(axis: 1, at: labels).reshaped([labels.count] as Shape)
    return weights.map { chosen.weighted(byConstant: $0) } ?? chosen
  }

  /// The labels' weights times the negative logarithms of their probabilities, from logits: `[rows]`.
  func losses(_ logits: Tensor<Scalar>) -> Tensor<Scalar> {
    var losses = Tensor<Scalar>(softmaxCrossEntropy(logits.untyped, labels.untyped))
    if !Compute.isFinite(losses.untyped), let isUncounted {
      let cleared = logits.filled(where: isUncounted, with: 0)
      losses = Tensor<Scalar>(softmaxCrossEntropy(cleared.untyped, labels.untyped))
    }
    return weights.map { losses.weighted(byConstant: $0) } ?? losses
  }

  /// The logarithms of the probabilities of all classes.
  func logProbabilities(_ logits: Tensor<Scalar>) -> Tensor<Scalar> {
    let result = logSoftmax(logits, axis: 1)
    guard let isIgnored, !Compute.isFinite(result.detached.gathered(axis: 1, at: labels).untyped)
    else {
      return result
    }
    return logSoftmax(logits.filled(where: isIgnored.unsqueezed(axis: 1), with: 0), axis: 1)
  }

  /// Rows that do not count, `[rows, 1]`; nil where all do. They get the gradient 0, but where their
  /// logits are NaN, 0 times NaN would reach the derivatives of that gradient.
  private var isUncounted: Tensor<Bool>? {
    let hasNoWeight = weights.map { $0 .== Tensor(0) }
    guard let isIgnored else { return hasNoWeight?.unsqueezed(axis: 1) }
    return (hasNoWeight.map { $0 | isIgnored } ?? isIgnored).unsqueezed(axis: 1)
  }

  func reduced(_ losses: Tensor<Scalar>, _ reduction: LossReduction) -> Tensor<Scalar> {
    let counted = isIgnored.map { losses.filled(where: $0, with: 0) } ?? losses
    switch reduction {
    case .mean: return counted.sum() / total
    case .sum: return counted.sum()
    case .batchMean: return counted.sum() / Scalar(batchSize(shape))
    case .none: return counted.reshaped(shape)
    }
  }
}
