public import Autograd
import Layers
public import Sequences

extension Seq2Seq: SequenceDecoder {
  /// One step of the decoder, from symbols to symbols.
  ///
  /// - Parameters:
  ///   - symbols: the last ones, `[batch]`.
  ///   - state: goes on by this step.
  /// - Returns: the logarithms of the next symbols' probabilities, `[batch, targetVocabulary]`.
  public func step(
    _ symbols: Tensor<Int32>, _ state: inout State, _ memory: Memory
  ) -> Tensor<Scalar> {
    logSoftmax(logits(step(targetEmbedding(symbols), &state, memory).features), axis: 1)
  }
}
