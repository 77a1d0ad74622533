import Autograd
import Kernels

extension FusedDecoder {
  /// The gradients that arrive; nil is zero.
  struct Incoming {
    var output: Value?
    var context: Value?
    var weights: Value?
    var hidden: Value?
    var cell: Value?
  }

  /// Gradients of all operands, in the order of `Operands`.
  func backward(_ operands: Operands, _ saved: Saved, _ incoming: Incoming) -> [Value?] {
    switch operands.input.type {
    case .float: backward(Float.self, operands, saved, incoming)
    case .double: backward(Double.self, operands, saved, incoming)
    default: trap("a decoder needs an input of Float or Double")
    }
  }

  private func backward<Scalar: FloatingPointScalar>(
    _: Scalar.Type, _ operands: Operands, _ saved: Saved, _ incoming: Incoming
  ) -> [Value?] {
    let sizes = Sizes(operands)
    let pass = BackwardSteps<Scalar>(self, operands, saved, incoming, sizes)
    forEachPartOfBatch(sizes.batch, work: 2 * sizes.work) { rows in
      let scratch = Value(Scalar.scalarType, [2, rows.count, sizes.keys])
      for t in (0..<sizes.time).reversed() {
        pass.retreat(rows, t)
        pass.attend(rows, t, scratch.pointer())
      }
      pass.collectValues(rows)
    }
    return pass.gradients(operands)
  }
}

/// The steps from the last to the first for some rows of the batch, and what they leave.
private struct BackwardSteps<Scalar: FloatingPointScalar>: @unchecked Sendable {
  // Unchecked: threads work on rows of their own.
  let kind: RecurrentCellKind
  let sizes: FusedDecoder.Sizes
  let saved: FusedDecoder.Saved
  let keys: Value
  let values: Value
  let v: Value
  let queryWeight: PackedWeight<Scalar>
  let contextWeight: PackedWeight<Scalar>
  let hiddenWeight: PackedWeight<Scalar>
  let table = Scalar.kernels

  let dOutput: Value?
  let dWeights: Value?
  /// Whether `dContexts` begins with what arrived.
  let hasContext: Bool
  let dContexts: Value
  let dGates: Value
  let dHiddenGates: Value?
  let dQueries: Value
  let dKeys: Value
  let dValues: Value
  /// `[batch, size]`, summed at the end.
  let dV: Value
  let dCell: Value?
  /// Gradients of the state behind and before a step, which change places.
  let carried: [Value]

  init(
    _ decoder: FusedDecoder, _ operands: FusedDecoder.Operands, _ saved: FusedDecoder.Saved,
    _ incoming: FusedDecoder.Incoming, _ sizes: FusedDecoder.Sizes
  ) {
    kind = decoder.kind
    self.sizes = sizes
    self.saved = saved
    keys = Compute.contiguous(operands.keys)
    values = Compute.contiguous(operands.values)
    v = Compute.contiguous(operands.v)
    let isPacked = sizes.time > 1 && sizes.batch > 0
    queryWeight = PackedWeight(operands.queryWeight, isPacked: isPacked)
    contextWeight = PackedWeight(
      decoder.columns(operands.weightInput, sizes.input..<(sizes.input + sizes.value)),
      isPacked: isPacked)
    hiddenWeight = PackedWeight(operands.weightHidden, isPacked: isPacked)

    func timeMajor(_ x: Value) -> Value { permuted(x.detached, [1, 0, 2]) }
    let type = Scalar.scalarType
    let (batch, time) = (sizes.batch, sizes.time)
    dOutput = incoming.output.map { Compute.contiguous(timeMajor($0)) }
    dWeights = incoming.weights.map { Compute.contiguous(timeMajor($0)) }
    hasContext = incoming.context != nil
    // A copy of its own: the steps add to it.
    dContexts =
      incoming.context.map { Compute.copy(timeMajor($0)) } ?? Value(type, saved.contexts.shape)
    dGates = Value(type, [time * batch, sizes.gates])
    dHiddenGates = kind == .gru ? Value(type, [time * batch, sizes.gates]) : nil
    dQueries = Value(type, [time * batch, sizes.score])
    dKeys = Compute.zeros(like: keys)
    dValues = Value(type, values.shape)
    dV = Compute.filled(type, [batch, sizes.score], 0)
    func state(_ x: Value?) -> Value {
      x.map { Compute.copy($0) } ?? Compute.filled(type, [batch, sizes.hidden], 0)
    }
    dCell = kind == .lstm ? state(incoming.cell) : nil
    carried = [state(incoming.hidden), Value(type, [batch, sizes.hidden])]
  }

  private func behind(_ t: Int) -> UnsafeMutablePointer<Scalar> {
    carried[(sizes.time - 1 - t) & 1].pointer(Scalar.self)
  }

  private func before(_ t: Int) -> UnsafeMutablePointer<Scalar> {
    carried[(sizes.time - t) & 1].pointer(Scalar.self)
  }

