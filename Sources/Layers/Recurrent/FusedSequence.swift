import Autograd
import Kernels

/// A recurrent cell over all steps of a batch of sequences, as one operation.
///
/// Everything runs in time-major order, `[time, batch, ...]`, in which a step is one block of
/// memory. The products of the input with the weights are one matrix product for all steps; the
/// recurrent weights are packed once; a thread takes some rows of the batch through all steps, so
/// threads meet once a sequence, not once a step; the weights' gradients are one product at the
/// end.
///
/// A row whose sequence has ended keeps its state, its output is zero, and what its input holds
/// behind the end is not looked at. In reverse, a row's state starts at its own last step.
struct FusedSequence {
  let kind: RecurrentCellKind
  let isReverse: Bool
  /// Number of steps of each row; nil where all rows have all.
  let lengths: [Int]?

  /// Input `[batch, time, in]`, first states `[batch, hidden]` (the cell's for an LSTM alone),
  /// weights `[gates * hidden, in]` and `[gates * hidden, hidden]`, biases `[gates * hidden]`.
  struct Operands {
    var input: Value
    var hidden: Value
    var cell: Value?
    var weightInput: Value
    var weightHidden: Value
    var biasInput: Value?
    var biasHidden: Value?
  }

  /// What the derivative needs, all time-major.
  struct Saved {
    let input: Value
    let gates: Value
    let candidates: Value?
    /// `[time + 1, batch, hidden]`; slot t is before step t, in reverse slot t + 1.
    let states: Value
    let cells: Value?
  }

  struct Sizes {
    let batch: Int
    let time: Int
    let input: Int
    let hidden: Int
    let gates: Int

    init(_ operands: Operands) {
      batch = operands.input.shape[0]
      time = operands.input.shape[1]
      input = operands.input.shape[2]
      hidden = operands.weightHidden.shape[1]
      gates = operands.weightHidden.shape[0]
    }
  }

  /// `[output, last hidden state, last cell state]`, and what the derivative needs.
  func forward(_ operands: Operands) -> (results: [Value], saved: Saved) {
    switch operands.input.type {
    case .float: forward(Float.self, operands)
    case .double: forward(Double.self, operands)
    default: trap("a recurrent layer needs an input of Float or Double")
    }
  }

  /// Gradients of input, first states, weights and biases, in the order of `Operands`.
  ///
  /// - Parameter isInputNeeded: false where the input is a constant: its gradient is a large
  ///   product.
  func backward(
    _ operands: Operands, _ saved: Saved, output: Value?, hidden: Value?, cell: Value?,
    isInputNeeded: Bool
  ) -> [Value?] {
    switch operands.input.type {
    case .float: backward(Float.self, operands, saved, output, hidden, cell, isInputNeeded)
    case .double: backward(Double.self, operands, saved, output, hidden, cell, isInputNeeded)
    default: trap("a recurrent layer needs an input of Float or Double")
    }
  }

  // MARK: Rows

  /// The steps in the order in which they are taken.
  private func order(_ time: Int) -> [Int] {
    isReverse ? Array((0..<time).reversed()) : Array(0..<time)
  }

  private func slotBefore(_ t: Int) -> Int { isReverse ? t + 1 : t }
  private func slotAfter(_ t: Int) -> Int { isReverse ? t : t + 1 }

  private func isActive(_ row: Int, _ t: Int) -> Bool { lengths.map { t < $0[row] } ?? true }

  /// Runs of rows, in a range, that are active at a step.
  private func activeRuns(_ rows: Range<Int>, _ t: Int) -> [Range<Int>] {
    guard let lengths else { return [rows] }
    var runs: [Range<Int>] = []
    for row in rows where t < lengths[row] {
      if let last = runs.last, last.upperBound == row {
        runs[runs.count - 1] = last.lowerBound..<(row + 1)
      } else {
        runs.append(row..<(row + 1))
      }
    }
    return runs
  }

  /// `[batch, time, n]` as contiguous `[time, batch, n]`, zero behind the sequences' ends.
  private func timeMajor(_ x: Value) -> Value {
    let permuted = Autograd.permuted(x.detached, [1, 0, 2])
    guard let lengths, lengths.contains(where: { $0 < x.shape[1] }) else {
      return Compute.contiguous(permuted)
    }
    let result = Compute.copy(permuted)
    let (time, row) = (x.shape[1], x.shape[2] * x.type.size)
    for (b, length) in lengths.enumerated() {
      for t in length..<Swift.max(time, length) {
        (result.address + (t * lengths.count + b) * row)
          .initializeMemory(as: UInt8.self, repeating: 0, count: row)
      }
    }
    return result
  }

  // MARK: Forward

