/// A product `c = a b` whose right operand's rows are stretches of one array that begin anywhere, and
/// may overlap: what the elements of a window see while it moves over an image, which need not be
/// laid out one beside the other for it.
///
/// Its pointers are marked as unsafe to share because the compiler cannot know what the caller sees
/// to: the memory outlives the call, and no two threads write the same part of `c`.
public struct WindowProduct<Stored: StoredScalar>: Sendable {
  /// Rows of the result.
  public var m: Int
  /// Columns of the result.
  public var n: Int
  /// Products that are summed for each element.
  public var k: Int
  /// Element `(i, p)` is at `a[i * aRow + p]`.
  public nonisolated(unsafe) var a: UnsafePointer<Stored>
  /// Distance of neighbouring rows.
  public var aRow: Int
  /// Element `(p, j)` is at `b[offsets[p] + j]`. It is read in whole vectors: as many numbers as a
  /// vector has are readable after the last, and what they are does not matter.
  public nonisolated(unsafe) var b: UnsafePointer<Stored>
  /// Where the rows begin: `k` numbers.
  public nonisolated(unsafe) var offsets: UnsafePointer<Int>
  /// Element `(i, j)` is at `c[i * cRow + j]`.
  public nonisolated(unsafe) var c: UnsafeMutablePointer<Stored>
  /// Distance of neighbouring rows.
  public var cRow: Int
  /// Number `i` is added to every element of row `i` of the result: `m` numbers.
  public nonisolated(unsafe) var bias: UnsafePointer<Stored>?

  /// A product of these operands.
  @inlinable
  public init(
    m: Int, n: Int, k: Int, a: UnsafePointer<Stored>, aRow: Int, b: UnsafePointer<Stored>,
    offsets: UnsafePointer<Int>, c: UnsafeMutablePointer<Stored>, cRow: Int,
    bias: UnsafePointer<Stored>? = nil
  ) {
    self.m = m
    self.n = n
    self.k = k
    self.a = a
    self.aRow = aRow
    self.b = b
    self.offsets = offsets
    self.c = c
    self.cRow = cRow
    self.bias = bias
  }

  /// The rows `rows` and columns `columns` as a product of its own.
  @inlinable
  public func part(rows: Range<Int>, columns: Range<Int>) -> Self {
    var part = self
    part.m = rows.count
    part.n = columns.count
    part.a += rows.lowerBound * aRow
    part.b += columns.lowerBound
    part.c += rows.lowerBound * cRow + columns.lowerBound
    part.bias = bias.map { $0 + rows.lowerBound }
    return part
  }
}

extension VectorInstructions {
  /// `KernelSet.windowProduct`: panel by panel, so that what a panel's windows see, which is little
  /// more than one row of it for each channel, stays in the first-level cache. Sums are made in the
  /// order of `matrixProduct`.
  @inlinable
  public static func windowProduct(_ p: WindowProduct<Stored>) {
    guard p.m > 0, p.n > 0 else { return }
    let edgeCount = Tile.rows &* panelWidth
    let scratch = ThreadScratch.packing.numbers(edgeCount &+ p.m &* panelWidth, Stored.self)
    let biases = p.bias.map { spreadRows($0, p.m, scratch + edgeCount) }
    var column = 0
    while column < p.n {
      let columns = columnsOfPanel(of: p.n &- column)
      let c = p.c + column
      var start = 0
      repeat {
        let depth = Swift.min(p.k &- start, BlockSize.depth)
        var panel = Panel<Self>(
          rows: p.m, columns: columns, depth: depth, a: p.a + start, aRow: p.aRow, aColumn: 1,
          aTile: Tile.rows &* p.aRow, b: p.b + column, bRow: 0, next: nil, c: c, cRow: p.cRow,
          base: start > 0 ? UnsafePointer(c) : biases, baseRow: start > 0 ? p.cRow : panelWidth,
          edge: scratch)
        panel.offsets = p.offsets + start
        multiply(panel)
        start &+= depth
      } while start < p.k
      column &+= columns
    }
  }

  /// Row `i` of the result, a panel wide, is number `i` everywhere.
  @inlinable @inline(never)
  static func spreadRows(
    _ numbers: UnsafePointer<Stored>, _ rows: Int, _ result: UnsafeMutablePointer<Stored>
  ) -> UnsafePointer<Stored> {
    var row = 0
    while row < rows {
      let vector = splat(numbers[row].computed)
      var column = 0
      while column < panelWidth {
        store(vector, result + (row &* panelWidth &+ column))
        column &+= width
      }
      row &+= 1
    }
    return UnsafePointer(result)
  }
}
