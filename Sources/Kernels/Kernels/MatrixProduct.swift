/// A product `c = a b`, or `c += a b`, of strided matrices `[m, k] x [k, n]`.
///
/// Its pointers are marked as unsafe to share because the compiler cannot know what the caller
/// sees to: the memory outlives the call, and no two threads write the same part of `c`.
public struct MatrixProduct<Stored: StoredScalar>: Sendable {
  /// Rows of the result.
  public var m: Int
  /// Columns of the result.
  public var n: Int
  /// Products that are summed for each element.
  public var k: Int
  /// Element `(i, p)` is at `a[i * aRow + p * aColumn]`.
  public nonisolated(unsafe) var a: UnsafePointer<Stored>
  /// Distance of neighbouring rows.
  public var aRow: Int
  /// Distance of neighbouring columns.
  public var aColumn: Int
  /// Element `(p, j)` is at `b[p * bRow + j * bColumn]`; not looked at when `packed` is set.
  public nonisolated(unsafe) var b: UnsafePointer<Stored>
  /// Distance of neighbouring rows.
  public var bRow: Int
  /// Distance of neighbouring columns.
  public var bColumn: Int
  /// The right operand as `KernelSet.pack` has laid it out, for products that repeat.
  public nonisolated(unsafe) var packed: UnsafePointer<Stored>?
  /// Element `(i, j)` is at `c[i * cRow + j]`.
  public nonisolated(unsafe) var c: UnsafeMutablePointer<Stored>
  /// Distance of neighbouring rows.
  public var cRow: Int
  /// Adds to `c` instead of overwriting it.
  public var accumulate: Bool
  /// Added to every row of the result: `n` numbers.
  public nonisolated(unsafe) var bias: UnsafePointer<Stored>?
  /// Whether the rows are some of those of a larger product, and so are computed as those are, be it
  /// one row only.
  public var isPartOfRows = false

  /// A product without a bias, and of an operand that is not packed, unless given.
  @inlinable
  public init(
    m: Int, n: Int, k: Int,
    a: UnsafePointer<Stored>, aRow: Int, aColumn: Int,
    b: UnsafePointer<Stored>, bRow: Int, bColumn: Int,
    c: UnsafeMutablePointer<Stored>, cRow: Int,
    accumulate: Bool = false, bias: UnsafePointer<Stored>? = nil,
    packed: UnsafePointer<Stored>? = nil
  ) {
    self.m = m
    self.n = n
    self.k = k
    self.a = a
    self.aRow = aRow
    self.aColumn = aColumn
    self.b = b
    self.bRow = bRow
    self.bColumn = bColumn
    self.packed = packed
    self.c = c
    self.cRow = cRow
    self.accumulate = accumulate
    self.bias = bias
  }
}
