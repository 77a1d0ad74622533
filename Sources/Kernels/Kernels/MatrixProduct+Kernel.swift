/// Sizes of the blocks that a product is cut into, as measured on an AVX-512 machine with a
/// second-level cache of 1 MiB.
@usableFromInline
enum BlockSize {
  /// Length of the sums that one accumulator takes before they are added to the result.
  ///
  /// It decides how results are rounded, so it is one number for every size, path and machine.
  /// Long, because every block reads and writes the whole result once more: at 256, a product of
  /// 1024 cubed is a tenth slower.
  @usableFromInline static let depth = 1024
  /// Rows of a left operand that is laid out, between which all panels of the right one pass: half
  /// the second-level cache in `Float`.
  @usableFromInline static let rows = 128
  /// Rows of a left operand that is read where it is: each tile of it is read once for every panel,
  /// which stays in the second-level cache from when it is laid out to its last use.
  @usableFromInline static let rowsInPlace = 1024
  /// Panels of the right operand that are laid out at a time when there are more rows than that.
  @usableFromInline static let panels = 12
  /// Up to this many tiles of rows, a row-major right operand is read where it is in any case.
  @usableFromInline static let fewTiles = 3
  /// Up to this many, where a vector fills a cache line, a row-major right operand is read where it is: laying it out
  /// costs more than the strided reads.
  @usableFromInline static let tilesInPlace = 16
  /// Rows that lie a multiple of this apart compete for the same lines of the first-level cache,
  /// and are laid out in any case.
  @usableFromInline static let cacheWay = 4096
  /// Tiles of rows up to which such an operand is read where it is if its rows lie close together, at
  /// most `closeBytes` apart.
  @usableFromInline static let closeTilesInPlace = 64
  @usableFromInline static let closeBytes = 2048
}

/// Which operands of a product are laid out anew, and where.
@usableFromInline
struct PackingPlan<Set: VectorInstructions> {
  @usableFromInline typealias Stored = Set.Stored

  /// Whether whole panels of the right operand are read where they are.
  @usableFromInline var readsRight: Bool
  /// Rows of the left operand between which all panels of the right one pass.
  @usableFromInline var rows: Int
  /// Whether many panels are laid out ahead, because several blocks of rows use them.
  @usableFromInline var packsAhead: Bool
  /// Room for a tile that the edge of the result cuts off.
  @usableFromInline var edge: UnsafeMutablePointer<Stored>
  /// Room for a block of the left operand if it is laid out.
  @usableFromInline var left: UnsafeMutablePointer<Stored>?
  /// Room for panels of the right operand.
  @usableFromInline var right: UnsafeMutablePointer<Stored>

  @inlinable @inline(__always)
  init(_ p: MatrixProduct<Stored>) {
    let tileRows = Set.Tile.rows
    let panelWidth = Set.panelWidth
    let depth = Swift.min(p.k, BlockSize.depth)
    let stride = MemoryLayout<Stored>.stride
    let tiles = (p.m &+ tileRows &- 1) / tileRows
    readsRight = Set.readsRight(p)
    let leftIsClose =
      p.aColumn == 1
      || Set.linesAreWhole && p.aRow == 1 && p.k <= BlockSize.depth
        && p.aColumn &* stride <= BlockSize.closeBytes / 2
    let packsLeft = !leftIsClose && p.m >= tileRows && p.n > panelWidth
    rows = packsLeft ? BlockSize.rows : BlockSize.rowsInPlace
    packsAhead = p.packed == nil && !readsRight && p.m > rows

    let hasEdge = p.n % panelWidth % Set.width != 0
    let edgeCount = hasEdge ? tileRows &* panelWidth : 0
    let tilesOfBlock = Swift.min(tiles, (rows &+ tileRows &- 1) / tileRows)
    let leftCount = packsLeft ? tilesOfBlock &* Set.leftTileStride(depth) : 0
    var rightCount = 0
    if p.packed == nil, !readsRight || hasEdge {
      let most = packsAhead ? BlockSize.panels &* panelWidth : panelWidth
      rightCount = Swift.min(Set.padded(p.n), most) &* depth
    }
    let count = edgeCount &+ leftCount &+ rightCount
    let scratch = count == 0 ? p.c : ThreadScratch.packing.numbers(count, Stored.self)
    edge = scratch
    left = packsLeft ? scratch + edgeCount : nil
    right = scratch + (edgeCount &+ leftCount)
  }
}

extension VectorInstructions {
  /// Whether a vector is a cache line: narrower ones pass over operands that lie scattered too often.
  @inlinable @inline(__always)
  static var linesAreWhole: Bool { width &* MemoryLayout<Stored>.stride >= 64 }