  private func forward<Scalar: FloatingPointScalar>(
    _: Scalar.Type, _ operands: Operands
  ) -> (results: [Value], saved: Saved) {
    let sizes = Sizes(operands)
    let (batch, time, size) = (sizes.batch, sizes.time, sizes.hidden)
    let type = Scalar.scalarType
    let input = timeMajor(operands.input)
    let isGRU = kind == .gru
    var bias = operands.biasInput
    if !isGRU, let first = bias, let second = operands.biasHidden {
      bias = Compute.binary(.add, first, second)
    }
    let gates = Compute.matrixProduct(
      input.viewed(as: [time * batch, sizes.input]), operands.weightInput.transposedView,
      bias: bias.map { Compute.contiguous($0) })
    let states = Value(type, [time + 1, batch, size])
    let cells = kind == .lstm ? Value(type, [time + 1, batch, size]) : nil
    let candidates = isGRU ? Value(type, [time, batch, size]) : nil
    let first = isReverse ? time : 0
    Compute.copy(operands.hidden, to: slot(states, first))
    if let cells { Compute.copy(operands.cell!, to: slot(cells, first)) }

    let table = Scalar.kernels
    let weight = PackedWeight<Scalar>(
      operands.weightHidden.transposedView, isPacked: time > 1 && batch > 0)
    let gatesStart = gates.pointer(Scalar.self)
    let statesStart = states.pointer(Scalar.self)
    let cellsStart = cells?.pointer(Scalar.self)
    let candidatesStart = candidates?.pointer(Scalar.self)
    let hiddenBias = isGRU ? operands.biasHidden.map { Compute.contiguous($0) } : nil
    let hiddenBiasStart = hiddenBias.map {
      UnsafePointer($0.pointer(Scalar.self))
    }
    let steps = order(time)
    forEachPartOfBatch(
      sizes.batch, work: sizes.time * sizes.gates * sizes.hidden
    ) { rows in
      let count = rows.count
      let scratch = isGRU ? Value(type, [Swift.max(count, 1), sizes.gates]) : nil
      for t in steps {
        let at = (t * batch + rows.lowerBound)
        let before = statesStart + (slotBefore(t) * batch + rows.lowerBound) * size
        let after = statesStart + (slotAfter(t) * batch + rows.lowerBound) * size
        let stepGates = gatesStart + at * sizes.gates
        let target = scratch?.pointer(Scalar.self) ?? stepGates
        table.matrixProduct(
          weight.product(
            rows: count, UnsafePointer(before), into: target, accumulate: !isGRU,
            bias: hiddenBiasStart))
        table.recurrentStep(
          kind,
          RecurrentStep(
            rows: count, size: size, gates: stepGates, hiddenGates: scratch?.pointer(Scalar.self),
            candidate: candidatesStart.map { $0 + at * size }, previousHidden: before,
            hidden: after,
            previousCell: cellsStart.map { $0 + (slotBefore(t) * batch + rows.lowerBound) * size },
            cell: cellsStart.map { $0 + (slotAfter(t) * batch + rows.lowerBound) * size }))
        guard let lengths else { continue }
        for row in rows where t >= lengths[row] {
          let offset = (row - rows.lowerBound) * size
          (after + offset).update(from: before + offset, count: size)
          if let cellsStart {
            (cellsStart + (slotAfter(t) * batch + row) * size)
              .update(from: cellsStart + (slotBefore(t) * batch + row) * size, count: size)
          }
        }
      }
    }
    withExtendedLifetime((weight, hiddenBias)) {}
    let last = isReverse ? 0 : time
    var results = [output(states, sizes), slot(states, last)]
    if let cells { results.append(slot(cells, last)) }
    return (
      results,
      Saved(input: input, gates: gates, candidates: candidates, states: states, cells: cells)
    )
  }

  /// One step of `[time + 1, batch, hidden]`.
  private func slot(_ states: Value, _ index: Int) -> Value {
    let (batch, size) = (states.shape[1], states.shape[2])
    let shape: Shape = [batch, size]
    return Value(viewing: states, shape, shape.contiguousStrides, offset: index * batch * size)
  }

  /// `[batch, time, hidden]`: a view of the states where all sequences are whole.
  private func output(_ states: Value, _ sizes: Sizes) -> Value {
    let (batch, time, size) = (sizes.batch, sizes.time, sizes.hidden)
    let strides: Strides = [size, batch * size, 1, 0, 0, 0, 0, 0]
    let view = Value(
      viewing: states, [batch, time, size], strides, offset: isReverse ? 0 : batch * size)
    guard let lengths, lengths.contains(where: { $0 < time }) else { return view }
    return Autograd.permuted(timeMajor(view), [1, 0, 2])
  }

  // MARK: Backward

