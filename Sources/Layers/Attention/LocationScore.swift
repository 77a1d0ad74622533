public import Autograd

/// The additive score with a location term (Chorowski et al., 2015, equations 8 and 9):
///
///     f = filters * weights of the step before, a convolution over the positions
///     score = v · tanh(queryWeight q + keyWeight k + featureWeight f + bias)
///
/// so that a decoder can move on from where it has just been, even among keys that look alike.
/// Beyond the ends of a sentence the weights count as 0.
public struct LocationScore<Scalar: FloatingPointScalar>: AdditiveHistoryScore, Sendable {
  /// The score without the term.
  public let additive: AdditiveScore<Scalar>
  /// `[filters, 1, width]`
  @Parameter public var filters: Tensor<Scalar>
  /// `[hidden, filters]`
  @Parameter public var featureWeight: Tensor<Scalar>

  /// - Parameters:
  ///   - querySize: extent of the queries' last axis.
  ///   - keySize: extent of the keys' last axis.
  ///   - hiddenSize: number of features under the tanh.
  ///   - filters: number of filters.
  ///   - width: number of keys that a filter looks at, an odd number: as many to either side.
  ///   - bias: whether a vector is added; it starts at 0.
  ///   - generator: filters start uniform in ±1/sqrt(width), other weights as in `AdditiveScore`.
  public init(
    querySize: Int, keySize: Int, hiddenSize: Int, filters: Int, width: Int,
    bias: Bool = true, using generator: inout some RandomNumberGenerator
  ) {
    if filters < 1 || width < 1 || width % 2 == 0 {
      trap("LocationScore: \(filters) filters of width \(width); the width is an odd number")
    }
    additive = AdditiveScore(
      querySize: querySize, keySize: keySize, hiddenSize: hiddenSize, bias: bias, using: &generator)
    _filters = Parameter(
      wrappedValue: .fanInUniform([filters, 1, width], fanIn: width, using: &generator))
    _featureWeight = Parameter(
      wrappedValue: .glorotUniform([hiddenSize, filters], using: &generator))
  }

  /// `featureWeight f` of each position.
  public func term(_ history: AttentionHistory<Scalar>) -> Tensor<Scalar> {
    let features = conv1d(history.previous.unsqueezed(axis: 1), filters, padding: .same)
    return linear(features.transposed(), featureWeight)
  }
}
