import Kernels

extension SequenceRun {
  func backward<Scalar: FloatingPointScalar>(
    _: Scalar.Type, _ output: UntypedTensor?, _ hidden: UntypedTensor?, _ cell: UntypedTensor?,
    _ needed: [Bool]
  ) -> [UntypedTensor?] {
    let pass = SequenceBackward<Scalar>(self, parts, hidden: hidden, cell: cell)
    let isEmpty = stretches.isEmpty
    let dInput =
      needed[0]
      ? UntypedTensor(Scalar.scalarType, Shape(sizes.time, sizes.batch, sizes.input)) : nil
    let dWeightInput =
      needed[3] ? WeightSum<Scalar>.memory(parts.weights.input.shape, isEmpty: isEmpty) : nil
    let dWeightHidden =
      needed[4] ? WeightSum<Scalar>.memory(parts.weights.hidden.shape, isEmpty: isEmpty) : nil
    var dBias = BiasSums<Scalar>(
      GateWidths(sequence.kind, gates: sizes.gates), input: needed[5], hidden: needed[6],
      isEmpty: isEmpty)
    let sums = BackwardSums<Scalar>(
      self, dInput, dWeightInput.map { WeightSum($0) }, dWeightHidden.map { WeightSum($0) })
    var isFirst = true
    stretches.forEach(isReverse: !sequence.isReverse) { stretch in
      let output = output.map { Compute.contiguous($0.timeMajor(stretch)) }
      let dOutput = output?.pointer(Scalar.self)
      let parts = sizes.parts(stretch)
      let dGates = pass.gateGradients(stretch)
      parts.forEach { rows in
        pass.retreat(rows, stretch, dGates, dOutput)
        if parts.isDivided { sums.addInput(rows, stretch, dGates) }
      }
      withExtendedLifetime(output) {}
      if !parts.isDivided { sums.addInput(nil, stretch, dGates) }
      sums.add(stretch, of: self, dGates, isFirst: isFirst)
      dBias.add(dGates, rows: stretch.count * sizes.batch)
      isFirst = false
    }
    return [
      dInput.map { permuted($0, [1, 0, 2]) }, needed[1] ? state(pass.firstHidden) : nil,
      needed[2] ? pass.dCell.map { state($0) } : nil, dWeightInput, dWeightHidden, dBias.input,
      dBias.hidden,
    ]
  }
}

/// The arithmetic from the last step to the first. Marked as `MatrixProduct` is: threads work on
/// rows of their own.
private struct SequenceBackward<Scalar: FloatingPointScalar>: ~Copyable, @unchecked Sendable {
  private let run: SequenceRun
  private let hiddenWeight: PackedWeight<Scalar>
  private let table = Scalar.kernels
  // In the thread's memory: the gradients of states, and of a stretch's gates where they do not take
  // the place of what was saved.
  /// Gradients of the state after and before a step, which change places.
  private let carried: (UnsafeMutablePointer<Scalar>, UnsafeMutablePointer<Scalar>)
  let dCell: UnsafeMutablePointer<Scalar>?
  private let dGates: GateGradients<Scalar>
  /// Whether the gates' gradients take the place of the gates, which need no more memory, nor cache,
  /// then: where this is the last that is done with what was saved.
  private let usesUp: Bool
  // What was saved.
  private let gates: UnsafeMutablePointer<Scalar>?
  private let states: UnsafeMutablePointer<Scalar>
  private let cells: UnsafeMutablePointer<Scalar>?

  private var sizes: FusedSequence.Sizes { run.sizes }
  private var sequence: FusedSequence { run.sequence }

  init(
    _ run: SequenceRun, _ operands: borrowing FusedSequence.Operands,
    hidden dHidden: borrowing UntypedTensor?, cell dCell: borrowing UntypedTensor?
  ) {
    self.run = run
    let sizes = run.sizes
    gates = run.gates()
    states = run.states.pointer()
    cells = run.cells()
    usesUp = gates != nil && run.tape?.usesUpRecords == true
    let widths = GateWidths(run.sequence.kind, gates: sizes.gates)
    let rows = run.stretches.longest * sizes.batch
    let state = sizes.batch * sizes.hidden
    var layout = Workspace.Layout<Scalar>()
    let hidden = layout.reserve(usesUp ? 0 : rows * widths.hidden)
    let last = layout.reserve(rows * widths.last)
    let (even, odd) = (layout.reserve(state), layout.reserve(state))
    let cell = layout.reserve(cells == nil ? 0 : state)
    let start = ThreadScratch.steps.scalars(layout.count, Scalar.self)
    dGates = GateGradients(
      widths: widths, hidden: start + hidden, last: widths.last > 0 ? start + last : nil)
    carried = (start + even, start + odd)
    self.dCell = cells == nil ? nil : start + cell
    hiddenWeight = PackedWeight(
      operands.weights.hidden, isPacked: sizes.time > 1 && sizes.batch > 0, rows: sizes.batch)
    let bytes = state * MemoryLayout<Scalar>.stride
    Compute.copy(dHidden, to: carried.0, bytes: bytes)
    if let target = self.dCell { Compute.copy(dCell, to: target, bytes: bytes) }
  }

