// The primitives are documented where `InstructionSet` requires them.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

#if arch(x86_64)

  public import Kernels

  /// Four numbers of each of sixteen contiguous columns of `Float`, turned into four rows in
  /// registers.
  ///
  /// Quarters of registers come from memory where they are needed; what is left are exchanges
  /// within each quarter. Registers change their type between the steps so that each step is one
  /// exchange between two of them: single numbers, then pairs.
  @usableFromInline
  struct SixteenColumns {
    @usableFromInline typealias Numbers = SIMD16<Float>
    @usableFromInline typealias Pairs = SIMD8<UInt64>

    @usableFromInline let row0: OneVector<AVX512Float>
    @usableFromInline let row1: OneVector<AVX512Float>
    @usableFromInline let row2: OneVector<AVX512Float>
    @usableFromInline let row3: OneVector<AVX512Float>

    @inlinable @inline(__always)
    init(_ address: UnsafePointer<Float>, _ stride: Int) {
      let first = Self.load(address, stride)
      let second = Self.load(address + stride, stride)
      let third = Self.load(address + 2 &* stride, stride)
      let fourth = Self.load(address + 3 &* stride, stride)
      let lowA = Self.lows(first, second)
      let lowB = Self.lows(third, fourth)
      let highA = Self.highs(first, second)
      let highB = Self.highs(third, fourth)
      row0 = Self.evens(lowA, lowB)
      row1 = Self.odds(lowA, lowB)
      row2 = Self.evens(highA, highB)
      row3 = Self.odds(highA, highB)
    }

    /// Every fourth column.
    @inlinable @inline(__always)
    static func load(_ address: UnsafePointer<Float>, _ stride: Int) -> Numbers {
      let low = SIMD4(
        lowHalf: quarter(address), highHalf: quarter(address + 4 &* stride))
      let high = SIMD4(
        lowHalf: quarter(address + 8 &* stride), highHalf: quarter(address + 12 &* stride))
      return unsafeBitCast(Pairs(lowHalf: low, highHalf: high), to: Numbers.self)
    }

    @inlinable @inline(__always)
    static func quarter(_ address: UnsafePointer<Float>) -> SIMD2<UInt64> {
      UnsafeRawPointer(address).loadUnaligned(as: SIMD2<UInt64>.self)
    }

    @inlinable @inline(__always)
    static func lows(_ a: Numbers, _ b: Numbers) -> Pairs {
      unsafeBitCast(
        Numbers(
          a[0], b[0], a[1], b[1], a[4], b[4], a[5], b[5],
          a[8], b[8], a[9], b[9], a[12], b[12], a[13], b[13]), to: Pairs.self)
    }

    @inlinable @inline(__always)
    static func highs(_ a: Numbers, _ b: Numbers) -> Pairs {
      unsafeBitCast(
        Numbers(
          a[2], b[2], a[3], b[3], a[6], b[6], a[7], b[7],
          a[10], b[10], a[11], b[11], a[14], b[14], a[15], b[15]), to: Pairs.self)
    }

    @inlinable @inline(__always)
    static func evens(_ a: Pairs, _ b: Pairs) -> OneVector<AVX512Float> {
      var pairs = a
      pairs[1] = b[0]
      pairs[3] = b[2]
      pairs[5] = b[4]
      pairs[7] = b[6]
      return OneVector(unsafeBitCast(pairs, to: Numbers.self))
    }

    @inlinable @inline(__always)
    static func odds(_ a: Pairs, _ b: Pairs) -> OneVector<AVX512Float> {
      var pairs = b
      pairs[0] = a[1]
      pairs[2] = a[3]
      pairs[4] = a[5]
      pairs[6] = a[7]
      return OneVector(unsafeBitCast(pairs, to: Numbers.self))
    }
  }

  extension AVX512Float {
    @inlinable @inline(__always)
    public static var mostRowsByTurnedBlocks: Int { 4 }

    @inlinable @inline(__always)
    public static func multiplyTurnedBlock<Sums: Accumulators>(
      _ sums: inout Sums, _ a: UnsafePointer<Float>, _ aRow: Int, _ aColumn: Int,
      _ b: UnsafePointer<Float>, _ bColumn: Int
    ) where Sums.Set == Self, Sums.Stretch == OneVector<Self> {
      var a = a
      var p = 0
      while p < 16 {
        let columns = SixteenColumns(b + p, bColumn)
        sums.multiplyAdd(a, aRow, columns.row0)
        sums.multiplyAdd(a + aColumn, aRow, columns.row1)
        sums.multiplyAdd(a + 2 &* aColumn, aRow, columns.row2)
        sums.multiplyAdd(a + 3 &* aColumn, aRow, columns.row3)
        a += 4 &* aColumn
        p &+= 4
      }
    }
  }

#endif
