// The operations are documented where `Register` requires them.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import Builtin

extension SIMD8: Register where Scalar: KernelScalar {
  @inlinable @inline(__always)
  public static func + (a: Self, b: Self) -> Self {
    isFloat
      ? cast(Builtin.fadd_Vec8xFPIEEE32(cast(a), cast(b)))
      : cast(Builtin.fadd_Vec8xFPIEEE64(cast(a), cast(b)))
  }

  @inlinable @inline(__always)
  public static func - (a: Self, b: Self) -> Self {
    isFloat
      ? cast(Builtin.fsub_Vec8xFPIEEE32(cast(a), cast(b)))
      : cast(Builtin.fsub_Vec8xFPIEEE64(cast(a), cast(b)))
  }

  @inlinable @inline(__always)
  public static func * (a: Self, b: Self) -> Self {
    isFloat
      ? cast(Builtin.fmul_Vec8xFPIEEE32(cast(a), cast(b)))
      : cast(Builtin.fmul_Vec8xFPIEEE64(cast(a), cast(b)))
  }

  @inlinable @inline(__always)
  public static func / (a: Self, b: Self) -> Self {
    isFloat
      ? cast(Builtin.fdiv_Vec8xFPIEEE32(cast(a), cast(b)))
      : cast(Builtin.fdiv_Vec8xFPIEEE64(cast(a), cast(b)))
  }

  @inlinable @inline(__always)
  public static func multiplyAdd(_ a: Self, _ b: Self, _ c: Self) -> Self {
    isFloat
      ? cast(Builtin.int_fma_Vec8xFPIEEE32(cast(a), cast(b), cast(c)))
      : cast(Builtin.int_fma_Vec8xFPIEEE64(cast(a), cast(b), cast(c)))
  }

  @inlinable @inline(__always)
  public static func squareRoot(_ a: Self) -> Self {
    isFloat
      ? cast(Builtin.int_sqrt_Vec8xFPIEEE32(cast(a)))
      : cast(Builtin.int_sqrt_Vec8xFPIEEE64(cast(a)))
  }

  @inlinable @inline(__always)
  public static func rounded(_ a: Self) -> Self {
    isFloat
      ? cast(Builtin.int_rint_Vec8xFPIEEE32(cast(a)))
      : cast(Builtin.int_rint_Vec8xFPIEEE64(cast(a)))
  }

  @inlinable @inline(__always)
  public static func floor(_ a: Self) -> Self {
    isFloat
      ? cast(Builtin.int_floor_Vec8xFPIEEE32(cast(a)))
      : cast(Builtin.int_floor_Vec8xFPIEEE64(cast(a)))
  }

  @inlinable @inline(__always)
  public static func ceiling(_ a: Self) -> Self {
    isFloat
      ? cast(Builtin.int_ceil_Vec8xFPIEEE32(cast(a)))
      : cast(Builtin.int_ceil_Vec8xFPIEEE64(cast(a)))
  }

  @inlinable @inline(__always)
  public static func less(_ a: Self, _ b: Self) -> MaskStorage {
    isFloat
      ? cast(
        Builtin.sext_Vec8xInt1_Vec8xInt32(Builtin.fcmp_olt_Vec8xFPIEEE32(cast(a), cast(b))))
      : cast(
        Builtin.sext_Vec8xInt1_Vec8xInt64(Builtin.fcmp_olt_Vec8xFPIEEE64(cast(a), cast(b))))
  }

  @inlinable @inline(__always)
  public static func lessOrEqual(_ a: Self, _ b: Self) -> MaskStorage {
    isFloat
      ? cast(
        Builtin.sext_Vec8xInt1_Vec8xInt32(Builtin.fcmp_ole_Vec8xFPIEEE32(cast(a), cast(b))))
      : cast(
        Builtin.sext_Vec8xInt1_Vec8xInt64(Builtin.fcmp_ole_Vec8xFPIEEE64(cast(a), cast(b))))
  }

  @inlinable @inline(__always)
  public static func equal(_ a: Self, _ b: Self) -> MaskStorage {
    isFloat
      ? cast(
        Builtin.sext_Vec8xInt1_Vec8xInt32(Builtin.fcmp_oeq_Vec8xFPIEEE32(cast(a), cast(b))))
      : cast(
        Builtin.sext_Vec8xInt1_Vec8xInt64(Builtin.fcmp_oeq_Vec8xFPIEEE64(cast(a), cast(b))))
  }

  @inlinable @inline(__always)
  public static func add(_ a: MaskStorage, _ b: MaskStorage) -> MaskStorage {
    isFloat
      ? cast(Builtin.add_Vec8xInt32(cast(a), cast(b)))
      : cast(Builtin.add_Vec8xInt64(cast(a), cast(b)))
  }

  @inlinable @inline(__always)
  public static func subtract(_ a: MaskStorage, _ b: MaskStorage) -> MaskStorage {
    isFloat
      ? cast(Builtin.sub_Vec8xInt32(cast(a), cast(b)))
      : cast(Builtin.sub_Vec8xInt64(cast(a), cast(b)))
  }

  @inlinable @inline(__always)
  public static func and(_ a: MaskStorage, _ b: MaskStorage) -> MaskStorage {
    isFloat
      ? cast(Builtin.and_Vec8xInt32(cast(a), cast(b)))
      : cast(Builtin.and_Vec8xInt64(cast(a), cast(b)))
  }

  @inlinable @inline(__always)
  public static func or(_ a: MaskStorage, _ b: MaskStorage) -> MaskStorage {
    isFloat
      ? cast(Builtin.or_Vec8xInt32(cast(a), cast(b)))
      : cast(Builtin.or_Vec8xInt64(cast(a), cast(b)))
  }

  @inlinable @inline(__always)
  public static func xor(_ a: MaskStorage, _ b: MaskStorage) -> MaskStorage {
    isFloat
      ? cast(Builtin.xor_Vec8xInt32(cast(a), cast(b)))
      : cast(Builtin.xor_Vec8xInt64(cast(a), cast(b)))
  }

  @inlinable @inline(__always)
  public static func shiftLeft(_ a: MaskStorage, by count: Int) -> MaskStorage {
    isFloat
      ? cast(
        Builtin.shl_Vec8xInt32(
          cast(a), cast(SIMD8<Int32>(repeating: Int32(truncatingIfNeeded: count)))))
      : cast(Builtin.shl_Vec8xInt64(cast(a), cast(SIMD8<Int64>(repeating: Int64(count)))))
  }

  @inlinable @inline(__always)
  public static func shiftRight(_ a: MaskStorage, by count: Int) -> MaskStorage {
    isFloat
      ? cast(
        Builtin.ashr_Vec8xInt32(
          cast(a), cast(SIMD8<Int32>(repeating: Int32(truncatingIfNeeded: count)))))
      : cast(Builtin.ashr_Vec8xInt64(cast(a), cast(SIMD8<Int64>(repeating: Int64(count)))))
  }

  @inlinable @inline(__always)
  public static func splat(_ number: Scalar) -> Self {
    isFloat
      ? cast(SIMD8<Float>(repeating: cast(number)))
      : cast(SIMD8<Double>(repeating: cast(number)))
  }
}
