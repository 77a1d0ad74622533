/// How two numbers become one in a reduction; a type for the same reason as `VectorFunction`.
public protocol Joining {
  /// The instruction set.
  associatedtype Set: VectorInstructions
  /// The number that joining leaves as it is.
  static var neutral: Set.Scalar { get }
  /// Joins each pair of lanes.
  static func join(_ a: Set.Vector, _ b: Set.Vector) -> Set.Vector
  /// Joins a block to what was before it.
  ///
  /// - Parameter excess: by how much rounding has made the total too large so far; at first 0.
  static func joinBlock(
    _ total: inout Set.Vector, _ excess: inout Set.Vector, _ block: Set.Vector)
}

extension Joining {
  /// Most ways to join keep no account of what rounding does.
  @inlinable @inline(__always)
  public static func joinBlock(
    _ total: inout Set.Vector, _ excess: inout Set.Vector, _ block: Set.Vector
  ) {
    total = join(total, block)
  }
}

/// The ways to join.
public enum Join<Set: VectorInstructions> {
  /// Adds.
  public enum Sum: Joining {
    /// The number that joining leaves as it is.
    @inlinable @inline(__always)
    public static var neutral: Set.Scalar { 0 }
    /// Joins each pair of lanes.
    @inlinable @inline(__always)
    public static func join(_ a: Set.Vector, _ b: Set.Vector) -> Set.Vector { a + b }
    /// Adds a block without what was too much before it (Kahan, 1965), and finds what is too much
    /// now without an error (Knuth, 1969): that of a sum does not grow with the number of blocks,
    /// and a block of zeros changes no bit.
    @inlinable @inline(__always)
    public static func joinBlock(
      _ total: inout Set.Vector, _ excess: inout Set.Vector, _ block: Set.Vector
    ) {
      let term = block - excess
      let next = total + term
      let added = next - total
      let surplus = (added - term) + ((next - added) - total)
      total = next
      // Of an infinite total it would be NaN or infinite, and the rest of the sum NaN.
      excess = Set.select(Set.equal(surplus - surplus, Set.zero), surplus, Set.zero)
    }
  }
  /// Multiplies.
  public enum Product: Joining {
    /// The number that joining leaves as it is.
    @inlinable @inline(__always)
    public static var neutral: Set.Scalar { 1 }
    /// Joins each pair of lanes.
    @inlinable @inline(__always)
    public static func join(_ a: Set.Vector, _ b: Set.Vector) -> Set.Vector { a * b }
  }
  /// The larger, NaN where either is NaN.
  public enum Maximum: Joining {
    /// The number that joining leaves as it is.
    @inlinable @inline(__always)
    public static var neutral: Set.Scalar { -.infinity }
    /// Joins each pair of lanes.
    @inlinable @inline(__always)
    public static func join(_ a: Set.Vector, _ b: Set.Vector) -> Set.Vector { Set.maximum(a, b) }
  }
  /// The smaller, NaN where either is NaN.
  public enum Minimum: Joining {
    /// The number that joining leaves as it is.
    @inlinable @inline(__always)
    public static var neutral: Set.Scalar { .infinity }
    /// Joins each pair of lanes.
    @inlinable @inline(__always)
    public static func join(_ a: Set.Vector, _ b: Set.Vector) -> Set.Vector { Set.minimum(a, b) }
  }
  /// The larger; a NaN may get lost.
  public enum Highest: Joining {
    /// The number that joining leaves as it is.
    @inlinable @inline(__always)
    public static var neutral: Set.Scalar { -.infinity }
    /// Joins each pair of lanes.
    @inlinable @inline(__always)
    public static func join(_ a: Set.Vector, _ b: Set.Vector) -> Set.Vector { Set.max(a, b) }
  }
}

/// Numbers that are made while they are reduced.
///
/// A type and not a closure: the loops call it at several places, and closures are then not
/// inlined.
public protocol RowElements {
  associatedtype Set: VectorInstructions
  /// The elements from `offset` on; where `lanes` is less than the width of a vector the others
  /// do not count, and are the neutral number of the reduction.
  func vector(_ offset: Int, _ lanes: Int) -> Set.Vector
}

/// The numbers in memory.
public struct StoredElements<Set: VectorInstructions>: RowElements {
  @usableFromInline let address: UnsafePointer<Set.Stored>
  @usableFromInline let filler: Set.Scalar

  @inlinable @inline(__always)
  init(_ address: UnsafePointer<Set.Stored>, else filler: Set.Scalar) {
    self.address = address
    self.filler = filler
  }

  /// The numbers from `offset` on.
  @inlinable @inline(__always)
  public func vector(_ offset: Int, _ lanes: Int) -> Set.Vector {
    Set.load(address + offset, lanes: lanes, else: filler)
  }
}

/// Columns fewer than a vector has lanes: whole vectors are read as long as they are inside the
/// array, and what belongs to the next row is never stored.
@usableFromInline
struct NarrowColumns<Set: VectorInstructions>: RowElements {
  @usableFromInline let address: UnsafePointer<Set.Stored>
  @usableFromInline let count: Int

  @inlinable @inline(__always)
  init(_ address: UnsafePointer<Set.Stored>, count: Int) {
    self.address = address
    self.count = count
  }

  @inlinable @inline(__always)
  func vector(_ offset: Int, _ lanes: Int) -> Set.Vector {
    offset &+ Set.width <= count
      ? Set.load(address + offset) : Set.load(address + offset, first: lanes)
  }
}
