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
    var first = 0
    while first < columns {
      let count = Swift.min(columns &- first, panelWidth)
      packPanel(
        b + first &* columnStride, rowStride, columnStride, rows, count, padded(count),
        result + first &* rows)
      first &+= panelWidth
    }
  }

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
      while j < columns {
        to[j] = from[j]
        j &+= 1
      }
      from += rowStride
      to += width
      p &+= 1
    }
  }

  /// Rows of `b` are contiguous in `p`: squares of 4 x 4 are turned in registers.
  @inlinable @inline(__always)
  static func copyTransposed(
    _ b: UnsafePointer<Scalar>, _ columnStride: Int, _ rows: Int, _ columns: Int, _ width: Int,
    _ result: UnsafeMutablePointer<Scalar>
  ) {
    let wholeRows = rows & ~3
    var j = 0
    while j &+ 4 <= columns {
      var from = b + j &* columnStride
      var to = result + j
      var p = 0
      while p < wholeRows {
        Square4(from, columnStride).storeColumns(to, width)
        from += 4
        to += 4 &* width
        p &+= 4
      }
      while p < rows {
        to[0] = from[0]
        to[1] = from[columnStride]
        to[2] = from[2 &* columnStride]
        to[3] = from[3 &* columnStride]
        from += 1
        to += width
        p &+= 1
      }
      j &+= 4
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
    var first = 0
    while first < rows {
      let count = Swift.min(rows &- first, Tile.rows)
      var from = a + first &* rowStride
      var to = result + first &* depth
      var p = 0
      if rowStride == 1, count == Tile.rows, Tile.rows % 4 == 0 {
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
      } else {
        while p < depth {
          var row = 0
          while row < count {
            to[row] = from[row &* rowStride]
            row &+= 1
          }
          from += columnStride
          to += Tile.rows
          p &+= 1
        }
      }
      first &+= Tile.rows
    }
  }
}
