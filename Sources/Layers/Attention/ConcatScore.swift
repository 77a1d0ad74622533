public import Autograd

/// `v · tanh(weight [q; k] + bias)` (Luong, Pham and Manning, 2015, equation 8: "concat").
///
/// The weight of a concatenation is two weights side by side, so this is the additive score with
/// both in one matrix, and nothing is ever concatenated.
public struct ConcatScore<Scalar: FloatingPointScalar>: AttentionScore, Sendable {
  /// Extent of the queries' last axis.
  public let querySize: Int
  /// `[hidden, querySize + keySize]`
  @Parameter public var weight: Tensor<Scalar>
  /// `[hidden]`, or nil.
  @OptionalParameter public var bias: Tensor<Scalar>?
  /// `[hidden]`
  @Parameter public var v: Tensor<Scalar>

  /// - Parameters:
  ///   - querySize: extent of the queries' last axis.
  ///   - keySize: extent of the keys' last axis.
  ///   - hiddenSize: number of features under the tanh.
  ///   - bias: whether a vector is added; it starts at 0.
  ///   - generator: the weight starts Glorot-uniform, `v` uniform in ±1/sqrt(hiddenSize).
  public init(
    querySize: Int, keySize: Int, hiddenSize: Int, bias: Bool = true,
    using generator: inout some RandomNumberGenerator
  ) {
    self.querySize = querySize
    _weight = Parameter(
      wrappedValue: .glorotUniform([hiddenSize, querySize + keySize], using: &generator))
    _bias = OptionalParameter(wrappedValue: bias ? .zeros([hiddenSize]) : nil)
    _v = Parameter(
      wrappedValue: .fanInUniform([hiddenSize], fanIn: hiddenSize, using: &generator))
  }

  /// The keys' columns of the weight times each key, plus the bias.
  public func prepare(keys: Tensor<Scalar>) -> Tensor<Scalar> {
    let weight = weight
    return linear(keys, weight.narrowed(axis: 1, to: querySize..<weight.shape[1]), bias)
  }

  /// `[batch, queries, querySize]` and prepared keys to `[batch, queries, keys]`.
  public func callAsFunction(queries: Tensor<Scalar>, keys: Tensor<Scalar>) -> Tensor<Scalar> {
    let projected = linear(queries, weight.narrowed(axis: 1, to: 0..<querySize))
    return additiveScores(queries: projected, keys: keys, v: v)
  }
}
