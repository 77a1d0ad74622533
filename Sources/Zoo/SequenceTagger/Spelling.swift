public import Autograd
public import Layers

/// What the letters of a word say about it: a convolution over their embeddings, and of each of its
/// features the largest value in the word (Ma and Hovy, 2016).
public struct Spelling<Scalar: FloatingPointScalar>: Layer, Sendable {
  /// `[letters, letterSize]`; padding is a row of zeros.
  public let embedding: Embedding<Scalar>
  /// Neighbouring letters to features.
  public let convolution: Conv1d<Scalar>

  init(
    _ configuration: SequenceTaggerConfiguration, using generator: inout some RandomNumberGenerator
  ) {
    embedding = Embedding(
      count: configuration.letters, size: configuration.letterSize,
      padding: Int(SequenceTaggerBatch.padding), using: &generator)
    convolution = Conv1d(
      inputs: configuration.letterSize, outputs: configuration.letterFeatures,
      width: configuration.letterWidth, padding: .same, using: &generator)
  }

  /// - Parameter letters: `[batch, time, letters]`
  /// - Returns: `[batch, time, letterFeatures]`
  public func callAsFunction(_ letters: Tensor<Int32>) -> Tensor<Scalar> {
    let (batch, time, width) = (letters.shape[0], letters.shape[1], letters.shape[2])
    let words = letters.reshaped([batch * time, width])
    let features = relu(convolution(embedding(words).transposed()))  // [words, features, letters]
    // Where a word has ended the convolution still sees its last letters.
    let isPadding = (words .== SequenceTaggerBatch.padding).unsqueezed(axis: 1)
    return features.filled(where: isPadding, with: 0).max(axes: 2)
      .reshaped([batch, time, features.shape[1]])
  }
}
