/// Sums, products and extremes along one axis.
///
/// Sums are made in blocks, each with four accumulators, and the blocks' results are added up:
/// the rounding error of a long sum grows with the number of blocks, not of elements.
extension VectorInstructions {
  /// The whole vector, or its first lanes with `filler` in the others.
  @inlinable @inline(__always)
  public static func load(
    _ address: UnsafePointer<Scalar>, lanes: Int, else filler: Scalar
  ) -> Vector {
    lanes == width ? load(address) : load(address, first: lanes, else: filler)
  }

  /// Stores the whole vector, or its first lanes.
  @inlinable @inline(__always)
  public static func store(
    _ value: Vector, _ address: UnsafeMutablePointer<Scalar>, lanes: Int
  ) {
    if lanes == width { store(value, address) } else { store(value, address, first: lanes) }
  }

  /// Number of rounds of four elements in a block.
  @inlinable @inline(__always)
  static var roundsInBlock: Int { 64 }

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
    var i = 0
    var offset = start
    while i < all {
      let end = Swift.min(all, i &+ 4 &* roundsInBlock)
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
      total = J.join(total, J.join(J.join(a, b), J.join(c, d)))
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

  /// `KernelTable.reduce`.
  @inlinable
  public static func reduce(
    _ reduction: Reduction, _ x: UnsafePointer<Scalar>, _ result: UnsafeMutablePointer<Scalar>,
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
    _ joining: J.Type, _ x: UnsafePointer<Scalar>, _ result: UnsafeMutablePointer<Scalar>,
    _ extents: Extents
  ) where J.Set == Self {
    let (axis, inner) = (extents.axis, extents.inner)
    var outer = 0
    while outer < extents.outer {
      let elements = StoredElements<Self>(
        x + outer &* axis &* inner, else: J.neutral)
      if inner == 1 {
        result[outer] = foldRow(joining, axis, elements)
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
    _ joining: J.Type, _ elements: StoredElements<Self>, _ result: UnsafeMutablePointer<Scalar>,
    _ axis: Int, _ inner: Int
  ) where J.Set == Self {
    var column = 0
    while column &+ 4 &* width <= inner {
      var a = splat(J.neutral)
      var b = a
      var c = a
      var d = a
      var row = 0
      while row < axis {
        let end = Swift.min(axis, row &+ roundsInBlock)
        var address = elements.address + (row &* inner &+ column)
        var p = load(address)
        var q = load(address + width)
        var r = load(address + 2 &* width)
        var s = load(address + 3 &* width)
        row &+= 1
        while row < end {
          address += inner
          p = J.join(p, load(address))
          q = J.join(q, load(address + width))
          r = J.join(r, load(address + 2 &* width))
          s = J.join(s, load(address + 3 &* width))
          row &+= 1
        }
        a = J.join(a, p)
        b = J.join(b, q)
        c = J.join(c, r)
        d = J.join(d, s)
      }
      store(a, result + column)
      store(b, result + (column &+ width))
      store(c, result + (column &+ 2 &* width))
      store(d, result + (column &+ 3 &* width))
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
}
