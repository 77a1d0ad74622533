// The primitives are documented where `VectorInstructions` requires them.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

#if arch(x86_64)

  public import Kernels

  /// Eight numbers of each of sixteen contiguous columns of `Float`, to be turned into eight rows in
  /// registers.
  ///
  /// Halves of registers come from memory where they are needed; then quarters, single numbers and
  /// pairs change places. Registers change their type between the steps so that each step is one
  /// exchange between two of them.
  @usableFromInline
  struct SixteenColumns {
    @usableFromInline typealias Numbers = SIMD16<Float>
    @usableFromInline typealias Pairs = SIMD8<UInt64>

    /// Columns `i` and `8 + i`.
    @usableFromInline let columns0: Pairs
    @usableFromInline let columns1: Pairs
    @usableFromInline let columns2: Pairs
    @usableFromInline let columns3: Pairs
    @usableFromInline let columns4: Pairs
    @usableFromInline let columns5: Pairs
    @usableFromInline let columns6: Pairs
    @usableFromInline let columns7: Pairs

    @inlinable @inline(__always)
    init(_ address: UnsafePointer<Float>, _ stride: Int) {
      columns0 = Self.load(address, stride)
      columns1 = Self.load(address + stride, stride)
      columns2 = Self.load(address + 2 &* stride, stride)
      columns3 = Self.load(address + 3 &* stride, stride)
      columns4 = Self.load(address + 4 &* stride, stride)
      columns5 = Self.load(address + 5 &* stride, stride)
      columns6 = Self.load(address + 6 &* stride, stride)
      columns7 = Self.load(address + 7 &* stride, stride)
    }

    @inlinable @inline(__always)
    static func load(_ address: UnsafePointer<Float>, _ stride: Int) -> Pairs {
      Pairs(lowHalf: half(address), highHalf: half(address + 8 &* stride))
    }

    @inlinable @inline(__always)
    static func half(_ address: UnsafePointer<Float>) -> SIMD4<UInt64> {
      UnsafeRawPointer(address).loadUnaligned(as: SIMD4<UInt64>.self)
    }

    @inlinable @inline(__always)
    var upperRows: FourRows {
      FourRows(
        Self.evenQuarters(columns0, columns4), Self.evenQuarters(columns1, columns5),
        Self.evenQuarters(columns2, columns6), Self.evenQuarters(columns3, columns7))
    }

    @inlinable @inline(__always)
    var lowerRows: FourRows {
      FourRows(
        Self.oddQuarters(columns0, columns4), Self.oddQuarters(columns1, columns5),
        Self.oddQuarters(columns2, columns6), Self.oddQuarters(columns3, columns7))
    }

    @inlinable @inline(__always)
    static func evenQuarters(_ a: Pairs, _ b: Pairs) -> Numbers {
      unsafeBitCast(Pairs(a[0], a[1], b[0], b[1], a[4], a[5], b[4], b[5]), to: Numbers.self)
    }

    @inlinable @inline(__always)
    static func oddQuarters(_ a: Pairs, _ b: Pairs) -> Numbers {
      unsafeBitCast(Pairs(a[2], a[3], b[2], b[3], a[6], a[7], b[6], b[7]), to: Numbers.self)
    }

    /// Four rows, from registers that hold every fourth column.
    @usableFromInline
    struct FourRows {
      @usableFromInline let row0: OneVector<AVX512Float>
      @usableFromInline let row1: OneVector<AVX512Float>
      @usableFromInline let row2: OneVector<AVX512Float>
      @usableFromInline let row3: OneVector<AVX512Float>

      @inlinable @inline(__always)
      init(_ first: Numbers, _ second: Numbers, _ third: Numbers, _ fourth: Numbers) {
        let lowA = SixteenColumns.lows(first, second)
        let lowB = SixteenColumns.lows(third, fourth)
        let highA = SixteenColumns.highs(first, second)
        let highB = SixteenColumns.highs(third, fourth)
        row0 = SixteenColumns.evens(lowA, lowB)
        row1 = SixteenColumns.odds(lowA, lowB)
        row2 = SixteenColumns.evens(highA, highB)
        row3 = SixteenColumns.odds(highA, highB)
      }

      @inlinable @inline(__always)
      func multiply<Sums: Accumulators>(
        _ sums: inout Sums, _ a: UnsafePointer<Float>, _ aRow: Int, _ aColumn: Int
      ) where Sums.Set == AVX512Float, Sums.Group == OneVector<AVX512Float> {
        sums.multiplyAdd(a, aRow, row0)
        sums.multiplyAdd(a + aColumn, aRow, row1)
        sums.multiplyAdd(a + 2 &* aColumn, aRow, row2)
        sums.multiplyAdd(a + 3 &* aColumn, aRow, row3)
      }
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

    // As assignments to single lanes, because the compiler sees one exchange in them; in a list of
    // all lanes it sees several.

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
    ) where Sums.Set == Self, Sums.Group == OneVector<Self> {
      var a = a
      var p = 0
      while p < 16 {
        let columns = SixteenColumns(b + p, bColumn)
        columns.upperRows.multiply(&sums, a, aRow, aColumn)
        columns.lowerRows.multiply(&sums, a + 4 &* aColumn, aRow, aColumn)
        a += 8 &* aColumn
        p &+= 8
      }
    }
  }

#endif
