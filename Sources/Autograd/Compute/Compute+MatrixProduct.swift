import Kernels

extension Compute {
  /// `[..., m, k] x [..., k, n]` with batches that broadcast; `bias` `[n]` is added to each row.
  package static func matrixProduct(
    _ a: UntypedTensor, _ b: UntypedTensor, bias: UntypedTensor? = nil
  ) -> UntypedTensor {
    let (m, k, n) = (a.shape[a.rank - 2], a.shape[a.rank - 1], b.shape[b.rank - 1])
    if a.rank == 2 && b.rank == 2 {
      return product(a, b, bias: bias, Shape(m, n))
    }
    guard let batch = prefix(a.shape).broadcast(with: prefix(b.shape)) else {
      trap(
        "matmul: \(a.shape) x \(b.shape): the batch axes do not broadcast\(layerPath(a, b))")
    }
    var full = batch
    full.append(m)
    full.append(n)
    // A batch of rows times one matrix is one product of more rows.
    if b.rank == 2, a.isContiguous { return product(a, b, bias: bias, full) }
    let result = UntypedTensor(a.type, full)
    multiplyBatch(a, b, bias, result, batch, m, n, k)
    return result
  }

  /// Which side of a product is read with its rows as columns, for which it takes no view.
  package enum Transposed {
    case none
    case left
    case right
  }

  /// `a x b`, with the bias added to each row, in a shape of as many rows and columns.
  ///
  /// - Parameters:
  ///   - a: a matrix of any strides, or a contiguous tensor whose axes but the last count as one.
  ///   - b: the same.
  package static func product(
    _ a: UntypedTensor, _ b: UntypedTensor, transposing side: Transposed = .none,
    bias: UntypedTensor? = nil,
    _ shape: Shape
  ) -> UntypedTensor {
    let result = UntypedTensor(a.type, shape)
    multiply(a, b, side, bias, into: result)
    return result
  }

  /// `target = a x b`, or `target += a x b`, for matrices of any strides and contiguous rows of the
  /// target.
  package static func product(
    _ a: UntypedTensor, _ b: UntypedTensor, bias: UntypedTensor? = nil, into target: UntypedTensor,
    adds: Bool = false
  ) {
    multiply(a, b, .none, bias, into: target, adds: adds)
  }

  private static func multiply(
    _ a: UntypedTensor, _ b: UntypedTensor, _ side: Transposed, _ bias: UntypedTensor?,
    into target: UntypedTensor,
    adds: Bool = false
  ) {
    let left = MatrixLayout(a, isTransposed: side == .left)
    let right = MatrixLayout(b, isTransposed: side == .right)
    func run<Scalar: FloatingPointScalar>(_: Scalar.Type) {
      var product = MatrixProduct<Scalar>(
        m: left.rows, n: right.columns, k: left.columns,
        a: a.pointer(), aRow: left.row, aColumn: left.column,
        b: b.pointer(), bRow: right.row, bColumn: right.column,
        c: target.pointer(), cRow: right.columns, accumulate: adds,
        bias: bias.map { UnsafePointer($0.pointer(Scalar.self)) }
      )
      let kernels = Scalar.kernels
      let layout = KeptLayout.mayServe(product) ? b.keptLayout(for: product) : nil
      product.packed = layout?.pointer()
      inParts(product) { $0.parallel(using: kernels) }
      withExtendedLifetime(layout) {}
    }
    a.type.floatingPoint("matmul", run(Float.self), run(Double.self))
  }

  /// Terms of a sum that one product adds up: as many blocks as may be added one after the other.
  static let termsInPart = 16 * 1024

  /// A product whose result is contiguous; where its sums are longer, that of parts, whose results
  /// are added with account of what rounding does to them.
  @inline(__always)
  private static func inParts<Scalar: FloatingPointScalar>(
    _ product: MatrixProduct<Scalar>, _ multiply: (MatrixProduct<Scalar>) -> Void
  ) {
    if product.k <= termsInPart { return multiply(product) }
    inManyParts(product, multiply)
  }

