import Kernels

/// The right operand of a product that every step repeats, laid out for it where that is a gain.
///
/// What a step needs of it is plain numbers: no step counts a reference. The weight itself is kept
/// by whoever makes this.
struct PackedWeight<Scalar: FloatingPointScalar>: ~Copyable, @unchecked Sendable {
  // Unchecked: nobody writes to what has been laid out.
  /// Where it is laid out, if not where somebody else has room for it.
  private let memory: Workspace?
  private let isOfSequence: Bool
  /// The product of a step.
  private let product: MatrixProduct<Scalar>

  /// Numbers that take a thread some ten microseconds to lay out.
  private static var worthAThread: Int { 1 << 15 }

  /// - Parameters:
  ///   - weight: `[k, n]`
  ///   - isPacked: whether several products have this operand.
  ///   - rows: of a step's product, of which a thread may compute some. What such products read as it
  ///     lies is not laid out.
  ///   - isOfSequence: whether a step stands for one of a longer sequence, of which it must have the
  ///     same bits.
  init(_ weight: borrowing UntypedTensor, isPacked: Bool, rows: Int, isOfSequence: Bool = true) {
    self.init(
      weight, k: 0, n: 1, isPacked: isPacked, rows: rows, isOfSequence: isOfSequence)
  }

  /// The transpose of a weight `[n, k]`, as a forward pass needs it.
  ///
  /// - Parameter room: where it is laid out, room for `KernelSet.packedCount` numbers that outlives
  ///   this object; nil for memory of its own.
  init(
    transposing weight: borrowing UntypedTensor, isPacked: Bool, rows: Int,
    isOfSequence: Bool = true,
    room: UnsafeMutablePointer<Scalar>? = nil
  ) {
    self.init(
      weight, k: 1, n: 0, isPacked: isPacked, rows: rows, isOfSequence: isOfSequence, room: room)
  }

  /// - Parameter k, n: the weight's axes.
  private init(
    _ weight: borrowing UntypedTensor, k: Int, n: Int, isPacked: Bool, rows: Int,
    isOfSequence: Bool,
    room: UnsafeMutablePointer<Scalar>? = nil
  ) {
    self.isOfSequence = isOfSequence
    let (depth, columns) = (weight.shape[k], weight.shape[n])
    let start = weight.pointer(Scalar.self)
    var product = MatrixProduct<Scalar>(
      m: rows, n: columns, k: depth, a: UnsafePointer(start), aRow: depth, aColumn: 1,
      b: UnsafePointer(start), bRow: weight.stride(k), bColumn: weight.stride(n), c: start,
      cRow: columns)
    // What does not stay nearby is read faster one after the other.
    let staysInPlace =
      weight.count <= MatrixProduct<Scalar>.mostNearby && Scalar.kernels.readsInPlace(product)
    if isPacked && !staysInPlace {
      let target: UnsafeMutablePointer<Scalar>
      if let room {
        target = room
        memory = nil
      } else {
        let own = Workspace(Scalar.self, Scalar.kernels.packedCount(rows: depth, columns: columns))
        target = own.pointer()
        memory = consume own
      }
      Self.pack(product, into: target)
      product.packed = UnsafePointer(target)
    } else {
      memory = nil
    }
    self.product = product
  }

  /// The right operand, laid out.
  private static func pack(
    _ product: MatrixProduct<Scalar>, into target: UnsafeMutablePointer<Scalar>
  ) {
    let (rows, columns) = (product.k, product.n)
    let table = Scalar.kernels
    let parts = Swift.max(Swift.min(Threads.count, rows * columns / worthAThread), 1)
    if parts == 1 {
      return table.pack(
        product.b, row: product.bRow, column: product.bColumn, rows: rows, columns: columns,
        to: target)
    }
    let unit = MatrixProduct<Scalar>.columnUnit
    let ranges = MatrixProduct<Scalar>.ColumnRanges(
      columns, width: Swift.max((columns + parts * unit - 1) / (parts * unit), 1) * unit,
      isPacked: true)
    Threads.parallel(ranges.count) { index in
      let range = ranges[index]
      table.pack(
        product.b + range.lowerBound * product.bColumn, row: product.bRow, column: product.bColumn,
        rows: rows,
        columns: range.count, to: target + range.lowerBound * rows)
    }
  }

  /// `[rows, k] x weight`, for contiguous rows unless they are `stride` apart. Keep
  /// this and the weight until the products are done.
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
