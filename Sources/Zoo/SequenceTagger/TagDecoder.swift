public import Autograd
public import Layers

/// A GRU that goes through a sentence with the encoder and sees which tag the word before has got
/// (Liu and Lane, 2016, section 3.1, the aligned inputs).
public struct TagDecoder<Scalar: FloatingPointScalar>: Layer, Sendable {
  /// `[tags + 1, tagSize]`; the last row stands before the first word.
  public let embedding: Embedding<Scalar>
  /// The sentence to the state before the first word.
  public let bridge: Linear<Scalar>
  /// Input: a word's state and context, and the embedding of the tag before.
  public let cell: GRUCell<Scalar>

  init(
    _ configuration: SequenceTaggerConfiguration, using generator: inout some RandomNumberGenerator
  ) {
    let hidden = configuration.hiddenSize
    embedding = Embedding(
      count: configuration.tags + 1, size: configuration.tagSize, using: &generator)
    bridge = Linear(inputs: 4 * hidden, outputs: hidden, using: &generator)
    cell = GRUCell(
      inputSize: 4 * hidden + configuration.tagSize, hiddenSize: hidden, using: &generator)
  }

  /// The number that stands before the first tag.
  private var start: Int32 { Int32(embedding.weight.shape[0] - 1) }

  /// The state before the first word, `[batch, hidden]`.
  ///
  /// - Parameter sentence: `[batch, 4 * hidden]`
  func initialState(_ sentence: Tensor<Scalar>) -> Tensor<Scalar> { tanh(bridge(sentence)) }

  /// All words with the right tags before them.
  ///
  /// - Parameters:
  ///   - words: `[batch, time, 4 * hidden]`
  ///   - sentence: `[batch, 4 * hidden]`
  ///   - tags: `[batch, time]`
  /// - Returns: `[batch, time, hidden]`
  func callAsFunction(
    _ words: Tensor<Scalar>, sentence: Tensor<Scalar>, tags: Tensor<Int32>
  ) -> Tensor<Scalar> {
    let first = Tensor<Int32>(repeating: start, shape: [tags.shape[0], 1])
    let before = Tensor.concatenated(
      [first, tags.narrowed(axis: 1, to: 0..<(tags.shape[1] - 1))], axis: 1)
    // After a sentence's end any tag will do: nothing comes of it.
    let known = before.filled(where: before .< 0, with: start)
    return cell.sequence(
      .concatenated([words, embedding(known)], axis: 2), initialState: initialState(sentence),
      lengths: nil, isReverse: false
    ).outputs
  }

  /// One word.
  ///
  /// - Parameters:
  ///   - word: `[batch, 4 * hidden]`
  ///   - state: `[batch, hidden]`
  ///   - tags: of the word before, nil before the first.
  /// - Returns: the next state, `[batch, hidden]`.
  func step(_ word: Tensor<Scalar>, _ state: Tensor<Scalar>, tags: [Int?]) -> Tensor<Scalar> {
    let before = Tensor(tags.map { $0.map { Int32($0) } ?? start })
    return cell(.concatenated([word, embedding(before)], axis: 1), state)
  }
}
