import Kernels

/// A recurrent cell that attends to a sentence before each step, with additive scores, over all
/// steps of a batch, as one operation: for each step t
///
///     weights_t = softmax over keys of v · tanh(queryWeight h_(t-1) + key)
///     context_t = weights_t values
///     h_t       = cell([input_t, context_t], h_(t-1))
///
/// As in `FusedSequence`, everything runs in time-major order; the weights that every step uses are
/// packed once; in the forward pass a thread takes some sentences through all steps, so threads meet
/// once; in the backward pass they meet once a stretch, whose part of the weights' gradients is one
/// product each.
package struct FusedDecoder {
  let kind: RecurrentCellKind
  /// True = may attend, `[batch, keys]`; nil where every key may be attended to.
  let mask: UntypedTensor?

  package init(kind: RecurrentCellKind, mask: UntypedTensor?) {
    self.kind = kind
    self.mask = mask
  }

  /// Input `[batch, time, in]`, first states `[batch, hidden]` (the cell's for an LSTM alone),
  /// keys `[batch, keys, size]` already multiplied by their weight, values
  /// `[batch, keys, valueSize]`, query weight `[size, hidden]`, v `[size]`, and the cell's weights
  /// `[gates * hidden, in + valueSize]`, `[gates * hidden, hidden]` and biases `[gates * hidden]`.
  package struct Operands {
    var input: UntypedTensor
    var hidden: UntypedTensor
    var cell: UntypedTensor?
    var keys: UntypedTensor
    var values: UntypedTensor
    var queryWeight: UntypedTensor
    var v: UntypedTensor
    var weights: RecurrentWeights

    package init(
      input: UntypedTensor, hidden: UntypedTensor, cell: UntypedTensor?, keys: UntypedTensor,
      values: UntypedTensor, queryWeight: UntypedTensor,
      v: UntypedTensor, weights: RecurrentWeights
    ) {
      self.input = input
      self.hidden = hidden
      self.cell = cell
      self.keys = keys
      self.values = values
      self.queryWeight = queryWeight
      self.v = v
      self.weights = weights
    }
  }

  /// What the derivative needs beside the operands, all time-major, `[time, batch, ...]`.
  struct Saved {
    let queries: UntypedTensor
    let weights: UntypedTensor
    let contexts: UntypedTensor
    let gates: UntypedTensor
    /// `[time + 1, batch, hidden]`
    let states: UntypedTensor
    /// LSTM: as many, and after them the tanh of the cell after each step.
    let cells: UntypedTensor?
  }

  struct Sizes {
    let batch: Int
    let time: Int
    let input: Int
    let hidden: Int
    let gates: Int
    let keys: Int
    let score: Int
    let value: Int

    init(_ operands: Operands) {
      batch = operands.input.shape[0]
      time = operands.input.shape[1]
      input = operands.input.shape[2]
      hidden = operands.weights.hidden.shape[1]
      gates = operands.weights.hidden.shape[0]
      keys = operands.keys.shape[1]
      score = operands.keys.shape[2]
      value = operands.values.shape[2]
    }

    /// How the threads divide a stretch of steps.
    func parts(_ stretch: Range<Int>) -> BatchParts {
      let row = gates * (hidden + value) + score * hidden + keys * (score + value)
      return BatchParts(batch, work: stretch.count * row)
    }

    /// Whether several products have the input's weight.
    func packsInputWeight(_ stretches: StepStretches) -> Bool {
      stretches.count > 1 || stretches.contains { parts($0).count > 1 }
    }
  }

  /// `[outputs [batch, time, hidden], contexts [batch, time, valueSize], weights
  /// [batch, time, keys], last hidden state, last cell state]`, and what the derivative needs.
  func forward(_ operands: Operands) -> (results: [UntypedTensor], saved: Saved) {
    operands.input.type.floatingPoint(
      "a decoder", forward(Float.self, operands), forward(Double.self, operands))
  }

  private func forward<Scalar: FloatingPointScalar>(
    _: Scalar.Type, _ operands: Operands
  ) -> (results: [UntypedTensor], saved: Saved) {
    let sizes = Sizes(operands)
    let time = sizes.time
    let saved = begin(operands, sizes)
    let parts = sizes.parts(0..<time)
    let inputs = InputSide<Scalar>(self, operands, sizes, into: saved.gates, parts.isDivided)
    if !parts.isDivided { inputs.product.run() }
    let step = ForwardStep<Scalar>(self, operands, saved, sizes)
    parts.forEach { rows in
      if parts.isDivided { inputs.product.run(rows) }
      let scores = UntypedTensor(Scalar.scalarType, [rows.count, sizes.keys])
      let hiddenGates =
        kind == .gru
        ? UntypedTensor(Scalar.scalarType, [Swift.max(rows.count, 1), sizes.gates]) : nil
      for t in 0..<time {
        step.attend(rows, t, scores.pointer())
        step.advance(rows, t, hiddenGates?.pointer())
      }
    }
    withExtendedLifetime(inputs) {}
    withExtendedLifetime(step) {}
    func batchMajor(_ x: UntypedTensor, from slot: Int = 0) -> UntypedTensor {
      let (batch, size) = (x.shape[1], x.shape[2])
      return UntypedTensor(
        viewing: x, [batch, time, size], [size, batch * size, 1, 0, 0, 0, 0, 0],
        offset: slot * batch * size)
    }
    var results = [
      batchMajor(saved.states, from: 1), batchMajor(saved.contexts), batchMajor(saved.weights),
      slot(saved.states, time),
    ]
    if let cells = saved.cells { results.append(slot(cells, time)) }
    return (results, saved)
  }

  /// Memory for all that is saved, with the first states.
  private func begin(_ operands: Operands, _ sizes: Sizes) -> Saved {
    let (type, batch, time) = (operands.input.type, sizes.batch, sizes.time)
    let gates = UntypedTensor(type, [time * batch, sizes.gates])
    let states = UntypedTensor(type, [time + 1, batch, sizes.hidden])
    let cells = kind == .lstm ? UntypedTensor(type, [2 * time + 1, batch, sizes.hidden]) : nil
    Compute.copy(operands.hidden, to: slot(states, 0))
    if let cells { Compute.copy(operands.cell!, to: slot(cells, 0)) }
    return Saved(
      queries: UntypedTensor(type, [time, batch, sizes.score]),
      weights: UntypedTensor(type, [time, batch, sizes.keys]),
      contexts: UntypedTensor(type, [time, batch, sizes.value]), gates: gates,
      states: states, cells: cells)
  }

  /// Some columns of a matrix, as a view off the tape.
  func columns(_ matrix: UntypedTensor, _ range: Range<Int>) -> UntypedTensor {
    let strides: Strides = [matrix.strides[0], matrix.strides[1], 0, 0, 0, 0, 0, 0]
    return UntypedTensor(
      viewing: matrix, [matrix.shape[0], range.count], strides,
      offset: range.lowerBound * strides[1])
  }

  /// `[.., .., size]` whose rows each lie in one piece, wherever they are: itself, or a copy.
  static func rowsInPlace(_ x: UntypedTensor) -> UntypedTensor {
    x.stride(2) == 1 ? x : Compute.contiguous(x)
  }

  /// One step of `[time + 1, batch, hidden]`.
  func slot(_ states: UntypedTensor, _ index: Int) -> UntypedTensor {
    let (batch, size) = (states.shape[1], states.shape[2])
    let shape: Shape = [batch, size]
    return UntypedTensor(
      viewing: states, shape, shape.contiguousStrides, offset: index * batch * size)
  }
}