  private static func inManyParts<Scalar: FloatingPointScalar>(
    _ product: MatrixProduct<Scalar>, _ multiply: (MatrixProduct<Scalar>) -> Void
  ) {
    let block = UntypedTensor(Scalar.scalarType, [product.m, product.n])
    let excess = filled(Scalar.scalarType, block.shape, 0)
    for start in stride(from: 0, to: product.k, by: termsInPart) {
      var part = product
      part.k = Swift.min(termsInPart, product.k - start)
      part.a += start * product.aColumn
      part.b += start * product.bRow
      if start > 0 {
        part.c = block.pointer()
        part.accumulate = false
        part.bias = nil
      }
      multiply(part)
      if start > 0 {
        Scalar.kernels.addBlock(
          block.pointer(), to: product.c, excess: excess.pointer(), count: block.count)
      }
    }
    withExtendedLifetime((block, excess)) {}
  }

  /// Rows and columns of a matrix, and the distances between them; of more axes all but the last
  /// count as one.
  private struct MatrixLayout {
    private(set) var rows: Int
    private(set) var columns: Int
    private(set) var row: Int
    private(set) var column: Int

    @inline(__always)
    init(_ x: UntypedTensor, isTransposed: Bool) {
      (rows, columns) = (1, x.shape[x.rank - 1])
      for axis in 0..<(x.rank - 1) { rows *= x.shape[axis] }
      (row, column) = x.isContiguous ? (columns, 1) : (x.stride(0), x.stride(1))
      if isTransposed {
        swap(&rows, &columns)
        swap(&row, &column)
      }
    }
  }

  private static func prefix(_ shape: Shape) -> Shape { Shape(shape.dropLast(2)) }

  private static func multiplyBatch(
    _ a: UntypedTensor, _ b: UntypedTensor, _ bias: UntypedTensor?, _ c: UntypedTensor,
    _ batch: Shape,
    _ m: Int, _ n: Int, _ k: Int
  ) {
    a.type.floatingPoint(
      "matmul", multiplyBatch(Float.self, a, b, bias, c, batch, m, n, k),
      multiplyBatch(Double.self, a, b, bias, c, batch, m, n, k))
  }

  private static func multiplyBatch<Scalar: FloatingPointScalar>(
    _: Scalar.Type, _ a: UntypedTensor, _ b: UntypedTensor, _ bias: UntypedTensor?,
    _ c: UntypedTensor, _ batch: Shape,
    _ m: Int, _ n: Int, _ k: Int
  ) {
    let stridesA = batchStrides(a, batch)
    let stridesB = batchStrides(b, batch)
    let outer = batch.elementCount
    let template = MatrixProduct<Scalar>(
      m: m, n: n, k: k,
      a: a.pointer(), aRow: a.stride(a.rank - 2), aColumn: a.stride(a.rank - 1),
      b: b.pointer(), bRow: b.stride(b.rank - 2), bColumn: b.stride(b.rank - 1),
      c: c.pointer(), cRow: n, bias: bias.map { UnsafePointer($0.pointer(Scalar.self)) })
    let table = Scalar.kernels
    // Few large products are divided each by itself, many small ones among the threads.
    let work = m * n * Swift.max(k, 1)
    if outer < Threads.count * 2 && work > 1 << 20 {
      for index in 0..<outer {
        inParts(part(template, index, batch, stridesA, stridesB)) {
          $0.parallel(using: table)
        }
      }
      return
    }
    Threads.split(outer, grain: Swift.max((1 << 18) / Swift.max(work, 1), 1)) { range in
      for index in range {
        inParts(part(template, index, batch, stridesA, stridesB)) { table.matrixProduct($0) }
      }
    }
  }

  /// The product of one position of the batch.
  private static func part<Scalar>(
    _ template: MatrixProduct<Scalar>, _ index: Int, _ batch: Shape,
    _ stridesA: Strides, _ stridesB: Strides
  ) -> MatrixProduct<Scalar> {
    var result = template
    var rest = index
    for axis in (0..<batch.rank).reversed() {
      let position = rest % batch[axis]
      rest /= batch[axis]
      result.a += position * stridesA[axis]
      result.b += position * stridesB[axis]
    }
    result.c += index * template.m * template.n
    return result
  }

  private static func batchStrides(_ x: UntypedTensor, _ batch: Shape) -> Strides {
    var strides = Strides(repeating: 0)
    let offset = batch.rank - (x.rank - 2)
    for axis in 0..<(x.rank - 2) where x.shape[axis] != 1 {
      strides[axis + offset] = x.strides[axis]
    }
    return strides
  }
}
