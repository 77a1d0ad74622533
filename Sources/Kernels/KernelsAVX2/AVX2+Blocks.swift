// The primitives are documented where `VectorInstructions` requires them.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

#if arch(x86_64)

  public import Kernels

  /// Turning a block of eight contiguous columns of `Float` into rows, in registers: single numbers
  /// and pairs within each half, four columns at a time; then halves.
  @usableFromInline
  enum EightColumns {
    @usableFromInline typealias Numbers = SIMD8<Float>
    @usableFromInline typealias Pairs = SIMD4<UInt64>

    /// Four columns, turned within each half: register `i` has rows `i` and `4 + i`.
    @usableFromInline
    struct Four {
      @usableFromInline let row0: Pairs
      @usableFromInline let row1: Pairs
      @usableFromInline let row2: Pairs
      @usableFromInline let row3: Pairs

      @inlinable @inline(__always)
      init(_ b: UnsafePointer<Float>, _ stride: Int) {
        let first = load(b)
        let second = load(b + stride)
        let third = load(b + 2 &* stride)
        let fourth = load(b + 3 &* stride)
        let lowA = lows(first, second)
        let lowB = lows(third, fourth)
        let highA = highs(first, second)
        let highB = highs(third, fourth)
        row0 = Pairs(lowA[0], lowB[0], lowA[2], lowB[2])
        row1 = Pairs(lowA[1], lowB[1], lowA[3], lowB[3])
        row2 = Pairs(highA[0], highB[0], highA[2], highB[2])
        row3 = Pairs(highA[1], highB[1], highA[3], highB[3])
      }
    }

    @inlinable @inline(__always)
    static func load(_ address: UnsafePointer<Float>) -> Numbers {
      UnsafeRawPointer(address).loadUnaligned(as: Numbers.self)
    }

    @inlinable @inline(__always)
    static func lows(_ a: Numbers, _ b: Numbers) -> Pairs {
      unsafeBitCast(
        Numbers(a[0], b[0], a[1], b[1], a[4], b[4], a[5], b[5]), to: Pairs.self)
    }

    @inlinable @inline(__always)
    static func highs(_ a: Numbers, _ b: Numbers) -> Pairs {
      unsafeBitCast(
        Numbers(a[2], b[2], a[3], b[3], a[6], b[6], a[7], b[7]), to: Pairs.self)
    }

    @inlinable @inline(__always)
    static func lowHalves(_ a: Pairs, _ b: Pairs) -> OneVector<AVX2Float> {
      OneVector(unsafeBitCast(Pairs(lowHalf: a.lowHalf, highHalf: b.lowHalf), to: Numbers.self))
    }

    @inlinable @inline(__always)
    static func highHalves(_ a: Pairs, _ b: Pairs) -> OneVector<AVX2Float> {
      OneVector(unsafeBitCast(Pairs(lowHalf: a.highHalf, highHalf: b.highHalf), to: Numbers.self))
    }
  }

  extension AVX2Float {
    @inlinable @inline(__always)
    public static var mostRowsByTurnedBlocks: Int { 2 }

    @inlinable @inline(__always)
    public static func multiplyTurnedBlock<Sums: Accumulators>(
      _ sums: inout Sums, _ a: UnsafePointer<Float>, _ aRow: Int, _ aColumn: Int,
      _ b: UnsafePointer<Float>, _ bColumn: Int
    ) where Sums.Set == Self, Sums.Group == OneVector<Self> {
      let first = EightColumns.Four(b, bColumn)
      let second = EightColumns.Four(b + 4 &* bColumn, bColumn)
      sums.multiplyAdd(a, aRow, EightColumns.lowHalves(first.row0, second.row0))
      sums.multiplyAdd(a + aColumn, aRow, EightColumns.lowHalves(first.row1, second.row1))
      sums.multiplyAdd(a + 2 &* aColumn, aRow, EightColumns.lowHalves(first.row2, second.row2))
      sums.multiplyAdd(a + 3 &* aColumn, aRow, EightColumns.lowHalves(first.row3, second.row3))
      sums.multiplyAdd(a + 4 &* aColumn, aRow, EightColumns.highHalves(first.row0, second.row0))
      sums.multiplyAdd(a + 5 &* aColumn, aRow, EightColumns.highHalves(first.row1, second.row1))
      sums.multiplyAdd(a + 6 &* aColumn, aRow, EightColumns.highHalves(first.row2, second.row2))
      sums.multiplyAdd(a + 7 &* aColumn, aRow, EightColumns.highHalves(first.row3, second.row3))
    }
  }

#endif
