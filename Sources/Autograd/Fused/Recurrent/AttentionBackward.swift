import Kernels

/// The gradients of what a decoder attends to; an object for the same reason as `AttentionForward`.
final class AttentionBackward<Scalar: FloatingPointScalar> {
  private let batch: Int
  private let sizes: RecurrentSizes.Attention
  private let queryWeight: PackedWeight<Scalar>
  private let contextWeight: InputSideWeight<Scalar>
  private let table = Scalar.kernels
  /// `[batch, keys, size]` and `[batch, keys, valueSize]`
  let keys: UntypedTensor
  let values: UntypedTensor
  // What the run keeps: the operands, and what was saved.
  private let operands: AttentionPointers<Scalar>
  private let queries: UnsafeMutablePointer<Scalar>
  private let weights: UnsafeMutablePointer<Scalar>
  // In the thread's memory.
  /// Nil where they take the place of the queries.
  private let dQueries: UnsafeMutablePointer<Scalar>?
  private let dContexts: UnsafeMutablePointer<Scalar>
  private let arrivingWeights: UnsafeMutablePointer<Scalar>
  private let dScores: UnsafeMutablePointer<Scalar>
  private let dV: UnsafeMutablePointer<Scalar>

  /// Where things are in the thread's memory.
  struct Offsets {
    fileprivate let queries: Int?
    fileprivate let contexts: Int
    fileprivate let weights: Int
    /// Gradients of the weights and of the scores of a step, `[2, rows, keys]` for each part.
    fileprivate let scores: Int
    /// `[batch, size]`, summed at the end.
    fileprivate let v: Int

    /// - Parameters:
    ///   - rows: of the longest stretch.
    ///   - usesUp: whether gradients may take the place of what was saved.
    init(
      _ sizes: RecurrentSizes.Attention, batch: Int, rows: Int, usesUp: Bool,
      in layout: inout Workspace.Layout<Scalar>
    ) {
      queries = usesUp ? nil : layout.reserve(rows * sizes.score)
      contexts = layout.reserve(rows * sizes.value)
      weights = layout.reserve(rows * sizes.keys)
      scores = layout.reserve(2 * batch * sizes.keys)
      v = layout.reserve(batch * sizes.score)
    }
  }

  /// - Parameters:
  ///   - weightInput: the weight that the context meets beside the input.
  ///   - start: of the thread's memory.
  init(
    _ run: SequenceRun, _ attention: FusedSequence.Attention, _ weightInput: UntypedTensor,
    _ start: UnsafeMutablePointer<Scalar>, _ offsets: Offsets
  ) {
    batch = run.sizes.batch
    sizes = run.sizes.attention!
    let isPacked = run.sizes.packsStepWeights
    queryWeight = PackedWeight(attention.queryWeight, isPacked: isPacked, batch: batch)
    contextWeight = InputSideWeight(
      weightInput, columns: run.sizes.contextColumns, run.sequence.kind,
      isPacked: isPacked, batch: batch)
    self.operands = AttentionPointers(attention)
    queries = run.memory.pointer() + run.offsets.queries
    weights = run.attended!.weights.pointer()
    keys = Compute.zeros(like: attention.keys)
    values = Self.room(for: attention.values)
    dQueries = offsets.queries.map { start + $0 }
    dContexts = start + offsets.contexts
    arrivingWeights = start + offsets.weights
    dScores = start + offsets.scores
    dV = start + offsets.v
    dV.update(repeating: 0, count: batch * sizes.score)
  }

  /// Memory for the gradient of `[batch, keys, size]`, in the order in which that lies in memory:
  /// who gets it needs it so.
  private static func room(for x: UntypedTensor) -> UntypedTensor {
    if x.stride(0) >= x.stride(1) { return UntypedTensor(x.type, x.shape) }
    return UntypedTensor(x.type, [x.shape[1], x.shape[0], x.shape[2]]).timeMajor(0..<x.shape[0])
  }

  /// The gradient of v, once all steps are taken back.
  var v: UntypedTensor {
    Compute.sumOfRows(UnsafePointer(dV), rows: batch, count: sizes.score)
  }

