/// A decimal number as its digits: `digits * 10 ** exponent`.
package struct DecimalText {
  /// All digits as one number; meaningless where there are more than 19.
  private let digits: UInt64
  private let exponent: Int
  private let digitCount: Int
  private let isNegative: Bool
  /// Whether there is neither a point nor an exponent.
  private let isWhole: Bool
  /// Where the number ends.
  package let end: Int

  /// The number that begins at a place, which may have a sign, a point and an exponent; nil where there
  /// is none.
  @inline(__always)
  package init?(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) {
    var place = start
    var digits: UInt64 = 0
    var (isNegative, isWhole, exponent) = (false, true, 0)
    if place < bytes.count, Self.isSign(bytes[place]) {
      isNegative = bytes[place] == UInt8(ascii: "-")
      place += 1
    }
    var digitCount = Self.take(&digits, bytes, &place)
    if place < bytes.count, bytes[place] == UInt8(ascii: ".") {
      isWhole = false
      place += 1
      let decimals = Self.take(&digits, bytes, &place)
      digitCount += decimals
      exponent = -decimals
    }
    if digitCount == 0 { return nil }
    if place < bytes.count, bytes[place] | 0x20 == UInt8(ascii: "e") {
      guard let power = Self.power(bytes, &place) else { return nil }
      isWhole = false
      exponent += power
    }
    (self.digits, self.exponent, self.digitCount) = (digits, exponent, digitCount)
    (self.isNegative, self.isWhole, end) = (isNegative, isWhole, place)
  }

  @inline(__always)
  private static func isSign(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+")
  }

  /// Passes over digits and puts them behind those before.
  ///
  /// - Returns: how many there are.
  @inline(__always)
  private static func take(
    _ digits: inout UInt64, _ bytes: UnsafeBufferPointer<UInt8>, _ place: inout Int
  ) -> Int {
    let start = place
    while place + 8 <= bytes.count {
      let word = UnsafeRawPointer(bytes.baseAddress!).loadUnaligned(
        fromByteOffset: place, as: UInt64.self)
      // A digit's byte is 0x30 to 0x39: what is left of it is at most 9. The lowest bit that is set here
      // is of the first byte of another kind.
      let values = UInt64(littleEndian: word) ^ 0x3030_3030_3030_3030
      let others = (values &+ 0x7676_7676_7676_7676 | values) & 0x8080_8080_8080_8080
      if others == 0 {
        digits = digits &* 100_000_000 &+ eightDigits(values)
        place += 8
        continue
      }
      let count = others.trailingZeroBitCount / 8
      if count > 0 {
        // Zeros before them in place of what follows.
        digits = digits &* integers[count] &+ eightDigits(values &<< UInt64(64 - 8 * count))
      }
      place += count
      return place - start
    }
    while place < bytes.count {
      let digit = bytes[place] &- UInt8(ascii: "0")
      if digit > 9 { break }
      digits = digits &* 10 &+ UInt64(digit)
      place += 1
    }
    return place - start
  }

  /// The number of eight digits, the first of which is the lowest byte: neighbours are joined to pairs,
  /// pairs to fours, and these to the number.
  @inline(__always)
  private static func eightDigits(_ values: UInt64) -> UInt64 {
    let pairs = values &* 10 &+ values >> 8
    let mask: UInt64 = 0x0000_00FF_0000_00FF
    let (odd, even) = (pairs & mask, pairs >> 16 & mask)
    return (odd &* (1_000_000 << 32 | 100) &+ even &* (10_000 << 32 | 1)) >> 32
  }

  /// The power of ten after an `e`; nil where there is none.
  private static func power(_ bytes: UnsafeBufferPointer<UInt8>, _ place: inout Int) -> Int? {
    place += 1
    var isBelow = false
    if place < bytes.count, isSign(bytes[place]) {
      isBelow = bytes[place] == UInt8(ascii: "-")
      place += 1
    }
    let start = place
    var power = 0
    while place < bytes.count, case let digit = bytes[place] &- UInt8(ascii: "0"), digit <= 9 {
      // What is larger is infinite or zero anyhow; more would not fit some day.
      if power < 1 << 20 { power = 10 * power + Int(digit) }
      place += 1
    }
    return place > start ? (isBelow ? -power : power) : nil
  }

  /// The whole number, if it is one of 64 bits.
  @inline(__always)
  package var integer: Int? {
    guard isWhole, digitCount <= 19, digits <= 1 << 63 else { return nil }
    if isNegative { return Int(truncatingIfNeeded: 0 &- digits) }
    return Int(exactly: digits)
  }

  /// The nearest `Double`, ties to the even one; nil where digits or exponent are too many for what is
  /// computed here.
  @inline(__always)
  package var double: Double? {
    guard digitCount <= 19, let magnitude else { return nil }
    return isNegative ? -magnitude : magnitude
  }

  @inline(__always)
  private var magnitude: Double? {
    // Both numbers are doubles, and a product or quotient is rounded once (Clinger, 1990).
    if digits <= 1 << 53 {
      let number = Double(Int(digits))
      if exponent == 0 || digits == 0 { return number }
      if exponent < 0, exponent >= -22 { return number / Self.doubles[-exponent] }
      if exponent > 0, exponent <= 22 { return number * Self.doubles[exponent] }
    }
    if exponent == 0 { return Double(digits) }
    if exponent < 0, exponent >= -19 { return quotient(-exponent) }
    if exponent > 0, exponent <= 19 { return product(Self.integers[exponent]) }
    return nil
  }

  /// `digits / 10 ** power`, rounded once.
  @inline(__always)
  private func quotient(_ power: Int) -> Double {
    let divisor = Self.divisors[power]
    let shift = digits.leadingZeroBitCount
    let shifted = digits &<< UInt64(shift)
    // The quotient is this or up to 2 larger, and has 63 or 64 bits of which 53 stay.
    let quotient = shifted.multipliedFullWidth(by: divisor.reciprocal).high
    let surplus = UInt64(11 - quotient.leadingZeroBitCount)
    let half: UInt64 = 1 &<< (surplus - 1)
    let rest = quotient & (half &* 2 &- 1)
    if rest &- (half &- 2) <= 2 { return exactQuotient(shifted, shift, divisor) }
    let rounded = (quotient &+ half) &>> surplus
    return Self.scaled(Double(Int(rounded)), by: divisor.shift - shift - 63 + Int(surplus))
  }

  /// The same where it lies so near to the middle of two doubles that all bits count: one of the bits
  /// that are rounded off says whether something follows.
  @inline(never)
  private func exactQuotient(_ shifted: UInt64, _ shift: Int, _ divisor: Divisor) -> Double {
    let (quotient, rest) = divisor.shifted.dividingFullWidth((shifted >> 1, shifted << 63))
    return Self.scaled(
      Double(quotient | (rest == 0 ? 0 : 1)), by: divisor.shift - shift - 63)
  }

  /// A power of ten that numbers are divided by.
  private struct Divisor {
    /// With its highest bit set, `power << shift`.
    let shifted: UInt64
    let shift: Int
    /// `2 ** 127 / shifted`, rounded down. Not for 1, whose reciprocal has a bit more.
    let reciprocal: UInt64

    init(_ power: UInt64) {
      shift = power.leadingZeroBitCount
      shifted = power << UInt64(shift)
      reciprocal = power == 1 ? 0 : shifted.dividingFullWidth((1 << 63, 0)).quotient
    }
  }

  private static let divisors = integers.map { Divisor($0) }

  /// `digits * factor`, rounded once.
  private func product(_ factor: UInt64) -> Double {
    let (high, low) = digits.multipliedFullWidth(by: factor)
    if high == 0 { return Double(low) }
    let shift = UInt64(high.leadingZeroBitCount)
    let top = shift == 0 ? high : high << shift | low >> (64 - shift)
    return Self.scaled(Double(top | (low << shift == 0 ? 0 : 1)), by: 64 - Int(shift))
  }

  /// `number * 2 ** exponent`, which is far from the smallest and largest doubles.
  @inline(__always)
  private static func scaled(_ number: Double, by exponent: Int) -> Double {
    number * Double(bitPattern: UInt64(1023 + exponent) << 52)
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
