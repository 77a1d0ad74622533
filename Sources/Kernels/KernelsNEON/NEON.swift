// The primitives are documented where `VectorInstructions` requires them.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

#if arch(arm64)

  public import Kernels

  /// NEON as `Float` sees it: SIMD4<Float>, a tile of 8 x 12.
  public enum NEONFloat: VectorInstructions, KernelSet {
    public typealias Stored = Float
    public typealias Scalar = Float
    public typealias Vector = SIMD4<Float>
    public typealias Tile = Twice<Twice<Twice<Row<NEONFloat>>>>

    @inlinable @inline(__always)
    public static func anyTrue(_ comparison: Bits) -> Bool {
      Lanes.anyBit(unsafeBitCast(comparison, to: SIMD2<UInt64>.self))
    }
    @inlinable @inline(__always)
    public static func fold<J: Joining>(_: J.Type, _ a: Vector) -> Scalar where J.Set == Self {
      let two = J.join(a, Lanes.swapped(a))
      return J.join(two, Vector(repeating: two[1]))[0]
    }
    @inlinable @inline(__always)
    public static func load(
      _ address: UnsafePointer<Stored>, first count: Int, else filler: Scalar
    ) -> Vector {
      Lanes.load4(address, count, filler)
    }
    @inlinable @inline(__always)
    public static func store(
      _ value: Vector, _ address: UnsafeMutablePointer<Stored>, first count: Int
    ) {
      Lanes.store(value, address, count)
    }
  }

  /// NEON as `Double` sees it: SIMD2<Double>, a tile of 8 x 6.
  public enum NEONDouble: VectorInstructions, KernelSet {
    public typealias Stored = Double
    public typealias Scalar = Double
    public typealias Vector = SIMD2<Double>
    public typealias Tile = Twice<Twice<Twice<Row<NEONDouble>>>>

    @inlinable @inline(__always)
    public static func anyTrue(_ comparison: Bits) -> Bool {
      Lanes.anyBit(unsafeBitCast(comparison, to: SIMD2<UInt64>.self))
    }
    @inlinable @inline(__always)
    public static func fold<J: Joining>(_: J.Type, _ a: Vector) -> Scalar where J.Set == Self {
      J.join(a, Vector(repeating: a[1]))[0]
    }
    @inlinable @inline(__always)
    public static func load(
      _ address: UnsafePointer<Stored>, first count: Int, else filler: Scalar
    ) -> Vector {
      Lanes.load2(address, count, filler)
    }
    @inlinable @inline(__always)
    public static func store(
      _ value: Vector, _ address: UnsafeMutablePointer<Stored>, first count: Int
    ) {
      Lanes.store(value, address, count)
    }
  }

#endif
