/// Sizes of the blocks that a product is cut into.
@usableFromInline
enum BlockSize {
  /// Length of the sums that one accumulator takes before they are added to the result.
  ///
  /// It decides how results are rounded, so it is one number for every size, path and machine. A
  /// panel of the right operand this deep (256 x 48 `Float`) stays in the second-level cache at
  /// least, and the accumulators are written out rarely enough to cost about a hundredth.
  @usableFromInline static let depth = 256
  /// Rows of the left operand between which all panels of the right one pass: half of a
  /// second-level cache of 1 MiB in `Float`.
  @usableFromInline static let rows = 512
  /// Panels of the right operand that are laid out at a time when there are more rows than that.
  @usableFromInline static let panels = 24
  /// Up to this many tiles of rows, a row-major right operand is read where it is: laying it out
  /// would cost more than the strided reads.
  @usableFromInline static let tilesInPlace = 3
  /// From this many panels on, a left operand whose rows are not contiguous is laid out first.
  @usableFromInline static let panelsToPackLeft = 2
}

extension InstructionSet {
  /// The product `c = a b`, `c += a b`, with a bias added to each row if there is one.
  ///
  /// `c` overlaps neither operand. For `k = 0` the product is zero. Every element is computed in
  /// the same order whatever the shape and the strides: multiply-adds in ascending order within
  /// each block of `k`, the blocks' sums added in ascending order to the bias, or to what `c` held
  /// (plus the bias). So a result depends neither on how rows and columns are divided among
  /// callers nor on whether the right operand is packed.
  @inlinable
  public static func matrixProduct(_ p: MatrixProduct<Scalar>) {
    guard p.m > 0, p.n > 0 else { return }
    if let bias = p.bias, p.accumulate { addBias(bias, p) }
    if p.k <= 0 { return fillWithoutSum(p) }

    let manyRows = p.m > BlockSize.rows
    let inPlace = p.packed == nil && p.bColumn == 1 && p.m <= BlockSize.tilesInPlace &* Tile.rows
    let packsLeft =
      p.aColumn != 1 && p.m >= Tile.rows && p.n > (BlockSize.panelsToPackLeft &- 1) &* panelWidth
    let depth = Swift.min(p.k, BlockSize.depth)

    // Scratch memory: an edge tile, one block of the left operand, panels of the right one.
    let edgeCount = Tile.rows &* panelWidth
    let rows = (Swift.min(p.m, BlockSize.rows) &+ Tile.rows &- 1) / Tile.rows &* Tile.rows
    let leftCount = packsLeft ? rows &* depth : 0
    let lastColumns = p.n % panelWidth
    let hasEdge = lastColumns % width != 0
    let rightCount: Int
    if p.packed != nil || (inPlace && !hasEdge) {
      rightCount = 0
    } else if manyRows {
      rightCount = Swift.min(padded(p.n), BlockSize.panels &* panelWidth) &* depth
    } else {
      rightCount = Swift.min(padded(p.n), panelWidth) &* depth
    }
    let count = (hasEdge ? edgeCount : 0) &+ leftCount &+ rightCount
    guard count > 0 else {
      return multiplyBlocks(p, inPlace: inPlace, edge: p.c, left: nil, right: nil)
    }
    let edge = ThreadScratch.scalars(edgeCount &+ leftCount &+ rightCount, Scalar.self)
    multiplyBlocks(
      p, inPlace: inPlace, edge: edge, left: packsLeft ? edge + edgeCount : nil,
      right: rightCount > 0 ? edge + (edgeCount &+ leftCount) : nil)
  }

  /// The loops over blocks; what is to be packed goes to `left` and `right`.
  @inlinable @inline(__always)
  static func multiplyBlocks(
    _ p: MatrixProduct<Scalar>, inPlace: Bool, edge: UnsafeMutablePointer<Scalar>,
    left: UnsafeMutablePointer<Scalar>?, right: UnsafeMutablePointer<Scalar>?
  ) {
    let manyRows = p.m > BlockSize.rows
    let blockColumns = manyRows ? BlockSize.panels &* panelWidth : p.n
    var firstColumn = 0
    while firstColumn < p.n {
      let endColumn = Swift.min(firstColumn &+ blockColumns, p.n)
      var firstDepth = 0
      while firstDepth < p.k {
        let depth = Swift.min(p.k &- firstDepth, BlockSize.depth)
        var firstRow = 0
        while firstRow < p.m {
          let rows = Swift.min(p.m &- firstRow, BlockSize.rows)
          let a = p.a + (firstRow &* p.aRow &+ firstDepth &* p.aColumn)
          if let left { packLeft(a, p.aRow, p.aColumn, rows, depth, left) }

          var column = firstColumn
          while column < endColumn {
            let columns = Swift.min(endColumn &- column, panelWidth)
            let width = padded(columns)
            let b: UnsafePointer<Scalar>
            var bRow = width
            if let packed = p.packed {
              b = packed + (column &* p.k &+ firstDepth &* width)
            } else {
              let source = p.b + (firstDepth &* p.bRow &+ column &* p.bColumn)
              if inPlace && columns == width {
                b = source
                bRow = p.bRow
              } else {
                let target = right! + (manyRows ? (column &- firstColumn) &* depth : 0)
                if firstRow == 0 {
                  packPanel(source, p.bRow, p.bColumn, depth, columns, width, target)
                }
                b = UnsafePointer(target)
              }
            }

            let c = p.c + (firstRow &* p.cRow &+ column)
            let addsToResult = p.accumulate || firstDepth > 0
            let panel = Panel<Self>(
              rows: rows, columns: columns, depth: depth,
              a: left.map { UnsafePointer($0) } ?? a,
              aRow: left == nil ? p.aRow : 1, aColumn: left == nil ? p.aColumn : Tile.rows,
              aTile: Tile.rows &* (left == nil ? p.aRow : depth),
              b: b, bRow: bRow, c: c, cRow: p.cRow,
              base: addsToResult ? UnsafePointer(c) : p.bias.map { $0 + column },
              baseRow: addsToResult ? p.cRow : 0, edge: edge)
            if width == panelWidth {
              Panel<Self>.multiply(panel, Tile.self)
            } else if width == Self.width {
              Panel<Self>.multiply(panel, Tile.Narrower.Narrower.self)
            } else {
              Panel<Self>.multiply(panel, Tile.Narrower.self)
            }
            column &+= panelWidth
          }
          firstRow &+= BlockSize.rows
        }
        firstDepth &+= BlockSize.depth
      }
      firstColumn &+= blockColumns
    }
  }

  /// Adds the bias to what `c` holds.
  @inlinable @inline(never)
  static func addBias(_ bias: UnsafePointer<Scalar>, _ p: MatrixProduct<Scalar>) {
    var row = 0
    while row < p.m {
      let c = p.c + row &* p.cRow
      var column = 0
      while column < p.n {
        c[column] += bias[column]
        column &+= 1
      }
      row &+= 1
    }
  }

  /// The result of sums over nothing: zero or the bias, unless the product is added.
  @inlinable @inline(never)
  static func fillWithoutSum(_ p: MatrixProduct<Scalar>) {
    if p.accumulate { return }
    var row = 0
    while row < p.m {
      let c = p.c + row &* p.cRow
      var column = 0
      while column < p.n {
        c[column] = p.bias?[column] ?? 0
        column &+= 1
      }
      row &+= 1
    }
  }
}
