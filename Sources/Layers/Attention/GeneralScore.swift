public import Autograd

/// `q · weight k`, the multiplicative score (Luong, Pham and Manning, 2015, equation 8:
/// "general"). Queries and keys may differ in size.
public struct GeneralScore<Scalar: FloatingPointScalar>: AttentionScore, Sendable {
  /// `[querySize, keySize]`
  @Parameter public var weight: Tensor<Scalar>

  /// - Parameters:
  ///   - querySize: extent of the queries' last axis.
  ///   - keySize: extent of the keys' last axis.
  ///   - generator: the weight starts Glorot-uniform.
  public init(querySize: Int, keySize: Int, using generator: inout some RandomNumberGenerator) {
    _weight = Parameter(wrappedValue: .glorotUniform([querySize, keySize], using: &generator))
  }

  /// `weight k` of each key.
  public func prepare(keys: Tensor<Scalar>) -> Tensor<Scalar> { linear(keys, weight) }

  /// `[batch, queries, querySize]` and prepared keys to `[batch, queries, keys]`.
  public func callAsFunction(queries: Tensor<Scalar>, keys: Tensor<Scalar>) -> Tensor<Scalar> {
    innerProducts(queries, keys, "GeneralScore")
  }
}