  private func backward<Scalar: FloatingPointScalar>(
    _: Scalar.Type, _ operands: Operands, _ saved: Saved, _ outputGradient: Value?,
    _ hiddenGradient: Value?, _ cellGradient: Value?, _ isInputNeeded: Bool
  ) -> [Value?] {
    let sizes = Sizes(operands)
    let (batch, time, size) = (sizes.batch, sizes.time, sizes.hidden)
    let type = Scalar.scalarType
    let isGRU = kind == .gru
    let output = outputGradient.map { timeMajor($0) }
    let dGates = Value(type, [time * batch, sizes.gates])
    let dHiddenGates = isGRU ? Value(type, [time * batch, sizes.gates]) : nil
    // Gradients of the state behind and before a step, which change places.
    let carried = [
      hiddenGradient.map { Compute.copy($0) } ?? Compute.filled(type, [batch, size], 0),
      Value(type, [batch, size]),
    ]
    let dCell = saved.cells.map { _ in
      cellGradient.map { Compute.copy($0) } ?? Compute.filled(type, [batch, size], 0)
    }
    let table = Scalar.kernels
    let weight = PackedWeight<Scalar>(
      Compute.contiguous(operands.weightHidden), isPacked: time > 1 && batch > 0)
    let gates = saved.gates.pointer(Scalar.self)
    let states = saved.states.pointer(Scalar.self)
    let cells = saved.cells?.pointer(Scalar.self)
    let candidates = saved.candidates?.pointer(Scalar.self)
    let dOutput = output?.pointer(Scalar.self)
    let dGatesStart = dGates.pointer(Scalar.self)
    let dHiddenGatesStart = dHiddenGates?.pointer(Scalar.self)
    let dCellStart = dCell?.pointer(Scalar.self)
    let carriedStart = carried.map { $0.pointer(Scalar.self) }
    let steps = Array(order(time).reversed())
    forEachPartOfBatch(
      sizes.batch, work: sizes.time * sizes.gates * sizes.hidden
    ) { rows in
      for (position, t) in steps.enumerated() {
        let behind = carriedStart[position & 1]
        let before = carriedStart[(position + 1) & 1]
        let runs = activeRuns(rows, t)
        let isWhole = runs.count == 1 && runs[0] == rows
        if !isWhole {
          clear(rows, t, sizes, dGatesStart, dHiddenGatesStart, behind, before)
        }
        for run in runs {
          let at = t * batch + run.lowerBound
          let stateBefore = (slotBefore(t) * batch + run.lowerBound) * size
          let stateAfter = (slotAfter(t) * batch + run.lowerBound) * size
          let step = RecurrentStep(
            rows: run.count, size: size, gates: gates + at * sizes.gates,
            candidate: candidates.map { $0 + at * size }, previousHidden: states + stateBefore,
            hidden: states + stateAfter, previousCell: cells.map { $0 + stateBefore },
            cell: cells.map { $0 + stateAfter })
          table.recurrentStepGradient(
            kind,
            RecurrentStepGradient(
              step: step, hidden: behind + run.lowerBound * size,
              output: dOutput.map { $0 + at * size },
              cell: dCellStart.map { $0 + run.lowerBound * size },
              gates: dGatesStart + at * sizes.gates,
              hiddenGates: dHiddenGatesStart.map { $0 + at * sizes.gates },
              previousHidden: isGRU ? before + run.lowerBound * size : nil))
        }
        let stepGates =
          (dHiddenGatesStart ?? dGatesStart) + (t * batch + rows.lowerBound) * sizes.gates
        table.matrixProduct(
          weight.product(
            rows: rows.count, UnsafePointer(stepGates), into: before + rows.lowerBound * size,
            accumulate: isGRU || !isWhole, bias: nil))
      }
    }
    withExtendedLifetime((weight, saved.gates, output)) {}
    let last = carried[time & 1]
    let hiddenSide = dHiddenGates ?? dGates
    let previous = Value(
      viewing: saved.states, [time * batch, size], Shape([time * batch, size]).contiguousStrides,
      offset: isReverse ? batch * size : 0)
    let flatInput = saved.input.viewed(as: [time * batch, sizes.input])
    var dInput: Value?
    if isInputNeeded {
      let product = Compute.matrixProduct(dGates, operands.weightInput)
      dInput = Autograd.permuted(product.viewed(as: [time, batch, sizes.input]), [1, 0, 2])
    }
    let dBias = Compute.reduce(.sum, dGates, axis: 0)
    return [
      dInput, last, dCell,
      Compute.matrixProduct(dGates.transposedView, flatInput),
      Compute.matrixProduct(hiddenSide.transposedView, previous),
      operands.biasInput == nil ? nil : dBias,
      operands.biasHidden == nil
        ? nil : isGRU ? Compute.reduce(.sum, hiddenSide, axis: 0) : dBias,
    ]
  }

  /// Prepares a step at which some rows have ended: their gates get no gradient, and their
  /// state's gradient passes; that of the others is to be added to.
  private func clear<Scalar: FloatingPointScalar>(
    _ rows: Range<Int>, _ t: Int, _ sizes: Sizes, _ dGates: UnsafeMutablePointer<Scalar>,
    _ dHiddenGates: UnsafeMutablePointer<Scalar>?, _ behind: UnsafeMutablePointer<Scalar>,
    _ before: UnsafeMutablePointer<Scalar>
  ) {
    let size = sizes.hidden
    for row in rows {
      if isActive(row, t) {
        (before + row * size).update(repeating: 0, count: size)
      } else {
        let at = (t * sizes.batch + row) * sizes.gates
        (dGates + at).update(repeating: 0, count: sizes.gates)
        if let dHiddenGates {
          (dHiddenGates + at).update(repeating: 0, count: sizes.gates)
        }
        (before + row * size).update(from: behind + row * size, count: size)
      }
    }
  }
}