  /// The gates' gradients at the steps of a stretch.
  func gateGradients(_ stretch: Range<Int>) -> GateGradients<Scalar> {
    guard usesUp, let gates else { return dGates }
    return GateGradients(
      widths: dGates.widths, hidden: gates + stretch.lowerBound * sizes.batch * sizes.gates,
      last: dGates.last)
  }

  /// Gradient of the first hidden state, once all steps are taken back; that of the cell is then in
  /// `dCell`.
  var firstHidden: UnsafeMutablePointer<Scalar> { sizes.time & 1 == 0 ? carried.0 : carried.1 }

  /// How many steps have been taken back before this one.
  private func stepsBehind(_ t: Int) -> Int { sequence.isReverse ? t : sizes.time - 1 - t }

  /// From the state after the steps of a stretch to their gates and the state before.
  ///
  /// - Parameters:
  ///   - dGates: receives those of the gates.
  ///   - output: gradient of the outputs of the stretch, `[steps, batch, hidden]`.
  func retreat(
    _ rows: Range<Int>, _ stretch: Range<Int>, _ dGates: GateGradients<Scalar>,
    _ output: UnsafeMutablePointer<Scalar>?
  ) {
    if sequence.lengths == nil, !stretch.isEmpty {
      let last = sequence.step(stretch.count - 1, of: stretch)
      return retreat(rows, last, count: stretch.count, in: stretch, dGates, output)
    }
    for index in (0..<stretch.count).reversed() {
      let t = sequence.step(index, of: stretch)
      if areActive(rows, t) {
        retreat(rows, t, in: stretch, dGates, output)
      } else {
        retreatRuns(rows, t, in: stretch, dGates, output)
      }
    }
  }

  /// Takes back so many steps, of which `t` was the last, of rows that have all of them.
  ///
  /// - Parameter multiplies: whether the state before gets its gradient.
  private func retreat(
    _ rows: Range<Int>, _ t: Int, count: Int = 1, in stretch: Range<Int>,
    _ dGates: GateGradients<Scalar>, _ output: UnsafeMutablePointer<Scalar>?,
    multiplies: Bool = true
  ) {
    let size = sizes.hidden
    let (after, before) = stateGradients(t)
    let row = t * sizes.batch + rows.lowerBound
    let ownRow = (t - stretch.lowerBound) * sizes.batch + rows.lowerBound
    let stateBefore = (sequence.slotBefore(t) * sizes.batch + rows.lowerBound) * size
    let stateAfter = (sequence.slotAfter(t) * sizes.batch + rows.lowerBound) * size
    let own = rows.lowerBound * size
    let step = RecurrentStep(
      rows: rows.count, size: size,
      gates: gates.map { $0 + row * sizes.gates } ?? states + stateAfter,
      previousHidden: states + stateBefore, hidden: states + stateAfter,
      previousCell: cells.map { $0 + stateBefore }, cell: cells.map { $0 + stateAfter },
      squashed: cells.map { $0 + ((sizes.time + 1) * sizes.batch + row) * size })
    let gradient = RecurrentStepGradient(
      step: step, hidden: after + own, previousHidden: before + own,
      output: output.map { $0 + ownRow * size }, cell: dCell.map { $0 + own },
      hiddenGates: dGates.hidden(ownRow), lastGates: dGates.last(ownRow))
    table.recurrentStepGradients(
      sequence.kind,
      RecurrentStepGradients(
        count: count, gradient: gradient,
        product: hiddenWeight.product(
          rows: multiplies ? rows.count : 0, UnsafePointer(dGates.hidden(ownRow)),
          into: before + own, accumulate: sequence.kind == .gru, bias: nil),
        strides: sizes.strides(isReverse: !sequence.isReverse)))
  }

