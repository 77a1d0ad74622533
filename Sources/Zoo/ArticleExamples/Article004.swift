public import Autograd
public import Layers

/// The listing of article 004, "How Does Attention Mechanism Code Work in Python?".
public enum Article004 {
  /// The article's `AttentionLayer`, from TensorFlow: dot-product attention of queries to values that
  /// are their own keys, not scaled. (That of article 000, which has weights, is in `Layers`.)
  ///
  /// ```swift
  /// let layer = Article004.AttentionLayer()
  /// let query = Tensor<Float>([1, 0], shape: [1, 1, 2])
  /// let values = Tensor<Float>([1, 0, 0, 1], shape: [1, 2, 2])
  /// let (context, alphas) = layer(query, values)
  /// print(context.shape, alphas.shape)  // [1, 1, 2] [1, 1, 2]
  /// ```
  public struct AttentionLayer: Layer, Sendable {
    /// A layer, which has no weights.
    public init() {}

    /// - Parameters:
    ///   - query: `[batch, queries, size]`
    ///   - values: `[batch, keys, size]`
    /// - Returns: the context, `[batch, queries, size]`, and the weights, `[batch, queries, keys]`.
    public func callAsFunction<Scalar: FloatingPointScalar>(
      _ query: Tensor<Scalar>, _ values: Tensor<Scalar>
    ) -> (context: Tensor<Scalar>, alphas: Tensor<Scalar>) {
      // Calculate scores using dot product
      let scores = matmul(query, values.transposed(axes: 1, 2))
      // Normalize the scores to probabilities
      let alphas = softmax(scores, axis: -1)
      // Weighted sum of values
      let context = matmul(alphas, values)
      return (context, alphas)
    }
  }
}
