// The primitives are documented where `VectorInstructions` requires them.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

public import Kernels

/// What every machine of the architecture has as `Float` sees it: SIMD4<Float>, a tile of 4 x 12.
public enum BaselineFloat: VectorInstructions, KernelSet {
  public typealias Scalar = Float
  public typealias Vector = SIMD4<Float>
  public typealias Bits = SIMD4<Int32>
  public typealias Mask = SIMDMask<SIMD4<Int32>>
  public typealias Tile = Twice<Twice<Row<BaselineFloat>>>

  @inlinable @inline(__always)
  public static func fma(_ a: Vector, _ b: Vector, _ c: Vector) -> Vector { c + a * b }
  @inlinable @inline(__always)
  public static func min(_ a: Vector, _ b: Vector) -> Vector { b.replacing(with: a, where: a .< b) }
  @inlinable @inline(__always)
  public static func max(_ a: Vector, _ b: Vector) -> Vector { b.replacing(with: a, where: a .> b) }
  @inlinable @inline(__always)
  public static func less(_ a: Vector, _ b: Vector) -> Mask { a .< b }
  @inlinable @inline(__always)
  public static func lessOrEqual(_ a: Vector, _ b: Vector) -> Mask { a .<= b }
  @inlinable @inline(__always)
  public static func equal(_ a: Vector, _ b: Vector) -> Mask { a .== b }
  @inlinable @inline(__always)
  public static func select(_ mask: Mask, _ a: Vector, _ b: Vector) -> Vector {
    b.replacing(with: a, where: mask)
  }
  @inlinable @inline(__always)
  public static func squareRoot(_ a: Vector) -> Vector { a.squareRoot() }
  @inlinable @inline(__always)
  public static func anyTrue(_ mask: Mask) -> Bool {
    Lanes.anyBit(unsafeBitCast(mask, to: SIMD2<UInt64>.self))
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
    _ address: UnsafePointer<Scalar>, first count: Int, else filler: Scalar
  ) -> Vector {
    Lanes.load4(address, count, filler)
  }
  @inlinable @inline(never)
  public static func store(
    _ value: Vector, _ address: UnsafeMutablePointer<Scalar>, first count: Int
  ) {
    Lanes.store(value, address, count)
  }

  @inlinable @inline(__always)
  public static func bits(_ a: Vector) -> Bits { unsafeBitCast(a, to: Bits.self) }
  @inlinable @inline(__always)
  public static func vector(_ a: Bits) -> Vector { unsafeBitCast(a, to: Vector.self) }
  @inlinable @inline(__always)
  public static func add(_ a: Bits, _ b: Bits) -> Bits { a &+ b }
  @inlinable @inline(__always)
  public static func subtract(_ a: Bits, _ b: Bits) -> Bits { a &- b }
  @inlinable @inline(__always)
  public static func and(_ a: Bits, _ b: Bits) -> Bits { a & b }
  @inlinable @inline(__always)
  public static func or(_ a: Bits, _ b: Bits) -> Bits { a | b }
  @inlinable @inline(__always)
  public static func xor(_ a: Bits, _ b: Bits) -> Bits { a ^ b }
  @inlinable @inline(__always)
  public static func shiftLeft(_ a: Bits, by count: Int) -> Bits {
    a &<< Bits(repeating: Int32(truncatingIfNeeded: count))
  }
  @inlinable @inline(__always)
  public static func shiftRight(_ a: Bits, by count: Int) -> Bits {
    a &>> Bits(repeating: Int32(truncatingIfNeeded: count))
  }
}

/// What every machine of the architecture has as `Double` sees it: SIMD2<Double>, a tile of 4 x 6.
public enum BaselineDouble: VectorInstructions, KernelSet {
  public typealias Scalar = Double
  public typealias Vector = SIMD2<Double>
  public typealias Bits = SIMD2<Int64>
  public typealias Mask = SIMDMask<SIMD2<Int64>>
  public typealias Tile = Twice<Twice<Row<BaselineDouble>>>

  @inlinable @inline(__always)
  public static func fma(_ a: Vector, _ b: Vector, _ c: Vector) -> Vector { c + a * b }
  @inlinable @inline(__always)
  public static func min(_ a: Vector, _ b: Vector) -> Vector { b.replacing(with: a, where: a .< b) }
  @inlinable @inline(__always)
  public static func max(_ a: Vector, _ b: Vector) -> Vector { b.replacing(with: a, where: a .> b) }
  @inlinable @inline(__always)
  public static func less(_ a: Vector, _ b: Vector) -> Mask { a .< b }
  @inlinable @inline(__always)
  public static func lessOrEqual(_ a: Vector, _ b: Vector) -> Mask { a .<= b }
  @inlinable @inline(__always)
  public static func equal(_ a: Vector, _ b: Vector) -> Mask { a .== b }
  @inlinable @inline(__always)
  public static func select(_ mask: Mask, _ a: Vector, _ b: Vector) -> Vector {
    b.replacing(with: a, where: mask)
  }
  @inlinable @inline(__always)
  public static func squareRoot(_ a: Vector) -> Vector { a.squareRoot() }
  @inlinable @inline(__always)
  public static func anyTrue(_ mask: Mask) -> Bool {
    Lanes.anyBit(unsafeBitCast(mask, to: SIMD2<UInt64>.self))
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
    _ address: UnsafePointer<Scalar>, first count: Int, else filler: Scalar
  ) -> Vector {
    Lanes.load2(address, count, filler)
  }
  @inlinable @inline(never)
  public static func store(
    _ value: Vector, _ address: UnsafeMutablePointer<Scalar>, first count: Int
  ) {
    Lanes.store(value, address, count)
  }

  @inlinable @inline(__always)
  public static func bits(_ a: Vector) -> Bits { unsafeBitCast(a, to: Bits.self) }
  @inlinable @inline(__always)
  public static func vector(_ a: Bits) -> Vector { unsafeBitCast(a, to: Vector.self) }
  @inlinable @inline(__always)
  public static func add(_ a: Bits, _ b: Bits) -> Bits { a &+ b }
  @inlinable @inline(__always)
  public static func subtract(_ a: Bits, _ b: Bits) -> Bits { a &- b }
  @inlinable @inline(__always)
  public static func and(_ a: Bits, _ b: Bits) -> Bits { a & b }
  @inlinable @inline(__always)
  public static func or(_ a: Bits, _ b: Bits) -> Bits { a | b }
  @inlinable @inline(__always)
  public static func xor(_ a: Bits, _ b: Bits) -> Bits { a ^ b }
  @inlinable @inline(__always)
  public static func shiftLeft(_ a: Bits, by count: Int) -> Bits {
    a &<< Bits(repeating: Int64(truncatingIfNeeded: count))
  }
  @inlinable @inline(__always)
  public static func shiftRight(_ a: Bits, by count: Int) -> Bits {
    a &>> Bits(repeating: Int64(truncatingIfNeeded: count))
  }
}