  /// Takes back a step before which some rows have ended.
  private func retreatRuns(
    _ rows: Range<Int>, _ t: Int, in stretch: Range<Int>, _ dGates: GateGradients<Scalar>,
    _ output: UnsafeMutablePointer<Scalar>?
  ) {
    let (after, before) = stateGradients(t)
    let first = (t - stretch.lowerBound) * sizes.batch
    clear(rows, t, first, dGates, after, before)
    forEachRun(rows, t) { retreat($0, t, in: stretch, dGates, output, multiplies: false) }
    table.matrixProduct(
      hiddenWeight.product(
        rows: rows.count, UnsafePointer(dGates.hidden(first + rows.lowerBound)),
        into: before + rows.lowerBound * sizes.hidden, accumulate: true, bias: nil))
  }

  /// Gradients of the states after and before a step.
  private func stateGradients(
    _ t: Int
  ) -> (after: UnsafeMutablePointer<Scalar>, before: UnsafeMutablePointer<Scalar>) {
    stepsBehind(t) & 1 == 0 ? carried : (carried.1, carried.0)
  }

  /// Whether no row has ended before a step.
  private func areActive(_ rows: Range<Int>, _ t: Int) -> Bool {
    guard let lengths = sequence.lengths else { return true }
    return rows.allSatisfy { t < lengths[$0] }
  }

  /// Runs of rows that have not ended before a step.
  private func forEachRun(
    _ rows: Range<Int>, _ t: Int, _ body: (Range<Int>) -> Void
  ) {
    guard let lengths = sequence.lengths else { return body(rows) }
    var start = rows.lowerBound
    for row in rows where t >= lengths[row] {
      if start < row { body(start..<row) }
      start = row + 1
    }
    if start < rows.upperBound { body(start..<rows.upperBound) }
  }

  /// Prepares a step at which some rows have ended: their gates get no gradient, and their
  /// state's gradient passes; that of the others is to be added to.
  private func clear(
    _ rows: Range<Int>, _ t: Int, _ first: Int, _ dGates: GateGradients<Scalar>,
    _ after: UnsafeMutablePointer<Scalar>, _ before: UnsafeMutablePointer<Scalar>
  ) {
    let size = sizes.hidden
    for row in rows {
      if areActive(row..<(row + 1), t) {
        (before + row * size).update(repeating: 0, count: size)
      } else {
        dGates.clear(first + row)
        (before + row * size).update(from: after + row * size, count: size)
      }
    }
  }
}

/// What all rows contribute to, grown stretch by stretch: the gradients of the weights and of the
/// input.
private struct BackwardSums<Scalar: FloatingPointScalar>: ~Copyable {
  private let inputWeight: InputSideWeight<Scalar>?
  private let dInput: UntypedTensor?
  private let dWeightInput: WeightSum<Scalar>?
  private let dWeightHidden: WeightSum<Scalar>?

  /// - Parameter dInput: `[time, batch, in]`; nil where it is not needed.
  init(
    _ run: borrowing SequenceRun, _ dInput: UntypedTensor?, _ dWeightInput: WeightSum<Scalar>?,
    _ dWeightHidden: WeightSum<Scalar>?
  ) {
    inputWeight =
      dInput != nil
      ? InputSideWeight(
        run.parts.weights.input, run.sequence.kind,
        isPacked: run.sizes.packsInputWeight(run.stretches), rows: run.sizes.batch) : nil
    self.dInput = dInput
    self.dWeightInput = dWeightInput
    self.dWeightHidden = dWeightHidden
  }

  /// What a stretch contributes to the weights.
  func add(
    _ stretch: Range<Int>, of run: SequenceRun, _ dGates: GateGradients<Scalar>, isFirst: Bool
  ) {
    let sizes = run.sizes
    let rows = stretch.count * sizes.batch
    dWeightInput?.add(
      input: dGates,
      .init(count: rows, x: run.input(stretch), size: sizes.input, isFirst: isFirst))
    let first = run.sequence.isReverse ? stretch.lowerBound + 1 : stretch.lowerBound
    dWeightHidden?.add(
      dGates.hidden, sizes.gates,
      .init(
        count: rows, x: run.states.pointer() + first * sizes.batch * sizes.hidden,
        size: sizes.hidden, isFirst: isFirst))
  }

  /// What a stretch leaves of the input's gradient, where that is needed.
  ///
  /// - Parameter rows: those of the batch that this thread computes; nil for all, on all threads.
  func addInput(_ rows: Range<Int>?, _ stretch: Range<Int>, _ dGates: GateGradients<Scalar>) {
    switch inputWeight {
    case .some(let weight):
      let products = InputProducts(weight, dGates, stretch, into: dInput!)
      if let rows { products.run(rows) } else { products.run() }
    case .none: break
    }
  }
}