  /// Whether whole panels of the right operand are read where they are.
  @inlinable @inline(__always)
  static func readsRight(_ p: MatrixProduct<Stored>) -> Bool {
    let tiles = (p.m &+ Tile.rows &- 1) / Tile.rows
    let bytes = p.bRow &* MemoryLayout<Stored>.stride
    return p.packed == nil && p.bColumn == 1
      && (tiles <= BlockSize.fewTiles
        || linesAreWhole && tiles <= BlockSize.tilesInPlace && bytes % BlockSize.cacheWay != 0
        || linesAreWhole && tiles <= BlockSize.closeTilesInPlace && bytes <= BlockSize.closeBytes)
  }

  /// `KernelSet.readsInPlace`: panels at the edge are laid out in any case.
  @inlinable
  public static func readsInPlace(_ p: MatrixProduct<Stored>) -> Bool {
    readsRight(p) && p.n % width == 0
  }

  /// The product `c = a b`, or `c += a b`, with a bias added to each row if there is one.
  ///
  /// `c` overlaps neither operand. For `k = 0` the product is zero. Every element is computed in
  /// the same order whatever the shape and the strides: multiply-adds in ascending order within
  /// each block of `k`, the blocks' sums added in ascending order to the bias, or to what `c` held
  /// (plus the bias). So a result depends neither on how rows and columns are divided among
  /// callers nor on whether the right operand is packed. The one exception is a product of a single
  /// row (`multiplyRowByColumns`).
  @inlinable
  public static func matrixProduct(_ p: MatrixProduct<Stored>) {
    guard p.m > 0, p.n > 0 else { return }
    isStep(p) ? multiplyStep(p) : multiplyAny(p)
  }

  /// A product by the way that suits its shape. A function of its own: its preparations are not to
  /// be those of a step, too.
  @inlinable @inline(never)
  static func multiplyAny(_ p: MatrixProduct<Stored>) {
    var p = p
    if let bias = p.bias, p.accumulate {
      addBias(bias, p)
      p.bias = nil
    }
    if p.k <= 0 { return fillWithoutSum(p) }
    if isRowTimesRows(p) { return multiplyRowByRows(p) }
    if isRowTimesColumns(p) { return multiplyRowByColumns(p) }
    if isRowsTimesColumns(p) { return multiplyRowsByColumns(p) }
    if isOfFewColumns(p) { return multiplyTurned(p) }
    multiplyByPanels(p)
  }

  /// The product in panels of columns, each laid out first where that is needed.
  @inlinable @inline(__always)
  static func multiplyByPanels(_ p: MatrixProduct<Stored>) {

    let plan = PackingPlan<Self>(p)
    let blockColumns = plan.packsAhead ? BlockSize.panels &* panelWidth : p.n
    var column = 0
    while column < p.n {
      let columns = column..<Swift.min(column &+ blockColumns, p.n)
      var start = 0
      while start < p.k {
        multiplyBlock(p, plan, columns, start..<Swift.min(start &+ BlockSize.depth, p.k))
        start &+= BlockSize.depth
      }
      column &+= blockColumns
    }
  }

  /// What `depth` of the sums contributes to `columns` of the result.
  @inlinable @inline(__always)
  static func multiplyBlock(
    _ p: MatrixProduct<Stored>, _ plan: PackingPlan<Self>, _ columns: Range<Int>,
    _ depth: Range<Int>
  ) {
    let start = depth.lowerBound
    let b = p.b + (start &* p.bRow &+ columns.lowerBound &* p.bColumn)
    if plan.packsAhead {
      pack(
        b, row: p.bRow, column: p.bColumn, rows: depth.count, columns: columns.count,
        to: plan.right)
    }
    let addsToResult = p.accumulate || start > 0
    var row = 0
    while row < p.m {
      let rows = Swift.min(p.m &- row, plan.rows)
      let a = p.a + (row &* p.aRow &+ start &* p.aColumn)
      if let left = plan.left { packLeft(a, p.aRow, p.aColumn, rows, depth.count, left) }

      var column = columns.lowerBound
      while column < columns.upperBound {
        let count = columnsOfPanel(of: columns.upperBound &- column)
        let right = panel(p, plan, columns.lowerBound, column, count, depth)
        let c = p.c + (row &* p.cRow &+ column)
        var panel = Panel<Self>(
          rows: rows, columns: count, depth: depth.count,
          a: a, aRow: p.aRow, aColumn: p.aColumn, aTile: Tile.rows &* p.aRow,
          b: right.address, bRow: right.stride,
          next: nextPanel(p, plan, column &+ count, columns.upperBound, depth), c: c, cRow: p.cRow,
          base: addsToResult ? UnsafePointer(c) : p.bias.map { $0 + column },
          baseRow: addsToResult ? p.cRow : 0, edge: plan.edge)
        if let left = plan.left {
          panel.a = UnsafePointer(left)
          panel.aRow = 1
          panel.aColumn = Tile.rows
          panel.aTile = leftTileStride(depth.count)
        }
        multiply(panel)
        column &+= count
      }
      row &+= plan.rows
    }
  }

  /// A panel by the tile that is as wide.
  @inlinable @inline(__always)
  static func multiply(_ panel: Panel<Self>) {
    if panel.columns > 2 &* width {
      Panel<Self>.multiply(panel, Tile.self)
    } else if panel.columns > width {
      Panel<Self>.multiply(panel, Tile.Narrower.self)
    } else {
      Panel<Self>.multiply(panel, Tile.Narrower.Narrower.self)
    }
  }

