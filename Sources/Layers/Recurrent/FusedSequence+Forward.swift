import Autograd
import Kernels

extension FusedSequence {
  func forward<Scalar: FloatingPointScalar>(
    _: Scalar.Type, _ operands: Operands, _ isRecorded: Bool
  ) -> (results: [Value], saved: Saved) {
    let sizes = Sizes(operands)
    let stretches = StepStretches(time: sizes.time, batch: sizes.batch, width: sizes.gates)
    let (batch, time, size) = (sizes.batch, sizes.time, sizes.hidden)
    let type = Scalar.scalarType
    let gates =
      kind.gateCount > 1
      ? Value(type, [(isRecorded ? time : stretches.longest) * batch, sizes.gates]) : nil
    let states = Value(type, [time + 1, batch, size])
    let keepsCells = isRecorded || !isWhole(time)
    let slots = (keepsCells ? time + 1 : 1) + (isRecorded ? time : 0)
    let cells = kind == .lstm ? Value(type, [slots, batch, size]) : nil
    let pass = ForwardPass<Scalar>(
      self, operands, sizes, stretches, isRecorded: isRecorded, keepsCells: keepsCells,
      gates: gates?.pointer(), states: states.pointer(), cells: cells?.pointer())
    var input: Value?
    stretches.forEach(isReverse: isReverse) { stretch in
      let parts = sizes.parts(stretch)
      let views = parts.isDivided ? stepViews(operands.input, stretch) : nil
      let rows = views ?? timeMajor(operands.input, stretch)
      if isRecorded && views == nil && stretches.count == 1 { input = rows }
      let product = pass.inputProduct(rows, stretch)
      if !parts.isDivided { product.run() }
      parts.forEach { rows in
        if parts.isDivided { product.run(rows) }
        pass.advance(rows, stretch)
      }
      withExtendedLifetime(rows) {}
    }
    withExtendedLifetime(pass) {}
    let last = isReverse ? 0 : time
    let (output, state) = (output(states, sizes), slot(states, last, sizes))
    let saved = Saved(input: input, gates: gates, states: states, cells: cells)
    guard let cells else { return ([output, state], saved) }
    return ([output, state, slot(cells, keepsCells ? last : 0, sizes)], saved)
  }

  /// Some steps of `[batch, time, n]` as a view `[steps, batch, n]`, if rows can be read where they
  /// are.
  private func stepViews(_ x: Value, _ steps: Range<Int>) -> Value? {
    guard isWhole(steps.upperBound), x.strides[2] == 1 else { return nil }
    return x.timeMajor(steps)
  }

  /// `[batch, time, hidden]`: a view of the states where all sequences are whole.
  private func output(_ states: Value, _ sizes: Sizes) -> Value {
    let (batch, time, size) = (sizes.batch, sizes.time, sizes.hidden)
    let strides: Strides = [size, batch * size, 1, 0, 0, 0, 0, 0]
    let view = Value(
      viewing: states, [batch, time, size], strides, offset: isReverse ? 0 : batch * size)
    return isWhole(time) ? view : permuted(timeMajor(view, 0..<time), [1, 0, 2])
  }
}

/// The arithmetic of one stretch after the other. Marked as `MatrixProduct` is: threads work on rows
/// of their own.
private struct ForwardPass<Scalar: FloatingPointScalar>: @unchecked Sendable {
  let sequence: FusedSequence
  let sizes: FusedSequence.Sizes
  let isRecorded: Bool
  /// Whether `cells` has all steps, for a derivative, which needs their tanh too, or for rows that end
  /// early; else it has one, which changes.
  let keepsCells: Bool
  private let inputWeight: PackedWeight<Scalar>
  private let hiddenWeight: PackedWeight<Scalar>
  private let table = Scalar.kernels
  /// Biases, and what else only this pass needs, in one piece.
  private let memory: Value
  private let bias: UnsafePointer<Scalar>?
  private let hiddenBias: UnsafePointer<Scalar>?
  /// GRU: what the gates of a step get from the state.
  private let hiddenGates: UnsafeMutablePointer<Scalar>?
  // Memory that the caller keeps: a step counts no reference.
  /// Of all steps where there will be a derivative, else of one stretch. An RNN's are its states before
  /// the activation, and lie where the states will.
  private let gates: UnsafeMutablePointer<Scalar>?
  private let states: UnsafeMutablePointer<Scalar>
  private let cells: UnsafeMutablePointer<Scalar>?