/// What the gates of all steps get from the inputs.
private struct InputSide<Scalar: FloatingPointScalar>: ~Copyable {
  let product: ProductOfSteps<Scalar>
  // What the product reads.
  private let weight: PackedWeight<Scalar>
  private let input: UntypedTensor
  private let bias: UntypedTensor?

  /// - Parameter isDivided: whether each thread computes its own rows, which it then reads where
  ///   they are.
  init(
    _ decoder: FusedDecoder, _ operands: FusedDecoder.Operands, _ sizes: FusedDecoder.Sizes,
    into gates: UntypedTensor, _ isDivided: Bool
  ) {
    var bias = operands.weights.biasInput
    if decoder.kind != .gru, let first = bias, let second = operands.weights.biasHidden {
      bias = Compute.binary(.add, first, second)
    }
    self.bias = bias.map { Compute.contiguous($0) }
    weight = PackedWeight(
      transposing: decoder.columns(operands.weights.input, 0..<sizes.input), isPacked: isDivided,
      rows: sizes.batch)
    let steps = operands.input.timeMajor(0..<sizes.time)
    input = isDivided ? FusedDecoder.rowsInPlace(steps) : Compute.contiguous(steps)
    product = ProductOfSteps(
      weight.product(
        rows: sizes.time * sizes.batch, UnsafePointer(input.pointer(Scalar.self)),
        stride: input.stride(1), into: gates.pointer(), accumulate: false,
        bias: self.bias.map { UnsafePointer($0.pointer(Scalar.self)) }),
      batch: sizes.batch, step: input.stride(0))
  }
}

/// The arithmetic of one step for some rows of the batch. The pointers are marked as those of
/// `MatrixProduct` are: threads work on rows of their own.
private struct ForwardStep<Scalar: FloatingPointScalar>: ~Copyable, @unchecked Sendable {
  let kind: RecurrentCellKind
  let sizes: FusedDecoder.Sizes
  let saved: FusedDecoder.Saved
  let keys: UntypedTensor
  let values: UntypedTensor
  let v: UntypedTensor
  let mask: UntypedTensor?
  let hiddenBias: UntypedTensor?
  let queryWeight: PackedWeight<Scalar>
  let contextWeight: PackedWeight<Scalar>
  let hiddenWeight: PackedWeight<Scalar>
  let table = Scalar.kernels

