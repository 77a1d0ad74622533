package import Kernels

extension Compute {
  /// Reduces one axis, which the result does not have.
  package static func reduce(_ reduction: Reduction, _ x: UntypedTensor, axis: Int) -> UntypedTensor
  {
    reduce(reduction, x, extents(x.shape, axis), x.shape.removing(axis))
  }

  /// Reduces all elements to a tensor without axes.
  package static func reduce(_ reduction: Reduction, _ x: UntypedTensor) -> UntypedTensor {
    reduce(reduction, x, .init(outer: 1, axis: x.count, inner: 1), [])
  }

  /// `[outer, axis, inner]` of the given axis.
  package static func extents(_ shape: Shape, _ axis: Int) -> Extents {
    var outer = 1
    var inner = 1
    for i in 0..<axis { outer *= shape[i] }
    for i in (axis + 1)..<Swift.max(shape.rank, axis + 1) { inner *= shape[i] }
    return .init(outer: outer, axis: shape.rank == 0 ? 1 : shape[axis], inner: inner)
  }

  private static func reduce(
    _ reduction: Reduction, _ x: UntypedTensor, _ extents: Extents, _ shape: Shape
  ) -> UntypedTensor {
    // A call of its own: a constant that is either the tensor or a copy counts a reference.
    if !x.isContiguous { return reduce(reduction, copy(x), extents, shape) }
    let result = UntypedTensor(x.type, shape)
    x.type.floatingPoint(
      "\(reduction)", reduce(reduction, x.pointer(Float.self), extents, result.pointer()),
      reduce(reduction, x.pointer(Double.self), extents, result.pointer()))
    withExtendedLifetime(x) {}
    return result
  }

