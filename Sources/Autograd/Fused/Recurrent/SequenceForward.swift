import Kernels

extension SequenceRun {
  func forward<Scalar: FloatingPointScalar>(_: Scalar.Type) -> [UntypedTensor] {
    let pass = SequenceForward<Scalar>(self, parts)
    takeSteps(pass)
    let last = sequence.isReverse ? 0 : sizes.time
    let shape = Shape(sizes.batch, sizes.hidden)
    let state = UntypedTensor(
      viewing: states, shape, shape.contiguousStrides, offset: last * sizes.batch * sizes.hidden)
    let output = output(Scalar.self)
    var results = pass.cell(last).map { [output, state, self.state($0)] } ?? [output, state]
    if let attended { results += [batchMajor(attended.contexts), batchMajor(attended.weights)] }
    return results
  }

  private func takeSteps<Scalar>(_ pass: borrowing SequenceForward<Scalar>) {
    let parts = sizes.parts(0..<sizes.time)
    if parts.isDivided, readsInputInPlace {
      // No thread needs what another has laid out: they meet once.
      return parts.forEach { rows in
        stretches.forEach(isReverse: sequence.isReverse) { stretch in
          pass.inputProduct(stretch, isDivided: true).run(rows)
          pass.advance(rows, stretch)
        }
      }
    }
    stretches.forEach(isReverse: sequence.isReverse) { stretch in
      let parts = sizes.parts(stretch)
      let product = pass.inputProduct(stretch, isDivided: parts.isDivided)
      if !parts.isDivided { product.run() }
      parts.forEach { rows in
        if parts.isDivided { product.run(rows) }
        pass.advance(rows, stretch)
      }
    }
  }

  /// Whether a thread finds the inputs of its rows where they are.
  private var readsInputInPlace: Bool {
    sequence.isWhole(sizes.time) && parts.input.stride(2) == 1
  }

  /// `[batch, time, hidden]`: a view of the states where all sequences are whole.
  private func output<Scalar: FloatingPointScalar>(_: Scalar.Type) -> UntypedTensor {
    let (batch, time, size) = (sizes.batch, sizes.time, sizes.hidden)
    let view = batchMajor(states, offset: sequence.isReverse ? 0 : batch * size)
    if sequence.isWhole(time) { return view }
    let cleared = UntypedTensor(Scalar.scalarType, Shape(time, batch, size))
    sequence.layOut(view, 0..<time, to: cleared.pointer(Scalar.self))
    return permuted(cleared, [1, 0, 2])
  }

  /// `[batch, time, size]`: a view of all steps of what is time-major.
  private func batchMajor(_ x: UntypedTensor, offset: Int = 0) -> UntypedTensor {
    let (batch, size) = (sizes.batch, x.shape[2])
    return UntypedTensor(
      viewing: x, Shape(batch, sizes.time, size), [size, batch * size, 1, 0, 0, 0, 0, 0],
      offset: offset)
  }
}

/// The arithmetic of one stretch after the other. Marked as `MatrixProduct` is: threads work on rows
/// of their own.
private struct SequenceForward<Scalar: FloatingPointScalar>: ~Copyable, @unchecked Sendable {
  private let run: SequenceRun
  private let inputWeight: PackedWeight<Scalar>
  private let hiddenWeight: PackedWeight<Scalar>
  private let table = Scalar.kernels
  // Memory that the run keeps: a step counts no reference.
  private let bias: UnsafePointer<Scalar>?
  private let hiddenBias: UnsafePointer<Scalar>?
  private let hiddenGates: UnsafeMutablePointer<Scalar>?
  /// An RNN's are its states before the activation, and lie where the states will.
  private let gates: UnsafeMutablePointer<Scalar>?
  private let states: UnsafeMutablePointer<Scalar>
  private let cells: UnsafeMutablePointer<Scalar>?
  private let attention: AttentionForward<Scalar>?

  private var sizes: RecurrentSizes { run.sizes }
  private var sequence: FusedSequence { run.sequence }

  init(_ run: SequenceRun, _ operands: borrowing FusedSequence.Operands) {
    self.run = run
    let (sizes, offsets) = (run.sizes, run.offsets)
    let memory = run.memory.pointer(Scalar.self)
    gates = run.gates()
    states = run.states.pointer()
    cells = run.cells()
    let isGRU = run.sequence.kind == .gru
    hiddenGates = isGRU ? memory + offsets.hiddenGates : nil
    func bias(_ x: UntypedTensor?, _ target: UnsafeMutablePointer<Scalar>) -> UnsafePointer<Scalar>?
    {
      guard let x else { return nil }
      Compute.copy(x, to: target, bytes: sizes.gates * MemoryLayout<Scalar>.stride)
      return UnsafePointer(target)
    }
    let first = memory + offsets.biasInput
    let inputBias = bias(operands.weights.biasInput, first)
    let hiddenBias = bias(operands.weights.biasHidden, memory + offsets.biasHidden)
    if !isGRU, inputBias != nil, let hiddenBias {
      Scalar.kernels.binary(
        .add, first, stride: 1, hiddenBias, stride: 1, to: first, count: sizes.gates)
    }
    self.bias = isGRU ? inputBias : inputBias ?? hiddenBias
    self.hiddenBias = isGRU ? hiddenBias : nil
    inputWeight = PackedWeight(
      transposing: operands.weights.input, columns: sizes.inputColumns,
      isPacked: sizes.packsInputWeight(run.stretches), batch: sizes.batch,
      isOfSequence: !run.sequence.isStep)
    hiddenWeight = PackedWeight(
      transposing: operands.weights.hidden, isPacked: sizes.packsStepWeights, batch: sizes.batch,
      isOfSequence: !run.sequence.isStep, room: offsets.weightHidden.map { memory + $0 })
    attention = operands.attention.map { AttentionForward(run, $0, operands.weights.input) }
    let state = sizes.batch * sizes.hidden
    let bytes = state * MemoryLayout<Scalar>.stride
    let slot = run.sequence.isReverse ? sizes.time : 0
    Compute.copy(operands.hidden, to: states + slot * state, bytes: bytes)
    if let cells {
      Compute.copy(
        operands.cell, to: cells + (run.keepsCells ? slot : 0) * state, bytes: bytes)
    }
  }

