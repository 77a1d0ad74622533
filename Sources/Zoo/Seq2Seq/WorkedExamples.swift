public import Autograd

/// The two worked examples of article 001, with their true results: the article misprints the
/// context of the first and the weights of the second.
public enum WorkedExamples {
  /// Example 1: the context vector as a weighted sum of the input sequence.
  ///
  /// - Parameters:
  ///   - sequence: `[time, size]`
  ///   - weights: `[time]`
  /// - Returns: `[size]`; for the article's numbers `[0.25, 0.35]`.
  public static func weightedSum<Scalar: FloatingPointScalar>(
    _ sequence: Tensor<Scalar>, weights: Tensor<Scalar>
  ) -> Tensor<Scalar> {
    matmul(weights, sequence)
  }

  /// Example 2: dot-product attention of a decoder state to the encoder's outputs.
  ///
  /// - Parameters:
  ///   - outputs: `[time, size]`
  ///   - state: `[size]`
  /// - Returns: weights `[time]`, for the article's numbers
  ///   `[0.30382285, 0.33243515, 0.36374199]`, and context `[size]`,
  ///   `[0.20599191, 0.30599191]`.
  public static func encoderDecoder<Scalar: FloatingPointScalar>(
    _ outputs: Tensor<Scalar>, state: Tensor<Scalar>
  ) -> (weights: Tensor<Scalar>, context: Tensor<Scalar>) {
    let weights = softmax(matmul(outputs, state), axis: 0)
    return (weights, matmul(weights, outputs))
  }
}
