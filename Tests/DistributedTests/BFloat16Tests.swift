import Distributed
import Testing

/// Gradients as they are sent with half of the bits.
@Suite struct BFloat16Tests {
  @Test func `a number becomes the nearest one of eight bits`() {
    // The step between neighbours from 1 to 2 is 1/128.
    #expect(BFloat16(1).value == 1)
    #expect(BFloat16(1 + 0x1p-9).value == 1)
    #expect(BFloat16(1 + 0x1.8p-8).value == 1 + 0x1p-7)
    // Half way: to the one whose last bit is 0.
    #expect(BFloat16(1 + 0x1p-8).value == 1)
    #expect(BFloat16(1 + 0x1.8p-7).value == 1 + 0x1p-6)
    #expect(BFloat16(-3.0e38).value < -2.9e38)
    #expect(BFloat16(.infinity).value == .infinity)
    #expect(BFloat16(Float(bitPattern: 0x7f80_0001)).value.isNaN)
    #expect(BFloat16(-Float.nan).value.isNaN)
  }

  @Test func `what rounding takes away is left`() {
    let number: Float = 1 + 0x1p-10
    var total: Float = 0
    var errors: [Float] = [0, 0]
    var rounded = [BFloat16(0), BFloat16(0)]
    for step in 1...64 {
      let numbers = [number + errors[0]]
      errors[0] = 0
      BFloat16.round(numbers, 1, into: &rounded, addingErrorsTo: &errors)
      total += rounded[0].value
      // All that was sent is never further from what was to be sent than one rounding.
      #expect(abs(total - Float(step) * number) <= 0x1p-8)
    }
    // Without the errors it would be 64.
    #expect(total == 64 + 0x1p-4)
    #expect(rounded[1].bits == 0)
    #expect(errors[1] == 0)
    let left = errors[0]
    BFloat16.round([number], 1, into: &rounded, addingErrorsTo: &errors)
    #expect(errors[0] == left + 0x1p-10)
  }

  @Test func `what is not finite leaves nothing`() {
    let numbers: [Float] = [.infinity, .nan, .greatestFiniteMagnitude]
    var errors: [Float] = [0, 0, 0.5]
    var rounded = numbers.map { _ in BFloat16(0) }
    BFloat16.round(numbers, 3, into: &rounded, addingErrorsTo: &errors)
    #expect(errors == [0, 0, 0.5])
    #expect(rounded[1].value.isNaN)
    #expect(rounded[2].value == .infinity)
  }

  @Test func `rows are added up in their order`() {
    let rows: [Float] = [1, 256, 2, -0.5, 4, 0.25]
    var sums: [Float] = [7, 7]
    BFloat16.addUp(rows.map { BFloat16($0) }, 3, 2, into: &sums)
    #expect(sums == [7, 255.75])
    Float.addUp(rows, 3, 2, into: &sums)
    #expect(sums == [7, 255.75])
    var halves = [Float](repeating: 0, count: 6)
    BFloat16.expand(rows.map { BFloat16($0) }, 6, into: &halves)
    #expect(halves == rows)
  }
}
