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

  /// Gradients of all operands, in the order of `Operands`; nil where none is needed.
  func backward(
    _ operands: Operands, _ saved: Saved, _ incoming: Incoming, needed: [Bool]
  ) -> [Value?] {
    switch operands.input.type {
    case .float: backward(Float.self, operands, saved, incoming, needed)
    case .double: backward(Double.self, operands, saved, incoming, needed)
    default: trap("a decoder needs an input of Float or Double")
    }
  }

  private func backward<Scalar: FloatingPointScalar>(
    _: Scalar.Type, _ operands: Operands, _ saved: Saved, _ incoming: Incoming, _ needed: [Bool]
  ) -> [Value?] {
    let sizes = Sizes(operands)
    let stretches = StepStretches(time: sizes.time, batch: sizes.batch, width: sizes.gates)
    let pass = BackwardSteps<Scalar>(self, operands, saved, incoming, sizes, stretches)
    var sums = DecoderSums<Scalar>(kind, operands, sizes, stretches, pass.dGates, needed)
    let scratch = Value(Scalar.scalarType, [2, sizes.batch, sizes.keys])
    for stretch in stretches.ranges.reversed() {
      let gradients = pass.gradients(incoming, stretch)
      let parts = sizes.parts(stretch)
      let inputs = sums.inputProducts(stretch, pass.dGates)
      parts.forEach { rows in
        let room = scratch.pointer(Scalar.self) + 2 * rows.lowerBound * sizes.keys
        for t in stretch.reversed() {
          pass.retreat(rows, t, gradients)
          pass.attend(rows, t, room, gradients)
        }
        pass.collectValues(rows, stretch, isFirst: stretch == stretches.ranges.last)
        if parts.isDivided { inputs?.run(rows) }
      }
      if !parts.isDivided { inputs?.run() }
      sums.add(stretch, pass)
    }
    withExtendedLifetime((pass, scratch)) {}
    return [
      sums.input, pass.carried[sizes.time & 1], pass.dCell, pass.dKeys, pass.dValues,
      sums.queryWeight, Compute.reduce(.sum, pass.dV, axis: 0),
    ] + sums.weights
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
  let contextWeight: InputSideWeight<Scalar>
  let hiddenWeight: PackedWeight<Scalar>
  let table = Scalar.kernels

  let dGates: GateGradients<Scalar>
  /// Of the steps of one stretch, as are the queries' gradients.
  let dContexts: Value
  let dQueries: Value
  let dKeys: Value
  let dValues: Value
  /// `[batch, size]`, summed at the end.
  let dV: Value
  let dCell: Value?
  /// Gradients of the state behind and before a step, which change places.
  let carried: [Value]

  /// What arrives at the steps of a stretch, time-major.
  struct Gradients {
    let stretch: Range<Int>
    let output: Value?
    /// Whether `dContexts` begins with what arrived.
    let hasContext: Bool
    let weights: Value?
  }

  init(
    _ decoder: FusedDecoder, _ operands: FusedDecoder.Operands, _ saved: FusedDecoder.Saved,
    _ incoming: FusedDecoder.Incoming, _ sizes: FusedDecoder.Sizes, _ stretches: StepStretches
  ) {
    kind = decoder.kind
    self.sizes = sizes
    self.saved = saved
    keys = Compute.contiguous(operands.keys)
    values = Compute.contiguous(operands.values)
    v = Compute.contiguous(operands.v)
    let isPacked = sizes.time > 1 && sizes.batch > 0
    queryWeight = PackedWeight(operands.queryWeight, isPacked: isPacked)
    contextWeight = InputSideWeight(
      decoder.columns(operands.weightInput, sizes.input..<(sizes.input + sizes.value)),
      decoder.kind, isPacked: isPacked)
    hiddenWeight = PackedWeight(operands.weightHidden, isPacked: isPacked)

    let type = Scalar.scalarType
    let (batch, rows) = (sizes.batch, stretches.longest * sizes.batch)
    dContexts = Value(type, [stretches.longest, batch, sizes.value])
    dGates = GateGradients(decoder.kind, rows: rows, gates: sizes.gates)
    dQueries = Value(type, [rows, sizes.score])
    dKeys = Compute.zeros(like: keys)
    dValues = Value(type, values.shape)
    dV = Compute.filled(type, [batch, sizes.score], 0)
    func state(_ x: Value?) -> Value {
      x.map { Compute.copy($0) } ?? Compute.filled(type, [batch, sizes.hidden], 0)
    }
    dCell = kind == .lstm ? state(incoming.cell) : nil
    carried = [state(incoming.hidden), Value(type, [batch, sizes.hidden])]
  }

  /// What arrives at a stretch; the contexts' gradients are copied, because the steps add to them.
  func gradients(_ incoming: FusedDecoder.Incoming, _ stretch: Range<Int>) -> Gradients {
    if let context = incoming.context {
      let target = dContexts.viewed(as: [stretch.count, sizes.batch, sizes.value])
      Compute.copy(context.timeMajor(stretch), to: target)
    }
    return Gradients(
      stretch: stretch, output: incoming.output.map { Compute.contiguous($0.timeMajor(stretch)) },
      hasContext: incoming.context != nil,
      weights: incoming.weights.map { Compute.contiguous($0.timeMajor(stretch)) })
  }

  private func behind(_ t: Int) -> UnsafeMutablePointer<Scalar> {
    carried[(sizes.time - 1 - t) & 1].pointer(Scalar.self)
  }

  private func before(_ t: Int) -> UnsafeMutablePointer<Scalar> {
    carried[(sizes.time - t) & 1].pointer(Scalar.self)
  }

  /// From the state behind a step to its gates, the state before, and the context.
  func retreat(_ rows: Range<Int>, _ t: Int, _ gradients: Gradients) {
    let first = t * sizes.batch + rows.lowerBound
    let next = first + sizes.batch
    let place = first - gradients.stretch.lowerBound * sizes.batch
    let size = sizes.hidden
    let own = rows.lowerBound * size
    let states = saved.states.pointer(Scalar.self)
    let cells = saved.cells?.pointer(Scalar.self)
    let gates = dGates.hidden(place)
    let step = RecurrentStep(
      rows: rows.count, size: size,
      gates: saved.gates.pointer(Scalar.self) + first * sizes.gates,
      previousHidden: states + first * size, hidden: states + next * size,
      previousCell: cells.map { $0 + first * size }, cell: cells.map { $0 + next * size })
    table.recurrentStepGradient(
      kind,
      RecurrentStepGradient(
        step: step, hidden: behind(t) + own,
        output: gradients.output.map { $0.pointer(Scalar.self) + place * size },
        cell: dCell.map { $0.pointer(Scalar.self) + own }, gates: dGates.last(place) ?? gates,
        hiddenGates: gates,
        previousHidden: kind == .gru ? before(t) + own : nil))
    table.matrixProduct(
      hiddenWeight.product(
        rows: rows.count, UnsafePointer(gates), into: before(t) + own,
        accumulate: kind == .gru, bias: nil))
    let products = contextWeight.products(
      dGates, row: place, rows: rows.count,
      into: dContexts.pointer(Scalar.self) + place * sizes.value,
      accumulate: gradients.hasContext)
    table.matrixProduct(products.0)
    if let second = products.1 { table.matrixProduct(second) }
  }

  /// From the context to weights, scores, keys, the query, and the state before.
  ///
  /// - Parameter scratch: `[2, rows, keys]`: gradients of weights and of scores.
  func attend(
    _ rows: Range<Int>, _ t: Int, _ scratch: UnsafeMutablePointer<Scalar>, _ gradients: Gradients
  ) {
    let first = t * sizes.batch + rows.lowerBound
    let place = first - gradients.stretch.lowerBound * sizes.batch
    let (count, keyCount) = (rows.count, sizes.keys)
    let scores = scratch + count * keyCount
    let contexts = dContexts.pointer(Scalar.self) + place * sizes.value
    for (index, row) in rows.enumerated() {
      table.rowProducts(
        values.pointer(Scalar.self) + row * keyCount * sizes.value,
        contexts + index * sizes.value, scratch + index * keyCount, keyCount, sizes.value)
    }
    if let dWeights = gradients.weights {
      table.addScaled(
        dWeights.pointer(Scalar.self) + place * keyCount, 1, scratch, count * keyCount)
    }
    table.softmaxGradient(
      scratch, saved.weights.pointer(Scalar.self) + first * keyCount, scores,
      Extents(outer: count, axis: keyCount, inner: 1), false)
    let queries = dQueries.pointer(Scalar.self) + place * sizes.score
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
          bColumn: 1, c: dValues.pointer(Scalar.self) + row * keyCount * size, cRow: size,
          accumulate: !isFirst))
    }
  }
}