  /// The sum of the rows of `[rows, count]`.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  package static func sumOfRows<Scalar: FloatingPointScalar>(
    _ x: UnsafePointer<Scalar>, rows: Int, count: Int
  ) -> UntypedTensor {
    let result = UntypedTensor(Scalar.scalarType, [count])
    reduce(.sum, x, .init(outer: 1, axis: rows, inner: count), result.pointer())
    return result
  }

  private static func reduce<Scalar: FloatingPointScalar>(
    _ reduction: Reduction, _ from: UnsafePointer<Scalar>, _ extents: Extents,
    _ to: UnsafeMutablePointer<Scalar>
  ) {
    let kernels = Scalar.kernels
    let row = extents.axis * extents.inner
    if extents.outer == 1, reduction == .sum, row >= 4 * elementwiseGrain {
      return sumInParts(from, extents, to)
    }
    let grain = Swift.max(elementwiseGrain / Swift.max(row, 1), 1)
    Threads.split(extents.outer, grain: grain) { range in
      kernels.reduce(
        reduction, from + range.lowerBound * row, to: to + range.lowerBound * extents.inner,
        .init(outer: range.count, axis: extents.axis, inner: extents.inner))
    }
  }

  /// One long sum, or a row of such: that of parts whose borders depend on sizes alone, each by one
  /// thread, then that of the parts' sums.
  private static func sumInParts<Scalar: FloatingPointScalar>(
    _ from: UnsafePointer<Scalar>, _ extents: Extents, _ to: UnsafeMutablePointer<Scalar>
  ) {
    let kernels = Scalar.kernels
    let inner = extents.inner
    let length = Swift.max(elementwiseGrain / inner, 16)
    let count = (extents.axis + length - 1) / length
    let parts = UntypedTensor(Scalar.scalarType, [count, inner])
    let sums = parts.pointer(Scalar.self)
    Threads.parallel(count) { part in
      let first = part * length
      kernels.reduce(
        .sum, from + first * inner, to: sums + part * inner,
        .init(outer: 1, axis: Swift.min(length, extents.axis - first), inner: inner))
    }
    kernels.reduce(.sum, sums, to: to, .init(outer: 1, axis: count, inner: inner))
    withExtendedLifetime(parts) {}
  }

  /// The first position of the largest (smallest) element along an axis, NaN counting as extreme.
  package static func extremum(_ x: UntypedTensor, axis: Int, largest: Bool) -> UntypedTensor {
    let x = contiguous(x)
    let result = UntypedTensor(.int32, x.shape.removing(axis))
    func run<Scalar: NumericScalar>(_: Scalar.Type) {
      let extents = extents(x.shape, axis)
      let from = x.pointer(Scalar.self)
      let to = result.pointer(Int32.self)
      for outer in 0..<extents.outer {
        for inner in 0..<extents.inner {
          let first = from + (outer * extents.axis * extents.inner + inner)
          var best = 0
          var current = first[0]
          for i in 1..<Swift.max(extents.axis, 1) where current == current {
            let candidate = first[i * extents.inner]
            // Also false where the candidate is NaN.
            if largest ? candidate <= current : candidate >= current { continue }
            (best, current) = (i, candidate)
          }
          to[outer * extents.inner + inner] = Int32(best)
        }
      }
    }
    switch x.type {
    case .float: run(Float.self)
    case .double: run(Double.self)
    case .int32: run(Int32.self)
    case .uint8: run(UInt8.self)
    case .bool: wrongType("argmax", x.type)
    }
    return result
  }

  // MARK: Softmax and normalisation

  package static func softmax(_ x: UntypedTensor, mask: UntypedTensor?, axis: Int, logarithm: Bool)
    -> UntypedTensor
  {
    if !x.isContiguous {
      return softmax(copy(x), mask: mask, axis: axis, logarithm: logarithm)
    }
    if let mask, !mask.isContiguous {
      return softmax(x, mask: copy(mask), axis: axis, logarithm: logarithm)
    }
    let result = UntypedTensor(x.type, x.shape)
    func run<Scalar: FloatingPointScalar>(_: Scalar.Type) {
      let from = UnsafePointer<Scalar>(x.pointer(Scalar.self))
      let to = result.pointer(Scalar.self)
      let allowed = (mask?.pointer(Bool.self)).map { UnsafePointer($0) }
      forRows(extents(x.shape, axis)) { offset, extents in
        Scalar.kernels.softmax(
          from + offset, mask: allowed.map { $0 + offset }, to: to + offset,
          .init(outer: extents.outer, axis: extents.axis, inner: extents.inner),
          logarithm: logarithm)
      }
    }
    x.type.floatingPoint("softmax", run(Float.self), run(Double.self))
    return result
  }

  package static func softmaxGradient(
    _ gradient: UntypedTensor, _ y: UntypedTensor, axis: Int, logarithm: Bool
  ) -> UntypedTensor {
    let gradient = contiguous(gradient)
    let y = contiguous(y)
    let result = UntypedTensor(y.type, y.shape)
    func run<Scalar: FloatingPointScalar>(_: Scalar.Type) {
      let dy = UnsafePointer<Scalar>(gradient.pointer(Scalar.self))
      let from = UnsafePointer<Scalar>(y.pointer(Scalar.self))
      let to = result.pointer(Scalar.self)
      forRows(extents(y.shape, axis)) { offset, extents in
        Scalar.kernels.softmaxGradient(
          dy + offset, of: from + offset, to: to + offset,
          .init(outer: extents.outer, axis: extents.axis, inner: extents.inner),
          logarithm: logarithm)
      }
    }
    y.type.floatingPoint("softmax", run(Float.self), run(Double.self))
    return result
  }

  /// Divides the outer axis among the threads: `(offset in elements, extents of the part)`.
  private static func forRows(
    _ extents: Extents,
    _ body: (Int, Extents) -> Void
  ) {
    let row = extents.axis * extents.inner
    if row == 0 { return }
    let body = body
    Threads.split(extents.outer, grain: Swift.max(elementwiseGrain / 8 / row, 1)) { range in
      body(
        range.lowerBound * row,
        .init(outer: range.count, axis: extents.axis, inner: extents.inner))
    }
  }
}