  /// Where the gates of a step's first row are.
  private func gates(_ t: Int, in stretch: Range<Int>) -> UnsafeMutablePointer<Scalar> {
    guard let gates else { return state(sequence.slotAfter(t)) }
    return gates + run.keptRow(t, in: stretch) * sizes.gates
  }

  private func state(_ slot: Int) -> UnsafeMutablePointer<Scalar> {
    states + slot * sizes.batch * sizes.hidden
  }

  /// LSTM: the cell state of a slot.
  func cell(_ slot: Int) -> UnsafeMutablePointer<Scalar>? {
    cells.map { $0 + (run.keepsCells ? slot * sizes.batch * sizes.hidden : 0) }
  }

  /// What the gates of a stretch get from its inputs.
  ///
  /// - Parameter isDivided: whether each thread computes its own rows, which it then reads where they
  ///   are, if it can.
  func inputProduct(_ stretch: Range<Int>, isDivided: Bool) -> ProductOfSteps<Scalar> {
    let x = run.parts.input
    if isDivided, sequence.isWhole(stretch.upperBound), x.stride(2) == 1 {
      let (row, step) = (x.stride(0), x.stride(1))
      let first = x.pointer(Scalar.self) + stretch.lowerBound * step
      return inputProduct(first, row: row, step: step, stretch)
    }
    let row = sizes.input
    return inputProduct(run.input(stretch), row: row, step: sizes.batch * row, stretch)
  }

  /// - Parameter row, step: from a row to the next, and from a step to the next.
  private func inputProduct(
    _ first: UnsafeMutablePointer<Scalar>, row: Int, step: Int, _ stretch: Range<Int>
  ) -> ProductOfSteps<Scalar> {
    ProductOfSteps(
      inputWeight.product(
        rows: stretch.count * sizes.batch, UnsafePointer(first), stride: row,
        into: gates(stretch.lowerBound, in: stretch), accumulate: false, bias: bias),
      batch: sizes.batch, step: step)
  }

  /// The steps of a stretch for some rows.
  func advance(_ rows: Range<Int>, _ stretch: Range<Int>) {
    if !run.isStepwise {
      return advance(rows, sequence.step(0, of: stretch), count: stretch.count, in: stretch)
    }
    for index in 0..<stretch.count {
      let t = sequence.step(index, of: stretch)
      attend(rows, t, in: stretch)
      advance(rows, t, count: 1, in: stretch)
      guard let lengths = sequence.lengths else { continue }
      for row in rows where t >= lengths[row] { keepState(row, t) }
    }
  }

  /// Has the gates of a step get what they get from the context, where there is one.
  private func attend(_ rows: Range<Int>, _ t: Int, in stretch: Range<Int>) {
    attention?.attend(
      rows, t, from: state(sequence.slotBefore(t)) + rows.lowerBound * sizes.hidden,
      keptRow: run.keptRow(t, in: stretch) + rows.lowerBound,
      into: gates(t, in: stretch) + rows.lowerBound * sizes.gates)
  }

  private func advance(_ rows: Range<Int>, _ t: Int, count: Int, in stretch: Range<Int>) {
    let size = sizes.hidden
    let at = rows.lowerBound * size
    let before = state(sequence.slotBefore(t)) + at
    let stepGates = gates(t, in: stretch) + rows.lowerBound * sizes.gates
    let hiddenSide = hiddenGates.map { $0 + rows.lowerBound * sizes.gates }
    let step = RecurrentStep(
      rows: rows.count, size: size, gates: stepGates, hiddenGates: hiddenSide,
      previousHidden: before, hidden: state(sequence.slotAfter(t)) + at,
      previousCell: cell(sequence.slotBefore(t)).map { $0 + at },
      cell: cell(sequence.slotAfter(t)).map { $0 + at },
      squashed: run.tape != nil
        ? cells.map { $0 + ((sizes.time + 1 + t) * sizes.batch * size + at) } : nil)
    var strides = sizes.strides(isReverse: sequence.isReverse)
    if !run.keepsCells { strides.cells = 0 }
    table.recurrentSteps(
      sequence.kind,
      RecurrentSteps(
        count: count, step: step,
        product: hiddenWeight.product(
          rows: rows.count, UnsafePointer(before), into: hiddenSide ?? stepGates,
          accumulate: hiddenSide == nil,
          bias: hiddenBias),
        strides: strides))
  }

  /// Has a row that has ended keep the state before a step.
  private func keepState(_ row: Int, _ t: Int) {
    let (size, at) = (sizes.hidden, row * sizes.hidden)
    let (before, after) = (sequence.slotBefore(t), sequence.slotAfter(t))
    (state(after) + at).update(from: state(before) + at, count: size)
    if let cellBefore = cell(before), let cellAfter = cell(after) {
      (cellAfter + at).update(from: cellBefore + at, count: size)
    }
  }
}
