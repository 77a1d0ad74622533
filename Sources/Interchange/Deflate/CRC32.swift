/// A cyclic redundancy check of 32 bits, eight bytes at a time.
package struct CRC32 {
  /// What the bytes are divided by, its lowest coefficient in the highest bit.
  package enum Polynomial: UInt32 {
    /// That of PNG, gzip and ZIP.
    case ethernet = 0xEDB8_8320
    /// That of TFRecord, iSCSI and ext4 ("CRC-32C").
    case castagnoli = 0x82F6_3B78
  }

  private let tables: [UInt32]
  private var state = ~UInt32(0)

  /// That of no bytes.
  package init(_ polynomial: Polynomial = .ethernet) {
    tables = polynomial == .ethernet ? Self.ethernetTables : Self.castagnoliTables
  }

  /// That of some bytes.
  package init(_ bytes: ArraySlice<UInt8>, _ polynomial: Polynomial = .ethernet) {
    self.init(polynomial)
    bytes.withUnsafeBytes { add($0) }
  }

  /// Goes on with more bytes.
  package mutating func add(_ bytes: UnsafeRawBufferPointer) {
    var state = state
    tables.withUnsafeBufferPointer { tables in
      var index = 0
      while index + 8 <= bytes.count {
        let word = UInt64(
          littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
        let mixed = word ^ UInt64(state)
        state = 0
        for byte in 0..<8 {
          state ^= tables[(7 - byte) * 256 + Int(mixed >> UInt64(8 * byte) & 0xFF)]
        }
        index += 8
      }
      while index < bytes.count {
        state = tables[Int((state ^ UInt32(bytes[index])) & 0xFF)] ^ state >> 8
        index += 1
      }
    }
    self.state = state
  }

  /// The check of all bytes so far.
  package var value: UInt32 { ~state }

  private static let ethernetTables = tables(of: .ethernet)
  private static let castagnoliTables = tables(of: .castagnoli)

  /// Table `k` holds what a byte does `k` bytes before the end.
  private static func tables(of polynomial: Polynomial) -> [UInt32] {
    var tables = [UInt32](repeating: 0, count: 8 * 256)
    for byte in 0..<256 {
      tables[byte] = (0..<8).reduce(UInt32(byte)) { value, _ in
        value & 1 == 1 ? polynomial.rawValue ^ value >> 1 : value >> 1
      }
    }
    for index in 256..<tables.count {
      let before = tables[index - 256]
      tables[index] = tables[Int(before & 0xFF)] ^ before >> 8
    }
    return tables
  }
}
