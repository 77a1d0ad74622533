import Kernels

/// What a decoder attends to before each step; threads work on rows of their own. An object, so that a
/// sequence without attention carries one word for it.
final class AttentionForward<Scalar: FloatingPointScalar> {
  private let batch: Int
  private let sizes: RecurrentSizes.Attention
  private let queryWeight: PackedWeight<Scalar>
  private let contextWeight: PackedWeight<Scalar>
  private let table = Scalar.kernels
  // Memory that the run keeps.
  private let operands: AttentionPointers<Scalar>
  private let mask: UnsafePointer<Bool>?
  private let queries: UnsafeMutablePointer<Scalar>
  private let scores: UnsafeMutablePointer<Scalar>
  private let weights: UnsafeMutablePointer<Scalar>
  private let contexts: UnsafeMutablePointer<Scalar>

  /// - Parameter weightInput: the weight that the context meets beside the input.
  init(
    _ run: SequenceRun, _ attention: FusedSequence.Attention, _ weightInput: UntypedTensor
  ) {
    batch = run.sizes.batch
    sizes = run.sizes.attention!
    let isPacked = run.sizes.packsStepWeights
    queryWeight = PackedWeight(
      transposing: attention.queryWeight, isPacked: isPacked, batch: batch)
    contextWeight = PackedWeight(
      transposing: weightInput, columns: run.sizes.contextColumns, isPacked: isPacked,
      batch: batch)
    self.operands = AttentionPointers(attention)
    mask = attention.mask.map { UnsafePointer($0.pointer(Bool.self)) }
    queries = run.memory.pointer() + run.offsets.queries
    scores = run.memory.pointer() + run.offsets.scores
    weights = run.attended!.weights.pointer()
    contexts = run.attended!.contexts.pointer()
  }

  /// Query, weights and context of a step for some rows, and what its gates get from the context.
  ///
  /// - Parameters:
  ///   - state: of the first of the rows, before the step.
  ///   - keptRow: where that has its query.
  ///   - gates: of the first of the rows; they have what they get from the input.
  func attend(
    _ rows: Range<Int>, _ t: Int, from state: UnsafeMutablePointer<Scalar>, keptRow: Int,
    into gates: UnsafeMutablePointer<Scalar>
  ) {
    let (count, keys, first) = (rows.count, sizes.keys, t * batch + rows.lowerBound)
    let queries = queries + keptRow * sizes.score
    let scores = scores + rows.lowerBound * keys
    let (weights, contexts) = (weights + first * keys, contexts + first * sizes.value)
    table.matrixProduct(
      queryWeight.product(
        rows: count, UnsafePointer(state), into: queries, accumulate: false, bias: nil))
    for (index, row) in rows.enumerated() {
      table.additiveScores(
        queries: queries + index * sizes.score, keys: operands.keys + row * keys * sizes.score,
        v: operands.v,
        to: scores + index * keys, queryCount: 1, keyCount: keys, size: sizes.score)
    }
    table.softmax(
      scores, mask: mask.map { $0 + rows.lowerBound * keys }, to: weights,
      Extents(outer: count, axis: keys, inner: 1), logarithm: false)
    for (index, row) in rows.enumerated() {
      table.matrixProduct(
        MatrixProduct(
          m: 1, n: sizes.value, k: keys, a: UnsafePointer(weights + index * keys), aRow: keys,
          aColumn: 1, b: UnsafePointer(operands.values(row)), bRow: operands.valueStride,
          bColumn: 1, c: contexts + index * sizes.value, cRow: sizes.value))
    }
    table.matrixProduct(
      contextWeight.product(
        rows: count, UnsafePointer(contexts), into: gates, accumulate: true, bias: nil))
  }
}

/// Where the operands of attention are; a run keeps them.
struct AttentionPointers<Scalar: FloatingPointScalar> {
  /// `[batch, keys, size]`
  let keys: UnsafeMutablePointer<Scalar>
  /// `[size]`
  let v: UnsafeMutablePointer<Scalar>
  private let firstValue: UnsafeMutablePointer<Scalar>
  private let sentenceStride: Int
  /// From a value to the next.
  let valueStride: Int

  init(_ attention: FusedSequence.Attention) {
    keys = attention.keys.pointer()
    v = attention.v.pointer()
    firstValue = attention.values.pointer()
    sentenceStride = attention.values.stride(0)
    valueStride = attention.values.stride(1)
  }

  /// The values of a sentence, each `valueStride` after the one before.
  func values(_ row: Int) -> UnsafeMutablePointer<Scalar> { firstValue + row * sentenceStride }
}
