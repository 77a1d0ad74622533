import Kernels

extension FusedDecoder {
  /// The gradients that arrive; nil is zero.
  struct Incoming {
    var output: UntypedTensor?
    var context: UntypedTensor?
    var weights: UntypedTensor?
    var hidden: UntypedTensor?
    var cell: UntypedTensor?
  }

  /// Gradients of all operands, in the order of `Operands`; nil where none is needed.
  ///
  /// - Parameter usesUp: whether this is the last that is done with what was saved, so that
  ///   gradients may take its place.
  func backward(
    _ operands: Operands, _ saved: Saved, _ incoming: Incoming, needed: [Bool], usesUp: Bool
  ) -> [UntypedTensor?] {
    operands.input.type.floatingPoint(
      "a decoder", backward(Float.self, operands, saved, incoming, needed, usesUp),
      backward(Double.self, operands, saved, incoming, needed, usesUp))
  }

  private func backward<Scalar: FloatingPointScalar>(
    _: Scalar.Type, _ operands: Operands, _ saved: Saved, _ incoming: Incoming, _ needed: [Bool],
    _ usesUp: Bool
  ) -> [UntypedTensor?] {
    let sizes = Sizes(operands)
    let stretches = StepStretches(time: sizes.time, batch: sizes.batch, width: sizes.gates)
    let pass = BackwardSteps<Scalar>(self, operands, saved, incoming, sizes, stretches, usesUp)
    var sums = DecoderSums<Scalar>(kind, operands, sizes, stretches, pass, needed)
    for stretch in stretches.reversed() {
      let gradients = pass.gradients(incoming, stretch)
      let parts = sizes.parts(stretch)
      let inputs = sums.inputProducts(gradients)
      parts.forEach { rows in
        for t in stretch.reversed() {
          pass.retreat(rows, t, gradients)
          pass.attend(rows, t, gradients)
        }
        pass.collectValues(rows, stretch, isFirst: stretch == stretches.last)
        if parts.isDivided { inputs?.run(rows) }
      }
      if !parts.isDivided { inputs?.run() }
      sums.add(gradients, pass)
    }
    withExtendedLifetime(pass) {}
    return [
      sums.input, pass.carried[sizes.time & 1], pass.dCell, pass.dKeys, pass.dValues,
      sums.queryWeight, Compute.reduce(.sum, pass.dV, axis: 0),
    ] + sums.weights
  }
}

/// The steps from the last to the first for some rows of the batch, and what they leave.
private struct BackwardSteps<Scalar: FloatingPointScalar>: ~Copyable, @unchecked Sendable {
  // Unchecked: threads work on rows of their own.
  let kind: RecurrentCellKind
  let sizes: FusedDecoder.Sizes
  let widths: GateWidths
  let saved: FusedDecoder.Saved
  let keys: UntypedTensor
  let values: UntypedTensor
  let v: UntypedTensor
  let queryWeight: PackedWeight<Scalar>
  let contextWeight: InputSideWeight<Scalar>
  let hiddenWeight: PackedWeight<Scalar>
  let table = Scalar.kernels

  /// Whether gradients may take the place of what was saved.
  let usesUp: Bool
  /// Of the steps of one stretch.
  let dContexts: UntypedTensor
  /// GRU: `GateGradients.last` of one stretch.
  let dLastGates: UntypedTensor?
  let dKeys: UntypedTensor
  let dValues: UntypedTensor
  /// `[batch, size]`, summed at the end.
  let dV: UntypedTensor
  let dCell: UntypedTensor?
  /// Gradients of the state after and before a step, which change places.
  let carried: [UntypedTensor]
  /// What arrives at the outputs of a step, `[batch, hidden]`.
  let dOutput: UntypedTensor
  /// Gradients of the weights and of the scores of a step, `[2, rows, keys]` for each part.
  let dScores: UntypedTensor

  /// The gradients at the steps of a stretch, time-major.
  struct Gradients {
    let stretch: Range<Int>
    let output: RowsOfSteps<Scalar>?
    let context: RowsOfSteps<Scalar>?
    let weights: UntypedTensor?
    /// At first the gates' values themselves, as the queries in `queries`.
    let gates: GateGradients<Scalar>
    /// Where those are.
    let memory: UntypedTensor
    let queries: UntypedTensor
  }

