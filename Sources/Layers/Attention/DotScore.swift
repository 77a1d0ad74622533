public import Autograd

/// `q · k` (Luong, Pham and Manning, 2015, equation 8: "dot"). Queries and keys have one size.
public struct DotScore<Scalar: FloatingPointScalar>: AttentionScore, Sendable {
  /// There is nothing to learn.
  public init() {}

  /// The keys themselves.
  public func prepare(keys: Tensor<Scalar>) -> Tensor<Scalar> { keys }

  /// `[batch, queries, querySize]` and prepared keys to `[batch, queries, keys]`.
  public func callAsFunction(queries: Tensor<Scalar>, keys: Tensor<Scalar>) -> Tensor<Scalar> {
    innerProducts(queries, keys, "DotScore")
  }
}

/// `q · k / sqrt(size)` (Vaswani et al., 2017, section 3.2.1), which keeps the variance of the
/// scores whatever the size is. Queries and keys have one size.
public struct ScaledDotScore<Scalar: FloatingPointScalar>: AttentionScore, Sendable {
  /// There is nothing to learn.
  public init() {}

  /// The keys, scaled: once a sentence in place of once a step.
  public func prepare(keys: Tensor<Scalar>) -> Tensor<Scalar> {
    keys * (1 / Scalar(keys.shape[keys.rank - 1]).squareRoot())
  }

  /// `[batch, queries, querySize]` and prepared keys to `[batch, queries, keys]`.
  public func callAsFunction(queries: Tensor<Scalar>, keys: Tensor<Scalar>) -> Tensor<Scalar> {
    innerProducts(queries, keys, "ScaledDotScore")
  }
}