/// What all rows contribute to: the gradients of weights, biases and the input, grown stretch by
/// stretch.
private struct DecoderSums<Scalar: FloatingPointScalar> {
  let sizes: FusedDecoder.Sizes
  let operands: FusedDecoder.Operands
  private let inputWeight: InputSideWeight<Scalar>?
  /// `[time, batch, in]`
  private let dInput: Value?
  private let dQueryWeight: WeightSum<Scalar>?
  private let dWeightInput: WeightSum<Scalar>?
  private let dWeightHidden: WeightSum<Scalar>?
  private let dBias: BiasSums<Scalar>
  private var isFirst = true

  init(
    _ kind: RecurrentCellKind, _ operands: FusedDecoder.Operands, _ sizes: FusedDecoder.Sizes,
    _ stretches: StepStretches, _ dGates: GateGradients<Scalar>, _ needed: [Bool]
  ) {
    self.sizes = sizes
    self.operands = operands
    let type = Scalar.scalarType
    func sum(_ isNeeded: Bool, _ weight: Value) -> WeightSum<Scalar>? {
      isNeeded ? WeightSum(weight.shape, isEmpty: stretches.ranges.isEmpty) : nil
    }
    let columns = Value(
      viewing: operands.weightInput, [sizes.gates, sizes.input], operands.weightInput.strides)
    inputWeight =
      needed[0] ? InputSideWeight(columns, kind, isPacked: sizes.packsInputWeight(stretches)) : nil
    dInput = needed[0] ? Value(type, [sizes.time, sizes.batch, sizes.input]) : nil
    dQueryWeight = sum(needed[5], operands.queryWeight)
    dWeightInput = sum(needed[7], operands.weightInput)
    dWeightHidden = sum(needed[8], operands.weightHidden)
    dBias = BiasSums(dGates, input: needed[9], hidden: needed[10])
  }