  init(
    _ decoder: FusedDecoder, _ operands: FusedDecoder.Operands, _ saved: FusedDecoder.Saved,
    _ incoming: FusedDecoder.Incoming, _ sizes: FusedDecoder.Sizes, _ stretches: StepStretches,
    _ usesUp: Bool
  ) {
    kind = decoder.kind
    self.sizes = sizes
    self.saved = saved
    self.usesUp = usesUp
    keys = Compute.contiguous(operands.keys)
    values = FusedDecoder.rowsInPlace(operands.values)
    v = Compute.contiguous(operands.v)
    let isPacked = sizes.time > 1 && sizes.batch > 0
    queryWeight = PackedWeight(operands.queryWeight, isPacked: isPacked, rows: sizes.batch)
    contextWeight = InputSideWeight(
      decoder.columns(operands.weights.input, sizes.input..<(sizes.input + sizes.value)),
      decoder.kind, isPacked: isPacked, rows: sizes.batch)
    hiddenWeight = PackedWeight(operands.weights.hidden, isPacked: isPacked, rows: sizes.batch)

    let type = Scalar.scalarType
    let batch = sizes.batch
    dContexts = UntypedTensor(type, [stretches.longest, batch, sizes.value])
    widths = GateWidths(decoder.kind, gates: sizes.gates)
    dLastGates =
      widths.last > 0 ? UntypedTensor(type, [stretches.longest * batch, widths.last]) : nil
    dKeys = Compute.zeros(like: keys)
    dValues = Self.room(for: values)
    dV = Compute.filled(type, [batch, sizes.score], 0)
    func state(_ x: UntypedTensor?) -> UntypedTensor {
      x.map { Compute.copy($0) } ?? Compute.filled(type, [batch, sizes.hidden], 0)
    }
    dCell = kind == .lstm ? state(incoming.cell) : nil
    carried = [state(incoming.hidden), UntypedTensor(type, [batch, sizes.hidden])]
    dOutput = UntypedTensor(type, [batch, sizes.hidden])
    dScores = UntypedTensor(type, [2, batch, sizes.keys])
  }

  /// Memory for the gradient of `[batch, keys, size]`, in the order in which that lies in memory:
  /// who gets it needs it so.
  private static func room(for x: UntypedTensor) -> UntypedTensor {
    if x.stride(0) >= x.stride(1) { return UntypedTensor(x.type, x.shape) }
    return UntypedTensor(x.type, [x.shape[1], x.shape[0], x.shape[2]]).timeMajor(0..<x.shape[0])
  }

  /// What arrives at a stretch, and room for what its steps leave.
  func gradients(_ incoming: FusedDecoder.Incoming, _ stretch: Range<Int>) -> Gradients {
    let gates = rows(of: saved.gates, stretch, sizes.gates)
    return Gradients(
      stretch: stretch, output: incoming.output.map { RowsOfSteps($0.timeMajor(stretch)) },
      context: incoming.context.map { RowsOfSteps($0.timeMajor(stretch)) },
      weights: incoming.weights.map { Compute.contiguous($0.timeMajor(stretch)) },
      gates: GateGradients(widths: widths, hidden: gates.pointer(), last: dLastGates?.pointer()),
      memory: gates,
      queries: rows(of: saved.queries, stretch, sizes.score))
  }

  /// What was saved of the steps of a stretch, `[rows, size]`, to be replaced by its gradient.
  private func rows(of saved: UntypedTensor, _ stretch: Range<Int>, _ size: Int) -> UntypedTensor {
    let shape = Shape(stretch.count * sizes.batch, size)
    let rows = UntypedTensor(
      viewing: saved, shape, shape.contiguousStrides,
      offset: stretch.lowerBound * sizes.batch * size)
    return usesUp ? rows : Compute.copy(rows)
  }

  private func after(_ t: Int) -> UnsafeMutablePointer<Scalar> {
    carried[(sizes.time - 1 - t) & 1].pointer(Scalar.self)
  }

  private func before(_ t: Int) -> UnsafeMutablePointer<Scalar> {
    carried[(sizes.time - t) & 1].pointer(Scalar.self)
  }

