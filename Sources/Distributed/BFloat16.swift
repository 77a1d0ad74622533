/// The upper half of a `Float`: its range, with 8 of its 24 bits.
package struct BFloat16: BitwiseCopyable, Equatable {
  package var bits: UInt16

  /// The nearest; of two equally near the one whose last bit is 0.
  @inline(__always)
  package init(_ value: Float) {
    let bits = value.bitPattern
    let rounded = (bits &+ 0x7fff &+ ((bits >> 16) & 1)) >> 16
    // Rounding could make an infinity of what is not a number.
    self.bits = UInt16(truncatingIfNeeded: value == value ? rounded : 0x7fc0)
  }

  /// The number.
  @inline(__always)
  package var value: Float { Float(bitPattern: UInt32(bits) << 16) }
}

// Plain loops over pointers: they become vector instructions, which loops over arrays did not.
extension BFloat16: SentNumber {
  typealias Full = Float

  static var isExact: Bool { false }
  /// Bytes: MPI's own type for 16 bits is not needed, as it adds nothing up.
  static var units: Int { 2 }
  static func datatype(_ handles: MPIHandles) -> Int { handles.byte }

  package static func round(
    _ numbers: UnsafePointer<Float>, _ count: Int, into rounded: UnsafeMutablePointer<BFloat16>,
    addingErrorsTo errors: UnsafeMutablePointer<Float>
  ) {
    for position in 0..<count {
      let number = numbers[position]
      let near = BFloat16(number)
      rounded[position] = near
      let error = number - near.value
      // Of an infinity nothing is kept: the difference is none, or no number, and would never go away.
      errors[position] += error - error == 0 ? error : 0
    }
  }

  package static func expand(
    _ rounded: UnsafePointer<BFloat16>, _ count: Int, into numbers: UnsafeMutablePointer<Float>
  ) {
    for position in 0..<count { numbers[position] = rounded[position].value }
  }

  package static func addUp(
    _ numbers: UnsafePointer<BFloat16>, _ rows: Int, _ count: Int,
    into sums: UnsafeMutablePointer<Float>
  ) {
    expand(numbers, count, into: sums)
    for row in 1..<max(rows, 1) {
      let next = numbers + row * count
      for position in 0..<count { sums[position] += next[position].value }
    }
  }
}