  /// What a stretch contributes.
  mutating func add(_ stretch: Range<Int>, _ pass: BackwardSteps<Scalar>) {
    let first = stretch.lowerBound * sizes.batch
    func rows(
      _ x: UnsafeMutablePointer<Scalar>, _ size: Int, column: Int = 0
    ) -> WeightSum<Scalar>.Rows {
      .init(
        count: stretch.count * sizes.batch, x: x, size: size, column: column, isFirst: isFirst)
    }
    let states = rows(
      pass.saved.states.pointer(Scalar.self) + first * sizes.hidden, sizes.hidden)
    dQueryWeight?.add(pass.dQueries, states)
    if let dWeightInput {
      let input = Compute.contiguous(operands.input.timeMajor(stretch))
      dWeightInput.add(input: pass.dGates, rows(input.pointer(), sizes.input))
      withExtendedLifetime(input) {}
      let contexts = pass.saved.contexts.pointer(Scalar.self) + first * sizes.value
      dWeightInput.add(input: pass.dGates, rows(contexts, sizes.value, column: sizes.input))
    }
    dWeightHidden?.add(pass.dGates.hidden, states)
    dBias.add(pass.dGates, rows: stretch.count * sizes.batch)
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
  var queryWeight: Value? { dQueryWeight?.value }

  /// Those of the cell's weights and biases.
  var weights: [Value?] { [dWeightInput?.value, dWeightHidden?.value, dBias.input, dBias.hidden] }
}
