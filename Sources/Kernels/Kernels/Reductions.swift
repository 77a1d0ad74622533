/// Sums, products and extremes along one axis.
///
/// Sums are made in short blocks, each with four accumulators, and the blocks' results are added up
/// with account of what rounding does: the error of a sum is that of a block, however long it is.
extension VectorInstructions {
  /// The whole vector, or its first lanes with `filler` in the others.
  @inlinable @inline(__always)
  public static func load(
    _ address: UnsafePointer<Stored>, lanes: Int, else filler: Scalar
  ) -> Vector {
    lanes == width ? load(address) : load(address, first: lanes, else: filler)
  }

  /// Stores the whole vector, or its first lanes.
  @inlinable @inline(__always)
  public static func store(
    _ value: Vector, _ address: UnsafeMutablePointer<Stored>, lanes: Int
  ) {
    if lanes == width { store(value, address) } else { store(value, address, first: lanes) }
  }

  /// Vectors in a block. An accumulator takes four of them: of equal numbers, the fourth addition
  /// makes up for most of what rounding did to the third.
  @inlinable @inline(__always)
  static var vectorsInBlock: Int { 16 }
  /// Rows in a block of columns, each with two accumulators that take two rows at a time.
  @inlinable @inline(__always)
  static var rowsInBlock: Int { 16 }

  /// Joins `count` vectors, lane by lane, whose elements begin at `start`, `start + step`, ...; and
  /// after them the first `rest` lanes of one more.
  ///
  /// Which accumulator a vector goes to depends on its place alone, so neutral elements at the end,
  /// as the weights 0 of padding are in a sum, change no bit of the result.
  @inlinable @inline(__always)
  static func foldVectors<J: Joining, Elements: RowElements>(
    _: J.Type, _ count: Int, _ elements: Elements, start: Int, step: Int, lanes: Int,
    rest restLanes: Int = 0
  ) -> Vector where J.Set == Self, Elements.Set == Self {
    let all = restLanes > 0 ? count &+ 1 : count
    var total = splat(J.neutral)
    var excess = zero
    var i = 0
    var offset = start
    while i < all {
      let end = Swift.min(all, i &+ vectorsInBlock)
      let wholeEnd = Swift.min(count, end)
      var a = splat(J.neutral)
      var b = a
      var c = a
      var d = a
      while i &+ 4 <= wholeEnd {
        a = J.join(a, elements.vector(offset, lanes))
        b = J.join(b, elements.vector(offset &+ step, lanes))
        c = J.join(c, elements.vector(offset &+ 2 &* step, lanes))
        d = J.join(d, elements.vector(offset &+ 3 &* step, lanes))
        i &+= 4
        offset &+= 4 &* step
      }
      var place = 0
      while i < end {
        let last = elements.vector(offset, i < count ? lanes : restLanes)
        switch place {
        case 0: a = J.join(a, last)
        case 1: b = J.join(b, last)
        case 2: c = J.join(c, last)
        default: d = J.join(d, last)
        }
        place &+= 1
        i &+= 1
        offset &+= step
      }
      let block = J.join(J.join(a, b), J.join(c, d))
      // Most rows are one block.
      if all <= vectorsInBlock { return block }
      J.joinBlock(&total, &excess, block)
    }
    return total
  }

  /// Joins `count` contiguous elements.
  @inlinable @inline(__always)
  static func foldRow<J: Joining, Elements: RowElements>(
    _ joining: J.Type, _ count: Int, _ elements: Elements
  ) -> Scalar where J.Set == Self, Elements.Set == Self {
    guard count > width else {
      return count > 0 ? fold(joining, elements.vector(0, count)) : J.neutral
    }
    let total = foldVectors(
      joining, count / width, elements, start: 0, step: width, lanes: width, rest: count % width)
    return fold(joining, total)
  }

  /// `KernelSet.reduce`.
  @inlinable
  public static func reduce(
    _ reduction: Reduction, _ x: UnsafePointer<Stored>, to result: UnsafeMutablePointer<Stored>,
    _ extents: Extents
  ) {
    switch reduction {
    case .sum: reduceBy(Join.Sum.self, x, result, extents)
    case .product: reduceBy(Join.Product.self, x, result, extents)
    case .maximum: reduceBy(Join.Maximum.self, x, result, extents)
    case .minimum: reduceBy(Join.Minimum.self, x, result, extents)
    }
  }

