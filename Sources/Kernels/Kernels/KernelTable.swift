/// The kernels of one instruction set for one scalar type.
///
/// It is entered through pointers and integers only, never through a SIMD value, so that no two
/// targets that were compiled for different instruction sets disagree about a calling convention.
/// All arrays are contiguous unless a stride is named. Every kernel runs on the calling thread;
/// results do not depend on how a caller divides the work, as long as rows stay whole.
///
/// There is one object for each scalar type: who uses several kernels copies a reference, not all.
public final class KernelTable<Scalar: KernelScalar>: Sendable {
  /// Numbers that are read.
  public typealias Input = UnsafePointer<Scalar>
  /// Numbers that are written.
  public typealias Output = UnsafeMutablePointer<Scalar>

  /// `(function, x, result, count)`; `result` may be `x`.
  public let unary: @Sendable (UnaryFunction, Input, Output, Int) -> Void
  /// `(function, a, strideA, b, strideB, result, count)`; a stride is 1 or 0 (one number for all);
  /// `result` may be `a` or `b`.
  public let binary: @Sendable (BinaryFunction, Input, Int, Input, Int, Output, Int) -> Void
  /// `(comparison, a, strideA, b, strideB, result, count)`, strides as in `binary`.
  public let compare:
    @Sendable (Comparison, Input, Int, Input, Int, UnsafeMutablePointer<Bool>, Int) -> Void
  /// `(a, factor, result, count)`: `result += factor * a`.
  public let addScaled: @Sendable (Input, Scalar, Output, Int) -> Void
  /// `(block, total, excess, count)`: `total += block`, where `excess` keeps by how much rounding
  /// has made the total too large so far, at first 0; the block is 0 afterwards. A long sum grows
  /// this way without an error that grows with it.
  public let addBlock: @Sendable (Output, Output, Output, Int) -> Void
  /// `(reduction, x, result, extents)`: `[outer, axis, inner]` to `[outer, inner]`, in a fixed
  /// order that depends on the extents alone.
  public let reduce: @Sendable (Reduction, Input, Output, Extents) -> Void
  /// `(x, mask, result, extents, logarithm)`: softmax or log-softmax along the axis of
  /// `[outer, axis, inner]`. Where `mask`, of the same extents, is false the weight is 0 (its
  /// logarithm minus infinity) and `x` is not looked at; a row without any true has weights 0.
  public let softmax: @Sendable (Input, UnsafePointer<Bool>?, Output, Extents, Bool) -> Void
  /// `(gradient, y, result, extents, logarithm)`, y = the softmax or log-softmax:
  /// `y * (gradient - sum(gradient * y))`, or `gradient - exp(y) * sum(gradient)`.
  /// Entries with y = 0 (minus infinity) give 0, whatever their gradient is.
  public let softmaxGradient: @Sendable (Input, Input, Output, Extents, Bool) -> Void
  /// `(x, weight, bias, result, means, inverseDeviations, rows, count, epsilon)`: layer
  /// normalisation of each row, biased variance; `means` and `inverseDeviations` have `rows`.
  public let layerNorm:
    @Sendable (Input, Input?, Input?, Output, Output, Output, Int, Int, Scalar) -> Void
  /// `(gradient, x, weight, means, inverseDeviations, result, rows, count)`: the gradient with
  /// respect to `x`.
  public let layerNormGradient:
    @Sendable (Input, Input, Input?, Input, Input, Output, Int, Int) -> Void
  /// Steps of a recurrent cell, with their products.
  public let recurrentSteps: @Sendable (RecurrentCellKind, RecurrentSteps<Scalar>) -> Void
  /// Their derivatives.
  public let recurrentStepGradients:
    @Sendable (RecurrentCellKind, RecurrentStepGradients<Scalar>) -> Void
  /// `(queries, keys, v, result, queryCount, keyCount, size)`: `v · tanh(query + key)` of each pair
  /// of `[queryCount, size]` and `[keyCount, size]`, as `[queryCount, keyCount]`.
  public let additiveScores: @Sendable (Input, Input, Input, Output, Int, Int, Int) -> Void
  /// `(gradient, queries, keys, v, queryResult, keyResult, vResult, queryCount, keyCount, size)`:
  /// the gradients with respect to all three; those of keys and `v` are added to what is there, that
  /// of the queries may take their place.
  /// Pairs whose gradient is 0 are not looked at.
  public let additiveScoresGradient:
    @Sendable (Input, Input, Input, Input, Output, Output, Output, Int, Int, Int) -> Void
  /// `(scores, states, squashed, total, sum, count)`, for the features of one step:
  /// `squashed = tanh(scores)`, `total += exp(squashed)`, `sum += exp(squashed) * states`.
  public let featureAttention: @Sendable (Input, Input, Output, Output, Output, Int) -> Void
  /// `(gradient, squashed, states, total, context, scoresResult, statesResult, count)`: from the
  /// gradient of `context = sum / total`, what one step's scores and states get of it.
  public let featureAttentionGradient:
    @Sendable (Input, Input, Input, Input, Input, Output, Output, Int) -> Void
  /// `(a, aRow, x, result, rows, count)`: the product of `[rows, count]`, whose rows are `aRow`
  /// apart, and a vector.
  public let rowProducts: @Sendable (Input, Int, Input, Output, Int, Int) -> Void
  /// `(step, parameter, gradient, velocity, count)`: gradient descent, in place; without momentum
  /// there is no velocity.
  public let sgd: @Sendable (SGDStep<Scalar>, Output, Input, Output?, Int) -> Void
  /// `(step, parameter, gradient, first, second, largest, count)`: Adam, in place; `largest` is the
  /// largest second moment so far, for AMSGrad.
  public let adam: @Sendable (AdamStep<Scalar>, Output, Input, Output, Output, Output?, Int) -> Void
  /// One thread's matrix product.
  public let matrixProduct: @Sendable (MatrixProduct<Scalar>) -> Void
  /// One thread's product with stretches of an array that overlap.
  public let windowProduct: @Sendable (WindowProduct<Scalar>) -> Void
  /// `(x, xRow, rows, columns, result, resultRow)`: `result[j, i] = x[i, j]`, rows `xRow` and
  /// `resultRow` apart.
  public let transpose: @Sendable (Input, Int, Int, Int, Output, Int) -> Void
  /// `(b, rowStride, columnStride, rows, columns, result)`: lays the right operand
  /// `[rows, columns]` out for repeated products; `result` holds `packedCount(rows, columns)`.
  public let pack: @Sendable (Input, Int, Int, Int, Int, Output) -> Void
  /// Whether the product reads its right operand as it lies: to pack it first is no gain.
  public let readsInPlace: @Sendable (MatrixProduct<Scalar>) -> Bool
  /// Number of scalars that `pack` writes.
  public let packedCount: @Sendable (Int, Int) -> Int
  /// `(iterations)`: multiply-adds on registers alone; returns the floating-point operations done.
  public let peak: @Sendable (Int) -> Double

