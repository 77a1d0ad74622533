extension VectorInstructions {
  /// Number of columns of a tile, and of every packed panel but the last two.
  @inlinable @inline(__always)
  public static var panelWidth: Int { Tile.Group.vectors &* width }

  /// Number of columns of the next panel, where `rest` columns are left.
  ///
  /// A panel of one vector takes as long as one of two, because it waits for the left operand: so
  /// a last vector by itself shares two panels with the three before.
  @inlinable @inline(__always)
  static func columnsOfPanel(of rest: Int) -> Int {
    if Tile.Group.vectors == 3, rest > panelWidth, rest <= panelWidth &+ width {
      return 2 &* width
    }
    return Swift.min(rest, panelWidth)
  }

  /// `columns` rounded up to whole vectors.
  @inlinable @inline(__always)
  static func padded(_ columns: Int) -> Int { (columns &+ width &- 1) / width &* width }

  /// Number of scalars that `pack` writes for a matrix `[rows, columns]`.
  @inlinable
  public static func packedCount(rows: Int, columns: Int) -> Int { rows * padded(columns) }

  /// Lays the right operand of a product out as its inner loop reads it.
  ///
  /// The columns are cut into panels (`columnsOfPanel`); one panel follows the other, each holds its
  /// rows one after the other, the last is filled up with zeros to whole vectors. So a panel from
  /// column `j` on begins at `result[j * rows]`: threads may pack and use columns of their own
  /// (`MatrixProduct.ColumnRanges`).
  ///
  /// - Parameters:
  ///   - b: Element `(p, j)` is at `b[p * rowStride + j * columnStride]`.
  ///   - result: Room for `packedCount(rows, columns)` scalars.
  @inlinable
  public static func pack(
    _ b: UnsafePointer<Stored>, row rowStride: Int, column columnStride: Int, rows: Int,
    columns: Int, to result: UnsafeMutablePointer<Stored>
  ) {
    // A few rows of all panels in turn, so that a row-major source is read along its rows.
    let step = columnStride == 1 ? rowsPackedAtATime : rows
    var row = 0
    while row < rows {
      let count = Swift.min(rows &- row, step)
      var column = 0
      while column < columns {
        let some = columnsOfPanel(of: columns &- column)
        let width = padded(some)
        packPanel(
          b + (row &* rowStride &+ column &* columnStride), rowStride, columnStride, count, some,
          width, result + (column &* rows &+ row &* width))
        column &+= some
      }
      row &+= step
    }
  }

  /// Few enough that the pages they lie on stay in the first-level translation buffer.
  @inlinable @inline(__always)
  static var rowsPackedAtATime: Int { 32 }

  /// One panel: row `p` goes to `result[p * width]`, with zeros from `columns` to `width`.
  @inlinable @inline(never)
  static func packPanel(
    _ b: UnsafePointer<Stored>, _ rowStride: Int, _ columnStride: Int, _ rows: Int, _ columns: Int,
    _ width: Int, _ result: UnsafeMutablePointer<Stored>
  ) {
    if columnStride == 1 {
      copyRows(b, rowStride, rows, columns, width, result)
    } else if rowStride == 1 {
      // Columns of `b` are contiguous: they are rows to be turned.
      transpose(b, row: columnStride, rows: columns, columns: rows, to: result, row: width)
    } else {
      var p = 0
      while p < rows {
        var j = 0
        while j < columns {
          result[p &* width &+ j] = b[p &* rowStride &+ j &* columnStride]
          j &+= 1
        }
        p &+= 1
      }
    }
    if columns < width {
      var p = 0
      while p < rows {
        var j = columns
        while j < width {
          result[p &* width &+ j] = Stored(storing: 0)
          j &+= 1
        }
        p &+= 1
      }
    }
  }

  @inlinable @inline(__always)
  static func copyRows(
    _ b: UnsafePointer<Stored>, _ rowStride: Int, _ rows: Int, _ columns: Int, _ width: Int,
    _ result: UnsafeMutablePointer<Stored>
  ) {
    let vectors = columns / Self.width
    let whole = vectors &* Self.width
    var from = b
    var to = result
    var p = 0
    if columns == panelWidth {
      while p < rows {
        Tile.Group(from).store(to)
        from += rowStride
        to += width
        p &+= 1
      }
      return
    }
    while p < rows {
      var j = 0
      while j < whole {
        store(load(from + j), to + j)
        j &+= Self.width
      }
      if whole > 0 {
        // The rest of the row as a vector that ends with it and overlaps the one before.
        let last = columns &- Self.width
        store(load(from + last), to + last)
      } else {
        while j < columns {
          to[j] = from[j]
          j &+= 1
        }
      }
      from += rowStride
      to += width
      p &+= 1
    }
  }

  /// `KernelSet.transpose`: eight rows at a time are turned in registers.
  @inlinable @inline(__always)
  public static func transpose(
    _ x: UnsafePointer<Stored>, row xRow: Int, rows: Int, columns: Int,
    to result: UnsafeMutablePointer<Stored>, row resultRow: Int
  ) {
    let wholeColumns = columns & ~3
    var j = 0
    while j &+ 8 <= rows {
      var from = x + j &* xRow
      var to = result + j
      var p = 0
      while p < wholeColumns {
        Transpose.eightByFour(from, xRow, to, resultRow)
        from += 4
        to += 4 &* resultRow
        p &+= 4
      }
      while p < columns {
        var column = 0
        while column < 8 {
          to[column] = from[column &* xRow]
          column &+= 1
        }
        from += 1
        to += resultRow
        p &+= 1
      }
      j &+= 8
    }
    while j < rows {
      let from = x + j &* xRow
      var p = 0
      while p < columns {
        result[p &* resultRow &+ j] = from[p]
        p &+= 1
      }
      j &+= 1
    }
  }

  /// Distance of one tile of the left operand from the next where it is laid out: a cache line more
  /// than what it holds, or tiles of long sums would compete for the same lines of the first-level
  /// cache.
  @inlinable @inline(__always)
  static func leftTileStride(_ depth: Int) -> Int {
    Tile.rows &* depth &+ 64 / MemoryLayout<Stored>.stride
  }

  /// Lays rows of the left operand out as full tiles read them: row `r` of a tile at `p` is
  /// `result[p * Tile.rows + r]`; one tile follows the other at `leftTileStride`, rows beyond the
  /// last are left out.
  @inlinable @inline(never)
  static func packLeft(
    _ a: UnsafePointer<Stored>, _ rowStride: Int, _ columnStride: Int, _ rows: Int, _ depth: Int,
    _ result: UnsafeMutablePointer<Stored>
  ) {
    let tileStride = leftTileStride(depth)
    let tiles = rowStride == 1 && (Tile.rows == 8 || Tile.rows == 4) ? rows / Tile.rows : 0
    if tiles > 0 { packLeftTiles(a, columnStride, tiles, depth, result, tileStride) }
    var row = tiles &* Tile.rows
    while row < rows {
      let (tile, place) = row.quotientAndRemainder(dividingBy: Tile.rows)
      packLeftRow(
        a + row &* rowStride, columnStride, depth, result + (tile &* tileStride &+ place))
      row &+= 1
    }
  }

  @inlinable @inline(__always)
  static func packLeftRow(
    _ a: UnsafePointer<Stored>, _ columnStride: Int, _ depth: Int,
    _ result: UnsafeMutablePointer<Stored>
  ) {
    var p = 0
    while p < depth {
      result[p &* Tile.rows] = a[p &* columnStride]
      p &+= 1
    }
  }

  /// Whole tiles of contiguous columns. Columns are read in pairs from end to end, for memory to
  /// fetch ahead; both go into one register, for few writes to wait for what is fetched.
  @inlinable @inline(__always)
  static func packLeftTiles(
    _ a: UnsafePointer<Stored>, _ columnStride: Int, _ tiles: Int, _ depth: Int,
    _ result: UnsafeMutablePointer<Stored>, _ tileStride: Int
  ) {
    var column = a
    var target = result
    var p = 0
    while p &+ 2 <= depth {
      var from = column
      var to = target
      var tile = 0
      while tile < tiles {
        copyTwoColumns(from, columnStride, to)
        from += Tile.rows
        to += tileStride
        tile &+= 1
      }
      column += 2 &* columnStride
      target += 2 &* Tile.rows
      p &+= 2
    }
    if p < depth {
      var tile = 0
      while tile < tiles {
        (target + tile &* tileStride).update(from: column + tile &* Tile.rows, count: Tile.rows)
        tile &+= 1
      }
    }
  }

  /// Two columns of a tile of eight or four rows, one after the other.
  @inlinable @inline(__always)
  static func copyTwoColumns(
    _ from: UnsafePointer<Stored>, _ stride: Int, _ to: UnsafeMutablePointer<Stored>
  ) {
    guard Stored.self == Scalar.self else {
      to.update(from: from, count: Tile.rows)
      (to + Tile.rows).update(from: from + stride, count: Tile.rows)
      return
    }
    let first = UnsafeRawPointer(from)
    let second = UnsafeRawPointer(from + stride)
    let target = UnsafeMutableRawPointer(to)
    if Tile.rows == 8 {
      target.storeBytes(
        of: SIMD16(
          lowHalf: first.loadUnaligned(as: SIMD8<Scalar>.self),
          highHalf: second.loadUnaligned(as: SIMD8<Scalar>.self)), as: SIMD16<Scalar>.self)
    } else {
      target.storeBytes(
        of: SIMD8(
          lowHalf: first.loadUnaligned(as: SIMD4<Scalar>.self),
          highHalf: second.loadUnaligned(as: SIMD4<Scalar>.self)), as: SIMD8<Scalar>.self)
    }
  }
}