  /// From the state after a step to its gates, the state before, and the context.
  func retreat(_ rows: Range<Int>, _ t: Int, _ gradients: Gradients) {
    let first = t * sizes.batch + rows.lowerBound
    let next = first + sizes.batch
    let index = t - gradients.stretch.lowerBound
    let row = index * sizes.batch + rows.lowerBound
    let size = sizes.hidden
    let own = rows.lowerBound * size
    let states = saved.states.pointer(Scalar.self)
    let cells = saved.cells?.pointer(Scalar.self)
    let gates = gradients.gates.hidden(row)
    let step = RecurrentStep(
      rows: rows.count, size: size, gates: gates,
      previousHidden: states + first * size, hidden: states + next * size,
      previousCell: cells.map { $0 + first * size }, cell: cells.map { $0 + next * size },
      squashed: cells.map { $0 + ((sizes.time + 1) * sizes.batch + first) * size })
    let gradient = RecurrentStepGradient(
      step: step, hidden: after(t) + own, previousHidden: before(t) + own,
      output: gradients.output?.copy(rows, ofStep: index, to: dOutput.pointer() + own),
      cell: dCell.map { $0.pointer(Scalar.self) + own },
      hiddenGates: gates, lastGates: gradients.gates.last(row))
    table.recurrentStepGradients(
      kind,
      RecurrentStepGradients(
        count: 1, gradient: gradient,
        product: hiddenWeight.product(
          rows: rows.count, UnsafePointer(gates), into: before(t) + own,
          accumulate: kind == .gru, bias: nil),
        strides: RecurrentStrides()))
    let contexts = dContexts.pointer(Scalar.self) + row * sizes.value
    let arrived = gradients.context?.copy(rows, ofStep: index, to: contexts)
    let products = contextWeight.products(
      gradients.gates, row: row, rows: rows.count, into: contexts, accumulate: arrived != nil)
    table.matrixProduct(products.0)
    if let second = products.1 { table.matrixProduct(second) }
  }

  /// From the context to weights, scores, keys, the query, and the state before.
  func attend(_ rows: Range<Int>, _ t: Int, _ gradients: Gradients) {
    let first = t * sizes.batch + rows.lowerBound
    let row = first - gradients.stretch.lowerBound * sizes.batch
    let (count, keyCount) = (rows.count, sizes.keys)
    let weights = dScores.pointer(Scalar.self) + 2 * rows.lowerBound * keyCount
    let scores = weights + count * keyCount
    let contexts = dContexts.pointer(Scalar.self) + row * sizes.value
    for (index, row) in rows.enumerated() {
      table.rowProducts(
        values.pointer(Scalar.self) + row * values.stride(0), row: values.stride(1),
        contexts + index * sizes.value, to: weights + index * keyCount, rows: keyCount,
        count: sizes.value)
    }
    if let arrived = gradients.weights {
      table.addScaled(
        arrived.pointer(Scalar.self) + row * keyCount, by: 1, to: weights, count: count * keyCount)
    }
    table.softmaxGradient(
      weights, of: saved.weights.pointer(Scalar.self) + first * keyCount, to: scores,
      Extents(outer: count, axis: keyCount, inner: 1), logarithm: false)
    let queries = gradients.queries.pointer(Scalar.self) + row * sizes.score
    for (index, row) in rows.enumerated() {
      let query = queries + index * sizes.score
      let sentence = row * keyCount * sizes.score
      table.additiveScoresGradient(
        scores + index * keyCount, queries: query, keys: keys.pointer(Scalar.self) + sentence,
        v: v.pointer(Scalar.self), toQueries: query, toKeys: dKeys.pointer(Scalar.self) + sentence,
        toV: dV.pointer(Scalar.self) + row * sizes.score, queryCount: 1, keyCount: keyCount,
        size: sizes.score)
    }
    table.matrixProduct(
      queryWeight.product(
        rows: count, UnsafePointer(queries), into: before(t) + rows.lowerBound * sizes.hidden,
        accumulate: true, bias: nil))
  }

  /// The values' gradients: one product over the steps of a stretch for each sentence.
  func collectValues(_ rows: Range<Int>, _ stretch: Range<Int>, isFirst: Bool) {
    let (keyCount, size) = (sizes.keys, sizes.value)
    let weights = saved.weights.pointer(Scalar.self) + stretch.lowerBound * sizes.batch * keyCount
    for row in rows {
      table.matrixProduct(
        MatrixProduct(
          m: keyCount, n: size, k: stretch.count,
          a: UnsafePointer(weights + row * keyCount), aRow: 1, aColumn: sizes.batch * keyCount,
          b: UnsafePointer(dContexts.pointer(Scalar.self) + row * size), bRow: sizes.batch * size,
          bColumn: 1, c: dValues.pointer(Scalar.self) + row * dValues.stride(0),
          cRow: dValues.stride(1), accumulate: !isFirst))
    }
  }
}

/// Gradients that arrive at steps, `[steps, batch, size]`, their rows anywhere in memory. A thread
/// copies what it needs when it comes to a step: all of them at once would be one more pass over
/// memory, and as much memory once more.
private struct RowsOfSteps<Scalar: FloatingPointScalar> {
  private let value: UntypedTensor

  init(_ value: UntypedTensor) {
    self.value = FusedDecoder.rowsInPlace(value)
  }

