public import Autograd

/// The additive score with a coverage term (See, Liu and Manning, 2017, equation 11; the coverage
/// vector of Tu et al., 2016, with one number a position and no fertility):
///
///     c = the sum of the weights of all steps before
///     score = v · tanh(queryWeight q + keyWeight k + coverageWeight c + bias)
///
/// so that a decoder knows what it has dealt with already. `coverageLoss` makes it care.
public struct CoverageScore<Scalar: FloatingPointScalar>: AdditiveHistoryScore, Sendable {
  /// The score without the term.
  public let additive: AdditiveScore<Scalar>
  /// `[hidden]`
  @Parameter public var coverageWeight: Tensor<Scalar>

  /// - Parameters:
  ///   - querySize: extent of the queries' last axis.
  ///   - keySize: extent of the keys' last axis.
  ///   - hiddenSize: number of features under the tanh.
  ///   - bias: whether a vector is added; it starts at 0.
  ///   - generator: weights start as in `AdditiveScore`, the coverage weight uniform in
  ///     ±1/sqrt(hiddenSize).
  public init(
    querySize: Int, keySize: Int, hiddenSize: Int, bias: Bool = true,
    using generator: inout some RandomNumberGenerator
  ) {
    additive = AdditiveScore(
      querySize: querySize, keySize: keySize, hiddenSize: hiddenSize, bias: bias, using: &generator)
    _coverageWeight = Parameter(
      wrappedValue: .fanInUniform([hiddenSize], fanIn: hiddenSize, using: &generator))
  }

  /// `coverageWeight c` of each position.
  public func term(_ history: AttentionHistory<Scalar>) -> Tensor<Scalar> {
    history.total.unsqueezed(axis: 2) * coverageWeight
  }
}

/// What attending to the same positions again costs (See, Liu and Manning, 2017, equation 12): in each
/// step the sum over the keys of `min(weight, coverage before the step)`. Where both are equal each
/// gets half of the gradient.
///
/// - Parameter weights: of all steps of a decoder, `[batch, steps, keys]`.
/// - Returns: `[batch, steps]`, from 0 up to 1; of the first step 0.
public func coverageLoss<Scalar: FloatingPointScalar>(
  _ weights: Tensor<Scalar>
) -> Tensor<Scalar> {
  if weights.rank != 3 {
    trap("coverageLoss: weights of shape \(weights.shape); [batch, steps, keys] is expected")
  }
  let (batch, steps, keys) = (weights.shape[0], weights.shape[1], weights.shape[2])
  if steps == 0 { return .zeros([batch, 0]) }
  let before = Tensor.concatenated(
    [
      .zeros([batch, 1, keys]),
      weights.narrowed(axis: 1, to: 0..<(steps - 1)).cumulativeSum(axis: 1),
    ], axis: 1)
  return min(weights, before).sum(axes: 2)
}
