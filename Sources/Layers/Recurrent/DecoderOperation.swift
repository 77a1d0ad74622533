import Autograd
import Kernels

/// A decoder over all steps, recorded as one operation with a derivative of its own; gradients of
/// its gradients go through the composed form.
///
/// - Returns: `[outputs [batch, time, hidden], contexts [batch, time, valueSize], weights
///   [batch, time, keys], last hidden state, last cell state]`
func decoderSequence(_ decoder: FusedDecoder, _ operands: FusedDecoder.Operands) -> [Value] {
  // Copied here rather than in each pass, the keys are there once.
  var copied = operands
  copied.keys = Compute.contiguousOperand(operands.keys)
  let operands = copied
  let (results, saved) = decoder.forward(operands)
  let list = operands.list
  let present = list.compactMap { $0 }
  guard let tape = recording(present) else { return results }
  tape.record("attentionDecoder", results: results, operands: present) { gradients, needed in
    let all: [Value?]
    if recording(present + gradients.compactMap { $0 }) != nil {
      all = composedGradients(list, gradients) { composedDecoder(decoder, .init($0)) }
    } else {
      var rest = needed[...]
      all = decoder.backward(
        operands, saved,
        .init(
          output: gradients[0], context: gradients[1], weights: gradients[2],
          hidden: gradients[3], cell: gradients.count > 4 ? gradients[4] : nil),
        needed: list.map { $0 != nil && rest.removeFirst() }, usesUp: tape.usesUpRecords)
    }
    return zip(list, all).filter { $0.0 != nil }.map(\.1)
  }
  return results
}

extension FusedDecoder.Operands {
  /// In the order of the stored properties.
  var list: [Value?] {
    [
      input, hidden, cell, keys, values, queryWeight, v, weightInput, weightHidden, biasInput,
      biasHidden,
    ]
  }

  init(_ list: [Value?]) {
    self.init(
      input: list[0]!, hidden: list[1]!, cell: list[2], keys: list[3]!, values: list[4]!,
      queryWeight: list[5]!, v: list[6]!, weightInput: list[7]!, weightHidden: list[8]!,
      biasInput: list[9], biasHidden: list[10])
  }
}

/// The decoder in ordinary operations, step by step.
private func composedDecoder(
  _ decoder: FusedDecoder, _ operands: FusedDecoder.Operands
) -> [Value] {
  let sizes = FusedDecoder.Sizes(operands)
  let shape: Shape = [sizes.batch, 1, sizes.keys]
  let allowed = decoder.mask.map { Compute.reshaped($0, shape) }
  var state = operands.hidden
  var cell = operands.cell
  var outputs: [Value] = []
  var contexts: [Value] = []
  var allWeights: [Value] = []
  func step(_ x: Value) -> Value { reshaped(x, [sizes.batch, 1, x.shape[x.rank - 1]]) }
  for input in unstacked(operands.input, 1) {
    let query = step(linear(state, operands.queryWeight, nil))
    let weights = softmax(additiveScores(query, operands.keys, operands.v), 2, allowed)
    let context = reshaped(matmul(weights, operands.values), [sizes.batch, sizes.value])
    let sequence = FusedSequence.Operands(
      input: step(concatenated([input, context], 1)), hidden: state, cell: cell,
      weights: .init(
        input: operands.weightInput, hidden: operands.weightHidden,
        biasInput: operands.biasInput, biasHidden: operands.biasHidden))
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
