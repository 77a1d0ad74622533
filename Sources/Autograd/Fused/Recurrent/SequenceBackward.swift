import Kernels

extension SequenceRun {
  func backward<Scalar: FloatingPointScalar>(
    _: Scalar.Type, _ arriving: Arriving, _ needed: [Bool], _ usesUp: Bool
  ) -> [UntypedTensor?] {
    let pass = SequenceBackward<Scalar>(self, parts, arriving, usesUp: usesUp)
    var sums = WeightGradients<Scalar>(self, needed)
    var isFirst = true
    stretches.forEach(isReverse: !sequence.isReverse) { stretch in
      let output = arriving.output.map { Compute.contiguous($0.timeMajor(stretch)) }
      let gradients = pass.gradients(stretch, output?.pointer(), arriving, isFirst: isFirst)
      let parts = sizes.parts(stretch)
      parts.forEach { rows in
        pass.retreat(rows, gradients)
        if parts.isDivided { sums.addInput(rows, gradients) }
      }
      withExtendedLifetime(output) {}
      if !parts.isDivided { sums.addInput(nil, gradients) }
      sums.add(gradients)
      isFirst = false
    }
    var results = [
      sums.input, needed[1] ? state(pass.firstHidden) : nil,
      needed[2] ? pass.dCell.map { state($0) } : nil, sums.weightInput, sums.weightHidden,
      sums.biasInput, sums.biasHidden,
    ]
    if let attention = pass.attention {
      results += [attention.keys, attention.values, sums.queryWeight, attention.v]
    }
    return results
  }
}

/// The gradients at the steps of one stretch, time-major.
struct StretchGradients<Scalar: FloatingPointScalar> {
  let stretch: Range<Int>
  /// Whether no other has been taken back before.
  let isFirst: Bool
  /// Those of the gates.
  let gates: GateGradients<Scalar>
  /// What arrives at the outputs, `[steps, batch, hidden]`; nil is zero.
  let output: UnsafeMutablePointer<Scalar>?
  let attention: Attention?

  /// Those of what the steps attend to.
  struct Attention {
    /// At first the queries themselves, if those are used up, `[steps, batch, size]`.
    let queries: UnsafeMutablePointer<Scalar>
    /// At first what arrives at the contexts, if that is anything, `[steps, batch, valueSize]`.
    let contexts: UnsafeMutablePointer<Scalar>
    let arrivesAtContexts: Bool
    /// What arrives at the weights, `[steps, batch, keys]`; nil is zero.
    let weights: UnsafeMutablePointer<Scalar>?
  }
}

/// The arithmetic from the last step to the first. Marked as `MatrixProduct` is: threads work on
/// rows of their own.
private struct SequenceBackward<Scalar: FloatingPointScalar>: ~Copyable, @unchecked Sendable {
  private let run: SequenceRun
  private let hiddenWeight: PackedWeight<Scalar>
  let attention: AttentionBackward<Scalar>?
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

  private var sizes: RecurrentSizes { run.sizes }
  private var sequence: FusedSequence { run.sequence }

  init(
    _ run: SequenceRun, _ operands: borrowing FusedSequence.Operands,
    _ arriving: borrowing SequenceRun.Arriving, usesUp: Bool
  ) {
    self.run = run
    let sizes = run.sizes
    gates = run.gates()
    states = run.states.pointer()
    cells = run.cells()
    // In this order: `gates` within the closure that `&&` takes is compiled wrongly (Swift 6.3), as
    // long as `self` is not complete.
    self.usesUp = gates != nil && usesUp
    let widths = GateWidths(run.sequence.kind, gates: sizes.gates)
    let rows = run.stretches.longest * sizes.batch
    let state = sizes.batch * sizes.hidden
    var layout = Workspace.Layout<Scalar>()
    let hidden = layout.reserve(self.usesUp ? 0 : rows * widths.hidden)
    let last = layout.reserve(rows * widths.last)
    let (even, odd) = (layout.reserve(state), layout.reserve(state))
    let cell = layout.reserve(cells == nil ? 0 : state)
    var offsets: AttentionBackward<Scalar>.Offsets?
    if let own = sizes.attention {
      offsets = .init(own, batch: sizes.batch, rows: rows, usesUp: usesUp, in: &layout)
    }
    let start = ThreadScratch.steps.numbers(layout.count, Scalar.self)
    dGates = GateGradients(
      widths: widths, hidden: start + hidden, last: widths.last > 0 ? start + last : nil)
    carried = (start + even, start + odd)
    dCell = cells == nil ? nil : start + cell
    hiddenWeight = PackedWeight(
      operands.weights.hidden, isPacked: sizes.packsStepWeights, batch: sizes.batch)
    attention = offsets.map {
      AttentionBackward(run, operands.attention!, operands.weights.input, start, $0)
    }
    let bytes = state * MemoryLayout<Scalar>.stride
    Compute.copy(arriving.hidden, to: carried.0, bytes: bytes)
    if let target = dCell { Compute.copy(arriving.cell, to: target, bytes: bytes) }
  }

  /// What arrives at a stretch, and where its steps leave their gradients.
  ///
  /// - Parameter output: `StretchGradients.output`.
  func gradients(
    _ stretch: Range<Int>, _ output: UnsafeMutablePointer<Scalar>?,
    _ arriving: borrowing SequenceRun.Arriving, isFirst: Bool
  ) -> StretchGradients<Scalar> {
    StretchGradients(
      stretch: stretch, isFirst: isFirst, gates: gateGradients(stretch), output: output,
      attention: attention?.gradients(stretch, arriving))
  }

  private func gateGradients(_ stretch: Range<Int>) -> GateGradients<Scalar> {
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
  func retreat(_ rows: Range<Int>, _ gradients: StretchGradients<Scalar>) {
    let stretch = gradients.stretch
    if !run.isStepwise {
      return retreat(
        rows, sequence.step(stretch.count - 1, of: stretch), count: stretch.count, gradients)
    }
    for index in (0..<stretch.count).reversed() {
      let t = sequence.step(index, of: stretch)
      if areActive(rows, t) {
        retreat(rows, t, gradients)
      } else {
        retreatRuns(rows, t, gradients)
      }
      // From the gates to what the step attended to, and once more to the state before.
      attention?.retreat(
        rows, t, gradients, to: stateGradients(t).before + rows.lowerBound * sizes.hidden)
    }
    attention?.collectValues(rows, gradients)
  }

  /// Takes back so many steps, of which `t` was the last, of rows that have all of them.
  ///
  /// - Parameter multiplies: whether the state before gets its gradient.
  private func retreat(
    _ rows: Range<Int>, _ t: Int, count: Int = 1, _ gradients: StretchGradients<Scalar>,
    multiplies: Bool = true
  ) {
    let dGates = gradients.gates
    let size = sizes.hidden
    let (after, before) = stateGradients(t)
    let row = t * sizes.batch + rows.lowerBound
    let ownRow = (t - gradients.stretch.lowerBound) * sizes.batch + rows.lowerBound
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
      output: gradients.output.map { $0 + ownRow * size }, cell: dCell.map { $0 + own },
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
  private func retreatRuns(_ rows: Range<Int>, _ t: Int, _ gradients: StretchGradients<Scalar>) {
    let dGates = gradients.gates
    let (after, before) = stateGradients(t)
    let first = (t - gradients.stretch.lowerBound) * sizes.batch
    clear(rows, t, first, dGates, after, before)
    forEachRun(rows, t) { retreat($0, t, gradients, multiplies: false) }
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
