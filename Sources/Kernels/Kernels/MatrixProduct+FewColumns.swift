/// Products of a vector of columns or less, as the gradients of weights of few inputs are: a panel
/// of one vector takes as long as one of two, and each multiply-add works for nothing in the lanes
/// that are left. The product of the transposes has those columns as rows.
extension VectorInstructions {
  /// Whether the product has few columns, and the left operand's rows can be read as columns.
  @inlinable @inline(__always)
  static func isOfFewColumns(_ p: MatrixProduct<Stored>) -> Bool {
    p.n <= width && p.m >= 2 &* width && p.k >= width && p.aRow == 1 && p.packed == nil
      && p.bias == nil
  }

  /// Rows that are turned at a time.
  @inlinable @inline(__always)
  static var rowsTurned: Int { 256 }

  /// `cᵀ = bᵀ aᵀ` in memory of the thread's, and that turned back. A result is the sum of the same
  /// products in the same order.
  @inlinable @inline(never)
  static func multiplyTurned(_ p: MatrixProduct<Stored>) {
    let turned = ThreadScratch.turning.numbers(p.n &* Swift.min(p.m, rowsTurned), Stored.self)
    var row = 0
    while row < p.m {
      let rows = Swift.min(p.m &- row, rowsTurned)
      let c = p.c + row &* p.cRow
      if p.accumulate {
        forEachElement(rows, p.n) { i, j in turned[j &* rows &+ i] = c[i &* p.cRow &+ j] }
      }
      matrixProduct(
        MatrixProduct(
          m: p.n, n: rows, k: p.k, a: p.b, aRow: p.bColumn, aColumn: p.bRow, b: p.a + row,
          bRow: p.aColumn, bColumn: 1, c: turned, cRow: rows, accumulate: p.accumulate))
      var column = 0
      while column < p.n {
        turnBack(
          UnsafePointer(turned) + column &* rows, rows, Swift.min(p.n &- column, 8), c + column,
          p.cRow)
        column &+= 8
      }
      row &+= rows
    }
  }

  /// `c[i, j] = turned[j, i]` for at most eight columns.
  @inlinable @inline(__always)
  static func turnBack(
    _ turned: UnsafePointer<Stored>, _ rows: Int, _ columns: Int,
    _ c: UnsafeMutablePointer<Stored>, _ cRow: Int
  ) {
    var done = 0
    if columns == 8 {
      while done &+ 4 <= rows {
        Transpose.eightByFour(turned + done, rows, c + done &* cRow, cRow)
        done &+= 4
      }
    }
    let rest = c + done &* cRow
    forEachElement(rows &- done, columns) { i, j in
      rest[i &* cRow &+ j] = turned[j &* rows &+ done &+ i]
    }
  }

  @inlinable @inline(__always)
  static func forEachElement(_ rows: Int, _ columns: Int, _ body: (Int, Int) -> Void) {
    var i = 0
    while i < rows {
      var j = 0
      while j < columns {
        body(i, j)
        j &+= 1
      }
      i &+= 1
    }
  }
}
