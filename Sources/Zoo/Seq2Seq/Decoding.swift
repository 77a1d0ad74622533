import Autograd
public import Layers
public import Sequences

extension Seq2Seq {
  /// The most probable symbol in each step, until the end symbol or `limit` symbols.
  ///
  /// - Parameters:
  ///   - sources: symbols of each sentence, at least one each.
  ///   - limit: the most symbols that a target can have.
  /// - Returns: one hypothesis a sentence.
  public func greedy(_ sources: [[Int32]], limit: Int) -> [SequenceHypothesis] {
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
  ) -> [[SequenceHypothesis]] {
    if sources.isEmpty { return [] }
    let search = BeamSearch(
      width: width, limit: limit, start: SequenceSymbol.start, end: SequenceSymbol.end,
      excluding: [SequenceSymbol.padding, SequenceSymbol.start], lengthPenalty: lengthPenalty)
    let (memory, first) = encode(padded(sources), lengths: sources.map(\.count))
    let found = search(sources: sources.count, state: first, memory: memory) {
      symbols, state, memory in
      logSoftmax(logits(step(targetEmbedding(symbols), &state, memory).features), axis: 1)
    }
    return found.map { SequenceHypothesis.all($0.map { ($0.symbols, $0.logProbability) }) }
  }

  /// What the model looks at while it says a target; nothing without attention.
  ///
  /// - Parameters:
  ///   - source: symbols of a sentence, at least one.
  ///   - target: symbols of what is said, without start and end.
  /// - Returns: one head: a row for each target symbol, a column for each source symbol.
  public func attentionHeads(source: [Int32], target: [Int32]) -> [AttentionHead] {
    let batch = SequencePairBatch(sources: [source], targets: [target])
    guard let weights = decode(batch.source, batch.input).weights else { return [] }
    return [
      AttentionHead(
        layer: "decoder", queries: .target, keys: .source,
        weights: weights.selected(axis: 0, at: 0).narrowed(axis: 0, to: 0..<target.count))
    ]
  }
}
