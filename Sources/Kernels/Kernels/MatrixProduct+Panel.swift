/// The product of many rows of the left matrix with one panel of the right one: as many columns
/// as a tile is wide, or fewer at the edge, over one block of `k`.
public struct Panel<Set: VectorInstructions> {
  @usableFromInline typealias Stored = Set.Stored

  /// Rows still to do.
  @usableFromInline var rows: Int
  /// Columns of the result; the last of them end inside a vector where the panel is an edge.
  @usableFromInline var columns: Int
  /// Length of the sums.
  @usableFromInline var depth: Int
  @usableFromInline var a: UnsafePointer<Stored>
  @usableFromInline var aRow: Int
  @usableFromInline var aColumn: Int
  /// How far the left matrix advances from one full tile to the next.
  @usableFromInline var aTile: Int
  /// Whole vectors, whatever `columns` is.
  @usableFromInline var b: UnsafePointer<Stored>
  @usableFromInline var bRow: Int
  /// The panel of as many rows that is read after this one and lies far away; nil where none does.
  @usableFromInline var next: UnsafePointer<Stored>?
  @usableFromInline var nextRow: Int
  /// Where the rows of the right matrix begin, from `b` on; nil where they are `bRow` apart.
  @usableFromInline var offsets: UnsafePointer<Int>?
  @usableFromInline var c: UnsafeMutablePointer<Stored>
  @usableFromInline var cRow: Int
  /// What the sums are added to: nothing, `c`, or the bias, whose rows are 0 apart.
  @usableFromInline var base: UnsafePointer<Stored>?
  @usableFromInline var baseRow: Int
  /// Room for a tile whose last vector is cut off by the edge.
  @usableFromInline var edge: UnsafeMutablePointer<Stored>

  @inlinable @inline(__always)
  init(
    rows: Int, columns: Int, depth: Int,
    a: UnsafePointer<Stored>, aRow: Int, aColumn: Int, aTile: Int,
    b: UnsafePointer<Stored>, bRow: Int, next: (address: UnsafePointer<Stored>, stride: Int)?,
    c: UnsafeMutablePointer<Stored>, cRow: Int,
    base: UnsafePointer<Stored>?, baseRow: Int, edge: UnsafeMutablePointer<Stored>
  ) {
    self.rows = rows
    self.columns = columns
    self.depth = depth
    self.a = a
    self.aRow = aRow
    self.aColumn = aColumn
    self.aTile = aTile
    self.b = b
    self.bRow = bRow
    self.next = next?.address
    nextRow = next?.stride ?? 0
    offsets = nil
    self.c = c
    self.cRow = cRow
    self.base = base
    self.baseRow = baseRow
    self.edge = edge
  }

  /// Passes over `count` rows, which in the left matrix are `step` scalars.
  @inlinable @inline(__always)
  mutating func advance(_ count: Int, by step: Int) {
    rows &-= count
    a += step
    c += count &* cRow
    if let base { self.base = base + count &* baseRow }
  }

  /// Scalars of a cache line, of which each step of a sum fetches one of the next panel.
  @inlinable @inline(__always)
  static var line: Int { 64 / MemoryLayout<Stored>.stride }

  /// All rows: full tiles, then one each of half as many rows as far as they fit. The last full tiles
  /// but one fetch the next panel, each one cache line of every row.
  @inlinable @inline(never)
  static func multiply<Tile: Accumulators>(_ panel: Panel, _ tile: Tile.Type)
  where Tile.Set == Set {
    var panel = panel
    var next = panel.next
    var lines = (panel.columns &+ line &- 1) / line
    while panel.rows >= Tile.rows {
      let fetches = lines > 0 && panel.rows < (lines &+ 2) &* Tile.rows
      panel.next = fetches ? next : nil
      panel.multiply(Tile.self)
      panel.advance(Tile.rows, by: panel.aTile)
      if fetches {
        next = next.map { $0 + line }
        lines &-= 1
      }
    }
    panel.next = nil
    Tile.finish(&panel)
  }

  /// The first `Tile.rows` rows: each sum in one accumulator, in ascending order.
  @inlinable @inline(__always)
  func multiply<Tile: Accumulators>(_: Tile.Type) where Tile.Set == Set {
    var tile = Tile()
    var a = a
    var b = b
    var count = depth
    if let offsets {
      var p = 0
      while p < depth {
        tile.multiplyAdd(a, aRow, Tile.Group(b + offsets[p]))
        a += aColumn
        p &+= 1
      }
      count = 0
    }
    // With one vector a row, each multiply-add has a load, and further ones, of the positions of rows,
    // would take its time: they are found once for two columns, and where these are neighbours, are
    // so few that registers hold them.
    if Tile.Group.vectors == 1, aColumn == 1 {
      while count >= 2 {
        tile.multiplyAdd(a, aRow, Tile.Group(b))
        tile.multiplyAdd(a + 1, aRow, Tile.Group(b + bRow))
        a += 2
        b += 2 &* bRow
        count &-= 2
      }
    }
    while Tile.Group.vectors == 1, count >= 2 {
      tile.multiplyAdd(a, aRow, aColumn, Tile.Group(b), Tile.Group(b + bRow))
      a += 2 &* aColumn
      b += 2 &* bRow
      count &-= 2
    }
    if var next {
      while count > 0 {
        tile.multiplyAdd(a, aRow, Tile.Group(b))
        prefetch(next)
        a += aColumn
        b += bRow
        next += nextRow
        count &-= 1
      }
    }
    while count > 0 {
      tile.multiplyAdd(a, aRow, Tile.Group(b))
      a += aColumn
      b += bRow
      count &-= 1
    }
    let width = Tile.Group.vectors &* Set.width
    if columns < width {
      tile.store(edge, width)
      Self.copyEdge(Tile.rows, columns, edge, width, c, cRow, base, baseRow)
    } else if let base {
      tile.store(c, cRow, adding: base, baseRow)
    } else {
      tile.store(c, cRow)
    }
  }

  /// The part of a tile that is inside the result, from `edge`. Without a panel: to hand it over would
  /// keep it in memory for all tiles.
  @inlinable @inline(never)
  static func copyEdge(
    _ rows: Int, _ columns: Int, _ edge: UnsafeMutablePointer<Stored>, _ width: Int,
    _ c: UnsafeMutablePointer<Stored>, _ cRow: Int, _ base: UnsafePointer<Stored>?, _ baseRow: Int
  ) {
    var row = 0
    while row < rows {
      let from = UnsafePointer(edge + row &* width)
      let to = c + row &* cRow
      copyEdgeRow(columns, from, to, base.map { $0 + row &* baseRow })
      row &+= 1
    }
  }

  /// Whole vectors, then one that ends with the row and overlaps the one before; its base is read
  /// before anything is written because it may lie in the result itself.
  @inlinable @inline(__always)
  static func copyEdgeRow(
    _ columns: Int, _ from: UnsafePointer<Stored>, _ to: UnsafeMutablePointer<Stored>,
    _ base: UnsafePointer<Stored>?
  ) {
    var column = 0
    guard columns >= Set.width else {
      while column < columns {
        to[column] = Set.sum(base.map { $0[column] }, from[column])
        column &+= 1
      }
      return
    }
    let last = columns &- Set.width
    var end = Set.load(from + last)
    if let base { end = Set.load(base + last) + end }
    while column < last {
      var sum = Set.load(from + column)
      if let base { sum = Set.load(base + column) + sum }
      Set.store(sum, to + column)
      column &+= Set.width
    }
    Set.store(end, to + last)
  }
}
