/// Loads, stores and moves of parts of a register, written on the concrete SIMD types.
///
/// Everything is inlined always: a function of its own would be compiled for each instruction set
/// under one name, and the linker would keep any one of them.
public enum Lanes {
  // MARK: The first lanes

  /// The first `count` scalars at `address`, the other lanes `filler`.
  @inlinable @inline(__always)
  public static func load2<S>(_ address: UnsafePointer<S>, _ count: Int, _ filler: S) -> SIMD2<S> {
    if count >= 2 { return SIMD2(address[0], address[1]) }
    return SIMD2(count > 0 ? address[0] : filler, filler)
  }

  /// The first `count` scalars at `address`, the other lanes `filler`.
  @inlinable @inline(__always)
  public static func load4<S>(_ address: UnsafePointer<S>, _ count: Int, _ filler: S) -> SIMD4<S> {
    if count >= 4 { return UnsafeRawPointer(address).loadUnaligned(as: SIMD4<S>.self) }
    if count >= 2 {
      return SIMD4(address[0], address[1], count > 2 ? address[2] : filler, filler)
    }
    return SIMD4(count > 0 ? address[0] : filler, filler, filler, filler)
  }

  /// The first `count` scalars at `address`, the other lanes `filler`.
  @inlinable @inline(__always)
  public static func load8<S>(_ address: UnsafePointer<S>, _ count: Int, _ filler: S) -> SIMD8<S> {
    if count <= 4 {
      return SIMD8(lowHalf: load4(address, count, filler), highHalf: SIMD4(repeating: filler))
    }
    return SIMD8(
      lowHalf: UnsafeRawPointer(address).loadUnaligned(as: SIMD4<S>.self),
      highHalf: load4(address + 4, count &- 4, filler))
  }

  /// The first `count` scalars at `address`, the other lanes `filler`.
  @inlinable @inline(__always)
  public static func load16<S>(
    _ address: UnsafePointer<S>, _ count: Int, _ filler: S
  ) -> SIMD16<S> {
    if count <= 8 {
      return SIMD16(lowHalf: load8(address, count, filler), highHalf: SIMD8(repeating: filler))
    }
    return SIMD16(
      lowHalf: UnsafeRawPointer(address).loadUnaligned(as: SIMD8<S>.self),
      highHalf: load8(address + 8, count &- 8, filler))
  }

  /// Stores the first `count` lanes.
  @inlinable @inline(__always)
  public static func store<S>(_ value: SIMD2<S>, _ address: UnsafeMutablePointer<S>, _ count: Int) {
    if count > 0 { address[0] = value[0] }
    if count > 1 { address[1] = value[1] }
  }

  /// Stores the first `count` lanes.
  @inlinable @inline(__always)
  public static func store<S>(_ value: SIMD4<S>, _ address: UnsafeMutablePointer<S>, _ count: Int) {
    if count >= 4 {
      UnsafeMutableRawPointer(address).storeBytes(of: value, as: SIMD4<S>.self)
    } else {
      if count > 0 { address[0] = value[0] }
      if count > 1 { address[1] = value[1] }
      if count > 2 { address[2] = value[2] }
    }
  }

  /// Stores the first `count` lanes.
  @inlinable @inline(__always)
  public static func store<S>(_ value: SIMD8<S>, _ address: UnsafeMutablePointer<S>, _ count: Int) {
    if count < 4 {
      store(value.lowHalf, address, count)
    } else {
      UnsafeMutableRawPointer(address).storeBytes(of: value.lowHalf, as: SIMD4<S>.self)
      store(value.highHalf, address + 4, count &- 4)
    }
  }

  /// Stores the first `count` lanes.
  @inlinable @inline(__always)
  public static func store<S>(
    _ value: SIMD16<S>, _ address: UnsafeMutablePointer<S>, _ count: Int
  ) {
    if count < 8 {
      store(value.lowHalf, address, count)
    } else {
      UnsafeMutableRawPointer(address).storeBytes(of: value.lowHalf, as: SIMD8<S>.self)
      store(value.highHalf, address + 8, count &- 8)
    }
  }

  // MARK: Halves

  /// The two halves exchanged.
  @inlinable @inline(__always)
  public static func swapped<S>(_ a: SIMD4<S>) -> SIMD4<S> {
    SIMD4(lowHalf: a.highHalf, highHalf: a.lowHalf)
  }

  /// The two halves exchanged.
  @inlinable @inline(__always)
  public static func swapped<S>(_ a: SIMD8<S>) -> SIMD8<S> {
    SIMD8(lowHalf: a.highHalf, highHalf: a.lowHalf)
  }

  /// The two halves exchanged.
  @inlinable @inline(__always)
  public static func swapped<S>(_ a: SIMD16<S>) -> SIMD16<S> {
    SIMD16(lowHalf: a.highHalf, highHalf: a.lowHalf)
  }

  /// The vector twice.
  @inlinable @inline(__always)
  public static func widened<S>(_ a: SIMD4<S>) -> SIMD8<S> { SIMD8(lowHalf: a, highHalf: a) }

  /// The vector twice.
  @inlinable @inline(__always)
  public static func widened<S>(_ a: SIMD8<S>) -> SIMD16<S> { SIMD16(lowHalf: a, highHalf: a) }

  // MARK: Bits

  /// Whether any bit is set.
  @inlinable @inline(__always)
  public static func anyBit(_ a: SIMD2<UInt64>) -> Bool { a.x | a.y != 0 }

  /// Whether any bit is set.
  @inlinable @inline(__always)
  public static func anyBit(_ a: SIMD4<UInt64>) -> Bool { anyBit(a.lowHalf | a.highHalf) }

  /// Whether any bit is set.
  @inlinable @inline(__always)
  public static func anyBit(_ a: SIMD8<UInt64>) -> Bool { anyBit(a.lowHalf | a.highHalf) }
}
