import Kernels

/// A decoder over all steps.
///
/// - Returns: `[outputs [batch, time, hidden], contexts [batch, time, valueSize], weights
///   [batch, time, keys], last hidden state, last cell state]`
package func decoderSequence(
  _ decoder: FusedDecoder, _ operands: FusedDecoder.Operands
) -> [UntypedTensor] {
  // Copied here rather than in each pass, the keys are there once.
  var operands = operands
  operands.keys = Compute.contiguousOperand(operands.keys)
  return DecoderRun(decoder: decoder, parts: operands).run()
}

struct DecoderRun: FusedOperation {
  let decoder: FusedDecoder
  let parts: FusedDecoder.Operands
  var saved: FusedDecoder.Saved?

  var name: StaticString { "attentionDecoder" }
  var operands: [UntypedTensor?] { parts.list }

  func composed(_ operands: [UntypedTensor?]) -> [UntypedTensor] {
    composedDecoder(decoder, .init(operands))
  }

  mutating func forward() -> [UntypedTensor] {
    let (results, saved) = decoder.forward(parts)
    self.saved = saved
    return results
  }

  func backward(_ gradients: [UntypedTensor?], needed: [Bool], usesUp: Bool) -> [UntypedTensor?]? {
    decoder.backward(
      parts, saved!,
      .init(
        output: gradients[0], context: gradients[1], weights: gradients[2], hidden: gradients[3],
        cell: gradients.count > 4 ? gradients[4] : nil), needed: needed, usesUp: usesUp)
  }
}

extension FusedDecoder.Operands {
  /// In the order of the stored properties.
  var list: [UntypedTensor?] {
    [
      input, hidden, cell, keys, values, queryWeight, v, weights.input, weights.hidden,
      weights.biasInput, weights.biasHidden,
    ]
  }

  init(_ list: [UntypedTensor?]) {
    self.init(
      input: list[0]!, hidden: list[1]!, cell: list[2], keys: list[3]!, values: list[4]!,
      queryWeight: list[5]!, v: list[6]!,
      weights: .init(
        input: list[7]!, hidden: list[8]!, biasInput: list[9], biasHidden: list[10]))
  }
}

/// The decoder in ordinary operations, step by step.
private func composedDecoder(
  _ decoder: FusedDecoder, _ operands: FusedDecoder.Operands
) -> [UntypedTensor] {
  let sizes = FusedDecoder.Sizes(operands)
  let shape: Shape = [sizes.batch, 1, sizes.keys]
  let allowed = decoder.mask.map { Compute.reshaped($0, shape) }
  var state = operands.hidden
  var cell = operands.cell
  var outputs: [UntypedTensor] = []
  var contexts: [UntypedTensor] = []
  var allWeights: [UntypedTensor] = []
  func step(_ x: UntypedTensor) -> UntypedTensor {
    reshaped(x, [sizes.batch, 1, x.shape[x.rank - 1]])
  }
  for input in unstacked(operands.input, 1) {
    let query = step(linear(state, operands.queryWeight, nil))
    let weights = softmax(additiveScores(query, operands.keys, operands.v), 2, allowed)
    let context = reshaped(matmul(weights, operands.values), [sizes.batch, sizes.value])
    let sequence = FusedSequence.Operands(
      input: step(concatenated([input, context], 1)), hidden: state, cell: cell,
      weights: operands.weights)
    let next = composedSequence(
      FusedSequence(kind: decoder.kind, isReverse: false, lengths: nil), sequence)
    state = next[1]
    if next.count > 2 { cell = next[2] }
    outputs.append(step(state))
    contexts.append(step(context))
    allWeights.append(weights)
  }
  return [concatenated(outputs, 1), concatenated(contexts, 1), concatenated(allWeights, 1), state]
    + (cell.map { [$0] } ?? [])
}
