/// `exp(x - highest)`.
@usableFromInline
struct Exponentials<Set: InstructionSet>: RowElements {
  @usableFromInline let x: UnsafePointer<Set.Scalar>
  @usableFromInline let highest: Set.Vector

  @inlinable @inline(__always)
  init(_ x: UnsafePointer<Set.Scalar>, _ highest: Set.Vector) {
    self.x = x
    self.highest = highest
  }

  @inlinable @inline(__always)
  func vector(_ offset: Int, _ lanes: Int) -> Set.Vector {
    Set.expBelowOverflow(Set.load(x + offset, lanes: lanes, else: -.infinity) - highest)
  }
}

/// `exp(x - highest)`, which leaves a copy at `result`.
@usableFromInline
struct StoredExponentials<Set: InstructionSet>: RowElements {
  @usableFromInline let exponentials: Exponentials<Set>
  @usableFromInline let result: UnsafeMutablePointer<Set.Scalar>

  @inlinable @inline(__always)
  init(
    _ x: UnsafePointer<Set.Scalar>, _ highest: Set.Vector,
    _ result: UnsafeMutablePointer<Set.Scalar>
  ) {
    self.exponentials = Exponentials(x, highest)
    self.result = result
  }

  @inlinable @inline(__always)
  func vector(_ offset: Int, _ lanes: Int) -> Set.Vector {
    let value = exponentials.vector(offset, lanes)
    Set.store(value, result + offset, lanes: lanes)
    return value
  }
}

/// Softmax and log-softmax along an axis.
extension InstructionSet {
  /// `KernelTable.softmax`.
  @inlinable
  public static func softmax(
    _ x: UnsafePointer<Scalar>, _ mask: UnsafePointer<Bool>?,
    _ result: UnsafeMutablePointer<Scalar>, _ extents: KernelTable<Scalar>.Extents,
    _ logarithm: Bool
  ) {
    let (axis, inner) = (extents.axis, extents.inner)
    let size = axis &* inner
    guard size > 0 else { return }
    var outer = 0
    while outer < extents.outer {
      let result = result + outer &* size
      var x = x + outer &* size
      let mask = mask.map { $0 + outer &* size }
      if let mask {
        fillMasked(x, mask, result, size)
        x = UnsafePointer(result)
      }
      if inner == 1 {
        let sum = softmaxRow(x, result, axis, logarithm)
        if let mask, !sum.isFinite { clearMasked(mask, result, axis, 1, logarithm) }
      } else {
        var column = 0
        while column &+ width <= inner {
          let sum = softmaxColumns(x, result, axis, inner, column, width, logarithm)
          if let mask { clearMasked(mask, result, axis, inner, column, sum, width, logarithm) }
          column &+= width
        }
        if column < inner {
          let lanes = inner &- column
          let sum = softmaxColumns(x, result, axis, inner, column, lanes, logarithm)
          if let mask { clearMasked(mask, result, axis, inner, column, sum, lanes, logarithm) }
        }
      }
      outer &+= 1
    }
  }

  /// One contiguous row; returns the sum of the exponentials.
  @inlinable @inline(__always)
  static func softmaxRow(
    _ x: UnsafePointer<Scalar>, _ result: UnsafeMutablePointer<Scalar>, _ count: Int,
    _ logarithm: Bool
  ) -> Scalar {
    if count <= width {
      let scores = load(x, lanes: count, else: -.infinity)
      let shifted = scores - splat(fold(Join.Highest.self, scores))
      let e = expBelowOverflow(shifted)
      let sum = fold(Join.Sum.self, e)
      let weights = logarithm ? shifted - log(splat(sum)) : e * splat(1 / sum)
      store(weights, result, lanes: count)
      return sum
    }
    // A NaN that the maximum overlooks shows in the sum.
    let scores = StoredElements<Self>(x, else: -.infinity)
    let highest = splat(foldRow(Join.Highest.self, count, scores))
    let whole = count / width &* width
    let rest = count &- whole
    if logarithm {
      let sum = foldRow(Join.Sum.self, count, Exponentials<Self>(x, highest))
      let logSum = log(splat(sum))
      var i = 0
      while i < whole {
        store(load(x + i) - highest - logSum, result + i)
        i &+= width
      }
      if rest > 0 {
        let last = load(x + whole, first: rest) - highest - logSum
        store(last, result + whole, first: rest)
      }
      return sum
    }
    let sum = foldRow(Join.Sum.self, count, StoredExponentials<Self>(x, highest, result))
    let scale = splat(1 / sum)
    var i = 0
    while i < whole {
      store(load(result + i) * scale, result + i)
      i &+= width
    }
    while i < count {
      result[i] *= scale[0]
      i &+= 1
    }
    return sum
  }

  /// A vector of columns of `[axis, inner]`, along the axis; returns the sums of the
  /// exponentials.
  @inlinable @inline(__always)
  static func softmaxColumns(
    _ x: UnsafePointer<Scalar>, _ result: UnsafeMutablePointer<Scalar>, _ axis: Int,
    _ inner: Int, _ column: Int, _ lanes: Int, _ logarithm: Bool
  ) -> Vector {
    let scores = StoredElements<Self>(x, else: 0)
    let highest = foldVectors(
      Join.Highest.self, axis, scores, start: column, step: inner, lanes: lanes)
    let end = column &+ axis &* inner
    var offset = column
    if logarithm {
      let sum = foldVectors(
        Join.Sum.self, axis, Exponentials<Self>(x, highest), start: column, step: inner,
        lanes: lanes)
      let logSum = log(sum)
      while offset < end {
        let shifted = load(x + offset, lanes: lanes, else: 0) - highest
        store(shifted - logSum, result + offset, lanes: lanes)
        offset &+= inner
      }
      return sum
    }
    let sum = foldVectors(
      Join.Sum.self, axis, StoredExponentials<Self>(x, highest, result), start: column,
      step: inner, lanes: lanes)
    let scale = splat(1) / sum
    while offset < end {
      let e = load(UnsafePointer(result + offset), lanes: lanes, else: 0)
      store(e * scale, result + offset, lanes: lanes)
      offset &+= inner
    }
    return sum
  }
}
