public import Autograd
public import Layers

/// What the letters of a word say about it: a convolution over their embeddings, and of each of its
/// features the largest value in the word (Ma and Hovy, 2016).
public struct Spelling<Scalar: FloatingPointScalar>: Layer, Sendable {
  /// `[letters, letterSize]`; the row of padding is not used.
  public let embedding: Embedding<Scalar>
  /// Neighbouring letters to features.
  public let convolution: Conv1d<Scalar>

  init(
    _ configuration: SequenceTaggerConfiguration, using generator: inout some RandomNumberGenerator
  ) {
    embedding = Embedding(
      count: configuration.letters, size: configuration.letterSize, using: &generator)
    convolution = Conv1d(
      inputs: configuration.letterSize, outputs: configuration.letterFeatures,
      width: configuration.letterWidth, padding: .same, using: &generator)
  }

  /// - Parameter letters: `[batch, time, letters]`
  /// - Returns: `[batch, time, letterFeatures]`
  public func callAsFunction(_ letters: Tensor<Int32>) -> Tensor<Scalar> {
    let (batch, time, width) = (letters.shape[0], letters.shape[1], letters.shape[2])
    let words = letters.reshaped([batch * time, width])
    let isPadding = words .== SequenceTaggerBatch.padding  // [words, letters]
    let embedded = embedding(words).filled(where: isPadding.unsqueezed(axis: 2), with: 0)
    let features = relu(convolution(embedded.transposed()))  // [words, features, letters]
    // Where a word has ended the convolution still sees its last letters.
    return features.filled(where: isPadding.unsqueezed(axis: 1), with: 0).max(axes: 2)
      .reshaped([batch, time, features.shape[1]])
  }
}
