// The primitives are documented where `VectorInstructions` requires them.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

#if arch(x86_64)

  public import Kernels
  private import _Builtin_intrinsics.intel

  /// AVX2 with FMA as `Float` sees it: SIMD8<Float>, a tile of 4 x 24.
  public enum AVX2Float: VectorInstructions, KernelSet {
    public typealias Stored = Float
    public typealias Scalar = Float
    public typealias Vector = SIMD8<Float>
    public typealias Tile = Twice<Twice<Row<AVX2Float>>>

    @inline(__always)
    public static func min(_ a: Vector, _ b: Vector) -> Vector { _mm256_min_ps(a, b) }
    @inline(__always)
    public static func max(_ a: Vector, _ b: Vector) -> Vector { _mm256_max_ps(a, b) }
    @inlinable @inline(__always)
    public static func anyTrue(_ comparison: Bits) -> Bool {
      Lanes.anyBit(unsafeBitCast(comparison, to: SIMD4<UInt64>.self))
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
      let first = lanes(count)
      let loaded = _mm256_maskload_ps(address, unsafeBitCast(first, to: SIMD4<Int64>.self))
      return select(first, loaded, Vector(repeating: filler))
    }
    @inline(__always)
    public static func store(
      _ value: Vector, _ address: UnsafeMutablePointer<Stored>, first count: Int
    ) {
      _mm256_maskstore_ps(
        address, unsafeBitCast(lanes(count), to: SIMD4<Int64>.self), value)
    }
    /// True in the first `count` lanes.
    @inline(__always)
    private static func lanes(_ count: Int) -> Bits {
      unsafeBitCast(
        Bits(0, 1, 2, 3, 4, 5, 6, 7) .< Bits(repeating: Int32(truncatingIfNeeded: count)),
        to: Bits.self)
    }
  }

  /// AVX2 with FMA as `Double` sees it: SIMD4<Double>, a tile of 4 x 12.
  public enum AVX2Double: VectorInstructions, KernelSet {
    public typealias Stored = Double
    public typealias Scalar = Double
    public typealias Vector = SIMD4<Double>
    public typealias Tile = Twice<Twice<Row<AVX2Double>>>

    @inline(__always)
    public static func min(_ a: Vector, _ b: Vector) -> Vector { _mm256_min_pd(a, b) }
    @inline(__always)
    public static func max(_ a: Vector, _ b: Vector) -> Vector { _mm256_max_pd(a, b) }
    @inlinable @inline(__always)
    public static func anyTrue(_ comparison: Bits) -> Bool {
      Lanes.anyBit(unsafeBitCast(comparison, to: SIMD4<UInt64>.self))
    }
    @inlinable @inline(__always)
    public static func fold<J: Joining>(_: J.Type, _ a: Vector) -> Scalar where J.Set == Self {
      let two = J.join(a, Lanes.swapped(a))
      return J.join(two, Vector(repeating: two[1]))[0]
    }
    @inline(__always)
    public static func load(
      _ address: UnsafePointer<Stored>, first count: Int, else filler: Scalar
    ) -> Vector {
      let first = lanes(count)
      let loaded = _mm256_maskload_pd(address, first)
      return select(first, loaded, Vector(repeating: filler))
    }
    @inline(__always)
    public static func store(
      _ value: Vector, _ address: UnsafeMutablePointer<Stored>, first count: Int
    ) {
      _mm256_maskstore_pd(
        address, lanes(count), value)
    }
    /// True in the first `count` lanes.
    @inline(__always)
    private static func lanes(_ count: Int) -> Bits {
      unsafeBitCast(
        Bits(0, 1, 2, 3) .< Bits(repeating: Int64(truncatingIfNeeded: count)),
        to: Bits.self)
    }
  }

  /// The kernels for machines with AVX2 and FMA; calling them on another one ends the program.
  public enum AVX2Kernels {
    /// The kernels for `Float`.
    public static let float: any KernelSet<Float>.Type = AVX2Float.self
    /// The kernels for `Double`.
    public static let double: any KernelSet<Double>.Type = AVX2Double.self
  }

#endif