  /// Whether the product is one of few rows with a right operand of whole vectors that is read as it
  /// lies, packed or not, as each step of a recurrent layer takes: nothing is to be laid out, and to
  /// find that out took as long as the product of a small layer.
  @inlinable @inline(__always)
  static func isStep(_ p: MatrixProduct<Stored>) -> Bool {
    p.m <= BlockSize.rows && 0 < p.k && p.k <= BlockSize.depth && p.aColumn == 1
      && p.n % width == 0 && !(p.accumulate && p.bias != nil)
      && (p.packed != nil || p.m > 1 && readsRight(p))
  }

  @inlinable @inline(__always)
  static func multiplyStep(_ p: MatrixProduct<Stored>) {
    var column = 0
    while column < p.n {
      let count = columnsOfPanel(of: p.n &- column)
      let c = p.c + column
      multiply(
        Panel(
          rows: p.m, columns: count, depth: p.k, a: p.a, aRow: p.aRow, aColumn: 1,
          aTile: Tile.rows &* p.aRow, b: p.packed.map { $0 + column &* p.k } ?? p.b + column,
          bRow: p.packed == nil ? p.bRow : count,
          next: nextPacked(p, column &+ count, p.n, 0..<p.k), c: c, cRow: p.cRow,
          base: p.accumulate ? UnsafePointer(c) : p.bias.map { $0 + column },
          baseRow: p.accumulate ? p.cRow : 0, edge: c))
      column &+= count
    }
  }

  /// Where `count` columns of the right operand from `column` on are to be read, and how far their
  /// rows are apart; they are laid out first where that is needed.
  @inlinable @inline(__always)
  static func panel(
    _ p: MatrixProduct<Stored>, _ plan: PackingPlan<Self>, _ firstColumn: Int, _ column: Int,
    _ count: Int, _ depth: Range<Int>
  ) -> (address: UnsafePointer<Stored>, stride: Int) {
    let width = padded(count)
    if let packed = p.packed {
      return (packed + (column &* p.k &+ depth.lowerBound &* width), width)
    }
    if plan.packsAhead {
      return (UnsafePointer(plan.right + (column &- firstColumn) &* depth.count), width)
    }
    let source = p.b + (depth.lowerBound &* p.bRow &+ column &* p.bColumn)
    if plan.readsRight && count == width { return (source, p.bRow) }
    packPanel(source, p.bRow, p.bColumn, depth.count, count, width, plan.right)
    return (UnsafePointer(plan.right), width)
  }

  /// Where the panel that is used after the one that ends before `column` is read from, if it lies far
  /// away: a packed one, or what is to be laid out then.
  @inlinable @inline(__always)
  static func nextPanel(
    _ p: MatrixProduct<Stored>, _ plan: PackingPlan<Self>, _ column: Int, _ end: Int,
    _ depth: Range<Int>
  ) -> (address: UnsafePointer<Stored>, stride: Int)? {
    if p.packed != nil { return nextPacked(p, column, end, depth) }
    guard !plan.packsAhead, !plan.readsRight, p.bColumn == 1, column < end,
      p.k &* p.n > MatrixProduct<Stored>.mostNearby
    else { return nil }
    return (p.b + (depth.lowerBound &* p.bRow &+ column), p.bRow)
  }

  /// Where the panel that is used next is read from if panels are packed: after the last one comes the
  /// first, as the next step of a sequence reads it.
  @inlinable @inline(__always)
  static func nextPacked(
    _ p: MatrixProduct<Stored>, _ column: Int, _ end: Int, _ depth: Range<Int>
  ) -> (address: UnsafePointer<Stored>, stride: Int)? {
    guard let packed = p.packed, p.k &* p.n > MatrixProduct<Stored>.mostNearby else { return nil }
    let next = column < end ? column : 0
    let width = padded(columnsOfPanel(of: end &- next))
    return (packed + (next &* p.k &+ depth.lowerBound &* width), width)
  }

  /// Adds the bias to what `c` holds.
  @inlinable @inline(never)
  static func addBias(_ bias: UnsafePointer<Stored>, _ p: MatrixProduct<Stored>) {
    var row = 0
    while row < p.m {
      let c = p.c + row &* p.cRow
      var column = 0
      while column < p.n {
        c[column] = sum(c[column], bias[column])
        column &+= 1
      }
      row &+= 1
    }
  }

  /// The result of sums over nothing: zero or the bias, unless the product is added.
  @inlinable @inline(never)
  static func fillWithoutSum(_ p: MatrixProduct<Stored>) {
    if p.accumulate { return }
    var row = 0
    while row < p.m {
      let c = p.c + row &* p.cRow
      var column = 0
      while column < p.n {
        c[column] = p.bias?[column] ?? Stored(storing: 0)
        column &+= 1
      }
      row &+= 1
    }
  }
}