  /// What arrives at a stretch, and where its steps leave their gradients.
  func gradients(
    _ stretch: Range<Int>, _ arriving: borrowing SequenceRun.Arriving
  ) -> StretchGradients<Scalar>.Attention {
    func layOut(_ x: UntypedTensor?, _ target: UnsafeMutablePointer<Scalar>) -> Bool {
      guard let x else { return false }
      TimeMajor(x, stretch).layOut(x, to: target)
      return true
    }
    let saved = queries + stretch.lowerBound * batch * sizes.score
    return .init(
      queries: dQueries ?? saved, contexts: dContexts,
      arrivesAtContexts: layOut(arriving.contexts, dContexts),
      weights: layOut(arriving.weights, arrivingWeights) ? arrivingWeights : nil)
  }

  /// From the gates of a step to its context, weights, scores, keys and query, and to the state
  /// before.
  ///
  /// - Parameter before: gradient of that state, of the first of the rows, which is added to.
  func retreat(
    _ rows: Range<Int>, _ t: Int, _ gradients: StretchGradients<Scalar>,
    to before: UnsafeMutablePointer<Scalar>
  ) {
    guard let own = gradients.attention else { return }
    let (count, first) = (rows.count, t * batch + rows.lowerBound)
    let row = first - gradients.stretch.lowerBound * batch
    let contexts = own.contexts + row * sizes.value
    let products = contextWeight.products(
      gradients.gates, row: row, rows: count, into: contexts, accumulate: own.arrivesAtContexts)
    table.matrixProduct(products.0)
    if let second = products.1 { table.matrixProduct(second) }
    let scores = scoreGradients(
      rows, contexts, arriving: own.weights.map { $0 + row * sizes.keys },
      weights: weights + first * sizes.keys)
    let (saved, queries) = (queries + first * sizes.score, own.queries + row * sizes.score)
    for (index, row) in rows.enumerated() {
      let sentence = row * sizes.keys * sizes.score
      table.additiveScoresGradient(
        scores + index * sizes.keys, queries: saved + index * sizes.score,
        keys: operands.keys + sentence,
        v: operands.v, toQueries: queries + index * sizes.score,
        toKeys: keys.pointer(Scalar.self) + sentence,
        toV: dV + row * sizes.score, queryCount: 1, keyCount: sizes.keys, size: sizes.score)
    }
    table.matrixProduct(
      queryWeight.product(
        rows: count, UnsafePointer(queries), into: before, accumulate: true, bias: nil))
  }

  /// From the contexts of a step to its scores.
  ///
  /// - Parameters:
  ///   - contexts: gradients, of the first of the rows.
  ///   - arriving: what arrives at the weights.
  ///   - weights: their values.
  private func scoreGradients(
    _ rows: Range<Int>, _ contexts: UnsafeMutablePointer<Scalar>,
    arriving: UnsafeMutablePointer<Scalar>?, weights: UnsafeMutablePointer<Scalar>
  ) -> UnsafeMutablePointer<Scalar> {
    let count = rows.count * sizes.keys
    let dWeights = dScores + 2 * rows.lowerBound * sizes.keys
    for (index, row) in rows.enumerated() {
      table.rowProducts(
        operands.values(row), row: operands.valueStride, contexts + index * sizes.value,
        to: dWeights + index * sizes.keys, rows: sizes.keys, count: sizes.value)
    }
    if let arriving { table.addScaled(arriving, by: 1, to: dWeights, count: count) }
    table.softmaxGradient(
      dWeights, of: weights, to: dWeights + count,
      Extents(outer: rows.count, axis: sizes.keys, inner: 1), logarithm: false)
    return dWeights + count
  }

  /// The values' gradients: one product over the steps of a stretch for each sentence.
  func collectValues(_ rows: Range<Int>, _ gradients: StretchGradients<Scalar>) {
    guard let own = gradients.attention else { return }
    let (keys, size, stretch) = (sizes.keys, sizes.value, gradients.stretch)
    let weights = weights + stretch.lowerBound * batch * keys
    for row in rows {
      table.matrixProduct(
        MatrixProduct(
          m: keys, n: size, k: stretch.count, a: UnsafePointer(weights + row * keys), aRow: 1,
          aColumn: batch * keys, b: UnsafePointer(own.contexts + row * size), bRow: batch * size,
          bColumn: 1, c: values.pointer(Scalar.self) + row * values.stride(0),
          cRow: values.stride(1), accumulate: !gradients.isFirst))
    }
  }
}
