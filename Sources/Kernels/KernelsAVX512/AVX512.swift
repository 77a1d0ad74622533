// The primitives are documented where `VectorInstructions` requires them.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

#if arch(x86_64)

  public import Kernels
  private import _Builtin_intrinsics.intel

  /// AVX-512 as `Float` sees it: SIMD16<Float>, a tile of 8 x 48.
  public enum AVX512Float: VectorInstructions, KernelSet {
    public typealias Stored = Float
    public typealias Scalar = Float
    public typealias Vector = SIMD16<Float>
    public typealias Tile = Twice<Twice<Twice<Row<AVX512Float>>>>

    @inline(__always)
    public static func min(_ a: Vector, _ b: Vector) -> Vector { _mm512_min_ps(a, b) }
    @inline(__always)
    public static func max(_ a: Vector, _ b: Vector) -> Vector { _mm512_max_ps(a, b) }
    @inlinable @inline(__always)
    public static func anyTrue(_ comparison: Bits) -> Bool {
      Lanes.anyBit(unsafeBitCast(comparison, to: SIMD8<UInt64>.self))
    }
    @inlinable @inline(__always)
    public static func fold<J: Joining>(_: J.Type, _ a: Vector) -> Scalar where J.Set == Self {
      let eight = J.join(a, Lanes.swapped(a))
      let four = J.join(eight, Lanes.widened(Lanes.swapped(eight.lowHalf)))
      let two = J.join(four, Lanes.widened(Lanes.widened(Lanes.swapped(four.lowHalf.lowHalf))))
      return J.join(two, Vector(repeating: two[1]))[0]
    }
    @inline(__always)
    public static func load(
      _ address: UnsafePointer<Stored>, first count: Int, else filler: Scalar
    ) -> Vector {
      _mm512_mask_loadu_ps(Vector(repeating: filler), lanes(count), address)
    }
    @inline(__always)
    public static func store(
      _ value: Vector, _ address: UnsafeMutablePointer<Stored>, first count: Int
    ) {
      _mm512_mask_storeu_ps(address, lanes(count), value)
    }
    /// A bit for each of the first `count` lanes.
    @inline(__always)
    private static func lanes(_ count: Int) -> UInt16 {
      UInt16(truncatingIfNeeded: 1 << UInt32(truncatingIfNeeded: count) - 1)
    }
  }

  /// AVX-512 as `Double` sees it: SIMD8<Double>, a tile of 8 x 24.
  public enum AVX512Double: VectorInstructions, KernelSet {
    public typealias Stored = Double
    public typealias Scalar = Double
    public typealias Vector = SIMD8<Double>
    public typealias Tile = Twice<Twice<Twice<Row<AVX512Double>>>>

    @inline(__always)
    public static func min(_ a: Vector, _ b: Vector) -> Vector { _mm512_min_pd(a, b) }
    @inline(__always)
    public static func max(_ a: Vector, _ b: Vector) -> Vector { _mm512_max_pd(a, b) }
    @inlinable @inline(__always)
    public static func anyTrue(_ comparison: Bits) -> Bool {
      Lanes.anyBit(unsafeBitCast(comparison, to: SIMD8<UInt64>.self))
    }
    @inlinable @inline(__always)
    public static func fold<J: Joining>(_: J.Type, _ a: Vector) -> Scalar where J.Set == Self {
      let four = J.join(a, Lanes.swapped(a))
      let two = J.join(four, Lanes.widened(Lanes.swapped(four.lowHalf)))
      return J.join(two, Vector(repeating: two[1]))[0]
    }
    @inline(__always)
    public static func load(
      _ address: UnsafePointer<Stored>, first count: Int, else filler: Scalar
    ) -> Vector {
      _mm512_mask_loadu_pd(Vector(repeating: filler), lanes(count), address)
    }
    @inline(__always)
    public static func store(
      _ value: Vector, _ address: UnsafeMutablePointer<Stored>, first count: Int
    ) {
      _mm512_mask_storeu_pd(address, lanes(count), value)
    }
    /// A bit for each of the first `count` lanes.
    @inline(__always)
    private static func lanes(_ count: Int) -> UInt8 {
      UInt8(truncatingIfNeeded: 1 << UInt32(truncatingIfNeeded: count) - 1)
    }
  }

  /// The kernels for machines with AVX-512; calling them on another one ends the program.
  public enum AVX512Kernels {
    /// The kernels for `Float`.
    public static let float: any KernelSet<Float>.Type = AVX512Float.self
    /// The kernels for `Double`.
    public static let double: any KernelSet<Double>.Type = AVX512Double.self
  }

#endif
