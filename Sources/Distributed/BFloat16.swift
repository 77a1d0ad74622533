/// The upper half of a `Float`: its range, with 8 of its 24 bits.
package struct BFloat16: BitwiseCopyable, Equatable {
  var bits: UInt16

  package static let zero = BFloat16(bits: 0)

  /// The nearest; of two equally near the one whose last bit is 0.
  package init(_ value: Float) {
    let bits = value.bitPattern
    let rounded = (bits &+ 0x7fff &+ ((bits >> 16) & 1)) >> 16
    // Rounding could make an infinity of what is not a number.
    self.bits = value.isNaN ? 0x7fc0 : UInt16(truncatingIfNeeded: rounded)
  }

  init(bits: UInt16) { self.bits = bits }

  /// The number.
  package var value: Float { Float(bitPattern: UInt32(bits) << 16) }

  /// Rounds numbers, to each of which the error of the last time was added; keeps what that takes away.
  ///
  /// - Parameters:
  ///   - rounded: at least as long as the numbers.
  ///   - errors: as long as the numbers, or none yet.
  package static func round(
    _ numbers: UnsafeMutableBufferPointer<Float>, into rounded: inout [BFloat16],
    keeping errors: inout [Float]
  ) {
    if errors.count != numbers.count { errors = [Float](repeating: 0, count: numbers.count) }
    errors.withUnsafeMutableBufferPointer { errors in
      rounded.withUnsafeMutableBufferPointer { rounded in
        for index in numbers.indices {
          let number = numbers[index] + errors[index]
          let near = BFloat16(number)
          rounded[index] = near
          errors[index] = number - near.value
        }
      }
    }
  }

  /// Adds numbers to sums.
  package static func add(_ numbers: ArraySlice<BFloat16>, to sums: inout [Float]) {
    numbers.withUnsafeBufferPointer { numbers in
      sums.withUnsafeMutableBufferPointer { sums in
        for index in numbers.indices { sums[index] += numbers[index].value }
      }
    }
  }
}
