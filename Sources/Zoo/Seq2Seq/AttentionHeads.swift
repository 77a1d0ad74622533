import Autograd
public import Sequences

extension Seq2Seq {
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
