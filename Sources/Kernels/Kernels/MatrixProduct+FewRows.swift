/// Products of few rows use each number of the right operand so few times that moving it twice
/// would be most of the work: it is read once, where it is.
extension VectorInstructions {
  /// Whether the product is a row times a row-major matrix.
  @inlinable @inline(__always)
  static func isRowTimesRows(_ p: MatrixProduct<Stored>) -> Bool {
    p.m == 1 && p.packed == nil && p.bColumn == 1 && p.n >= width
  }

  /// Whether the product is a row, and no part of more, times a matrix whose columns are contiguous.
  @inlinable @inline(__always)
  static func isRowTimesColumns(_ p: MatrixProduct<Stored>) -> Bool {
    p.m == 1 && !p.isPartOfRows && p.packed == nil && p.bRow == 1 && p.aColumn == 1
      && p.k >= width
  }

  /// Whether the product is one of few rows with a matrix whose columns are contiguous. Columns that
  /// compete for the same lines of the first-level cache are fetched more than once, which is still
  /// faster for one row.
  @inlinable @inline(__always)
  static func isRowsTimesColumns(_ p: MatrixProduct<Stored>) -> Bool {
    p.m <= mostRowsByTurnedBlocks && p.packed == nil && p.bRow == 1 && p.n >= width
      && p.k >= width
      && (p.m == 1
        || p.bColumn &* MemoryLayout<Stored>.stride % BlockSize.cacheWay != 0)
  }

  // MARK: A row times rows

  /// Columns whose sums stay in the first-level cache while the rows pass.
  @inlinable @inline(__always)
  static var columnsOfSums: Int { 2048 }

  /// The sums of a group of columns lie in memory and take several rows at a time, which are read
  /// one after the other as they lie, as far as memory fetches ahead.
  @inlinable @inline(never)
  static func multiplyRowByRows(_ p: MatrixProduct<Stored>) {
    let whole = p.n / width &* width
    let sums = ThreadScratch.packing.numbers(Swift.min(whole, columnsOfSums), Scalar.self)
    var column = 0
    while column < whole {
      let columns = Swift.min(whole &- column, columnsOfSums)
      var start = 0
      while start < p.k {
        let depth = Swift.min(p.k &- start, BlockSize.depth)
        addRows(
          p.a + start &* p.aColumn, p.aColumn, p.b + (start &* p.bRow &+ column), p.bRow, depth,
          columns, sums)
        let c = p.c + column
        if p.accumulate || start > 0 {
          addSums(sums, c, c, columns)
        } else if let bias = p.bias {
          addSums(sums, bias + column, c, columns)
        } else {
          addSums(sums, nil, c, columns)
        }
        start &+= depth
      }
      column &+= columns
    }
    if whole < p.n { matrixProduct(p.part(rows: 0..<1, columns: whole..<p.n)) }
  }

  /// `sums` becomes the product of `depth` numbers of `a` and as many rows of `b`.
  @inlinable @inline(__always)
  static func addRows(
    _ a: UnsafePointer<Stored>, _ aColumn: Int, _ b: UnsafePointer<Stored>, _ bRow: Int,
    _ depth: Int, _ columns: Int, _ sums: UnsafeMutablePointer<Scalar>
  ) {
    sums.update(repeating: 0, count: columns)
    var p = 0
    while p &+ 8 <= depth {
      addEightRows(a + p &* aColumn, aColumn, b + p &* bRow, bRow, columns, sums)
      p &+= 8
    }
    while p < depth {
      addRow(a[p &* aColumn].computed, b + p &* bRow, columns, sums)
      p &+= 1
    }
  }

  @inlinable @inline(never)
  static func addEightRows(
    _ a: UnsafePointer<Stored>, _ aColumn: Int, _ b: UnsafePointer<Stored>, _ bRow: Int,
    _ columns: Int, _ sums: UnsafeMutablePointer<Scalar>
  ) {
    let x0 = splat(a[0].computed)
    let x1 = splat(a[aColumn].computed)
    let x2 = splat(a[2 &* aColumn].computed)
    let x3 = splat(a[3 &* aColumn].computed)
    let x4 = splat(a[4 &* aColumn].computed)
    let x5 = splat(a[5 &* aColumn].computed)
    let x6 = splat(a[6 &* aColumn].computed)
    let x7 = splat(a[7 &* aColumn].computed)
    let lower = b + 4 &* bRow
    var column = 0
    while column < columns {
      var sum = loadComputed(UnsafePointer(sums + column))
      sum = fma(x0, load(b + column), sum)
      sum = fma(x1, load(b + (column &+ bRow)), sum)
      sum = fma(x2, load(b + (column &+ 2 &* bRow)), sum)
      sum = fma(x3, load(b + (column &+ 3 &* bRow)), sum)
      sum = fma(x4, load(lower + column), sum)
      sum = fma(x5, load(lower + (column &+ bRow)), sum)
      sum = fma(x6, load(lower + (column &+ 2 &* bRow)), sum)
      sum = fma(x7, load(lower + (column &+ 3 &* bRow)), sum)
      storeComputed(sum, sums + column)
      column &+= width
    }
  }

