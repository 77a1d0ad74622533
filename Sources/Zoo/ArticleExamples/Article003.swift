public import Autograd

/// The formulas of article 003, "Understanding Attention Mechanisms".
///
/// ```swift
/// let x = Tensor<Double>([[1, 0], [0, 2]])
/// print(Article003.weightedSum(Tensor([0.25, 0.75]), x).scalars)  // [0.25, 1.5]
/// ```
public enum Article003 {
  /// "The Basics: Weighted Sums": `y = Σ w_i x_i`.
  ///
  /// - Parameters:
  ///   - w: the weights, `[n]`.
  ///   - x: the input sequence, `[n, size]`.
  /// - Returns: `[size]`
  public static func weightedSum<Scalar: FloatingPointScalar>(
    _ w: Tensor<Scalar>, _ x: Tensor<Scalar>
  ) -> Tensor<Scalar> {
    matmul(w, x)
  }

  /// "The Attention Mechanism", in its most common form: scaled dot-product attention (Vaswani et
  /// al., 2017).
  ///
  /// - Parameters:
  ///   - queries: `[queries, size]`
  ///   - keys: `[keys, size]`
  ///   - values: `[keys, valueSize]`
  /// - Returns: `[queries, valueSize]` and the weights `[queries, keys]`, of which each row sums to
  ///   1.
  public static func scaledDotProductAttention<Scalar: FloatingPointScalar>(
    _ queries: Tensor<Scalar>, _ keys: Tensor<Scalar>, _ values: Tensor<Scalar>
  ) -> (output: Tensor<Scalar>, weights: Tensor<Scalar>) {
    let scale = Scalar(queries.shape[1]).squareRoot()
    let weights = softmax(matmul(queries, keys.transposed()) / scale, axis: 1)
    return (matmul(weights, values), weights)
  }

  /// "Self-Attention": every element of a sequence looks at all of them.
  ///
  /// - Parameter x: `[n, size]`
  /// - Returns: `[n, size]` and the weights `[n, n]`.
  public static func selfAttention<Scalar: FloatingPointScalar>(
    _ x: Tensor<Scalar>
  ) -> (output: Tensor<Scalar>, weights: Tensor<Scalar>) {
    scaledDotProductAttention(x, x, x)
  }
}
