/// The kernels of one instruction set for one type of stored numbers, entered by way of an existential metatype
/// (`any KernelSet<Float>.Type`), whose witness table is compiled with the set's own target.
///
/// Only pointers, integers and plain structures cross, never a SIMD value, so that no two targets that
/// were compiled for different instruction sets disagree about a calling convention. All arrays are
/// contiguous unless a stride is named. Every kernel runs on the calling thread; results do not depend
/// on how a caller divides the work, as long as rows stay whole.
public protocol KernelSet<Stored>: Sendable {
  /// What memory holds.
  associatedtype Stored: StoredScalar
  /// What is computed in.
  associatedtype Scalar: KernelScalar where Scalar == Stored.Computed
  /// Numbers that are read.
  typealias Input = UnsafePointer<Stored>
  /// Numbers that are written.
  typealias Output = UnsafeMutablePointer<Stored>

  /// The function of each of `count` numbers; `result` may be `x`.
  static func unary(_ function: UnaryFunction, _ x: Input, to result: Output, count: Int)

  /// The function of each pair; a stride is 1 or 0 (one number for all); `result` may be `a` or `b`.
  static func binary(
    _ function: BinaryFunction, _ a: Input, stride strideA: Int, _ b: Input, stride strideB: Int,
    to result: Output, count: Int)

  /// The comparison of each pair, strides as in `binary`.
  static func compare(
    _ comparison: Comparison, _ a: Input, stride strideA: Int, _ b: Input, stride strideB: Int,
    to result: UnsafeMutablePointer<Bool>, count: Int)

  /// `result += factor * a`
  static func addScaled(_ a: Input, by factor: Scalar, to result: Output, count: Int)

  /// `total += block`, where `excess` keeps by how much rounding has made the total too large so far,
  /// at first 0; the block is 0 afterwards. A long sum grows this way without an error that grows
  /// with it.
  static func addBlock(_ block: Output, to total: Output, excess: Output, count: Int)

  /// `[outer, axis, inner]` to `[outer, inner]`, in a fixed order that depends on the extents alone.
  static func reduce(_ reduction: Reduction, _ x: Input, to result: Output, _ extents: Extents)

  /// Softmax or its logarithm along the axis. Where `mask`, of the same extents, is false the weight
  /// is 0 (its logarithm minus infinity) and `x` is not looked at; a row without any true has
  /// weights 0.
  static func softmax(
    _ x: Input, mask: UnsafePointer<Bool>?, to result: Output, _ extents: Extents, logarithm: Bool)

  /// Of y, the softmax or its logarithm: `y * (gradient - sum(gradient * y))`, or
  /// `gradient - exp(y) * sum(gradient)`. Entries with y = 0 (minus infinity) give 0, whatever their
  /// gradient is.
  static func softmaxGradient(
    _ gradient: Input, of y: Input, to result: Output, _ extents: Extents, logarithm: Bool)

  /// Layer normalisation of each row, biased variance; `means` and `inverseDeviations` get a number
  /// for each row.
  static func layerNorm(
    _ x: Input, weight: Input?, bias: Input?, to result: Output, means: Output,
    inverseDeviations: Output, rows: Int, count: Int, epsilon: Scalar)

  /// The gradient with respect to `x`.
  static func layerNormGradient(
    _ gradient: Input, at x: Input, weight: Input?, means: Input, inverseDeviations: Input,
    to result: Output, rows: Int, count: Int)

  /// Steps of a recurrent cell, with their products.
  static func recurrentSteps(_ kind: RecurrentCellKind, _ steps: RecurrentSteps<Stored>)

  /// Their derivatives.
  static func recurrentStepGradients(
    _ kind: RecurrentCellKind, _ steps: RecurrentStepGradients<Stored>)

  /// `v · tanh(query + key)` of each pair of `[queryCount, size]` and `[keyCount, size]`, as
  /// `[queryCount, keyCount]`.
  static func additiveScores(
    queries: Input, keys: Input, v: Input, to result: Output, queryCount: Int, keyCount: Int,
    size: Int)

  /// The gradients with respect to all three; those of keys and `v` are added to what is there, that
  /// of the queries may take their place. Pairs whose gradient is 0 are not looked at.
  static func additiveScoresGradient(
    _ gradient: Input, queries: Input, keys: Input, v: Input, toQueries queryResult: Output,
    toKeys keyResult: Output, toV vResult: Output, queryCount: Int, keyCount: Int, size: Int)

  /// Of the features of one step: `squashed = tanh(scores)`, `total += exp(squashed)`,
  /// `sum += exp(squashed) * states`.
  static func featureAttention(
    scores: Input, states: Input, squashed: Output, total: Output, sum: Output, count: Int)

  /// From the gradient of `context = sum / total`, what one step's scores and states get of it.
  static func featureAttentionGradient(
    _ gradient: Input, squashed: Input, states: Input, total: Input, context: Input,
    toScores scoresResult: Output, toStates statesResult: Output, count: Int)

  /// The product of `[rows, count]`, whose rows are `aRow` apart, and a vector.
  static func rowProducts(
    _ a: Input, row aRow: Int, _ x: Input, to result: Output, rows: Int, count: Int)

  /// Gradient descent, in place; without momentum there is no velocity.
  static func sgd(
    _ step: SGDStep<Scalar>, parameter: Output, gradient: Input, velocity: Output?, count: Int)

  /// Adam, in place; `largest` is the largest second moment so far, for AMSGrad.
  static func adam(
    _ step: AdamStep<Scalar>, parameter: Output, gradient: Input, first: Output, second: Output,
    largest: Output?, count: Int)

  /// One thread's matrix product.
  static func matrixProduct(_ product: MatrixProduct<Stored>)

  /// One thread's product with stretches of an array that overlap.
  static func windowProduct(_ product: WindowProduct<Stored>)

  /// `result[j, i] = x[i, j]` of `[rows, columns]`; rows are `xRow` and `resultRow` apart.
  static func transpose(
    _ x: Input, row xRow: Int, rows: Int, columns: Int, to result: Output, row resultRow: Int)

  /// Lays the right operand `[rows, columns]` of a product out for products that repeat; `result` has
  /// room for `packedCount`.
  static func pack(
    _ b: Input, row rowStride: Int, column columnStride: Int, rows: Int, columns: Int,
    to result: Output)

  /// Whether the product reads its right operand as it lies: to pack it first is no gain.
  static func readsInPlace(_ product: MatrixProduct<Stored>) -> Bool

  /// Number of scalars that `pack` writes.
  static func packedCount(rows: Int, columns: Int) -> Int

  /// Multiply-adds on registers alone; returns the floating-point operations done.
  static func peak(iterations: Int) -> Double
}

/// Extents of `[outer, axis, inner]`, the form of every reduction along an axis.
public struct Extents: Sendable {
  /// Product of the extents before the axis.
  public var outer: Int
  /// Extent of the axis.
  public var axis: Int
  /// Product of the extents after the axis.
  public var inner: Int

  /// The extents in the order of memory.
  @inlinable
  public init(outer: Int, axis: Int, inner: Int) {
    self.outer = outer
    self.axis = axis
    self.inner = inner
  }
}
