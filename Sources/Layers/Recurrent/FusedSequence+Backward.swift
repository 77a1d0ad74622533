import Autograd
import Kernels

extension FusedSequence {
  func backward<Scalar: FloatingPointScalar>(
    _: Scalar.Type, _ operands: Operands, _ saved: Saved, _ output: Value?, _ hidden: Value?,
    _ cell: Value?, _ needed: [Bool], _ usesUp: Bool
  ) -> [Value?] {
    let sizes = Sizes(operands)
    let stretches = StepStretches(time: sizes.time, batch: sizes.batch, width: sizes.gates)
    let pass = BackwardPass<Scalar>(
      self, operands, saved, sizes, stretches, (output: output, hidden: hidden, cell: cell), usesUp
    )
    var sums = BackwardSums<Scalar>(self, operands, sizes, stretches, needed)
    stretches.forEach(isReverse: !isReverse) { stretch in
      let output = output.map { Compute.contiguous($0.timeMajor(stretch)) }
      let dOutput = output?.pointer(Scalar.self)
      let parts = sizes.parts(stretch)
      let dGates = pass.gateGradients(stretch)
      let inputs = sums.inputProducts(stretch, dGates)
      parts.forEach { rows in
        pass.retreat(rows, stretch, dGates, dOutput)
        if parts.isDivided { inputs?.run(rows) }
      }
      withExtendedLifetime(output) {}
      if !parts.isDivided { inputs?.run() }
      sums.add(stretch, dGates, saved)
    }
    let gradients = [
      sums.input, needed[1] ? pass.firstHidden : nil, needed[2] ? pass.firstCell : nil,
      sums.dWeightInput?.value, sums.dWeightHidden?.value,
      sums.dBias.input, sums.dBias.hidden,
    ]
    withExtendedLifetime((pass, saved)) {}
    return gradients
  }
}

/// The arithmetic from the last step to the first. Marked as `MatrixProduct` is: threads work on
/// rows of their own.
private struct BackwardPass<Scalar: FloatingPointScalar>: @unchecked Sendable {
  let sequence: FusedSequence
  let sizes: FusedSequence.Sizes
  private let hiddenWeight: PackedWeight<Scalar>
  private let table = Scalar.kernels
  /// The gradients of states, and of a stretch's gates where they do not take the place of what was
  /// saved. In one piece: to make and to free a value for each takes a
  /// small layer as long as its arithmetic.
  private let memory: Value
  // Where they are: a step counts no reference.
  /// Gradients of the state behind and before a step, which change places.
  private let carried: (UnsafeMutablePointer<Scalar>, UnsafeMutablePointer<Scalar>)
  private let dCell: UnsafeMutablePointer<Scalar>?
  private let dGates: GateGradients<Scalar>
  /// Whether the gates' gradients take the place of the gates, which need no more memory, nor cache,
  /// then.
  private let usesUp: Bool
  // What was saved.
  private let gates: UnsafeMutablePointer<Scalar>?
  private let states: UnsafeMutablePointer<Scalar>
  private let cells: UnsafeMutablePointer<Scalar>?

  init(
    _ sequence: FusedSequence, _ operands: FusedSequence.Operands, _ saved: FusedSequence.Saved,
    _ sizes: FusedSequence.Sizes, _ stretches: StepStretches,
    _ incoming: (output: Value?, hidden: Value?, cell: Value?), _ usesUp: Bool
  ) {
    self.usesUp = usesUp && saved.gates != nil
    self.sequence = sequence
    self.sizes = sizes
    let widths = GateWidths(sequence.kind, gates: sizes.gates)
    let rows = stretches.longest * sizes.batch
    let state = sizes.batch * sizes.hidden
    var layout = Workspace<Scalar>()
    let hidden = layout.place(self.usesUp ? 0 : rows * widths.hidden)
    let last = layout.place(rows * widths.last)
    let (even, odd) = (layout.place(state), layout.place(state))
    let cell = layout.place(saved.cells == nil ? 0 : state)
    memory = layout.allocate()
    let start = memory.pointer(Scalar.self)
    dGates = GateGradients(
      widths: widths, hidden: start + hidden, last: widths.last > 0 ? start + last : nil)
    carried = (start + even, start + odd)
    dCell = saved.cells == nil ? nil : start + cell
    gates = saved.gates?.pointer()
    states = saved.states.pointer()
    cells = saved.cells?.pointer()
    hiddenWeight = PackedWeight(
      Compute.contiguous(operands.weightHidden), isPacked: sizes.time > 1 && sizes.batch > 0,
      rows: sizes.batch)
    let bytes = state * MemoryLayout<Scalar>.stride
    Compute.copy(incoming.hidden, to: carried.0, bytes: bytes)
    if let dCell { Compute.copy(incoming.cell, to: dCell, bytes: bytes) }
  }

  /// The gates' gradients at the steps of a stretch.
  func gateGradients(_ stretch: Range<Int>) -> GateGradients<Scalar> {
    guard usesUp, let gates else { return dGates }
    return GateGradients(
      widths: dGates.widths, hidden: gates + stretch.lowerBound * sizes.batch * sizes.gates,
      last: dGates.last)
  }

  /// Gradient of the first hidden state.
  var firstHidden: Value { firstState(sizes.time & 1 == 0 ? carried.0 : carried.1) }

  /// LSTM: gradient of the first cell state.
  var firstCell: Value? { dCell.map { firstState($0) } }

  private func firstState(_ state: UnsafeMutablePointer<Scalar>) -> Value {
    let result = Value(Scalar.scalarType, [sizes.batch, sizes.hidden])
    result.pointer(Scalar.self).update(from: state, count: result.count)
    return result
  }

