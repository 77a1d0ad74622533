/// The scalars that arithmetic kernels exist for: `Float` and `Double`.
public protocol KernelScalar: BinaryFloatingPoint, SIMDScalar, Codable, Sendable, VectorMathScalar {
}

extension Float: KernelScalar {}
extension Double: KernelScalar {}

/// An instruction set as one scalar type sees it: its vector, its matrix tile, and the primitives
/// that must be written on the concrete SIMD type.
///
/// Generic code uses these primitives instead of the SIMD protocol's own comparisons, `clamped`,
/// `min`, `max`, `rounded` and `addingProduct`: those become loops over the lanes, or a call of
/// libm for each lane. `+`, `-`, `*` and `/` are single instructions in generic code too.
public protocol VectorInstructions: Sendable {
  /// `Float` or `Double`.
  associatedtype Scalar: KernelScalar
  /// A register full of scalars.
  associatedtype Vector: SIMD where Vector.Scalar == Scalar
  /// The same register as integers that are as wide as a scalar.
  associatedtype Bits: SIMD where Bits.Scalar: FixedWidthInteger & SignedInteger & SIMDScalar
  /// The result of a comparison, one truth value a lane.
  associatedtype Mask
  /// The accumulators of the matrix product: as many rows of three vectors as the registers hold.
  associatedtype Tile: Accumulators where Tile.Set == Self

  /// `a * b + c`, rounded once where the machine can.
  static func fma(_ a: Vector, _ b: Vector, _ c: Vector) -> Vector
  /// `a < b ? a : b`, so `b` where either is NaN.
  static func min(_ a: Vector, _ b: Vector) -> Vector
  /// `a > b ? a : b`, so `b` where either is NaN.
  static func max(_ a: Vector, _ b: Vector) -> Vector
  static func less(_ a: Vector, _ b: Vector) -> Mask
  static func lessOrEqual(_ a: Vector, _ b: Vector) -> Mask
  static func equal(_ a: Vector, _ b: Vector) -> Mask
  /// `a` where the mask is true, else `b`.
  static func select(_ mask: Mask, _ a: Vector, _ b: Vector) -> Vector
  /// Whether any lane of the mask is true.
  static func anyTrue(_ mask: Mask) -> Bool
  static func squareRoot(_ a: Vector) -> Vector
  /// The nearest integer, halves to the even one.
  static func rounded(_ a: Vector) -> Vector
  static func floor(_ a: Vector) -> Vector
  static func ceiling(_ a: Vector) -> Vector
  /// All lanes joined, half with half: a tree whose order is fixed.
  static func fold<J: Joining>(_: J.Type, _ a: Vector) -> Scalar where J.Set == Self

  /// The first `count` scalars at `address`, the other lanes `filler`; reads no further.
  ///
  /// A wide set has an instruction for it and for its counterpart: where a vector is made of parts,
  /// or handed to a function and back, the compiler takes it apart, and the code that follows
  /// becomes several times slower.
  static func load(_ address: UnsafePointer<Scalar>, first count: Int, else filler: Scalar)
    -> Vector
  /// Stores the first `count` lanes.
  static func store(_ value: Vector, _ address: UnsafeMutablePointer<Scalar>, first count: Int)

  /// Up to this many rows, `multiplyTurnedBlock` is faster than to lay the right operand out in
  /// memory first; 0 where blocks cannot be turned in registers.
  static var mostRowsByTurnedBlocks: Int { get }
  /// Adds the products of the first `width` columns of rows of the left matrix, as
  /// `Accumulators.multiplyAdd` reads them, and the block of `width` rows and columns of the right
  /// one whose column `j` begins at `b[j * bColumn]` and is contiguous.
  static func multiplyTurnedBlock<Sums: Accumulators>(
    _ sums: inout Sums, _ a: UnsafePointer<Scalar>, _ aRow: Int, _ aColumn: Int,
    _ b: UnsafePointer<Scalar>, _ bColumn: Int
  ) where Sums.Set == Self, Sums.Group == OneVector<Self>

  static func bits(_ a: Vector) -> Bits
  static func vector(_ a: Bits) -> Vector
  /// Wrapping sum of each lane.
  static func add(_ a: Bits, _ b: Bits) -> Bits
  /// Wrapping difference of each lane.
  static func subtract(_ a: Bits, _ b: Bits) -> Bits
  static func and(_ a: Bits, _ b: Bits) -> Bits
  static func or(_ a: Bits, _ b: Bits) -> Bits
  static func xor(_ a: Bits, _ b: Bits) -> Bits
  static func shiftLeft(_ a: Bits, by count: Int) -> Bits
  /// Arithmetic shift: the sign is repeated.
  static func shiftRight(_ a: Bits, by count: Int) -> Bits
}

extension VectorInstructions {
  /// The exchanges between registers have to be written for each set.
  @inlinable @inline(__always)
  public static var mostRowsByTurnedBlocks: Int { 0 }

  /// One number of each column at a time, for sets that never call it.
  @inlinable @inline(__always)
  public static func multiplyTurnedBlock<Sums: Accumulators>(
    _ sums: inout Sums, _ a: UnsafePointer<Scalar>, _ aRow: Int, _ aColumn: Int,
    _ b: UnsafePointer<Scalar>, _ bColumn: Int
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
  public static var zero: Vector { Vector(repeating: 0) }

  /// Every lane the same number.
  @inlinable @inline(__always)
  public static func splat(_ value: Scalar) -> Vector { Vector(repeating: value) }

  /// The `width` scalars at `address`, which need not be aligned.
  @inlinable @inline(__always)
  public static func load(_ address: UnsafePointer<Scalar>) -> Vector {
    UnsafeRawPointer(address).loadUnaligned(as: Vector.self)
  }

  /// Stores all lanes; the address need not be aligned.
  @inlinable @inline(__always)
  public static func store(_ value: Vector, _ address: UnsafeMutablePointer<Scalar>) {
    UnsafeMutableRawPointer(address).storeBytes(of: value, as: Vector.self)
  }

  /// The first `count` scalars at `address`, the other lanes zero; reads no further.
  @inlinable @inline(__always)
  public static func load(_ address: UnsafePointer<Scalar>, first count: Int) -> Vector {
    load(address, first: count, else: 0)
  }
}
