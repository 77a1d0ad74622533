public import Autograd

// Losses of numbers and what they should be. Both are differentiated; their shapes are equal, as a
// loss that broadcasts is nearly always a mistake.

/// The squared difference, `(prediction - target)²`.
///
/// Nothing broadcasts: shapes that differ trap.
///
/// - Parameters:
///   - predictions: any shape.
///   - targets: of the same shape; they are differentiated too.
/// - Returns: one number, or a tensor of that shape with the reduction `none`.
public func squaredErrorLoss<Scalar: FloatingPointScalar>(
  _ predictions: Tensor<Scalar>, _ targets: Tensor<Scalar>, reduction: LossReduction = .mean
) -> Tensor<Scalar> {
  square(difference(predictions, targets, "squaredErrorLoss")).reduced(reduction)
}

/// The absolute difference, `|prediction - target|`; the gradient is 0 where both are equal.
///
/// Nothing broadcasts: shapes that differ trap.
///
/// - Parameters:
///   - predictions: any shape.
///   - targets: of the same shape; they are differentiated too.
/// - Returns: one number, or a tensor of that shape with the reduction `none`.
public func absoluteErrorLoss<Scalar: FloatingPointScalar>(
  _ predictions: Tensor<Scalar>, _ targets: Tensor<Scalar>, reduction: LossReduction = .mean
) -> Tensor<Scalar> {
  abs(difference(predictions, targets, "absoluteErrorLoss")).reduced(reduction)
}

/// `d² / (2 beta)` where |d| < beta, else `|d| - beta / 2`, d being the difference (Girshick, 2015):
/// the absolute error with its corner rounded off.
public func smoothL1Loss<Scalar: FloatingPointScalar>(
  _ predictions: Tensor<Scalar>, _ targets: Tensor<Scalar>, beta: Scalar = 1,
  reduction: LossReduction = .mean
) -> Tensor<Scalar> {
  if beta < 0 { trap("smoothL1Loss: beta is \(beta), not at least 0") }
  let d = difference(predictions, targets, "smoothL1Loss")
  if beta == 0 { return abs(d).reduced(reduction) }
  let size = abs(d)
  return select(size .< Tensor(beta), square(d) * (0.5 / beta), size - beta * 0.5)
    .reduced(reduction)
}

/// `d² / 2` where |d| < delta, else `delta (|d| - delta / 2)`, d being the difference (Huber,
/// 1964).
public func huberLoss<Scalar: FloatingPointScalar>(
  _ predictions: Tensor<Scalar>, _ targets: Tensor<Scalar>, delta: Scalar = 1,
  reduction: LossReduction = .mean
) -> Tensor<Scalar> {
  if delta <= 0 { trap("huberLoss: delta is \(delta), not above 0") }
  let d = difference(predictions, targets, "huberLoss")
  let size = abs(d)
  return select(size .< Tensor(delta), square(d) * 0.5, (size - delta * 0.5) * delta)
    .reduced(reduction)
}

private func difference<Scalar: FloatingPointScalar>(
  _ predictions: Tensor<Scalar>, _ targets: Tensor<Scalar>, _ name: String
) -> Tensor<Scalar> {
  if predictions.shape != targets.shape {
    trap("\(name): predictions of shape \(predictions.shape) for targets of \(targets.shape)")
  }
  return predictions - targets
}
