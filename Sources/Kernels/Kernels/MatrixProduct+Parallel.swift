extension MatrixProduct {
  /// The rows `rows` and columns `columns` of the product as a product of its own.
  ///
  /// With a packed right operand, `columns` are one or more of `ColumnRanges`.
  @inlinable @inline(__always)
  public func part(rows: Range<Int>, columns: Range<Int>) -> Self {
    var part = self
    part.m = rows.count
    part.isPartOfRows = isPartOfRows || rows.count < m
    part.n = columns.count
    part.a += rows.lowerBound * aRow
    part.b += columns.lowerBound * bColumn
    part.packed = packed.map { $0 + columns.lowerBound * k }
    part.c += rows.lowerBound * cRow + columns.lowerBound
    part.bias = bias.map { $0 + columns.lowerBound }
    return part
  }

  /// Computes the product on several threads, if it is large enough.
  ///
  /// Every element is the same as in one part, bit by bit, whatever the number of threads:
  /// the kernel computes an element in the same order wherever a part begins.
  public func parallel(using kernels: any KernelSet<Stored>.Type) {
    let grid = Grid(self, threads: Threads.count)
    guard grid.count > 1 else { return kernels.matrixProduct(self) }
    Threads.parallel(grid.count) { index in
      let (rows, columns) = grid.part(index)
      kernels.matrixProduct(part(rows: rows, columns: columns))
    }
  }

  /// A division of the result into rectangles of equal size.
  package struct Grid {
    /// Multiply-adds that are worth a thread: a few microseconds, several times what it costs to
    /// hand a part over.
    static var leastWork: Int { 1 << 17 }
    /// From this many multiply-adds a thread on, the parts may be smaller than a thread's share, so
    /// that a thread that is held up does not hold up all.
    static var muchWork: Int { 1 << 24 }

    let m: Int
    let rows: Int
    let columns: ColumnRanges

    var acrossRows: Int { (m + rows - 1) / rows }
    package var count: Int { acrossRows * columns.count }

    /// The division whose busiest thread has the least to do.
    package init(_ product: MatrixProduct, threads: Int) {
      m = product.m
      let n = product.n
      let isPacked = product.packed != nil
      let work = product.m * product.n * max(product.k, 0)
      // A single row's multiply-adds take longer: each waits for a number that is used once.
      let most = min(threads, (m == 1 ? 2 * work : work) / Self.leastWork)
      guard most > 1, m > 0, n > 0 else {
        rows = max(m, 1)
        columns = ColumnRanges(n, width: max(n, 1), isPacked: isPacked)
        return
      }
      let columnUnit = isPacked ? columnUnit : columnUnit / 3
      // As measured: to fetch and lay out a column of the right operand costs as much as `right`
      // rows of the product, a row of the left one as much as `left` columns.
      let right = isPacked ? 0 : product.bColumn == 1 ? 20 : 32
      let left = product.aColumn == 1 ? 2 : 16
      var best = (cost: Int.max, rows: m, columns: ColumnRanges(n, width: n, isPacked: isPacked))
      var parts = most
      repeat {
        for across in 1...parts {
          let rows = Self.share(m, across, unit: 8)
          let columns = ColumnRanges(
            n, width: Self.share(n, parts / across, unit: columnUnit), isPacked: isPacked)
          let count = ((m + rows - 1) / rows) * columns.count
          let rounds = (count + threads - 1) / threads
          let part = (rows + right) * (Self.columnsInTime(columns.longest) + left)
          // A thread that is held up holds up all by some of its last part.
          let cost = rounds * part + part / 16
          if cost < best.cost { best = (cost, rows, columns) }
        }
        parts *= 2
      } while work / threads >= Self.muchWork && parts <= 4 * threads
      rows = best.rows
      columns = best.columns
    }

    package func part(_ index: Int) -> (rows: Range<Int>, columns: Range<Int>) {
      let row = index / columns.count * rows
      return (row..<min(row + rows, m), columns[index % columns.count])
    }

    /// As many columns of whole panels as take the time of `columns`: a panel of one vector takes as
    /// long as one of two, because it waits for the left operand.
    private static func columnsInTime(_ columns: Int) -> Int {
      columns <= columnUnit / 3 ? 2 * columnUnit / 3 : columns
    }

    private static func share(_ size: Int, _ parts: Int, unit: Int) -> Int {
      let share = (size + parts - 1) / parts
      return min((share + unit - 1) / unit * unit, size)
    }
  }
}