  /// Copies rows of one step, and returns where to.
  func copy(
    _ rows: Range<Int>, ofStep step: Int, to target: UnsafeMutablePointer<Scalar>
  ) -> UnsafeMutablePointer<Scalar> {
    let size = value.shape[2]
    let first = value.pointer(Scalar.self) + step * value.stride(0)
    for (index, row) in rows.enumerated() {
      (target + index * size).update(from: first + row * value.stride(1), count: size)
    }
    return target
  }
}

/// What all rows contribute to: the gradients of weights, biases and the input, grown stretch by
/// stretch.
private struct DecoderSums<Scalar: FloatingPointScalar>: ~Copyable {
  let sizes: FusedDecoder.Sizes
  let operands: FusedDecoder.Operands
  private let inputWeight: InputSideWeight<Scalar>?
  /// `[time, batch, in]`
  private let dInput: UntypedTensor?
  let queryWeight: UntypedTensor?
  private let dWeightInput: UntypedTensor?
  private let dWeightHidden: UntypedTensor?
  private var dBias: BiasSums<Scalar>
  private var isFirst = true

  init(
    _ kind: RecurrentCellKind, _ operands: FusedDecoder.Operands, _ sizes: FusedDecoder.Sizes,
    _ stretches: StepStretches, _ pass: borrowing BackwardSteps<Scalar>, _ needed: [Bool]
  ) {
    self.sizes = sizes
    self.operands = operands
    let type = Scalar.scalarType
    func sum(_ isNeeded: Bool, _ weight: UntypedTensor) -> UntypedTensor? {
      isNeeded ? WeightSum<Scalar>.memory(weight.shape, isEmpty: stretches.isEmpty) : nil
    }
    let columns = UntypedTensor(
      viewing: operands.weights.input, [sizes.gates, sizes.input], operands.weights.input.strides)
    inputWeight =
      needed[0]
      ? InputSideWeight(
        columns, kind, isPacked: sizes.packsInputWeight(stretches), rows: sizes.batch) : nil
    dInput = needed[0] ? UntypedTensor(type, [sizes.time, sizes.batch, sizes.input]) : nil
    queryWeight = sum(needed[5], operands.queryWeight)
    dWeightInput = sum(needed[7], operands.weights.input)
    dWeightHidden = sum(needed[8], operands.weights.hidden)
    dBias = BiasSums(
      pass.widths, input: needed[9], hidden: needed[10], isEmpty: stretches.isEmpty)
  }

  /// What a stretch contributes.
  mutating func add(
    _ gradients: BackwardSteps<Scalar>.Gradients, _ pass: borrowing BackwardSteps<Scalar>
  ) {
    let (stretch, gates) = (gradients.stretch, gradients.gates)
    let first = stretch.lowerBound * sizes.batch
    func rows(
      _ x: UnsafeMutablePointer<Scalar>, _ size: Int, column: Int = 0
    ) -> WeightSum<Scalar>.Rows {
      .init(
        count: stretch.count * sizes.batch, x: x, size: size, column: column, isFirst: isFirst)
    }
    let states = rows(
      pass.saved.states.pointer(Scalar.self) + first * sizes.hidden, sizes.hidden)
    if let queryWeight {
      WeightSum<Scalar>(queryWeight).add(gradients.queries.pointer(), sizes.score, states)
    }
    if let dWeightInput {
      let sum = WeightSum<Scalar>(dWeightInput)
      let input = Compute.contiguous(operands.input.timeMajor(stretch))
      sum.add(input: gates, rows(input.pointer(), sizes.input))
      withExtendedLifetime(input) {}
      let contexts = pass.saved.contexts.pointer(Scalar.self) + first * sizes.value
      sum.add(input: gates, rows(contexts, sizes.value, column: sizes.input))
    }
    if let dWeightHidden {
      WeightSum<Scalar>(dWeightHidden).add(gates.hidden, sizes.gates, states)
    }
    dBias.add(gates, rows: stretch.count * sizes.batch)
    withExtendedLifetime(gradients) {}
    isFirst = false
  }

  /// What a stretch leaves of the input's gradient; nil where none is needed.
  func inputProducts(_ gradients: BackwardSteps<Scalar>.Gradients) -> InputProducts<Scalar>? {
    switch inputWeight {
    case .some(let weight):
      InputProducts(weight, gradients.gates, gradients.stretch, into: dInput!)
    case .none: nil
    }
  }

  /// `[batch, time, in]`
  var input: UntypedTensor? { dInput.map { permuted($0, [1, 0, 2]) } }

  /// Those of the cell's weights and biases.
  var weights: [UntypedTensor?] { [dWeightInput, dWeightHidden, dBias.input, dBias.hidden] }
}
