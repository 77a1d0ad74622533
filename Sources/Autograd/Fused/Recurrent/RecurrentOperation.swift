import Kernels

/// A recurrent cell over all steps of a batch of sequences.
///
/// - Returns: `[output [batch, time, hidden], last hidden state, last cell state]`, the states
///   `[batch, hidden]`, the cell's for an LSTM alone.
package func recurrentSequence(
  _ sequence: FusedSequence, _ operands: consuming FusedSequence.Operands
) -> [UntypedTensor] {
  SequenceRun(sequence, operands).run()
}

extension SequenceRun: FusedOperation {
  var name: StaticString {
    switch sequence.kind {
    case .tanh, .relu: "rnn"
    case .gru: "gru"
    case .lstm: "lstm"
    }
  }

  var operands: [UntypedTensor?] { parts.list }
  func indices(on tape: Tape) -> [Int32] { parts.indices(on: tape) }
  var isRecorded: Bool { parts.recording != nil }

  func composed(_ operands: [UntypedTensor?]) -> [UntypedTensor] {
    composedSequence(sequence, .init(operands))
  }

  func backward(_ gradients: [UntypedTensor?], needed: [Bool], usesUp: Bool) -> [UntypedTensor?]? {
    backward(
      output: gradients[0], hidden: gradients[1], cell: gradients.count > 2 ? gradients[2] : nil,
      needed: needed)
  }
}

extension FusedSequence.Operands {
  /// In the order of the stored properties.
  var list: [UntypedTensor?] {
    [
      input, hidden, cell, weights.input, weights.hidden, weights.biasInput, weights.biasHidden,
    ]
  }

  /// Where these stand on a tape.
  fileprivate func indices(on tape: Tape) -> [Int32] {
    [
      tape.index(of: input), tape.index(of: hidden), tape.index(of: cell),
      tape.index(of: weights.input), tape.index(of: weights.hidden),
      tape.index(of: weights.biasInput), tape.index(of: weights.biasHidden),
    ]
  }

  /// The tape to record on, if an operand has one that records. Without a list of them, which
  /// would count a reference for each.
  var recording: Tape? {
    func tape(_ x: UntypedTensor?) -> Tape? { x.flatMap { Autograd.recording($0) } }
    return tape(input) ?? tape(hidden) ?? tape(cell) ?? tape(weights.input)
      ?? tape(weights.hidden) ?? tape(weights.biasInput) ?? tape(weights.biasHidden)
  }

  init(_ list: [UntypedTensor?]) {
    self.init(
      input: list[0]!, hidden: list[1], cell: list[2],
      weights: .init(
        input: list[3]!, hidden: list[4]!, biasInput: list[5], biasHidden: list[6]))
  }
}

/// The sequence in ordinary operations, step by step.
package func composedSequence(
  _ sequence: FusedSequence, _ operands: consuming FusedSequence.Operands
) -> [UntypedTensor] {
  let sizes = FusedSequence.Sizes(operands)
  var input = operands.input
  if let lengths = sequence.lengths {
    // What stands after a sequence's end is not looked at, be it NaN.
    let beyond = beyondMask(lengths, sizes.time, [sizes.batch, sizes.time, 1])
    input = masked(input, where: beyond, with: 0)
  }
  let inputs = unstacked(input, 1)
  var outputs = [UntypedTensor?](repeating: nil, count: sizes.time)
  func zeros() -> UntypedTensor { Compute.filled(input.type, [sizes.batch, sizes.hidden], 0) }
  var hidden = operands.hidden ?? zeros()
  var cell = operands.cell ?? (sequence.kind == .lstm ? zeros() : nil)
  let steps = sequence.isReverse ? Array((0..<sizes.time).reversed()) : Array(0..<sizes.time)
  for t in steps {
    var (next, nextCell) = composedStep(sequence.kind, inputs[t], hidden, cell, operands.weights)
    var output = next
    if let lengths = sequence.lengths {
      let active = UntypedTensor(.bool, [sizes.batch, 1])
      for (row, length) in lengths.enumerated() {
        active.pointer(Bool.self)[row] = t < length
      }
      let mask = Compute.expanded(active, next.shape)
      next = select(mask, next, hidden)
      output = select(mask, next, Compute.zeros(like: next))
      if let new = nextCell, let old = cell { nextCell = select(mask, new, old) }
    }
    hidden = next
    cell = nextCell
    outputs[t] = reshaped(output, [sizes.batch, 1, sizes.hidden])
  }
  let output =
    sizes.time == 0
    ? UntypedTensor(input.type, [sizes.batch, 0, sizes.hidden])
    : concatenated(outputs.map { $0! }, 1)
  return [output, hidden] + (cell.map { [$0] } ?? [])
}

/// True at the steps after each row's end.
private func beyondMask(_ lengths: [Int], _ time: Int, _ shape: Shape) -> UntypedTensor {
  let mask = UntypedTensor(.bool, shape)
  for (row, length) in lengths.enumerated() {
    for t in 0..<time { mask.pointer(Bool.self)[row * time + t] = t >= length }
  }
  return mask
}

/// One step of a cell, in ordinary operations.
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
