public import Autograd
public import Layers

/// The listings of article 001, "Attention Mechanism in RNNs Deep Learning", with its names. The
/// article misprints the context of its first example and the weights of its second; here are the
/// true ones.
///
/// ```swift
/// let inputSequence = Tensor<Double>([[0.1, 0.2], [0.2, 0.3], [0.3, 0.4]])
/// let contextVector = Article001.basicAttentionMechanism(
///   inputSequence, attentionScores: Tensor([0.1, 0.3, 0.6]))
/// print(contextVector.scalars)  // [0.25, 0.35] but for rounding
/// ```
public enum Article001 {
  /// Example 1, "Basic Attention Mechanism": the context vector as a weighted sum of the input
  /// sequence.
  ///
  /// - Parameters:
  ///   - inputSequence: `[time, size]`
  ///   - attentionScores: `[time]`, taken as they are.
  /// - Returns: the context vector, `[size]`; for the article's numbers `[0.25, 0.35]`, where it
  ///   prints `[0.23, 0.33]`.
  public static func basicAttentionMechanism<Scalar: FloatingPointScalar>(
    _ inputSequence: Tensor<Scalar>, attentionScores: Tensor<Scalar>
  ) -> Tensor<Scalar> {
    (inputSequence * attentionScores[.all, .newAxis]).sum(axes: 0)
  }

  /// Example 2, "Attention in Encoder-Decoder Models": dot-product attention of a decoder's state to
  /// the encoder's outputs.
  ///
  /// - Parameters:
  ///   - encoderOutputs: `[time, size]`
  ///   - decoderState: `[size]`
  /// - Returns: the attention weights `[time]`, for the article's numbers
  ///   `[0.30382285, 0.33243515, 0.36374199]`, and the context vector `[size]`,
  ///   `[0.20599191, 0.30599191]`.
  public static func attentionInEncoderDecoderModels<Scalar: FloatingPointScalar>(
    _ encoderOutputs: Tensor<Scalar>, decoderState: Tensor<Scalar>
  ) -> (attentionWeights: Tensor<Scalar>, contextVector: Tensor<Scalar>) {
    let attentionScores = matmul(encoderOutputs, decoderState)  // [time]
    let attentionWeights = softmax(attentionScores, axis: 0)
    return (
      attentionWeights, basicAttentionMechanism(encoderOutputs, attentionScores: attentionWeights)
    )
  }

  /// The practice exercise, "a different method for calculating attention scores, such as a
  /// feedforward neural network": the first example with scores that a network with one hidden layer
  /// gives each element, and that a softmax makes weights.
  public struct FeedForwardAttention<Scalar: FloatingPointScalar>: Layer, Sendable {
    /// `[size]` to `[hiddenSize]`, before a tanh.
    public let hidden: Linear<Scalar>
    /// `[hiddenSize]` to the score, `[1]`.
    public let score: Linear<Scalar>

    /// - Parameters:
    ///   - size: extent of an element of the sequence.
    ///   - hiddenSize: extent of the hidden layer.
    public init(size: Int, hiddenSize: Int, using generator: inout some RandomNumberGenerator) {
      hidden = Linear(inputs: size, outputs: hiddenSize, using: &generator)
      score = Linear(inputs: hiddenSize, outputs: 1, using: &generator)
    }

    /// - Parameter inputSequence: `[time, size]`
    /// - Returns: the attention weights `[time]`, which sum to 1, and the context vector `[size]`.
    public func callAsFunction(
      _ inputSequence: Tensor<Scalar>
    ) -> (attentionWeights: Tensor<Scalar>, contextVector: Tensor<Scalar>) {
      let attentionScores = score(tanh(hidden(inputSequence))).squeezed(axes: 1)  // [time]
      let attentionWeights = softmax(attentionScores, axis: 0)
      return (
        attentionWeights,
        basicAttentionMechanism(inputSequence, attentionScores: attentionWeights)
      )
    }
  }
}
