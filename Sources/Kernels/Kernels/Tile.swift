/// Rows of accumulators of a matrix product, three vectors wide.
///
/// The tile is recursive so that the compiler sees straight-line code and keeps every accumulator
/// in a register; an array of accumulators with inner loops was measured five times slower.
public protocol Accumulators {
  associatedtype Set: InstructionSet
  /// Number of rows.
  static var rows: Int { get }
  /// All sums zero.
  init()
  /// Adds the outer product of a column of the left matrix, of which row `r` is at
  /// `a[r * stride]`, and a row of the right one.
  mutating func multiplyAdd(
    _ a: UnsafePointer<Set.Scalar>, _ stride: Int,
    _ b0: Set.Vector, _ b1: Set.Vector, _ b2: Set.Vector)
  /// Writes the sums, row `r` at `c[r * stride]`; with `accumulate` adds them to what is there.
  func store(_ c: UnsafeMutablePointer<Set.Scalar>, _ stride: Int, accumulate: Bool)
}

/// One row: three vectors.
public struct Row<Set: InstructionSet>: Accumulators {
  @usableFromInline var c0 = Set.zero
  @usableFromInline var c1 = Set.zero
  @usableFromInline var c2 = Set.zero

  @inlinable @inline(__always)
  public static var rows: Int { 1 }

  @inlinable @inline(__always)
  public init() {}

  @inlinable @inline(__always)
  public mutating func multiplyAdd(
    _ a: UnsafePointer<Set.Scalar>, _ stride: Int,
    _ b0: Set.Vector, _ b1: Set.Vector, _ b2: Set.Vector
  ) {
    let x = Set.splat(a.pointee)
    c0 = Set.fma(x, b0, c0)
    c1 = Set.fma(x, b1, c1)
    c2 = Set.fma(x, b2, c2)
  }

  @inlinable @inline(__always)
  public func store(_ c: UnsafeMutablePointer<Set.Scalar>, _ stride: Int, accumulate: Bool) {
    let width = Set.width
    if accumulate {
      Set.store(Set.load(c) + c0, c)
      Set.store(Set.load(c + width) + c1, c + width)
      Set.store(Set.load(c + 2 &* width) + c2, c + 2 &* width)
    } else {
      Set.store(c0, c)
      Set.store(c1, c + width)
      Set.store(c2, c + 2 &* width)
    }
  }
}

/// A tile above another: twice the rows.
public struct Twice<Half: Accumulators>: Accumulators {
  public typealias Set = Half.Set

  @usableFromInline var upper = Half()
  @usableFromInline var lower = Half()

  @inlinable @inline(__always)
  public static var rows: Int { 2 &* Half.rows }

  @inlinable @inline(__always)
  public init() {}

  @inlinable @inline(__always)
  public mutating func multiplyAdd(
    _ a: UnsafePointer<Set.Scalar>, _ stride: Int,
    _ b0: Set.Vector, _ b1: Set.Vector, _ b2: Set.Vector
  ) {
    upper.multiplyAdd(a, stride, b0, b1, b2)
    lower.multiplyAdd(a + Half.rows &* stride, stride, b0, b1, b2)
  }

  @inlinable @inline(__always)
  public func store(_ c: UnsafeMutablePointer<Set.Scalar>, _ stride: Int, accumulate: Bool) {
    upper.store(c, stride, accumulate: accumulate)
    lower.store(c + Half.rows &* stride, stride, accumulate: accumulate)
  }
}