  /// How many steps have been taken back before this one.
  private func stepsBehind(_ t: Int) -> Int { sequence.isReverse ? t : sizes.time - 1 - t }

  /// From the state behind the steps of a stretch to their gates and the state before.
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
    let (behind, before) = places(t)
    let row = t * sizes.batch + rows.lowerBound
    let place = (t - stretch.lowerBound) * sizes.batch + rows.lowerBound
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
      step: step, hidden: behind + own, previousHidden: before + own,
      output: output.map { $0 + place * size }, cell: dCell.map { $0 + own },
      hiddenGates: dGates.hidden(place), lastGates: dGates.last(place))
    table.recurrentStepGradients(
      sequence.kind,
      RecurrentStepGradients(
        count: count, gradient: gradient,
        product: hiddenWeight.product(
          rows: multiplies ? rows.count : 0, UnsafePointer(dGates.hidden(place)),
          into: before + own, accumulate: sequence.kind == .gru, bias: nil),
        strides: sizes.strides(isReverse: !sequence.isReverse)))
  }

  /// The same of a step before which some rows have ended.
  private func retreatRuns(
    _ rows: Range<Int>, _ t: Int, in stretch: Range<Int>, _ dGates: GateGradients<Scalar>,
    _ output: UnsafeMutablePointer<Scalar>?
  ) {
    let (behind, before) = places(t)
    let first = (t - stretch.lowerBound) * sizes.batch
    clear(rows, t, first, dGates, behind, before)
    forEachRun(rows, t) { retreat($0, t, in: stretch, dGates, output, multiplies: false) }
    table.matrixProduct(
      hiddenWeight.product(
        rows: rows.count, UnsafePointer(dGates.hidden(first + rows.lowerBound)),
        into: before + rows.lowerBound * sizes.hidden, accumulate: true, bias: nil))
  }

  /// Gradients of the states behind and before a step.
  private func places(
    _ t: Int
  ) -> (behind: UnsafeMutablePointer<Scalar>, before: UnsafeMutablePointer<Scalar>) {
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
    _ behind: UnsafeMutablePointer<Scalar>, _ before: UnsafeMutablePointer<Scalar>
  ) {
    let size = sizes.hidden
    for row in rows {
      if areActive(row..<(row + 1), t) {
        (before + row * size).update(repeating: 0, count: size)
      } else {
        dGates.clear(first + row)
        (before + row * size).update(from: behind + row * size, count: size)
      }
    }
  }
}

/// What all rows contribute to: the gradients of weights, biases and the input, grown stretch by
/// stretch.
private struct BackwardSums<Scalar: FloatingPointScalar> {
  let sequence: FusedSequence
  let sizes: FusedSequence.Sizes
  let operands: FusedSequence.Operands
  private let inputWeight: InputSideWeight<Scalar>?
  /// `[time, batch, in]`
  private let dInput: Value?
  let dWeightInput: WeightSum<Scalar>?
  let dWeightHidden: WeightSum<Scalar>?
  private(set) var dBias: BiasSums<Scalar>
  private var isFirst = true

  init(
    _ sequence: FusedSequence, _ operands: FusedSequence.Operands, _ sizes: FusedSequence.Sizes,
    _ stretches: StepStretches, _ needed: [Bool]
  ) {
    self.sequence = sequence
    self.sizes = sizes
    self.operands = operands
    let type = Scalar.scalarType
    let isEmpty = stretches.isEmpty
    inputWeight =
      needed[0]
      ? InputSideWeight(
        Compute.contiguous(operands.weightInput), sequence.kind,
        isPacked: sizes.packsInputWeight(stretches), rows: sizes.batch) : nil
    dInput = needed[0] ? Value(type, [sizes.time, sizes.batch, sizes.input]) : nil
    dWeightInput = needed[3] ? WeightSum(operands.weightInput.shape, isEmpty: isEmpty) : nil
    dWeightHidden = needed[4] ? WeightSum(operands.weightHidden.shape, isEmpty: isEmpty) : nil
    dBias = BiasSums(
      GateWidths(sequence.kind, gates: sizes.gates), input: needed[5], hidden: needed[6],
      isEmpty: isEmpty)
  }

  /// What a stretch contributes.
  mutating func add(
    _ stretch: Range<Int>, _ dGates: GateGradients<Scalar>, _ saved: FusedSequence.Saved
  ) {
    let rows = stretch.count * sizes.batch
    if let dWeightInput {
      let input = saved.input ?? sequence.timeMajor(operands.input, stretch)
      dWeightInput.add(
        input: dGates, .init(count: rows, x: input.pointer(), size: sizes.input, isFirst: isFirst))
      withExtendedLifetime(input) {}
    }
    if let dWeightHidden {
      let first = sequence.isReverse ? stretch.lowerBound + 1 : stretch.lowerBound
      let states = saved.states.pointer(Scalar.self) + first * sizes.batch * sizes.hidden
      dWeightHidden.add(
        dGates.hidden, sizes.gates,
        .init(count: rows, x: states, size: sizes.hidden, isFirst: isFirst))
    }
    dBias.add(dGates, rows: rows)
    isFirst = false
  }

  /// What a stretch leaves of the input's gradient; nil where none is needed.
  func inputProducts(
    _ stretch: Range<Int>, _ dGates: GateGradients<Scalar>
  ) -> InputProducts<Scalar>? {
    guard let dInput, let inputWeight else { return nil }
    return InputProducts(inputWeight, dGates, stretch, into: dInput)
  }

  /// `[batch, time, in]`
  var input: Value? { dInput.map { permuted($0, [1, 0, 2]) } }
}
