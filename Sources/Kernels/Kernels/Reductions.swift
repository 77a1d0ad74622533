/// Sums, products and extremes along one axis.
///
/// Sums are made in blocks, each with four accumulators, and the blocks' results are added up:
/// the rounding error of a long sum grows with the number of blocks, not of elements.
extension InstructionSet {
  /// The whole vector, or its first lanes with `filler` in the others.
  @inlinable @inline(__always)
  static func load(
    _ address: UnsafePointer<Scalar>, lanes: Int, else filler: Scalar
  ) -> Vector {
    lanes == width ? load(address) : load(address, first: lanes, else: filler)
  }

  @inlinable @inline(__always)
  static func store(_ value: Vector, _ address: UnsafeMutablePointer<Scalar>, lanes: Int) {
    if lanes == width { store(value, address) } else { store(value, address, first: lanes) }
  }

  /// Calls `body(offset, lanes)` for each vector of `count` scalars; the last may have fewer lanes.
  @inlinable @inline(__always)
  static func forEachVector(_ count: Int, _ body: (Int, Int) -> Void) {
    var i = 0
    while i &+ width <= count {
      body(i, width)
      i &+= width
    }
    if i < count { body(i, count &- i) }
  }

  /// Number of rounds of four elements in a block.
  @inlinable @inline(__always)
  static var roundsInBlock: Int { 64 }

  /// `element(0)`, `element(1)`, ... up to `count`, and then `last`, joined by `operation`.
  ///
  /// Which accumulator an element goes to depends on its place alone, so identities at the end, as
  /// the weights 0 of padding are, change no bit of the result.
  @inlinable @inline(__always)
  static func foldVectors(
    _ count: Int, _ identity: Vector, _ operation: (Vector, Vector) -> Vector,
    last: Vector? = nil, _ element: (Int) -> Vector
  ) -> Vector {
    let all = last == nil ? count : count &+ 1
    @inline(__always) func join(_ total: inout Vector, _ i: Int) {
      total = operation(total, i < count ? element(i) : last!)
    }
    var total = identity
    var i = 0
    while i < all {
      let end = Swift.min(all, i &+ 4 &* roundsInBlock)
      var (a, b, c, d) = (identity, identity, identity, identity)
      while i &+ 4 <= Swift.min(count, end) {
        a = operation(a, element(i))
        b = operation(b, element(i &+ 1))
        c = operation(c, element(i &+ 2))
        d = operation(d, element(i &+ 3))
        i &+= 4
      }
      if i < end { join(&a, i) }
      if i &+ 1 < end { join(&b, i &+ 1) }
      if i &+ 2 < end { join(&c, i &+ 2) }
      if i &+ 3 < end { join(&d, i &+ 3) }
      total = operation(total, operation(operation(a, b), operation(c, d)))
      i = end
    }
    return total
  }

  /// The scalars of `element(offset, lanes)`, `count` in all, joined by `operation`. An element
  /// with fewer lanes than a vector has the identity in the others.
  @inlinable @inline(__always)
  static func foldRow(
    _ count: Int, _ identity: Scalar, _ operation: (Vector, Vector) -> Vector,
    _ element: (Int, Int) -> Vector
  ) -> Scalar {
    guard count > width else { return count > 0 ? fold(element(0, count), operation) : identity }
    let whole = count / width
    let done = whole &* width
    let last = done < count ? element(done, count &- done) : nil
    let total = foldVectors(whole, splat(identity), operation, last: last) {
      element($0 &* width, width)
    }
    return fold(total, operation)
  }

  /// `KernelTable.reduce`.
  @inlinable
  public static func reduce(
    _ reduction: Reduction, _ x: UnsafePointer<Scalar>, _ result: UnsafeMutablePointer<Scalar>,
    _ extents: Extents
  ) {
    switch reduction {
    case .sum: reduce(x, result, extents, 0) { $0 + $1 }
    case .product: reduce(x, result, extents, 1) { $0 * $1 }
    case .maximum: reduce(x, result, extents, -.infinity) { maximum($0, $1) }
    case .minimum: reduce(x, result, extents, .infinity) { minimum($0, $1) }
    }
  }

  @inlinable @inline(__always)
  static func reduce(
    _ x: UnsafePointer<Scalar>, _ result: UnsafeMutablePointer<Scalar>,
    _ extents: Extents, _ identity: Scalar,
    _ operation: (Vector, Vector) -> Vector
  ) {
    let (axis, inner) = (extents.axis, extents.inner)
    var outer = 0
    while outer < extents.outer {
      let x = x + outer &* axis &* inner
      if inner == 1 {
        result[outer] = foldRow(axis, identity, operation) { offset, lanes in
          load(x + offset, lanes: lanes, else: identity)
        }
      } else {
        reduceColumns(x, result + outer &* inner, axis, inner, identity, operation)
      }
      outer &+= 1
    }
  }

  /// `[axis, inner]` to `[inner]`: four vectors of columns at a time, so that whole cache lines
  /// are read one after the other, then single vectors.
  @inlinable @inline(__always)
  static func reduceColumns(
    _ x: UnsafePointer<Scalar>, _ result: UnsafeMutablePointer<Scalar>, _ axis: Int, _ inner: Int,
    _ identity: Scalar, _ operation: (Vector, Vector) -> Vector
  ) {
    var column = 0
    while column &+ 4 &* width <= inner {
      var (a, b, c, d) = (splat(identity), splat(identity), splat(identity), splat(identity))
      var row = 0
      while row < axis {
        let end = Swift.min(axis, row &+ roundsInBlock)
        var address = x + (row &* inner &+ column)
        var p = load(address)
        var q = load(address + width)
        var r = load(address + 2 &* width)
        var s = load(address + 3 &* width)
        row &+= 1
        while row < end {
          address += inner
          p = operation(p, load(address))
          q = operation(q, load(address + width))
          r = operation(r, load(address + 2 &* width))
          s = operation(s, load(address + 3 &* width))
          row &+= 1
        }
        a = operation(a, p)
        b = operation(b, q)
        c = operation(c, r)
        d = operation(d, s)
      }
      store(a, result + column)
      store(b, result + (column &+ width))
      store(c, result + (column &+ 2 &* width))
      store(d, result + (column &+ 3 &* width))
      column &+= 4 &* width
    }
    forEachVector(inner &- column) { offset, lanes in
      let first = x + (column &+ offset)
      let sum = foldVectors(axis, splat(identity), operation) { row in
        load(first + row &* inner, lanes: lanes, else: identity)
      }
      store(sum, result + (column &+ offset), lanes: lanes)
    }
  }
}
