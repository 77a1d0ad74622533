public import Autograd

/// `v · tanh(queryWeight q + keyWeight k + bias)`, the tanh score (Bahdanau, Cho and Bengio, 2015,
/// appendix A.1.2).
///
/// The keys' part is computed once a sentence; a step neither stores nor re-reads the
/// `[batch, queries, keys, hidden]` numbers under the tanh.
public struct AdditiveScore<Scalar: FloatingPointScalar>: AttentionScore, Sendable {
  /// `[hidden, querySize]`
  @Parameter public var queryWeight: Tensor<Scalar>
  /// `[hidden, keySize]`
  @Parameter public var keyWeight: Tensor<Scalar>
  /// `[hidden]`, or nil.
  @OptionalParameter public var bias: Tensor<Scalar>?
  /// `[hidden]`
  @Parameter public var v: Tensor<Scalar>

  /// - Parameters:
  ///   - querySize: extent of the queries' last axis.
  ///   - keySize: extent of the keys' last axis.
  ///   - hiddenSize: number of features under the tanh.
  ///   - bias: whether a vector is added; it starts at 0.
  ///   - generator: the weights start Glorot-uniform, `v` uniform in ±1/sqrt(hiddenSize).
  public init(
    querySize: Int, keySize: Int, hiddenSize: Int, bias: Bool = true,
    using generator: inout some RandomNumberGenerator
  ) {
    _queryWeight = Parameter(
      wrappedValue: .glorotUniform([hiddenSize, querySize], using: &generator))
    _keyWeight = Parameter(wrappedValue: .glorotUniform([hiddenSize, keySize], using: &generator))
    _bias = OptionalParameter(wrappedValue: bias ? .zeros([hiddenSize]) : nil)
    _v = Parameter(
      wrappedValue: .fanInUniform([hiddenSize], fanIn: hiddenSize, using: &generator))
  }

  /// `keyWeight k + bias` of each key.
  public func prepare(keys: Tensor<Scalar>) -> Tensor<Scalar> { linear(keys, keyWeight, bias) }

  /// `[batch, queries, querySize]` and prepared keys to `[batch, queries, keys]`.
  public func callAsFunction(queries: Tensor<Scalar>, keys: Tensor<Scalar>) -> Tensor<Scalar> {
    additiveScores(queries: linear(queries, queryWeight), keys: keys, v: v)
  }
}

extension AdditiveScore: FusableScore {
  /// Itself.
  package var additiveForm: AdditiveScore? { self }
}
