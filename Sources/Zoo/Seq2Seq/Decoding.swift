public import Autograd
public import Layers

/// What a model makes of one source sentence.
public struct Seq2SeqHypothesis: Sendable {
  /// Target symbols, without start and end.
  public var symbols: [Int32]
  /// Logarithm of the probability that the model gives them, the end included.
  public var logProbability: Double
  /// What each step looked at, `[step][source symbol]`; empty without attention. The step that
  /// ends the sentence is not there.
  public var weights: [[Float]]
}

extension Seq2Seq {
  /// The most probable symbol in each step, until the end symbol or `limit` symbols.
  ///
  /// - Parameters:
  ///   - sources: symbols of each sentence, at least one each.
  ///   - limit: the most symbols that a target can have.
  /// - Returns: one hypothesis a sentence.
  public func greedy(_ sources: [[Int32]], limit: Int) -> [Seq2SeqHypothesis] {
    beam(sources, width: 1, limit: limit).map { $0[0] }
  }

  /// Beam search: in each step the `width` most probable beginnings of each sentence go on; see
  /// `BeamSearch`.
  ///
  /// - Parameters:
  ///   - sources: symbols of each sentence, at least one each.
  ///   - width: number of beginnings that are followed.
  ///   - limit: the most symbols that a target can have.
  ///   - lengthPenalty: how hypotheses of different lengths are compared.
  /// - Returns: for each sentence from 1 to `width` hypotheses, the best first. A model whose weights
  /// are not finite says nothing, with a log-probability of minus infinity.
  public func beam(
    _ sources: [[Int32]], width: Int, limit: Int, lengthPenalty: LengthPenalty = .none
  ) -> [[Seq2SeqHypothesis]] {
    if sources.isEmpty { return [] }
    let search = BeamSearch(
      width: width, limit: limit, start: Seq2SeqSymbol.start, end: Seq2SeqSymbol.end,
      excluding: [Seq2SeqSymbol.padding, Seq2SeqSymbol.start], lengthPenalty: lengthPenalty)
    let batch = Seq2SeqBatch(sources: sources, targets: sources.map { _ in [] })
    let (memory, first) = encode(batch.source, lengths: batch.lengths)
    // What each step's rows have looked at.
    var looked: [Tensor<Scalar>] = []
    let found = search(sources: sources.count, state: first, memory: memory) {
      symbols, hidden, memory in
      let next = step(targetEmbedding(symbols), hidden, memory)
      if let weights = next.weights { looked.append(weights) }
      hidden = next.hidden
      return logSoftmax(output(.concatenated([next.hidden, next.context], axis: 1)), axis: 1)
    }
    return zip(found, batch.lengths).map { hypotheses, length in
      if hypotheses.isEmpty {
        return [Seq2SeqHypothesis(symbols: [], logProbability: -.infinity, weights: [])]
      }
      return hypotheses.map { hypothesis in
        Seq2SeqHypothesis(
          symbols: hypothesis.symbols, logProbability: hypothesis.logProbability,
          weights: zip(looked, hypothesis.rows).map { weights, row in
            weights.selected(axis: 0, at: row).scalars.prefix(length).map { Float($0) }
          })
      }
    }
  }
}

extension Seq2Seq.Memory: BatchState {
  /// The sentences with the given numbers.
  public func rows(_ indices: Tensor<Int32>) -> Seq2Seq.Memory {
    .init(attention: attention?.rows(indices), summary: summary.rows(indices))
  }
}
