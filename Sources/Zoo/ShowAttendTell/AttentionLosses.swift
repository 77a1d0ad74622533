public import Autograd

/// The doubly stochastic term, without its factor λ (Xu et al., 2015, equation 14): the mean over
/// captions of `Σ_i (1 - Σ_t α_ti)²`. The weights of a step sum to 1; this asks that those of a
/// place sum to 1 too, so that the decoder looks at all places in the course of a caption.
///
/// - Parameters:
///   - weights: α, `[batch, steps, places]`
///   - lengths: steps of each caption; those after count nothing.
/// - Returns: one number.
public func doublyStochasticLoss<Scalar: FloatingPointScalar>(
  _ weights: Tensor<Scalar>, lengths: [Int]
) -> Tensor<Scalar> {
  let seen = (weights * stepCounts(lengths, like: weights)).sum(axes: 1)  // [batch, places]
  let missing = 1 - seen
  return (missing * missing).sum() / Scalar(weights.shape[0])
}

/// What teaches where to look when places are drawn, without its factor λ_r (Williams, 1992; Xu et
/// al., 2015, equation 12): the mean over captions of
/// `-(log p(y | s, a) - b) Σ_t log p(s_t | a)`. Its gradient is an estimate, without bias, of what
/// the drawing adds to the gradient of the expected `-log p(y | s, a)`, whatever the baseline is.
///
/// - Parameters:
///   - places: `Σ_t log p(s_t | a)` of each caption, `[batch]`.
///   - rewards: `log p(y | s, a)` of each, `[batch]`; a constant.
///   - baseline: b, which the variance depends on.
/// - Returns: one number.
public func reinforceLoss<Scalar: FloatingPointScalar>(
  places: Tensor<Scalar>, rewards: Tensor<Scalar>, baseline: Scalar
) -> Tensor<Scalar> {
  -(places * (rewards.detached - baseline)).mean()
}

/// The mean over captions of the entropy of the weights, `-Σ_t Σ_i α_ti log α_ti`, in nats.
///
/// - Parameters:
///   - weights: α, `[batch, steps, places]`
///   - lengths: steps of each caption; those after count nothing.
/// - Returns: one number.
public func weightEntropy<Scalar: FloatingPointScalar>(
  _ weights: Tensor<Scalar>, lengths: [Int]
) -> Tensor<Scalar> {
  // A weight of 0 has none, and 0 times infinity is no number.
  let logarithms = log(weights.clamped(to: Scalar.leastNormalMagnitude...))
  let terms = weights * logarithms * stepCounts(lengths, like: weights)
  return terms.sum() / -Scalar(weights.shape[0])
}

/// `[batch, steps, 1]`: 1 in the steps of a caption, 0 after them.
private func stepCounts<Scalar: FloatingPointScalar>(
  _ lengths: [Int], like weights: Tensor<Scalar>
) -> Tensor<Scalar> {
  let (batch, steps) = (weights.shape[0], weights.shape[1])
  if weights.rank != 3 || lengths.count != batch || lengths.contains(where: { $0 > steps }) {
    trap(
      "attention losses: weights of shape \(weights.shape), [batch, steps, places] is expected, "
        + "for captions of \(lengths) steps")
  }
  return Tensor(
    lengths.flatMap { length in (0..<steps).map { $0 < length ? 1 : 0 } }, shape: [batch, steps, 1])
}
