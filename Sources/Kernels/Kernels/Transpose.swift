/// Turning rows into columns in registers.
///
/// A transposition of single numbers in one step compiles to dozens of insertions of single
/// elements. So that each step stays the one exchange between two registers that it is, `Float`
/// changes its type between the steps: single numbers, then pairs of them as 64-bit integers.
@usableFromInline
enum Transpose {
  @usableFromInline typealias Pairs = SIMD4<UInt64>

  /// Four numbers of each of eight rows, row `r` at `source[r * sourceStride]`, to four rows of
  /// eight, row `p` at `target[p * targetStride]`.
  @inlinable @inline(__always)
  static func eightByFour<Stored: StoredScalar>(
    _ source: UnsafePointer<Stored>, _ sourceStride: Int,
    _ target: UnsafeMutablePointer<Stored>, _ targetStride: Int
  ) {
    if Stored.self == Float.self {
      floats(
        UnsafeRawPointer(source), 4 &* sourceStride, UnsafeMutableRawPointer(target),
        4 &* targetStride)
    } else {
      var row = 0
      while row < 8 {
        var p = 0
        while p < 4 {
          target[p &* targetStride &+ row] = source[row &* sourceStride &+ p]
          p &+= 1
        }
        row &+= 1
      }
    }
  }

  /// Four numbers of each of eight rows to four rows of eight, for `Float`, strides in bytes. A register holds row `r` in its lower and row `r + 4`
  /// in its upper half, which memory puts together; what is left are exchanges within each half.
  @inlinable @inline(__always)
  static func floats(
    _ source: UnsafeRawPointer, _ sourceStride: Int,
    _ target: UnsafeMutableRawPointer, _ targetStride: Int
  ) {
    let row0 = load(source, sourceStride)
    let row1 = load(source + sourceStride, sourceStride)
    let row2 = load(source + 2 &* sourceStride, sourceStride)
    let row3 = load(source + 3 &* sourceStride, sourceStride)
    let a = lows(row0, row1)
    let b = lows(row2, row3)
    let c = highs(row0, row1)
    let d = highs(row2, row3)
    target.storeBytes(of: Pairs(a[0], b[0], a[2], b[2]), as: Pairs.self)
    (target + targetStride).storeBytes(of: Pairs(a[1], b[1], a[3], b[3]), as: Pairs.self)
    (target + 2 &* targetStride).storeBytes(of: Pairs(c[0], d[0], c[2], d[2]), as: Pairs.self)
    (target + 3 &* targetStride).storeBytes(of: Pairs(c[1], d[1], c[3], d[3]), as: Pairs.self)
  }

  /// Half a register from `address`, the other half from four rows below.
  @inlinable @inline(__always)
  static func load(_ address: UnsafeRawPointer, _ stride: Int) -> SIMD8<Float> {
    let pairs = Pairs(
      lowHalf: address.loadUnaligned(as: SIMD2<UInt64>.self),
      highHalf: (address + 4 &* stride).loadUnaligned(as: SIMD2<UInt64>.self))
    return unsafeBitCast(pairs, to: SIMD8<Float>.self)
  }

  @inlinable @inline(__always)
  static func lows(_ a: SIMD8<Float>, _ b: SIMD8<Float>) -> Pairs {
    unsafeBitCast(
      SIMD8<Float>(a[0], b[0], a[1], b[1], a[4], b[4], a[5], b[5]), to: Pairs.self)
  }

  @inlinable @inline(__always)
  static func highs(_ a: SIMD8<Float>, _ b: SIMD8<Float>) -> Pairs {
    unsafeBitCast(
      SIMD8<Float>(a[2], b[2], a[3], b[3], a[6], b[6], a[7], b[7]), to: Pairs.self)
  }
}
