// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The protocols document what the tiles that conform to them repeat.

/// One, two or three vectors side by side: a group of a row of the right matrix or of the result.
public protocol VectorGroup {
  associatedtype Set: VectorInstructions
  /// One vector fewer; a single vector stays itself.
  associatedtype Narrower: VectorGroup where Narrower.Set == Set
  /// Number of vectors.
  static var vectors: Int { get }
  /// Zeros.
  init()
  /// The scalars that begin at `address`.
  init(_ address: UnsafePointer<Set.Stored>)
  /// Adds `x * b`.
  mutating func multiplyAdd(_ x: Set.Vector, _ b: Self)
  /// Writes the scalars to `address`.
  func store(_ address: UnsafeMutablePointer<Set.Stored>)
  /// Writes the sums with what begins at `other`, which may be `address`.
  func store(
    _ address: UnsafeMutablePointer<Set.Stored>, adding other: UnsafePointer<Set.Stored>)
}

/// A single vector.
public struct OneVector<Set: VectorInstructions>: VectorGroup {
  public typealias Narrower = OneVector<Set>

  @usableFromInline var v0: Set.Vector

  @inlinable @inline(__always)
  public static var vectors: Int { 1 }

  @inlinable @inline(__always)
  public init() { v0 = Set.zero }

  @inlinable @inline(__always)
  public init(_ vector: Set.Vector) { v0 = vector }

  @inlinable @inline(__always)
  public init(_ address: UnsafePointer<Set.Stored>) { v0 = Set.load(address) }

  @inlinable @inline(__always)
  public mutating func multiplyAdd(_ x: Set.Vector, _ b: Self) { v0 = Set.fma(x, b.v0, v0) }

  @inlinable @inline(__always)
  public func store(_ address: UnsafeMutablePointer<Set.Stored>) { Set.store(v0, address) }

  @inlinable @inline(__always)
  public func store(
    _ address: UnsafeMutablePointer<Set.Stored>, adding other: UnsafePointer<Set.Stored>
  ) {
    Set.store(Set.load(other) + v0, address)
  }
}

/// A group and one more vector.
public struct Wider<Rest: VectorGroup>: VectorGroup {
  public typealias Set = Rest.Set
  public typealias Narrower = Rest

  @usableFromInline var rest: Rest
  @usableFromInline var last: Set.Vector

  @inlinable @inline(__always)
  public static var vectors: Int { Rest.vectors &+ 1 }

  @inlinable @inline(__always)
  static var offset: Int { Rest.vectors &* Set.width }

  @inlinable @inline(__always)
  public init() {
    rest = Rest()
    last = Set.zero
  }

  @inlinable @inline(__always)
  public init(_ address: UnsafePointer<Set.Stored>) {
    rest = Rest(address)
    last = Set.load(address + Self.offset)
  }

  @inlinable @inline(__always)
  public mutating func multiplyAdd(_ x: Set.Vector, _ b: Self) {
    rest.multiplyAdd(x, b.rest)
    last = Set.fma(x, b.last, last)
  }

  @inlinable @inline(__always)
  public func store(_ address: UnsafeMutablePointer<Set.Stored>) {
    rest.store(address)
    Set.store(last, address + Self.offset)
  }

  @inlinable @inline(__always)
  public func store(
    _ address: UnsafeMutablePointer<Set.Stored>, adding other: UnsafePointer<Set.Stored>
  ) {
    rest.store(address, adding: other)
    Set.store(Set.load(other + Self.offset) + last, address + Self.offset)
  }
}

/// Rows of accumulators of a matrix product.
///
/// The tile is recursive so that the compiler sees straight-line code and keeps every accumulator
/// in a register; an array of accumulators with inner loops was measured five times slower.
public protocol Accumulators {
  associatedtype Set: VectorInstructions
  /// One row.
  associatedtype Group: VectorGroup where Group.Set == Set
  /// The same number of rows, each one vector narrower.
  associatedtype Narrower: Accumulators where Narrower.Set == Set
  /// Number of rows.
  static var rows: Int { get }
  /// All sums zero.
  init()
  /// Row `r` begins at `address[r * stride]`.
  init(_ address: UnsafePointer<Set.Stored>, _ stride: Int)
  /// Adds the outer product of a column of the left matrix, of which row `r` is at
  /// `a[r * stride]`, and a row of the right one.
  mutating func multiplyAdd(_ a: UnsafePointer<Set.Stored>, _ stride: Int, _ b: Group)
  /// Adds the products of two columns of the left matrix, `step` apart, with the two rows of the right
  /// one in turn: where the rows lie is found once for both.
  mutating func multiplyAdd(
    _ a: UnsafePointer<Set.Stored>, _ stride: Int, _ step: Int, _ b: Group, _ next: Group)
  /// Adds `x * b` to every row.
  mutating func multiplyAdd(_ x: Set.Vector, _ b: Group)
  /// Writes the sums, row `r` at `c[r * stride]`.
  func store(_ c: UnsafeMutablePointer<Set.Stored>, _ stride: Int)
  /// Writes what is at `other[r * otherStride]` plus the sums; `other` may be `c`.
  func store(
    _ c: UnsafeMutablePointer<Set.Stored>, _ stride: Int,
    adding other: UnsafePointer<Set.Stored>, _ otherStride: Int)
  /// Does the rows of `panel`, which are fewer than `rows`.
  static func finish(_ panel: inout Panel<Set>)
}

