extension InstructionSet {
  /// Number of columns of a tile, and of every packed panel but the last.
  @inlinable @inline(__always)
  public static var panelWidth: Int { Tile.Stretch.vectors &* width }

  /// `columns` rounded up to whole vectors.
  @inlinable @inline(__always)
  static func padded(_ columns: Int) -> Int { (columns &+ width &- 1) / width &* width }

  /// Number of scalars that `pack` writes for a matrix `[rows, columns]`.
  @inlinable
  public static func packedCount(_ rows: Int, _ columns: Int) -> Int { rows * padded(columns) }

  /// Lays the right operand of a product out as its inner loop reads it.
  ///
  /// The columns are cut into panels of `panelWidth`; one panel follows the other, each holds its
  /// rows one after the other, the last is filled up with zeros to whole vectors. So columns from
  /// `j` on, `j` a multiple of `panelWidth`, begin at `result[j * rows]`: threads may pack and use
  /// columns of their own.
  ///
  /// - Parameters:
  ///   - b: Element `(p, j)` is at `b[p * rowStride + j * columnStride]`.
  ///   - result: Room for `packedCount(rows, columns)` scalars.
  @inlinable
  public static func pack(
    _ b: UnsafePointer<Scalar>, _ rowStride: Int, _ columnStride: Int, _ rows: Int, _ columns: Int,
    _ result: UnsafeMutablePointer<Scalar>
  ) {
    // Short stretches of all panels in turn, so that a row-major source is read along its rows.
    let step = columnStride == 1 ? rowsPackedAtATime : rows
    var row = 0
    while row < rows {
      let count = Swift.min(rows &- row, step)
      var column = 0
      while column < columns {
        let some = Swift.min(columns &- column, panelWidth)
        let width = padded(some)
        packPanel(
          b + (row &* rowStride &+ column &* columnStride), rowStride, columnStride, count, some,
          width, result + (column &* rows &+ row &* width))
        column &+= panelWidth
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
    _ b: UnsafePointer<Scalar>, _ rowStride: Int, _ columnStride: Int, _ rows: Int, _ columns: Int,
    _ width: Int, _ result: UnsafeMutablePointer<Scalar>
  ) {
    if columnStride == 1 {
      copyRows(b, rowStride, rows, columns, width, result)
    } else if rowStride == 1 {
      copyTransposed(b, columnStride, rows, columns, width, result)
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
          result[p &* width &+ j] = 0
          j &+= 1
        }
        p &+= 1
      }
    }
  }

  @inlinable @inline(__always)
  static func copyRows(
    _ b: UnsafePointer<Scalar>, _ rowStride: Int, _ rows: Int, _ columns: Int, _ width: Int,
    _ result: UnsafeMutablePointer<Scalar>
  ) {
    let vectors = columns / Self.width
    let whole = vectors &* Self.width
    var from = b
    var to = result
    var p = 0
    if columns == panelWidth {
      while p < rows {
        Tile.Stretch(from).store(to)
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

  /// Columns of `b` are contiguous: eight of them at a time are turned in registers.
  @inlinable @inline(__always)
  static func copyTransposed(
    _ b: UnsafePointer<Scalar>, _ columnStride: Int, _ rows: Int, _ columns: Int, _ width: Int,
    _ result: UnsafeMutablePointer<Scalar>
  ) {
    let wholeRows = rows & ~3
    var j = 0
    while j &+ 8 <= columns {
      var from = b + j &* columnStride
      var to = result + j
      var p = 0
      while p < wholeRows {
        Transpose.eightByFour(from, columnStride, to, width)
        from += 4
        to += 4 &* width
        p &+= 4
      }
      while p < rows {
        var column = 0
        while column < 8 {
          to[column] = from[column &* columnStride]
          column &+= 1
        }
        from += 1
        to += width
        p &+= 1
      }
      j &+= 8
    }
    while j < columns {
      let from = b + j &* columnStride
      var p = 0
      while p < rows {
        result[p &* width &+ j] = from[p]
        p &+= 1
      }
      j &+= 1
    }
  }

  /// Lays rows of the left operand out as full tiles read them: row `r` of a tile at `p` is
  /// `result[p * Tile.rows + r]`; one tile follows the other, rows beyond the last are left out.
  @inlinable @inline(never)
  static func packLeft(
    _ a: UnsafePointer<Scalar>, _ rowStride: Int, _ columnStride: Int, _ rows: Int, _ depth: Int,
    _ result: UnsafeMutablePointer<Scalar>
  ) {
    var start = 0
    while start < depth {
      let end = Swift.min(start &+ rowsPackedAtATime, depth)
      var first = 0
      while first < rows {
        packLeftTile(
          a + (first &* rowStride &+ start &* columnStride), rowStride, columnStride,
          Swift.min(rows &- first, Tile.rows), end &- start,
          result + (first &* depth &+ start &* Tile.rows))
        first &+= Tile.rows
      }
      start = end
    }
  }

  @inlinable @inline(__always)
  static func packLeftTile(
    _ a: UnsafePointer<Scalar>, _ rowStride: Int, _ columnStride: Int, _ rows: Int, _ depth: Int,
    _ result: UnsafeMutablePointer<Scalar>
  ) {
    var from = a
    var to = result
    var p = 0
    if rowStride == 1, rows == Tile.rows, Tile.rows % 4 == 0 {
      while p < depth {
        var row = 0
        while row < Tile.rows {
          UnsafeMutableRawPointer(to + row).storeBytes(
            of: UnsafeRawPointer(from + row).loadUnaligned(as: SIMD4<Scalar>.self),
            as: SIMD4<Scalar>.self)
          row &+= 4
        }
        from += columnStride
        to += Tile.rows
        p &+= 1
      }
      return
    }
    while p < depth {
      var row = 0
      while row < rows {
        to[row] = from[row &* rowStride]
        row &+= 1
      }
      from += columnStride
      to += Tile.rows
      p &+= 1
    }
  }
}
