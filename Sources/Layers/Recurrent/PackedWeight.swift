import Autograd
import Kernels

/// The right operand of a product that every step repeats, laid out for it where that is a gain.
///
/// What a step needs of it is plain numbers: no step counts a reference.
struct PackedWeight<Scalar: FloatingPointScalar>: @unchecked Sendable {
  // Unchecked: the value is kept alive only; nobody writes to its memory.
  /// What the products read: the weight, or it as it has been laid out.
  private let memory: Value
  private let isOfSequence: Bool
  /// The product of a step.
  private let product: MatrixProduct<Scalar>

  /// Numbers that take a thread some ten microseconds to lay out.
  private static var worthAThread: Int { 1 << 15 }

  /// - Parameters:
  ///   - isPacked: whether several products have this operand.
  ///   - rows: of a step's product, of which a thread may compute some. What such products read as it
  ///     lies is not laid out.
  ///   - isOfSequence: whether a step stands for one of a longer sequence, of which it must have the
  ///     same bits.
  init(_ weight: Value, isPacked: Bool, rows: Int, isOfSequence: Bool = true) {
    self.isOfSequence = isOfSequence
    let (k, n) = (weight.shape[0], weight.shape[1])
    var product = MatrixProduct<Scalar>(
      m: rows, n: n, k: k, a: UnsafePointer(weight.pointer()), aRow: k, aColumn: 1,
      b: weight.pointer(), bRow: weight.strides[0], bColumn: weight.strides[1],
      c: weight.pointer(), cRow: n)
    // What does not stay nearby is read faster one behind the other.
    let staysInPlace =
      weight.count <= MatrixProduct<Scalar>.mostNearby && Scalar.kernels.readsInPlace(product)
    if isPacked && !staysInPlace {
      memory = Self.pack(weight)
      product.packed = UnsafePointer(memory.pointer(Scalar.self))
    } else {
      memory = weight
    }
    self.product = product
  }

  private static func pack(_ weight: Value) -> Value {
    let (rows, columns) = (weight.shape[0], weight.shape[1])
    let table = Scalar.kernels
    let target = Value(Scalar.scalarType, [table.packedCount(rows, columns)])
    let stride = weight.strides[1]
    let unit = MatrixProduct<Scalar>.columnUnit
    let parts = Swift.max(Swift.min(Threads.count, rows * columns / worthAThread), 1)
    let ranges = MatrixProduct<Scalar>.ColumnRanges(
      columns, width: Swift.max((columns + parts * unit - 1) / (parts * unit), 1) * unit,
      isPacked: true)
    Threads.parallel(ranges.count) { index in
      let range = ranges[index]
      table.pack(
        weight.pointer() + range.lowerBound * stride, weight.strides[0], stride, rows, range.count,
        target.pointer() + range.lowerBound * rows)
    }
    return target
  }

  /// `[rows, k] x weight`, for contiguous rows unless they are `stride` apart. The memory of the
  /// weight lives as long as this object: keep that until the products are done.
  @inline(__always)
  func product(
    rows: Int, _ a: UnsafePointer<Scalar>, stride: Int? = nil,
    into c: UnsafeMutablePointer<Scalar>, accumulate: Bool, bias: UnsafePointer<Scalar>?
  ) -> MatrixProduct<Scalar> {
    var product = product
    product.isPartOfRows = isOfSequence || rows < product.m
    product.m = rows
    product.a = a
    if let stride { product.aRow = stride }
    product.c = c
    product.accumulate = accumulate
    product.bias = bias
    return product
  }
}