  init(
    _ sequence: FusedSequence, _ operands: FusedSequence.Operands, _ sizes: FusedSequence.Sizes,
    _ stretches: StepStretches, isRecorded: Bool, keepsCells: Bool,
    gates: UnsafeMutablePointer<Scalar>?, states: UnsafeMutablePointer<Scalar>,
    cells: UnsafeMutablePointer<Scalar>?
  ) {
    self.sequence = sequence
    self.sizes = sizes
    self.isRecorded = isRecorded
    self.keepsCells = keepsCells
    self.gates = gates
    self.states = states
    self.cells = cells
    let isGRU = sequence.kind == .gru
    let isPacked = sizes.time > 1 && sizes.batch > 0
    var layout = Workspace<Scalar>()
    let first = layout.place(operands.biasInput == nil ? 0 : sizes.gates)
    let second = layout.place(operands.biasHidden == nil ? 0 : sizes.gates)
    let hiddenSide = layout.place(isGRU ? sizes.batch * sizes.gates : 0)
    let weight = layout.place(isPacked ? table.packedCount(sizes.hidden, sizes.gates) : 0)
    memory = layout.allocate()
    let start = memory.pointer(Scalar.self)
    hiddenGates = isGRU ? start + hiddenSide : nil
    func bias(_ x: Value?, _ place: Int) -> UnsafeMutablePointer<Scalar>? {
      guard let x else { return nil }
      Compute.copy(x, to: start + place, bytes: sizes.gates * MemoryLayout<Scalar>.stride)
      return start + place
    }
    let inputBias = bias(operands.biasInput, first)
    let hiddenBias = bias(operands.biasHidden, second)
    if !isGRU, let inputBias, let hiddenBias {
      table.binary(.add, inputBias, 1, hiddenBias, 1, inputBias, sizes.gates)
    }
    self.bias = (isGRU ? inputBias : inputBias ?? hiddenBias).map { UnsafePointer($0) }
    self.hiddenBias = isGRU ? hiddenBias.map { UnsafePointer($0) } : nil
    inputWeight = PackedWeight(
      transposing: operands.weightInput, isPacked: sizes.packsInputWeight(stretches),
      rows: sizes.batch, isOfSequence: !sequence.isStep)
    hiddenWeight = PackedWeight(
      transposing: operands.weightHidden, isPacked: isPacked, rows: sizes.batch,
      isOfSequence: !sequence.isStep, room: start + weight)
    let state = sizes.batch * sizes.hidden
    let bytes = state * MemoryLayout<Scalar>.stride
    let slot = sequence.isReverse ? sizes.time : 0
    Compute.copy(operands.hidden, to: states + slot * state, bytes: bytes)
    if let cells {
      Compute.copy(operands.cell, to: cells + (keepsCells ? slot : 0) * state, bytes: bytes)
    }
  }

  /// Where the gates of a step's first row are.
  private func gates(_ t: Int, in stretch: Range<Int>) -> UnsafeMutablePointer<Scalar> {
    guard let gates else { return state(sequence.slotAfter(t)) }
    let index = isRecorded ? t : t - stretch.lowerBound
    return gates + index * sizes.batch * sizes.gates
  }

  private func state(_ slot: Int) -> UnsafeMutablePointer<Scalar> {
    states + slot * sizes.batch * sizes.hidden
  }

  private func cell(_ slot: Int) -> UnsafeMutablePointer<Scalar>? {
    cells.map { $0 + (keepsCells ? slot * sizes.batch * sizes.hidden : 0) }
  }

  /// What the gates of a stretch get from its inputs, `[steps, batch, in]`.
  func inputProduct(_ input: Value, _ stretch: Range<Int>) -> ProductOfSteps<Scalar> {
    ProductOfSteps(
      inputWeight.product(
        rows: stretch.count * sizes.batch, UnsafePointer(input.pointer(Scalar.self)),
        stride: input.strides[1], into: gates(stretch.lowerBound, in: stretch), accumulate: false,
        bias: bias),
      batch: sizes.batch, step: input.strides[0])
  }

  /// The steps of a stretch for some rows.
  func advance(_ rows: Range<Int>, _ stretch: Range<Int>) {
    guard let lengths = sequence.lengths else {
      return advance(rows, sequence.step(0, of: stretch), count: stretch.count, in: stretch)
    }
    for index in 0..<stretch.count {
      let t = sequence.step(index, of: stretch)
      advance(rows, t, count: 1, in: stretch)
      for row in rows where t >= lengths[row] { keepState(row, t) }
    }
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
      squashed: isRecorded
        ? cells.map { $0 + ((sizes.time + 1 + t) * sizes.batch * size + at) } : nil)
    var strides = sizes.strides(isReverse: sequence.isReverse)
    if !keepsCells { strides.cells = 0 }
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
