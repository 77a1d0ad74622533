// Each operation for a whole register is one builtin of the compiler, which has its width and type in its
// name.
import Builtin

/// A SIMD type with operations that stay whole: one builtin of the compiler each.
///
/// The SIMD protocol's own operators are loops over the lanes, which the compiler unrolls, simplifies
/// lane by lane, and joins again at the end. With them, one addition of sixteen numbers was 48
/// instructions to the optimizer, and a kernel took it several times as long; and a register that was not
/// joined again was a loop that ran several times as long. In generic code these take their place, as
/// a protocol's requirement is preferred to an extension of the protocol that it refines.
public protocol Register: SIMD where Scalar: KernelScalar {
  static func + (a: Self, b: Self) -> Self
  static func - (a: Self, b: Self) -> Self
  static func * (a: Self, b: Self) -> Self
  static func / (a: Self, b: Self) -> Self
  /// `a * b + c`, rounded once: an instruction, or where the machine has none a call for each lane.
  static func multiplyAdd(_ a: Self, _ b: Self, _ c: Self) -> Self
  static func squareRoot(_ a: Self) -> Self
  /// The nearest integer, halves to the even one.
  static func rounded(_ a: Self) -> Self
  static func floor(_ a: Self) -> Self
  static func ceiling(_ a: Self) -> Self
  /// All bits set in each lane with `a < b`, and none in the others.
  static func less(_ a: Self, _ b: Self) -> MaskStorage
  /// All bits set in each lane with `a <= b`, and none in the others.
  static func lessOrEqual(_ a: Self, _ b: Self) -> MaskStorage
  /// All bits set in each lane with `a == b`, and none in the others.
  static func equal(_ a: Self, _ b: Self) -> MaskStorage
  /// Wrapping sum of each lane.
  static func add(_ a: MaskStorage, _ b: MaskStorage) -> MaskStorage
  /// Wrapping difference of each lane.
  static func subtract(_ a: MaskStorage, _ b: MaskStorage) -> MaskStorage
  static func and(_ a: MaskStorage, _ b: MaskStorage) -> MaskStorage
  static func or(_ a: MaskStorage, _ b: MaskStorage) -> MaskStorage
  static func xor(_ a: MaskStorage, _ b: MaskStorage) -> MaskStorage
  /// The count is less than the lane's bits.
  static func shiftLeft(_ a: MaskStorage, by count: Int) -> MaskStorage
  /// Arithmetic shift: the sign is repeated. The count is less than the lane's bits.
  static func shiftRight(_ a: MaskStorage, by count: Int) -> MaskStorage
  /// Every lane the same number.
  static func splat(_ number: Scalar) -> Self
}

extension Register {
  /// Whether lanes are `Float`, else they are `Double`; known when the kernels are compiled.
  @inlinable @inline(__always)
  static var isFloat: Bool { Scalar.self == Float.self }

  /// `a` in lanes whose bits are all set, `b` where none is: the compiler knows a choice in it.
  @inlinable @inline(__always)
  static func select(_ comparison: MaskStorage, _ a: Self, _ b: Self) -> Self {
    let chosen = and(comparison, cast(a))
    let other = and(xor(comparison, allBits), cast(b))
    return cast(or(chosen, other))
  }

  /// Every bit set.
  @inlinable @inline(__always)
  static var allBits: MaskStorage { equal(Self(), Self()) }
}

/// The same bits as another type of the same size.
@inlinable @inline(__always)
func cast<From, To>(_ value: From) -> To { Builtin.reinterpretCast(value) }
