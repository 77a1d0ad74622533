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

// The square and the line are one product with the difference limited to the square's part, so that
// neither is there, and may overflow, where the other one counts.

/// `d² / (2 beta)` where |d| < beta, else `|d| - beta / 2`, d being the difference (Girshick, 2015):
/// the absolute error with its corner rounded off.
public func smoothL1Loss<Scalar: FloatingPointScalar>(
  _ predictions: Tensor<Scalar>, _ targets: Tensor<Scalar>, beta: Scalar = 1,
  reduction: LossReduction = .mean
) -> Tensor<Scalar> {
  expect(Double(beta), .notNegative, "smoothL1Loss", "beta")
  let d = difference(predictions, targets, "smoothL1Loss")
  // Nothing is divided by a beta below the normal numbers; its corner is as good as sharp.
  if beta < .leastNormalMagnitude { return abs(d).reduced(reduction) }
  let inside = d.limited(to: beta)
  return (inside / beta * (d - inside * 0.5)).reduced(reduction)
}

/// `d² / 2` where |d| < delta, else `delta (|d| - delta / 2)`, d being the difference (Huber,
/// 1964).
public func huberLoss<Scalar: FloatingPointScalar>(
  _ predictions: Tensor<Scalar>, _ targets: Tensor<Scalar>, delta: Scalar = 1,
  reduction: LossReduction = .mean
) -> Tensor<Scalar> {
  expect(Double(delta), .positive, "huberLoss", "delta")
  let d = difference(predictions, targets, "huberLoss")
  let inside = d.limited(to: delta)
  return (inside * (d - inside * 0.5)).reduced(reduction)
}

extension Tensor where Scalar: FloatingPointScalar {
  /// Elements limited to `-bound ... bound`, constant from the bounds on.
  fileprivate func limited(to bound: Scalar) -> Tensor {
    let number = detached
    return select(abs(number) .< Tensor(bound), self, number.clamped(to: -bound...bound))
  }
}

private func difference<Scalar: FloatingPointScalar>(
  _ predictions: Tensor<Scalar>, _ targets: Tensor<Scalar>, _ name: String
) -> Tensor<Scalar> {
  if predictions.shape != targets.shape {
    trap("\(name): predictions of shape \(predictions.shape) for targets of \(targets.shape)")
  }
  return predictions - targets
}