  @inlinable @inline(never)
  static func reduceBy<J: Joining>(
    _ joining: J.Type, _ x: UnsafePointer<Stored>, _ result: UnsafeMutablePointer<Stored>,
    _ extents: Extents
  ) where J.Set == Self {
    let (axis, inner) = (extents.axis, extents.inner)
    var outer = 0
    while outer < extents.outer {
      let elements = StoredElements<Self>(
        x + outer &* axis &* inner, else: J.neutral)
      if inner == 1 {
        result[outer] = Stored(storing: foldRow(joining, axis, elements))
      } else {
        reduceColumns(joining, elements, result + outer &* inner, axis, inner)
      }
      outer &+= 1
    }
  }

  /// `[axis, inner]` to `[inner]`: four vectors of columns at a time, so that whole cache lines
  /// are read one after the other, then single vectors.
  @inlinable @inline(never)
  static func reduceColumns<J: Joining>(
    _ joining: J.Type, _ elements: StoredElements<Self>, _ result: UnsafeMutablePointer<Stored>,
    _ axis: Int, _ inner: Int
  ) where J.Set == Self {
    var column = 0
    while column &+ 4 &* width <= inner {
      reduceFourColumns(joining, elements.address + column, result + column, axis, inner)
      column &+= 4 &* width
    }
    while column &+ width <= inner {
      let total = foldVectors(joining, axis, elements, start: column, step: inner, lanes: width)
      store(total, result + column)
      column &+= width
    }
    if column < inner {
      let lanes = inner &- column
      let columns = NarrowColumns<Self>(elements.address, count: axis &* inner)
      let total = foldVectors(joining, axis, columns, start: column, step: inner, lanes: lanes)
      store(total, result + column, first: lanes)
    }
  }

  /// Four vectors of columns.
  @inlinable @inline(__always)
  static func reduceFourColumns<J: Joining>(
    _: J.Type, _ x: UnsafePointer<Stored>, _ result: UnsafeMutablePointer<Stored>,
    _ axis: Int, _ inner: Int
  ) where J.Set == Self {
    let neutral = splat(J.neutral)
    var (a, b, c, d) = (neutral, neutral, neutral, neutral)
    var (aExcess, bExcess, cExcess, dExcess) = (zero, zero, zero, zero)
    var address = x
    var left = axis
    while left > 0 {
      var (p, q, r, s) = (neutral, neutral, neutral, neutral)
      var (t, u, v, w) = (neutral, neutral, neutral, neutral)
      var rows = Swift.min(left, rowsInBlock)
      left &-= rows
      while rows >= 4 {
        joinRows(J.self, &p, &q, &r, &s, address, inner)
        address += 2 &* inner
        joinRows(J.self, &t, &u, &v, &w, address, inner)
        address += 2 &* inner
        rows &-= 4
      }
      // Where a row goes depends on its place alone, here too.
      if rows >= 2 {
        joinRows(J.self, &p, &q, &r, &s, address, inner)
        address += 2 &* inner
        if rows == 3 { joinRow(J.self, &t, &u, &v, &w, address) }
      } else if rows == 1 {
        joinRow(J.self, &p, &q, &r, &s, address)
      }
      J.joinBlock(&a, &aExcess, J.join(p, t))
      J.joinBlock(&b, &bExcess, J.join(q, u))
      J.joinBlock(&c, &cExcess, J.join(r, v))
      J.joinBlock(&d, &dExcess, J.join(s, w))
    }
    store(a, result)
    store(b, result + width)
    store(c, result + 2 &* width)
    store(d, result + 3 &* width)
  }

  /// Joins four vectors each of two rows.
  @inlinable @inline(__always)
  static func joinRows<J: Joining>(
    _: J.Type, _ a: inout Vector, _ b: inout Vector, _ c: inout Vector, _ d: inout Vector,
    _ row: UnsafePointer<Stored>, _ distance: Int
  ) where J.Set == Self {
    let next = row + distance
    a = J.join(a, J.join(load(row), load(next)))
    b = J.join(b, J.join(load(row + width), load(next + width)))
    c = J.join(c, J.join(load(row + 2 &* width), load(next + 2 &* width)))
    d = J.join(d, J.join(load(row + 3 &* width), load(next + 3 &* width)))
  }

  /// Joins four vectors of a row.
  @inlinable @inline(__always)
  static func joinRow<J: Joining>(
    _: J.Type, _ a: inout Vector, _ b: inout Vector, _ c: inout Vector, _ d: inout Vector,
    _ row: UnsafePointer<Stored>
  ) where J.Set == Self {
    a = J.join(a, load(row))
    b = J.join(b, load(row + width))
    c = J.join(c, load(row + 2 &* width))
    d = J.join(d, load(row + 3 &* width))
  }
}
