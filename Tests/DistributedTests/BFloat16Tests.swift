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

  @Test func `what rounding takes away is added the next time`() {
    let number: Float = 1 + 0x1p-10
    var (total, errors): (Float, [Float]) = (0, [])
    var rounded = [BFloat16.zero, BFloat16.zero]
    for step in 1...64 {
      var numbers = [number]
      numbers.withUnsafeMutableBufferPointer {
        BFloat16.round($0, into: &rounded, keeping: &errors)
      }
      total += rounded[0].value
      // All that was sent is never further from what was to be sent than one rounding.
      #expect(abs(total - Float(step) * number) <= 0x1p-8)
    }
    // Without the errors it would be 64.
    #expect(total == 64 + 0x1p-4)
    #expect(rounded[1] == .zero)
  }

  @Test func `numbers are added to sums`() {
    var sums: [Float] = [1, 2]
    BFloat16.add([BFloat16(9), BFloat16(0.5), BFloat16(-4)][1...], to: &sums)
    #expect(sums == [1.5, -2])
  }
}