  /// From the state behind a step to its gates, the state before, and the context.
  func retreat(_ rows: Range<Int>, _ t: Int) {
    let first = t * sizes.batch + rows.lowerBound
    let next = first + sizes.batch
    let size = sizes.hidden
    let own = rows.lowerBound * size
    let states = saved.states.pointer(Scalar.self)
    let cells = saved.cells?.pointer(Scalar.self)
    let gates = dGates.pointer(Scalar.self) + first * sizes.gates
    let hiddenGates = dHiddenGates.map { $0.pointer(Scalar.self) + first * sizes.gates }
    let step = RecurrentStep(
      rows: rows.count, size: size,
      gates: saved.gates.pointer(Scalar.self) + first * sizes.gates,
      candidate: saved.candidates.map { $0.pointer(Scalar.self) + first * size },
      previousHidden: states + first * size, hidden: states + next * size,
      previousCell: cells.map { $0 + first * size }, cell: cells.map { $0 + next * size })
    table.recurrentStepGradient(
      kind,
      RecurrentStepGradient(
        step: step, hidden: behind(t) + own,
        output: dOutput.map { $0.pointer(Scalar.self) + first * size },
        cell: dCell.map { $0.pointer(Scalar.self) + own }, gates: gates, hiddenGates: hiddenGates,
        previousHidden: kind == .gru ? before(t) + own : nil))
    table.matrixProduct(
      hiddenWeight.product(
        rows: rows.count, UnsafePointer(hiddenGates ?? gates), into: before(t) + own,
        accumulate: kind == .gru, bias: nil))
    table.matrixProduct(
      contextWeight.product(
        rows: rows.count, UnsafePointer(gates),
        into: dContexts.pointer(Scalar.self) + first * sizes.value, accumulate: hasContext,
        bias: nil))
  }

  /// From the context to weights, scores, keys, the query, and the state before.
  ///
  /// - Parameter scratch: `[2, rows, keys]`: gradients of weights and of scores.
  func attend(_ rows: Range<Int>, _ t: Int, _ scratch: UnsafeMutablePointer<Scalar>) {
    let first = t * sizes.batch + rows.lowerBound
    let (count, keyCount) = (rows.count, sizes.keys)
    let scores = scratch + count * keyCount
    let contexts = dContexts.pointer(Scalar.self) + first * sizes.value
    for (index, row) in rows.enumerated() {
      table.rowProducts(
        values.pointer(Scalar.self) + row * keyCount * sizes.value,
        contexts + index * sizes.value, scratch + index * keyCount, keyCount, sizes.value)
    }
    if let dWeights {
      table.addScaled(
        dWeights.pointer(Scalar.self) + first * keyCount, 1, scratch, count * keyCount)
    }
    table.softmaxGradient(
      scratch, saved.weights.pointer(Scalar.self) + first * keyCount, scores,
      Extents(outer: count, axis: keyCount, inner: 1), false)
    let queries = dQueries.pointer(Scalar.self) + first * sizes.score
    for (index, row) in rows.enumerated() {
      let sentence = row * keyCount * sizes.score
      table.additiveScoresGradient(
        scores + index * keyCount,
        saved.queries.pointer(Scalar.self) + (first + index) * sizes.score,
        keys.pointer(Scalar.self) + sentence, v.pointer(Scalar.self),
        queries + index * sizes.score, dKeys.pointer(Scalar.self) + sentence,
        dV.pointer(Scalar.self) + row * sizes.score, 1, keyCount, sizes.score)
    }
    table.matrixProduct(
      queryWeight.product(
        rows: count, UnsafePointer(queries), into: before(t) + rows.lowerBound * sizes.hidden,
        accumulate: true, bias: nil))
  }

  /// The values' gradients: one product over the steps for each sentence.
  func collectValues(_ rows: Range<Int>) {
    let (keyCount, size) = (sizes.keys, sizes.value)
    for row in rows {
      table.matrixProduct(
        MatrixProduct(
          m: keyCount, n: size, k: sizes.time,
          a: UnsafePointer(saved.weights.pointer(Scalar.self) + row * keyCount), aRow: 1,
          aColumn: sizes.batch * keyCount,
          b: UnsafePointer(dContexts.pointer(Scalar.self) + row * size), bRow: sizes.batch * size,
          bColumn: 1, c: dValues.pointer(Scalar.self) + row * keyCount * size, cRow: size))
    }
  }

  /// What the steps have left, with the weights' gradients, each one product.
  func gradients(_ operands: FusedDecoder.Operands) -> [Value?] {
    let rows = sizes.time * sizes.batch
    let hiddenSide = dHiddenGates ?? dGates
    let previous = Value(
      viewing: saved.states, [rows, sizes.hidden],
      Shape([rows, sizes.hidden]).contiguousStrides)
    let inputWeight = Value(
      viewing: operands.weightInput, [sizes.gates, sizes.input], operands.weightInput.strides)
    let dInput = Compute.matrixProduct(dGates, inputWeight)
    let dBias = Compute.reduce(.sum, dGates, axis: 0)
    return [
      permuted(dInput.viewed(as: [sizes.time, sizes.batch, sizes.input]), [1, 0, 2]),
      carried[sizes.time & 1], dCell, dKeys, dValues,
      Compute.matrixProduct(dQueries.transposedView, previous),
      Compute.reduce(.sum, dV, axis: 0), weightInputGradient(rows),
      Compute.matrixProduct(hiddenSide.transposedView, previous),
      operands.biasInput == nil ? nil : dBias,
      operands.biasHidden == nil
        ? nil : kind == .gru ? Compute.reduce(.sum, hiddenSide, axis: 0) : dBias,
    ]
  }

  /// Two products beside each other: the columns of the inputs and those of the contexts.
  private func weightInputGradient(_ rows: Int) -> Value {
    let width = sizes.input + sizes.value
    let result = Value(Scalar.scalarType, [sizes.gates, width])
    func multiply(_ x: Value, _ size: Int, at column: Int) {
      MatrixProduct<Scalar>(
        m: sizes.gates, n: size, k: rows,
        a: UnsafePointer(dGates.pointer(Scalar.self)), aRow: 1, aColumn: sizes.gates,
        b: UnsafePointer(x.pointer(Scalar.self)), bRow: size, bColumn: 1,
        c: result.pointer(Scalar.self) + column, cRow: width
      )
      .parallel(using: table.matrixProduct)
    }
    multiply(saved.input, sizes.input, at: 0)
    multiply(saved.contexts, sizes.value, at: sizes.input)
    return result
  }
}
