import DataFiles
import Testing

@Suite struct DecimalTextTests {
  /// The number that a text is; the library's where it is left to that.
  private func number(_ text: String) -> Double? {
    Array(text.utf8).withUnsafeBufferPointer { bytes in
      guard let decimal = DecimalText(bytes, at: 0), decimal.end == bytes.count else { return nil }
      return decimal.double ?? Double(text)
    }
  }

  @Test func `numbers are the nearest doubles, as the library's are`() {
    var generator = SystemRandomNumberGenerator()
    var texts: [String] = []
    for _ in 0..<200_000 {
      let digits = UInt64.random(in: 0...UInt64.max, using: &generator) >> UInt64.random(in: 0..<64)
      let text = "\(digits)"
      let point = text.index(text.startIndex, offsetBy: Int.random(in: 0...text.count))
      let power = Int.random(in: -25...25)
      texts.append(text[..<point] + "." + text[point...] + (power % 3 == 0 ? "" : "e\(power)"))
    }
    for text in texts where number(text)?.bitPattern != Double(text)?.bitPattern {
      Issue.record("\(text): \(number(text).debugDescription)")
    }
  }

  @Test func `numbers in the middle of two doubles go to the even one`() {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<50_000 {
      // The middle of two doubles with at most 19 digits, and its neighbours in the last digit.
      let odd = 2 * UInt64.random(in: (1 << 52)..<(1 << 53), using: &generator) + 1
      let halves = Int.random(in: 0...2)
      let digits = (0..<halves).reduce(odd) { value, _ in value * 5 }
      for digits in [digits - 1, digits, digits + 1] {
        let text = "\(digits)e-\(halves)"
        for text in [text, "-\(text)"] where number(text)?.bitPattern != Double(text)?.bitPattern {
          Issue.record("\(text): \(number(text).debugDescription)")
        }
      }
    }
  }

  @Test(arguments: [
    "0", "-0", "+7", "007", ".5", "5.", "1e5", "1E+5", "1e-5", "-.0", "12345678", "123456789",
    "1234567.8", "12345678.12345678", "9007199254740993", "18446744073709551615", "1e22", "1e23",
    "1e-22", "1e-23", "99999999999999999999", "0.000000000000000000000001", "1e400", "1e-400",
    "4.9e-324", "1.7976931348623157e308", "1e1048577",
  ])
  func `forms of numbers`(text: String) { #expect(number(text) == Double(text)) }

  @Test(arguments: [
    "", "-", "+", ".", "e5", "1e", "1e+", "--1", "1.2.3", "1 ", " 1", "0x10", "1,5",
  ])
  func `what is no number`(text: String) { #expect(number(text) == nil) }

  @Test func `whole numbers have up to 64 bits`() {
    func integer(_ text: String) -> Int? {
      Array(text.utf8).withUnsafeBufferPointer { DecimalText($0, at: 0)?.integer }
    }
    #expect(integer("9223372036854775807") == .max)
    #expect(integer("9223372036854775808") == nil)
    #expect(integer("-9223372036854775808") == .min)
    #expect(integer("-9223372036854775809") == nil)
    #expect(integer("-0") == 0 && integer("-12") == -12)
    #expect(integer("0000000000000000000000001") == nil)
    #expect(integer("1.0") == nil && integer("1e3") == nil)
  }
}