/// One row three vectors wide, from which an instruction set builds its tile.
public typealias Row<Set: VectorInstructions> = SingleRow<Wider<Wider<OneVector<Set>>>>

/// A tile of one row.
public struct SingleRow<Group: VectorGroup>: Accumulators {
  public typealias Set = Group.Set
  public typealias Narrower = SingleRow<Group.Narrower>

  @usableFromInline var sums: Group

  @inlinable @inline(__always)
  public static var rows: Int { 1 }

  @inlinable @inline(__always)
  public init() { sums = Group() }

  @inlinable @inline(__always)
  public init(_ address: UnsafePointer<Set.Stored>, _ stride: Int) { sums = Group(address) }

  @inlinable @inline(__always)
  public mutating func multiplyAdd(
    _ a: UnsafePointer<Set.Stored>, _ stride: Int, _ b: Group
  ) {
    sums.multiplyAdd(Set.splat(a.pointee.computed), b)
  }

  @inlinable @inline(__always)
  public mutating func multiplyAdd(
    _ a: UnsafePointer<Set.Stored>, _ stride: Int, _ step: Int, _ b: Group, _ next: Group
  ) {
    sums.multiplyAdd(Set.splat(a.pointee.computed), b)
    sums.multiplyAdd(Set.splat(a[step].computed), next)
  }

  @inlinable @inline(__always)
  public mutating func multiplyAdd(_ x: Set.Vector, _ b: Group) { sums.multiplyAdd(x, b) }

  @inlinable @inline(__always)
  public func store(_ c: UnsafeMutablePointer<Set.Stored>, _ stride: Int) { sums.store(c) }

  @inlinable @inline(__always)
  public func store(
    _ c: UnsafeMutablePointer<Set.Stored>, _ stride: Int,
    adding other: UnsafePointer<Set.Stored>, _ otherStride: Int
  ) {
    sums.store(c, adding: other)
  }

  @inlinable @inline(__always)
  public static func finish(_ panel: inout Panel<Set>) {}
}

/// A tile above another: twice the rows.
public struct Twice<Half: Accumulators>: Accumulators {
  public typealias Set = Half.Set
  public typealias Group = Half.Group
  public typealias Narrower = Twice<Half.Narrower>

  @usableFromInline var upper: Half
  @usableFromInline var lower: Half

  @inlinable @inline(__always)
  public static var rows: Int { 2 &* Half.rows }

  @inlinable @inline(__always)
  public init() {
    upper = Half()
    lower = Half()
  }

  @inlinable @inline(__always)
  public init(_ address: UnsafePointer<Set.Stored>, _ stride: Int) {
    upper = Half(address, stride)
    lower = Half(address + Half.rows &* stride, stride)
  }

  @inlinable @inline(__always)
  public mutating func multiplyAdd(
    _ a: UnsafePointer<Set.Stored>, _ stride: Int, _ b: Group
  ) {
    upper.multiplyAdd(a, stride, b)
    lower.multiplyAdd(a + Half.rows &* stride, stride, b)
  }

  @inlinable @inline(__always)
  public mutating func multiplyAdd(
    _ a: UnsafePointer<Set.Stored>, _ stride: Int, _ step: Int, _ b: Group, _ next: Group
  ) {
    upper.multiplyAdd(a, stride, step, b, next)
    lower.multiplyAdd(a + Half.rows &* stride, stride, step, b, next)
  }

  @inlinable @inline(__always)
  public mutating func multiplyAdd(_ x: Set.Vector, _ b: Group) {
    upper.multiplyAdd(x, b)
    lower.multiplyAdd(x, b)
  }

  @inlinable @inline(__always)
  public func store(_ c: UnsafeMutablePointer<Set.Stored>, _ stride: Int) {
    upper.store(c, stride)
    lower.store(c + Half.rows &* stride, stride)
  }

  @inlinable @inline(__always)
  public func store(
    _ c: UnsafeMutablePointer<Set.Stored>, _ stride: Int,
    adding other: UnsafePointer<Set.Stored>, _ otherStride: Int
  ) {
    upper.store(c, stride, adding: other, otherStride)
    lower.store(
      c + Half.rows &* stride, stride, adding: other + Half.rows &* otherStride, otherStride)
  }

  @inlinable @inline(__always)
  public static func finish(_ panel: inout Panel<Set>) {
    if panel.rows >= Half.rows {
      panel.multiply(Half.self)
      panel.advance(Half.rows, by: Half.rows &* panel.aRow)
    }
    Half.finish(&panel)
  }
}
