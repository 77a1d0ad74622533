// The primitives are documented where `VectorInstructions` requires them.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

public import Kernels

/// What every machine of the architecture has as `Float` sees it: SIMD4<Float>, a tile of 4 x 12.
public enum BaselineFloat: VectorInstructions, KernelSet {
  public typealias Stored = Float
  public typealias Scalar = Float
  public typealias Vector = SIMD4<Float>
  public typealias Tile = Twice<Twice<Row<BaselineFloat>>>

  @inlinable @inline(__always)
  public static func fma(_ a: Vector, _ b: Vector, _ c: Vector) -> Vector { c + a * b }
  @inlinable @inline(__always)
  public static func anyTrue(_ comparison: Bits) -> Bool {
    Lanes.anyBit(unsafeBitCast(comparison, to: SIMD2<UInt64>.self))
  }
  @inlinable @inline(__always)
  public static func rounded(_ a: Vector) -> Vector { roundedByAddition(a) }
  @inlinable @inline(__always)
  public static func floor(_ a: Vector) -> Vector { floorByAddition(a) }
  @inlinable @inline(__always)
  public static func ceiling(_ a: Vector) -> Vector { ceilingByAddition(a) }
  @inlinable @inline(__always)
  public static func fold<J: Joining>(_: J.Type, _ a: Vector) -> Scalar where J.Set == Self {
    let two = J.join(a, Lanes.swapped(a))
    return J.join(two, Vector(repeating: two[1]))[0]
  }
  @inlinable @inline(never)
  public static func load(
    _ address: UnsafePointer<Stored>, first count: Int, else filler: Scalar
  ) -> Vector {
    Lanes.load4(address, count, filler)
  }
  @inlinable @inline(never)
  public static func store(
    _ value: Vector, _ address: UnsafeMutablePointer<Stored>, first count: Int
  ) {
    Lanes.store(value, address, count)
  }
}

/// What every machine of the architecture has as `Double` sees it: SIMD2<Double>, a tile of 4 x 6.
public enum BaselineDouble: VectorInstructions, KernelSet {
  public typealias Stored = Double
  public typealias Scalar = Double
  public typealias Vector = SIMD2<Double>
  public typealias Tile = Twice<Twice<Row<BaselineDouble>>>

  @inlinable @inline(__always)
  public static func fma(_ a: Vector, _ b: Vector, _ c: Vector) -> Vector { c + a * b }
  @inlinable @inline(__always)
  public static func anyTrue(_ comparison: Bits) -> Bool {
    Lanes.anyBit(unsafeBitCast(comparison, to: SIMD2<UInt64>.self))
  }
  @inlinable @inline(__always)
  public static func rounded(_ a: Vector) -> Vector { roundedByAddition(a) }
  @inlinable @inline(__always)
  public static func floor(_ a: Vector) -> Vector { floorByAddition(a) }
  @inlinable @inline(__always)
  public static func ceiling(_ a: Vector) -> Vector { ceilingByAddition(a) }
  @inlinable @inline(__always)
  public static func fold<J: Joining>(_: J.Type, _ a: Vector) -> Scalar where J.Set == Self {
    J.join(a, Vector(repeating: a[1]))[0]
  }
  @inlinable @inline(never)
  public static func load(
    _ address: UnsafePointer<Stored>, first count: Int, else filler: Scalar
  ) -> Vector {
    Lanes.load2(address, count, filler)
  }
  @inlinable @inline(never)
  public static func store(
    _ value: Vector, _ address: UnsafeMutablePointer<Stored>, first count: Int
  ) {
    Lanes.store(value, address, count)
  }
}
