import Kernels

extension Compute {
  /// `[..., m, k] x [..., k, n]` with batches that broadcast; `bias` `[n]` is added to each row.
  package static func matrixProduct(_ a: Value, _ b: Value, bias: Value? = nil) -> Value {
    let (m, k, n) = (a.shape[a.rank - 2], a.shape[a.rank - 1], b.shape[b.rank - 1])
    if a.rank == 2 && b.rank == 2 {
      let result = Value(a.type, Shape(m, n))
      multiply(a, b, bias, result, m, n, k)
      return result
    }
    guard let batch = prefix(a.shape).broadcast(with: prefix(b.shape)) else {
      trap(
        "matmul: \(a.shape) x \(b.shape): the batch axes do not broadcast\(place(a, b))")
    }
    var full = batch
    full.append(m)
    full.append(n)
    // A batch of rows times one matrix is one product of more rows.
    if b.rank == 2, a.isContiguous, k > 0 {
      let rows = a.count / k
      let result = Value(a.type, full)
      multiply(a.viewed(as: Shape(rows, k)), b, bias, result, rows, n, k)
      return result
    }
    let result = Value(a.type, full)
    multiplyBatch(a, b, bias, result, batch, m, n, k)
    return result
  }

  /// `target = a x b`, or `target += a x b`, for matrices of any strides and contiguous rows of the
  /// target.
  package static func product(
    _ a: Value, _ b: Value, bias: Value? = nil, into target: Value, adds: Bool = false
  ) {
    func run<Scalar: FloatingPointScalar>(_: Scalar.Type) {
      MatrixProduct<Scalar>(
        m: a.shape[0], n: b.shape[1], k: a.shape[1],
        a: a.pointer(), aRow: a.stride(0), aColumn: a.stride(1),
        b: b.pointer(), bRow: b.stride(0), bColumn: b.stride(1),
        c: target.pointer(), cRow: b.shape[1], accumulate: adds,
        bias: bias.map { UnsafePointer($0.pointer(Scalar.self)) }
      )
      .parallel(using: Scalar.kernels.matrixProduct)
    }
    switch a.type {
    case .float: run(Float.self)
    case .double: run(Double.self)
    default: wrongType("matmul", a.type)
    }
  }

  private static func prefix(_ shape: Shape) -> Shape { Shape(shape.dropLast(2)) }

  private static func multiply(
    _ a: Value, _ b: Value, _ bias: Value?, _ c: Value, _ m: Int, _ n: Int, _ k: Int
  ) {
    switch a.type {
    case .float: multiply(Float.self, a, b, bias, c, m, n, k)
    case .double: multiply(Double.self, a, b, bias, c, m, n, k)
    default: wrongType("matmul", a.type)
    }
  }

  private static func multiply<Scalar: FloatingPointScalar>(
    _: Scalar.Type, _ a: Value, _ b: Value, _ bias: Value?, _ c: Value,
    _ m: Int, _ n: Int, _ k: Int
  ) {
    MatrixProduct<Scalar>(
      m: m, n: n, k: k,
      a: a.pointer(), aRow: a.stride(0), aColumn: a.stride(1),
      b: b.pointer(), bRow: b.stride(0), bColumn: b.stride(1),
      c: c.pointer(), cRow: n,
      bias: bias.map { UnsafePointer($0.pointer(Scalar.self)) }
    )
    .parallel(using: Scalar.kernels.matrixProduct)
  }

  private static func multiplyBatch(
    _ a: Value, _ b: Value, _ bias: Value?, _ c: Value, _ batch: Shape,
    _ m: Int, _ n: Int, _ k: Int
  ) {
    switch a.type {
    case .float: multiplyBatch(Float.self, a, b, bias, c, batch, m, n, k)
    case .double: multiplyBatch(Double.self, a, b, bias, c, batch, m, n, k)
    default: wrongType("matmul", a.type)
    }
  }

  private static func multiplyBatch<Scalar: FloatingPointScalar>(
    _: Scalar.Type, _ a: Value, _ b: Value, _ bias: Value?, _ c: Value, _ batch: Shape,
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
        part(template, index, batch, stridesA, stridesB)
          .parallel(using: table.matrixProduct)
      }
      return
    }
    Threads.split(outer, grain: Swift.max((1 << 18) / Swift.max(work, 1), 1)) { range in
      for index in range {
        table.matrixProduct(part(template, index, batch, stridesA, stridesB))
      }
    }
  }

  /// The product of one place of the batch.
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

  private static func batchStrides(_ x: Value, _ batch: Shape) -> Strides {
    var strides = Strides(repeating: 0)
    let offset = batch.rank - (x.rank - 2)
    for axis in 0..<(x.rank - 2) where x.shape[axis] != 1 {
      strides[axis + offset] = x.strides[axis]
    }
    return strides
  }
}
