// What a recurrent sequence means: ordinary operations, step by step.

/// A recurrent sequence, or a decoder that attends before each step.
package func composedSequence(
  _ sequence: FusedSequence, _ operands: consuming FusedSequence.Operands
) -> [UntypedTensor] {
  let sizes = RecurrentSizes(operands)
  let (input, attention) = (operands.input, operands.attention)
  func zeros() -> UntypedTensor { Compute.filled(input.type, [sizes.batch, sizes.hidden], 0) }
  var hidden = operands.hidden ?? zeros()
  var cell = operands.cell ?? (sequence.kind == .lstm ? zeros() : nil)
  let inputs = unstacked(sequence.clearingEnds(of: input), 1)
  var outputs: [UntypedTensor] = []
  var contexts: [UntypedTensor] = []
  var weights: [UntypedTensor] = []
  for index in 0..<sizes.time {
    let t = sequence.step(index, of: 0..<sizes.time)
    var x = inputs[t]
    if let attention {
      let (context, stepWeights) = attend(attention, from: hidden)
      contexts.append(context)
      weights.append(stepWeights)
      x = concatenated([x, context], 1)
    }
    var (next, nextCell) = composedStep(sequence.kind, x, hidden, cell, operands.weights)
    var output = next
    if let active = sequence.activeMask(t, next.shape) {
      next = select(active, next, hidden)
      output = select(active, next, Compute.zeros(like: next))
      if let new = nextCell, let old = cell { nextCell = select(active, new, old) }
    }
    (hidden, cell) = (next, nextCell)
    outputs.append(output)
  }
  func alongTime(_ steps: [UntypedTensor], _ size: Int) -> UntypedTensor {
    if steps.isEmpty { return UntypedTensor(input.type, [sizes.batch, 0, size]) }
    let inOrder = sequence.isReverse ? steps.reversed() : steps
    return concatenated(inOrder.map { reshaped($0, [sizes.batch, 1, size]) }, 1)
  }
  var results = [alongTime(outputs, sizes.hidden), hidden]
  if let cell { results.append(cell) }
  if let sizes = sizes.attention {
    results += [alongTime(contexts, sizes.value), alongTime(weights, sizes.keys)]
  }
  return results
}

/// What a state attends to, and how much of each value is in it.
private func attend(
  _ attention: FusedSequence.Attention, from state: UntypedTensor
) -> (context: UntypedTensor, weights: UntypedTensor) {
  let (batch, keys) = (attention.keys.shape[0], attention.keys.shape[1])
  let query = linear(state, attention.queryWeight, nil)
  let scores = additiveScores(  // [batch, 1, keys]
    reshaped(query, [batch, 1, query.shape[1]]), attention.keys, attention.v)
  let allowed = attention.mask.map { Compute.reshaped($0, [batch, 1, keys]) }
  let weights = softmax(scores, 2, allowed)
  let context = matmul(weights, attention.values)
  return (
    reshaped(context, [batch, attention.values.shape[2]]), reshaped(weights, [batch, keys])
  )
}

extension FusedSequence {
  /// `[batch, time, n]` with zeros after the sequences' ends: what stands there is not looked at, be
  /// it NaN.
  fileprivate func clearingEnds(of x: UntypedTensor) -> UntypedTensor {
    guard let lengths else { return x }
    let time = x.shape[1]
    let beyond = UntypedTensor(.bool, [x.shape[0], time, 1])
    for (row, length) in lengths.enumerated() {
      for t in 0..<time { beyond.pointer(Bool.self)[row * time + t] = t >= length }
    }
    return masked(x, where: beyond, with: 0)
  }

  /// True in the rows that have not ended before a step; nil where none ends early.
  fileprivate func activeMask(_ t: Int, _ shape: Shape) -> UntypedTensor? {
    guard let lengths else { return nil }
    let active = UntypedTensor(.bool, [shape[0], 1])
    for (row, length) in lengths.enumerated() { active.pointer(Bool.self)[row] = t < length }
    return Compute.expanded(active, shape)
  }
}

/// One step of a cell.
private func composedStep(
  _ kind: RecurrentCellKind, _ x: UntypedTensor, _ hidden: UntypedTensor, _ cell: UntypedTensor?,
  _ weights: RecurrentWeights
) -> (hidden: UntypedTensor, cell: UntypedTensor?) {
  let inputs = linear(x, weights.input, weights.biasInput)
  func sums() -> UntypedTensor { inputs + linear(hidden, weights.hidden, weights.biasHidden) }
  switch kind {
  case .tanh, .relu: return (rnnStep(kind, sums()), nil)
  case .gru:
    return (
      gruStep(
        inputs, state: hidden, seen: hidden, weight: weights.hidden, bias: weights.biasHidden,
        resetsFirst: false), nil
    )
  case .lstm: return lstmStep(sums(), cell: cell!)
  }
}