  /// A table of these kernels.
  @inlinable
  public init(
    unary: @escaping @Sendable (UnaryFunction, Input, Output, Int) -> Void,
    binary: @escaping @Sendable (BinaryFunction, Input, Int, Input, Int, Output, Int) -> Void,
    compare:
      @escaping @Sendable (Comparison, Input, Int, Input, Int, UnsafeMutablePointer<Bool>, Int) ->
      Void,
    addScaled: @escaping @Sendable (Input, Scalar, Output, Int) -> Void,
    addBlock: @escaping @Sendable (Output, Output, Output, Int) -> Void,
    reduce: @escaping @Sendable (Reduction, Input, Output, Extents) -> Void,
    softmax: @escaping @Sendable (Input, UnsafePointer<Bool>?, Output, Extents, Bool) -> Void,
    softmaxGradient: @escaping @Sendable (Input, Input, Output, Extents, Bool) -> Void,
    layerNorm:
      @escaping @Sendable (Input, Input?, Input?, Output, Output, Output, Int, Int, Scalar) -> Void,
    layerNormGradient:
      @escaping @Sendable (Input, Input, Input?, Input, Input, Output, Int, Int) -> Void,
    recurrentSteps: @escaping @Sendable (RecurrentCellKind, RecurrentSteps<Scalar>) -> Void,
    recurrentStepGradients:
      @escaping @Sendable (RecurrentCellKind, RecurrentStepGradients<Scalar>) -> Void,
    additiveScores: @escaping @Sendable (Input, Input, Input, Output, Int, Int, Int) -> Void,
    additiveScoresGradient:
      @escaping @Sendable (
        Input, Input, Input, Input, Output, Output, Output, Int, Int, Int
      ) -> Void,
    featureAttention: @escaping @Sendable (Input, Input, Output, Output, Output, Int) -> Void,
    featureAttentionGradient:
      @escaping @Sendable (Input, Input, Input, Input, Input, Output, Output, Int) -> Void,
    rowProducts: @escaping @Sendable (Input, Int, Input, Output, Int, Int) -> Void,
    sgd: @escaping @Sendable (SGDStep<Scalar>, Output, Input, Output?, Int) -> Void,
    adam:
      @escaping @Sendable (AdamStep<Scalar>, Output, Input, Output, Output, Output?, Int) -> Void,
    matrixProduct: @escaping @Sendable (MatrixProduct<Scalar>) -> Void,
    windowProduct: @escaping @Sendable (WindowProduct<Scalar>) -> Void,
    transpose: @escaping @Sendable (Input, Int, Int, Int, Output, Int) -> Void,
    readsInPlace: @escaping @Sendable (MatrixProduct<Scalar>) -> Bool,
    pack: @escaping @Sendable (Input, Int, Int, Int, Int, Output) -> Void,
    packedCount: @escaping @Sendable (Int, Int) -> Int,
    peak: @escaping @Sendable (Int) -> Double
  ) {
    self.unary = unary
    self.binary = binary
    self.compare = compare
    self.addScaled = addScaled
    self.addBlock = addBlock
    self.reduce = reduce
    self.softmax = softmax
    self.softmaxGradient = softmaxGradient
    self.layerNorm = layerNorm
    self.layerNormGradient = layerNormGradient
    self.recurrentSteps = recurrentSteps
    self.recurrentStepGradients = recurrentStepGradients
    self.additiveScores = additiveScores
    self.additiveScoresGradient = additiveScoresGradient
    self.featureAttention = featureAttention
    self.featureAttentionGradient = featureAttentionGradient
    self.rowProducts = rowProducts
    self.sgd = sgd
    self.adam = adam
    self.matrixProduct = matrixProduct
    self.windowProduct = windowProduct
    self.transpose = transpose
    self.readsInPlace = readsInPlace
    self.pack = pack
    self.packedCount = packedCount
    self.peak = peak
  }
}

