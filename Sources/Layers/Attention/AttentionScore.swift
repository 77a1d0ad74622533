public import Autograd

/// How well a query fits a key: one number for each pair of them.
///
/// A score is a layer in two parts, because a decoder asks about the same keys in every step: what
/// depends on the keys alone is computed once a sentence by `prepare(keys:)`, and the call scores
/// queries against the result. Conform to it to bring a score of your own to `Attention`.
///
/// Every key's score depends on that key and the query alone, so padding changes no score. A
/// score that looks at earlier steps' weights too is a `HistoryScore`.
public protocol AttentionScore<Scalar>: Layer {
  /// `Float` or `Double`.
  associatedtype Scalar: FloatingPointScalar

  /// The part of the scores that depends on the keys alone.
  ///
  /// - Parameter keys: `[batch, keys, keySize]`
  /// - Returns: `[batch, keys, any size]`, what `callAsFunction` takes.
  func prepare(keys: Tensor<Scalar>) -> Tensor<Scalar>

  /// - Parameters:
  ///   - queries: `[batch, queries, querySize]`
  ///   - keys: what `prepare(keys:)` has returned.
  /// - Returns: `[batch, queries, keys]`
  func callAsFunction(queries: Tensor<Scalar>, keys: Tensor<Scalar>) -> Tensor<Scalar>
}

/// A score that a decoder can run together with its cell, as one operation. It is no requirement of
/// `AttentionScore`: a score that is made of another one and adds something of its own could hand
/// on the other's answer, and what it adds would be lost without a word.
package protocol FusableScore<Scalar>: AttentionScore {
  /// The additive score whose results are this score's; nil where there is none.
  var additiveForm: AdditiveScore<Scalar>? { get }
}

/// The inner product of each query with each key.
///
/// - Parameters:
///   - queries: `[batch, queries, size]`
///   - keys: `[batch, keys, size]`
/// - Returns: `[batch, queries, keys]`
func innerProducts<Scalar: FloatingPointScalar>(
  _ queries: Tensor<Scalar>, _ keys: Tensor<Scalar>, _ score: String
) -> Tensor<Scalar> {
  if queries.shape[2] != keys.shape[2] {
    trap("\(score): queries of \(queries.shape[2]) features for keys of \(keys.shape[2])")
  }
  return matmul(queries, keys.transposed())
}
