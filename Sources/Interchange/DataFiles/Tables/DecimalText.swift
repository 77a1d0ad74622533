/// A decimal number as its digits: `digits * 10 ** exponent`.
struct DecimalText {
  /// All digits as one number; meaningless where there are more than 19.
  private var digits: UInt64 = 0
  private var exponent = 0
  private var digitCount = 0
  private var isNegative = false
  /// Whether there is neither a point nor an exponent.
  private(set) var isWhole = true
  /// Where the number ends.
  private(set) var end: Int

  /// The number that begins at a place, which may have a sign, a point and an exponent; nil where there
  /// is none.
  @inline(__always)
  init?(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) {
    end = start
    let limit = bytes.count
    if end < limit, bytes[end] == UInt8(ascii: "-") || bytes[end] == UInt8(ascii: "+") {
      isNegative = bytes[end] == UInt8(ascii: "-")
      end += 1
    }
    takeDigits(bytes)
    if end < limit, bytes[end] == UInt8(ascii: ".") {
      isWhole = false
      end += 1
      let point = end
      takeDigits(bytes)
      exponent = point - end
    }
    if digitCount == 0 { return nil }
    if end < limit, bytes[end] | 0x20 == UInt8(ascii: "e"), !takeExponent(bytes) { return nil }
  }

  @inline(__always)
  private mutating func takeDigits(_ bytes: UnsafeBufferPointer<UInt8>) {
    let start = end
    while end < bytes.count {
      let digit = bytes[end] &- UInt8(ascii: "0")
      if digit > 9 { break }
      digits = digits &* 10 &+ UInt64(digit)
      end += 1
    }
    digitCount += end - start
  }

  private mutating func takeExponent(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    isWhole = false
    end += 1
    var isBelow = false
    if end < bytes.count, bytes[end] == UInt8(ascii: "-") || bytes[end] == UInt8(ascii: "+") {
      isBelow = bytes[end] == UInt8(ascii: "-")
      end += 1
    }
    let start = end
    var value = 0
    while end < bytes.count, case let digit = bytes[end] &- UInt8(ascii: "0"), digit <= 9 {
      // What is larger is infinite or zero anyhow; more would not fit some day.
      if value < 1 << 20 { value = 10 * value + Int(digit) }
      end += 1
    }
    exponent += isBelow ? -value : value
    return end > start
  }

  /// The whole number, if it is one of 64 bits.
  @inline(__always)
  var integer: Int? {
    guard isWhole, digitCount <= 19, digits <= UInt64(Int.max) else { return nil }
    return isNegative ? -Int(digits) : Int(digits)
  }

  /// The nearest `Double`, ties to the even one; nil where digits or exponent are too many for what is
  /// computed here.
  @inline(__always)
  var double: Double? {
    guard digitCount <= 19, let magnitude else { return nil }
    return isNegative ? -magnitude : magnitude
  }

  @inline(__always)
  private var magnitude: Double? {
    if exponent == 0 || digits == 0 { return Double(digits) }
    // Both numbers are doubles, and a product or quotient is rounded once (Clinger, 1990).
    if digits <= 1 << 53 {
      if exponent < 0, exponent >= -22 { return Double(digits) / Self.doubles[-exponent] }
      if exponent > 0, exponent <= 22 { return Double(digits) * Self.doubles[exponent] }
    }
    if exponent < 0, exponent >= -19 { return quotient(Self.integers[-exponent]) }
    if exponent > 0, exponent <= 19 { return product(Self.integers[exponent]) }
    return nil
  }

  /// `digits / divisor`: 63 bits or more of the quotient, the lowest of which says whether something
  /// follows, are rounded once.
  private func quotient(_ divisor: UInt64) -> Double {
    let (shift, divisorShift) = (digits.leadingZeroBitCount, divisor.leadingZeroBitCount)
    let shifted = digits << UInt64(shift)
    let (quotient, rest) = (divisor << UInt64(divisorShift)).dividingFullWidth(
      (shifted >> 1, shifted << 63))
    return Self.scaled(quotient | (rest == 0 ? 0 : 1), by: divisorShift - shift - 63)
  }

  /// `digits * factor`, rounded once.
  private func product(_ factor: UInt64) -> Double {
    let (high, low) = digits.multipliedFullWidth(by: factor)
    if high == 0 { return Double(low) }
    let shift = UInt64(high.leadingZeroBitCount)
    let top = shift == 0 ? high : high << shift | low >> (64 - shift)
    return Self.scaled(top | (low << shift == 0 ? 0 : 1), by: 64 - Int(shift))
  }

  /// `number * 2 ** exponent`, which is far from the smallest and largest doubles.
  private static func scaled(_ number: UInt64, by exponent: Int) -> Double {
    Double(number) * Double(bitPattern: UInt64(1023 + exponent) << 52)
  }

  private static let integers: [UInt64] = [
    1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000,
    10_000_000_000, 100_000_000_000, 1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000,
    1_000_000_000_000_000, 10_000_000_000_000_000, 100_000_000_000_000_000,
    1_000_000_000_000_000_000, 10_000_000_000_000_000_000,
  ]
  private static let doubles: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
  ]
}
