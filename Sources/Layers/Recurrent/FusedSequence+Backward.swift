import Autograd
import Kernels

extension FusedSequence {
  func backward<Scalar: FloatingPointScalar>(
    _: Scalar.Type, _ operands: Operands, _ saved: Saved, _ output: Value?, _ hidden: Value?,
    _ cell: Value?, _ needed: [Bool]
  ) -> [Value?] {
    let sizes = Sizes(operands)
    let stretches = StepStretches(time: sizes.time, batch: sizes.batch, width: sizes.gates)
    let pass = BackwardPass<Scalar>(
      self, operands, saved, sizes, stretches, (output: output, hidden: hidden, cell: cell))
    var sums = BackwardSums<Scalar>(self, operands, sizes, stretches, pass.dGates, needed)
    stretches.forEach(isReverse: !isReverse) { stretch in
      let output = output.map { Compute.contiguous($0.timeMajor(stretch)) }
      let dOutput = output?.pointer(Scalar.self)
      let parts = sizes.parts(stretch)
      let inputs = sums.inputProducts(stretch, pass.dGates)
      parts.forEach { rows in
        for index in (0..<stretch.count).reversed() {
          pass.retreat(rows, step(index, of: stretch), in: stretch, dOutput)
        }
        if parts.isDivided { inputs?.run(rows) }
      }
      withExtendedLifetime(output) {}
      if !parts.isDivided { inputs?.run() }
      sums.add(stretch, pass.dGates, saved)
    }
    withExtendedLifetime(pass) {}
    let first = sizes.time & 1 == 0 ? pass.carried.0 : pass.carried.1
    return [
      sums.input, first, pass.dCell, sums.dWeightInput?.value, sums.dWeightHidden?.value,
      sums.dBias.input, sums.dBias.hidden,
    ]
  }
}

/// The arithmetic from the last step to the first. Marked as `MatrixProduct` is: threads work on
/// rows of their own.
private struct BackwardPass<Scalar: FloatingPointScalar>: @unchecked Sendable {
  let sequence: FusedSequence
  let sizes: FusedSequence.Sizes
  let saved: FusedSequence.Saved
  let dGates: GateGradients<Scalar>
  let dCell: Value?
  /// Gradients of the state behind and before a step, which change places.
  let carried: (Value, Value)
  let hiddenWeight: PackedWeight<Scalar>
  let table = Scalar.kernels
  // Where those are: a step counts no reference.
  private let carriedStart: (UnsafeMutablePointer<Scalar>, UnsafeMutablePointer<Scalar>)
  private let gatesStart: UnsafeMutablePointer<Scalar>?
  private let statesStart: UnsafeMutablePointer<Scalar>
  private let cellsStart: UnsafeMutablePointer<Scalar>?
  private let dCellStart: UnsafeMutablePointer<Scalar>?

  init(
    _ sequence: FusedSequence, _ operands: FusedSequence.Operands, _ saved: FusedSequence.Saved,
    _ sizes: FusedSequence.Sizes, _ stretches: StepStretches,
    _ incoming: (output: Value?, hidden: Value?, cell: Value?)
  ) {
    self.sequence = sequence
    self.sizes = sizes
    self.saved = saved
    let type = Scalar.scalarType
    let shape: Shape = [sizes.batch, sizes.hidden]
    dGates = GateGradients(
      sequence.kind, rows: stretches.longest * sizes.batch, gates: sizes.gates)
    func state(_ x: Value?) -> Value {
      x.map { Compute.copy($0) } ?? Compute.filled(type, shape, 0)
    }
    carried = (state(incoming.hidden), Value(type, shape))
    dCell = saved.cells.map { _ in state(incoming.cell) }
    hiddenWeight = PackedWeight(
      Compute.contiguous(operands.weightHidden), isPacked: sizes.time > 1 && sizes.batch > 0,
      rows: sizes.batch)
    carriedStart = (carried.0.pointer(), carried.1.pointer())
    gatesStart = saved.gates?.pointer()
    statesStart = saved.states.pointer()
    cellsStart = saved.cells?.pointer()
    dCellStart = dCell?.pointer()
  }

  /// How many steps have been taken back before this one.
  private func stepsBehind(_ t: Int) -> Int { sequence.isReverse ? t : sizes.time - 1 - t }

  /// From the state behind a step to its gates and the state before.
  ///
  /// - Parameter output: gradient of the outputs of the stretch, `[steps, batch, hidden]`.
  func retreat(
    _ rows: Range<Int>, _ t: Int, in stretch: Range<Int>, _ output: UnsafeMutablePointer<Scalar>?
  ) {
    let size = sizes.hidden
    let position = stepsBehind(t)
    let isEven = position & 1 == 0
    let behind = isEven ? carriedStart.0 : carriedStart.1
    let before = isEven ? carriedStart.1 : carriedStart.0
    let first = (t - stretch.lowerBound) * sizes.batch
    let isWhole = areActive(rows, t)
    if !isWhole { clear(rows, t, first, behind, before) }
    forEachRun(rows, t, isWhole) { run in
      let row = t * sizes.batch + run.lowerBound
      let place = first + run.lowerBound
      let stateBefore = (sequence.slotBefore(t) * sizes.batch + run.lowerBound) * size
      let stateAfter = (sequence.slotAfter(t) * sizes.batch + run.lowerBound) * size
      let step = RecurrentStep(
        rows: run.count, size: size,
        gates: gatesStart.map { $0 + row * sizes.gates } ?? statesStart + stateAfter,
        previousHidden: statesStart + stateBefore, hidden: statesStart + stateAfter,
        previousCell: cellsStart.map { $0 + stateBefore },
        cell: cellsStart.map { $0 + stateAfter })
      table.recurrentStepGradient(
        sequence.kind,
        RecurrentStepGradient(
          step: step, hidden: behind + run.lowerBound * size,
          output: output.map { $0 + place * size },
          cell: dCellStart.map { $0 + run.lowerBound * size },
          gates: dGates.last(place) ?? dGates.hidden(place), hiddenGates: dGates.hidden(place),
          previousHidden: sequence.kind == .gru ? before + run.lowerBound * size : nil))
    }
    let stepGates = dGates.hidden(first + rows.lowerBound)
    table.matrixProduct(
      hiddenWeight.product(
        rows: rows.count, UnsafePointer(stepGates), into: before + rows.lowerBound * size,
        accumulate: sequence.kind == .gru || !isWhole, bias: nil))
  }

  /// Whether no row has ended before a step.
  private func areActive(_ rows: Range<Int>, _ t: Int) -> Bool {
    guard let lengths = sequence.lengths else { return true }
    return rows.allSatisfy { t < lengths[$0] }
  }

  /// Runs of rows that have not ended before a step.
  private func forEachRun(
    _ rows: Range<Int>, _ t: Int, _ isWhole: Bool, _ body: (Range<Int>) -> Void
  ) {
    guard !isWhole, let lengths = sequence.lengths else { return body(rows) }
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
    _ rows: Range<Int>, _ t: Int, _ first: Int, _ behind: UnsafeMutablePointer<Scalar>,
    _ before: UnsafeMutablePointer<Scalar>
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
    _ stretches: StepStretches, _ dGates: GateGradients<Scalar>, _ needed: [Bool]
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
    dBias = BiasSums(dGates, input: needed[5], hidden: needed[6], isEmpty: isEmpty)
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
        dGates.hidden, .init(count: rows, x: states, size: sizes.hidden, isFirst: isFirst))
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
