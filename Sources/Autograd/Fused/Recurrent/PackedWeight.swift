import Kernels

/// The right operand of a product that every step repeats, laid out for it where that is a gain.
///
/// What a step needs of it is plain numbers: no step counts a reference. The weight itself is kept
/// by whoever makes this. Marked as `MatrixProduct` is: once laid out, it is only read.
struct PackedWeight<Scalar: FloatingPointScalar>: ~Copyable, @unchecked Sendable {
  // Unchecked: nobody writes to what has been laid out.
  /// Where it is laid out, if not where somebody else has room for it.
  private let memory: Workspace?
  private let isOfSequence: Bool
  /// The product of a step.
  private let product: MatrixProduct<Scalar>

  /// - Parameters:
  ///   - weight: `[k, n]`
  ///   - rows, columns: those of the weight that are used; nil for all.
  ///   - isPacked: whether several products have this operand.
  ///   - batch: rows of a step's product, of which a thread may compute some. What such products read
  ///     as it lies is not laid out.
  init(
    _ weight: borrowing UntypedTensor, rows: Range<Int>? = nil, columns: Range<Int>? = nil,
    isPacked: Bool, batch: Int
  ) {
    self.init(
      weight, rows, columns, k: 0, n: 1, isPacked: isPacked, batch: batch, isOfSequence: true)
  }

  /// The transpose of a weight `[n, k]`, as a forward pass needs it.
  ///
  /// - Parameters:
  ///   - isOfSequence: whether a step stands for one of a longer sequence, of which it must have the
  ///     same bits.
  ///   - room: where it is laid out, room for `KernelSet.packedCount` numbers that outlives this
  ///     object; nil for memory of its own.
  init(
    transposing weight: borrowing UntypedTensor, columns: Range<Int>? = nil, isPacked: Bool,
    batch: Int, isOfSequence: Bool = true, room: UnsafeMutablePointer<Scalar>? = nil
  ) {
    self.init(
      weight, nil, columns, k: 1, n: 0, isPacked: isPacked, batch: batch,
      isOfSequence: isOfSequence, room: room)
  }

  /// - Parameter k, n: the weight's axes.
  private init(
    _ weight: borrowing UntypedTensor, _ rows: Range<Int>?, _ columns: Range<Int>?, k: Int, n: Int,
    isPacked: Bool, batch: Int, isOfSequence: Bool, room: UnsafeMutablePointer<Scalar>? = nil
  ) {
    self.isOfSequence = isOfSequence
    let rows = rows ?? 0..<weight.shape[0]
    let columns = columns ?? 0..<weight.shape[1]
    let depth = k == 0 ? rows.count : columns.count
    let width = k == 0 ? columns.count : rows.count
    let start =
      weight.pointer(Scalar.self) + rows.lowerBound * weight.stride(0)
      + columns.lowerBound * weight.stride(1)
    var product = MatrixProduct<Scalar>(
      m: batch, n: width, k: depth, a: UnsafePointer(start), aRow: depth, aColumn: 1,
      b: UnsafePointer(start), bRow: weight.stride(k), bColumn: weight.stride(n), c: start,
      cRow: width)
    // What does not stay nearby is read faster one after the other.
    let staysInPlace =
      depth * width <= MatrixProduct<Scalar>.mostNearby && Scalar.kernels.readsInPlace(product)
    if isPacked && !staysInPlace {
      let target: UnsafeMutablePointer<Scalar>
      if let room {
        target = room
        memory = nil
      } else {
        let own = Workspace(Scalar.self, Scalar.kernels.packedCount(rows: depth, columns: width))
        target = own.pointer()
        memory = consume own
      }
      product.packRight(into: target)
      product.packed = UnsafePointer(target)
    } else {
      memory = nil
    }
    self.product = product
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