  @inlinable @inline(never)
  static func addRow(
    _ a: Scalar, _ b: UnsafePointer<Stored>, _ columns: Int, _ sums: UnsafeMutablePointer<Scalar>
  ) {
    let x = splat(a)
    var column = 0
    while column < columns {
      let sum = loadComputed(UnsafePointer(sums + column))
      storeComputed(fma(x, load(b + column), sum), sums + column)
      column &+= width
    }
  }

  /// `result = base + sums`, or the sums by themselves; `base` may be `result`.
  @inlinable @inline(never)
  static func addSums(
    _ sums: UnsafeMutablePointer<Scalar>, _ base: UnsafePointer<Stored>?,
    _ result: UnsafeMutablePointer<Stored>, _ columns: Int
  ) {
    var column = 0
    while column < columns {
      var sum = loadComputed(UnsafePointer(sums + column))
      if let base { sum = load(base + column) + sum }
      store(sum, result + column)
      column &+= width
    }
  }

  // MARK: A row times columns

  /// Each element as a sum over the lanes of its column as that lies in memory, the order of
  /// `rowProducts`: to turn blocks of columns for the order of all other products took most of the
  /// time of decoding one word.
  @inlinable @inline(never)
  static func multiplyRowByColumns(_ p: MatrixProduct<Stored>) {
    let sums = ThreadScratch.packing.numbers(Swift.min(p.n, columnsOfSums), Stored.self)
    var column = 0
    while column < p.n {
      let columns = Swift.min(p.n &- column, columnsOfSums)
      rowProducts(
        p.b + column &* p.bColumn, row: p.bColumn, p.a, to: sums, rows: columns, count: p.k)
      let base = p.accumulate ? UnsafePointer(p.c) : p.bias
      var j = 0
      while j < columns {
        p.c[column &+ j] = sum(base.map { $0[column &+ j] }, sums[j])
        j &+= 1
      }
      column &+= columns
    }
  }

  // MARK: Rows times columns

  /// Blocks of the right operand are turned in registers: laid out in memory first, each number
  /// would be written and read once more.
  @inlinable @inline(never)
  static func multiplyRowsByColumns(_ p: MatrixProduct<Stored>) {
    let whole = p.n / width &* width
    var row = 0
    while row < p.m {
      let rows = p.m &- row
      if rows >= 4 {
        multiplyRowsByColumns(p, row, whole, Twice<Twice<SingleRow<OneVector<Self>>>>.self)
        row &+= 4
      } else if rows >= 2 {
        multiplyRowsByColumns(p, row, whole, Twice<SingleRow<OneVector<Self>>>.self)
        row &+= 2
      } else {
        multiplyRowsByColumns(p, row, whole, SingleRow<OneVector<Self>>.self)
        row &+= 1
      }
    }
    if whole < p.n { matrixProduct(p.part(rows: 0..<p.m, columns: whole..<p.n)) }
  }

  /// As many rows as `Sums` has from `row` on, and the first `whole` columns: two vectors of them
  /// at a time, whose sums do not wait for each other.
  @inlinable @inline(never)
  static func multiplyRowsByColumns<Sums: Accumulators>(
    _ p: MatrixProduct<Stored>, _ row: Int, _ whole: Int, _: Sums.Type
  ) where Sums.Set == Self, Sums.Group == OneVector<Self> {
    var column = 0
    while column < whole {
      let other = Swift.min(column &+ width, whole &- width)
      var start = 0
      while start < p.k {
        let end = Swift.min(start &+ BlockSize.depth, p.k)
        var sums = Sums()
        var otherSums = Sums()
        var a = p.a + (row &* p.aRow &+ start &* p.aColumn)
        var b = p.b + (start &+ column &* p.bColumn)
        let distance = (other &- column) &* p.bColumn
        var left = end &- start
        while left >= width {
          multiplyTurnedBlock(&sums, a, p.aRow, p.aColumn, b, p.bColumn)
          multiplyTurnedBlock(&otherSums, a, p.aRow, p.aColumn, b + distance, p.bColumn)
          a += width &* p.aColumn
          b += width
          left &-= width
        }
        while left > 0 {
          sums.multiplyAdd(a, p.aRow, gathered(b, p.bColumn))
          otherSums.multiplyAdd(a, p.aRow, gathered(b + distance, p.bColumn))
          a += p.aColumn
          b += 1
          left &-= 1
        }
        store(sums, p, row, column, start)
        if other > column { store(otherSums, p, row, other, start) }
        start = end
      }
      column &+= 2 &* width
    }
  }

  /// One number of each of `width` columns.
  @inlinable @inline(__always)
  static func gathered(_ b: UnsafePointer<Stored>, _ stride: Int) -> OneVector<Self> {
    var vector = zero
    var lane = 0
    while lane < width {
      vector[lane] = b[lane &* stride].computed
      lane &+= 1
    }
    return OneVector(vector)
  }

  /// Puts down the sums of the block of `k` that begins at `start`.
  @inlinable @inline(__always)
  static func store<Sums: Accumulators>(
    _ sums: Sums, _ p: MatrixProduct<Stored>, _ row: Int, _ column: Int, _ start: Int
  ) where Sums.Set == Self {
    let c = p.c + (row &* p.cRow &+ column)
    if p.accumulate || start > 0 {
      sums.store(c, p.cRow, adding: c, p.cRow)
    } else if let bias = p.bias {
      sums.store(c, p.cRow, adding: bias + column, 0)
    } else {
      sums.store(c, p.cRow)
    }
  }
}
