/// The scalars that kernels compute in: `Float` and `Double`. Memory may hold them as they are.
public protocol KernelScalar: BinaryFloatingPoint, SIMDScalar, Codable, Sendable, VectorMathScalar,
  StoredScalar
where Computed == Self {
}

extension KernelScalar {
  /// The number as it is.
  @inlinable @inline(__always)
  public init(storing number: Self) { self = number }

  /// The number as it is.
  @inlinable @inline(__always)
  public var computed: Self { self }
}

extension Float: KernelScalar {}
extension Double: KernelScalar {}

/// An instruction set as one type of stored numbers sees it: its vector, its matrix tile, and the
/// primitives that it has instructions of its own for.
///
/// Loops use these and the operators of `Register`, never what the SIMD protocol brings: that is a loop
/// over the lanes in generic code.
public protocol VectorInstructions: Sendable {
  /// What memory holds.
  associatedtype Stored: StoredScalar
  /// What is computed in: `Float` or `Double`.
  associatedtype Scalar: KernelScalar where Scalar == Stored.Computed
  /// A register full of scalars.
  associatedtype Vector: Register where Vector.Scalar == Scalar
  /// The accumulators of the matrix product: as many rows of three vectors as the registers hold.
  associatedtype Tile: Accumulators where Tile.Set == Self
  /// The same register as integers that are as wide as a scalar. As the result of a comparison, a lane
  /// has all bits set where it is true, and none where it is false.
  typealias Bits = Vector.MaskStorage

  /// `a * b + c`, rounded once where the machine can.
  static func fma(_ a: Vector, _ b: Vector, _ c: Vector) -> Vector
  /// `a < b ? a : b`, so `b` where either is NaN.
  static func min(_ a: Vector, _ b: Vector) -> Vector
  /// `a > b ? a : b`, so `b` where either is NaN.
  static func max(_ a: Vector, _ b: Vector) -> Vector
  /// Whether a comparison is true in any lane.
  static func anyTrue(_ comparison: Bits) -> Bool
  /// The nearest integer, halves to the even one.
  static func rounded(_ a: Vector) -> Vector
  static func floor(_ a: Vector) -> Vector
  static func ceiling(_ a: Vector) -> Vector
  /// All lanes joined, half with half: a tree whose order is fixed.
  static func fold<J: Joining>(_: J.Type, _ a: Vector) -> Scalar where J.Set == Self

  /// The `width` numbers at `address`, which need not be aligned.
  static func load(_ address: UnsafePointer<Stored>) -> Vector
  /// Stores all lanes; the address need not be aligned.
  static func store(_ value: Vector, _ address: UnsafeMutablePointer<Stored>)
  /// The first `count` numbers at `address`, the other lanes `filler`; reads no further.
  ///
  /// A wide set has an instruction for it and for its counterpart: where a vector is made of parts,
  /// or handed to a function and back, the compiler takes it apart, and the code that follows
  /// becomes several times slower.
  static func load(_ address: UnsafePointer<Stored>, first count: Int, else filler: Scalar)
    -> Vector
  /// Stores the first `count` lanes.
  static func store(_ value: Vector, _ address: UnsafeMutablePointer<Stored>, first count: Int)

  /// Up to this many rows, `multiplyTurnedBlock` is faster than to lay the right operand out in
  /// memory first; 0 where blocks cannot be turned in registers.
  static var mostRowsByTurnedBlocks: Int { get }
  /// Adds the products of the first `width` columns of rows of the left matrix, as
  /// `Accumulators.multiplyAdd` reads them, and the block of `width` rows and columns of the right
  /// one whose column `j` begins at `b[j * bColumn]` and is contiguous.
  static func multiplyTurnedBlock<Sums: Accumulators>(
    _ sums: inout Sums, _ a: UnsafePointer<Stored>, _ aRow: Int, _ aColumn: Int,
    _ b: UnsafePointer<Stored>, _ bColumn: Int
  ) where Sums.Set == Self, Sums.Group == OneVector<Self>
}

extension VectorInstructions {
  /// The exchanges between registers have to be written for each set.
  @inlinable @inline(__always)
  public static var mostRowsByTurnedBlocks: Int { 0 }

  /// One number of each column at a time, for sets that never call it.
  @inlinable @inline(__always)
  public static func multiplyTurnedBlock<Sums: Accumulators>(
    _ sums: inout Sums, _ a: UnsafePointer<Stored>, _ aRow: Int, _ aColumn: Int,
    _ b: UnsafePointer<Stored>, _ bColumn: Int
  ) where Sums.Set == Self, Sums.Group == OneVector<Self> {
    var p = 0
    while p < width {
      sums.multiplyAdd(a + p &* aColumn, aRow, gathered(b + p, bColumn))
      p &+= 1
    }
  }

  /// Number of scalars in a register.
  @inlinable @inline(__always)
  public static var width: Int { Vector.scalarCount }

  /// Every lane 0.
  @inlinable @inline(__always)
  public static var zero: Vector { Vector() }

  /// Every lane the same number.
  @inlinable @inline(__always)
  public static func splat(_ value: Scalar) -> Vector { Vector.splat(value) }

  /// The sum of two numbers in memory, or the second by itself.
  @inlinable @inline(__always)
  static func sum(_ a: Stored?, _ b: Stored) -> Stored {
    guard let a else { return b }
    return Stored(storing: a.computed + b.computed)
  }

  /// The first `count` numbers at `address`, the other lanes zero; reads no further.
  @inlinable @inline(__always)
  public static func load(_ address: UnsafePointer<Stored>, first count: Int) -> Vector {
    load(address, first: count, else: 0)
  }

  /// The `width` numbers at `address` that are kept as they were computed, such as sums that go on.
  @inlinable @inline(__always)
  static func loadComputed(_ address: UnsafePointer<Scalar>) -> Vector {
    UnsafeRawPointer(address).loadUnaligned(as: Vector.self)
  }

  /// Keeps all lanes as they were computed.
  @inlinable @inline(__always)
  static func storeComputed(_ value: Vector, _ address: UnsafeMutablePointer<Scalar>) {
    UnsafeMutableRawPointer(address).storeBytes(of: value, as: Vector.self)
  }
}

extension VectorInstructions where Stored == Scalar {
  /// The `width` numbers at `address`, which need not be aligned.
  @inlinable @inline(__always)
  public static func load(_ address: UnsafePointer<Scalar>) -> Vector { loadComputed(address) }

  /// Stores all lanes; the address need not be aligned.
  @inlinable @inline(__always)
  public static func store(_ value: Vector, _ address: UnsafeMutablePointer<Scalar>) {
    storeComputed(value, address)
  }
}