  init(
    _ decoder: FusedDecoder, _ operands: FusedDecoder.Operands, _ saved: FusedDecoder.Saved,
    _ sizes: FusedDecoder.Sizes
  ) {
    kind = decoder.kind
    self.sizes = sizes
    self.saved = saved
    keys = Compute.contiguous(operands.keys)
    values = FusedDecoder.rowsInPlace(operands.values)
    v = Compute.contiguous(operands.v)
    mask = decoder.mask.map { Compute.contiguous($0) }
    hiddenBias = kind == .gru ? operands.weights.biasHidden.map { Compute.contiguous($0) } : nil
    let isPacked = sizes.time > 1 && sizes.batch > 0
    queryWeight = PackedWeight(
      transposing: operands.queryWeight, isPacked: isPacked, rows: sizes.batch)
    let context = decoder.columns(
      operands.weights.input, sizes.input..<(sizes.input + sizes.value))
    contextWeight = PackedWeight(transposing: context, isPacked: isPacked, rows: sizes.batch)
    hiddenWeight = PackedWeight(
      transposing: operands.weights.hidden, isPacked: isPacked, rows: sizes.batch)
  }

  /// Query, weights and context of a step.
  func attend(_ rows: Range<Int>, _ t: Int, _ scores: UnsafeMutablePointer<Scalar>) {
    let first = t * sizes.batch + rows.lowerBound
    let before = saved.states.pointer(Scalar.self) + first * sizes.hidden
    let queries = saved.queries.pointer(Scalar.self) + first * sizes.score
    let weights = saved.weights.pointer(Scalar.self) + first * sizes.keys
    let contexts = saved.contexts.pointer(Scalar.self) + first * sizes.value
    let count = rows.count
    table.matrixProduct(
      queryWeight.product(
        rows: count, UnsafePointer(before), into: queries, accumulate: false, bias: nil))
    for (index, row) in rows.enumerated() {
      table.additiveScores(
        queries: queries + index * sizes.score,
        keys: keys.pointer(Scalar.self) + row * sizes.keys * sizes.score, v: v.pointer(Scalar.self),
        to: scores + index * sizes.keys, queryCount: 1, keyCount: sizes.keys, size: sizes.score)
    }
    table.softmax(
      scores,
      mask: mask.map { UnsafePointer($0.pointer(Bool.self)) + rows.lowerBound * sizes.keys },
      to: weights,
      Extents(outer: count, axis: sizes.keys, inner: 1), logarithm: false)
    for (index, row) in rows.enumerated() {
      let memory = values.pointer(Scalar.self) + row * values.stride(0)
      table.matrixProduct(
        MatrixProduct(
          m: 1, n: sizes.value, k: sizes.keys, a: UnsafePointer(weights + index * sizes.keys),
          aRow: sizes.keys, aColumn: 1, b: UnsafePointer(memory), bRow: values.stride(1),
          bColumn: 1, c: contexts + index * sizes.value, cRow: sizes.value))
    }
  }

  /// The cell's step.
  func advance(_ rows: Range<Int>, _ t: Int, _ hiddenGates: UnsafeMutablePointer<Scalar>?) {
    let first = t * sizes.batch + rows.lowerBound
    let next = first + sizes.batch
    let states = saved.states.pointer(Scalar.self)
    let cells = saved.cells?.pointer(Scalar.self)
    let gates = saved.gates.pointer(Scalar.self) + first * sizes.gates
    let contexts = saved.contexts.pointer(Scalar.self) + first * sizes.value
    let before = states + first * sizes.hidden
    table.matrixProduct(
      contextWeight.product(
        rows: rows.count, UnsafePointer(contexts), into: gates, accumulate: true, bias: nil))
    let step = RecurrentStep(
      rows: rows.count, size: sizes.hidden, gates: gates, hiddenGates: hiddenGates,
      previousHidden: before, hidden: states + next * sizes.hidden,
      previousCell: cells.map { $0 + first * sizes.hidden },
      cell: cells.map { $0 + next * sizes.hidden },
      squashed: cells.map { $0 + ((sizes.time + 1) * sizes.batch + first) * sizes.hidden })
    table.recurrentSteps(
      kind,
      RecurrentSteps(
        count: 1, step: step,
        product: hiddenWeight.product(
          rows: rows.count, UnsafePointer(before), into: hiddenGates ?? gates,
          accumulate: hiddenGates == nil,
          bias: hiddenBias.map { UnsafePointer($0.pointer(Scalar.self)) }),
        strides: RecurrentStrides()))
  }
}