/// A product `c = a b`, or `c += a b`, of strided matrices `[m, k] x [k, n]`.
///
/// Its pointers are marked as unsafe to share because the compiler cannot know what the caller
/// sees to: the memory outlives the call, and no two threads write the same part of `c`.
public struct MatrixProduct<Scalar: KernelScalar>: Sendable {
  /// Rows of the result.
  public var m: Int
  /// Columns of the result.
  public var n: Int
  /// Products that are summed for each element.
  public var k: Int
  /// Element `(i, p)` is at `a[i * aRow + p * aColumn]`.
  public nonisolated(unsafe) var a: UnsafePointer<Scalar>
  /// Distance of neighbouring rows.
  public var aRow: Int
  /// Distance of neighbouring columns.
  public var aColumn: Int
  /// Element `(p, j)` is at `b[p * bRow + j * bColumn]`; not looked at when `packed` is set.
  public nonisolated(unsafe) var b: UnsafePointer<Scalar>
  /// Distance of neighbouring rows.
  public var bRow: Int
  /// Distance of neighbouring columns.
  public var bColumn: Int
  /// The right operand as `KernelTable.pack` has laid it out, for products that repeat.
  public nonisolated(unsafe) var packed: UnsafePointer<Scalar>?
  /// Element `(i, j)` is at `c[i * cRow + j]`.
  public nonisolated(unsafe) var c: UnsafeMutablePointer<Scalar>
  /// Distance of neighbouring rows.
  public var cRow: Int
  /// Adds to `c` instead of overwriting it.
  public var accumulate: Bool
  /// Added to every row of the result: `n` numbers.
  public nonisolated(unsafe) var bias: UnsafePointer<Scalar>?
  /// Whether the rows are some of those of a larger product, and so are computed as those are, be it
  /// one row only.
  public var isPartOfRows = false

  /// A product without a bias, and of an operand that is not packed, unless given.
  @inlinable
  public init(
    m: Int, n: Int, k: Int,
    a: UnsafePointer<Scalar>, aRow: Int, aColumn: Int,
    b: UnsafePointer<Scalar>, bRow: Int, bColumn: Int,
    c: UnsafeMutablePointer<Scalar>, cRow: Int,
    accumulate: Bool = false, bias: UnsafePointer<Scalar>? = nil,
    packed: UnsafePointer<Scalar>? = nil
  ) {
    self.m = m
    self.n = n
    self.k = k
    self.a = a
    self.aRow = aRow
    self.aColumn = aColumn
    self.b = b
    self.bRow = bRow
    self.bColumn = bColumn
    self.packed = packed
    self.c = c
    self.cRow = cRow
    self.accumulate = accumulate
    self.bias = bias
  }
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
