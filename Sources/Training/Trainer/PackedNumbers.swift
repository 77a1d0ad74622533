import FoundationEssentials

/// Numbers as one text of a JSON, bit by bit in base 64.
///
/// What grows with a training is written at each evaluation: number by number that would soon take longer
/// than the steps in between.
struct PackedNumbers: Codable, Equatable {
  private(set) var words: [UInt64] = []
  private var position = 0

  /// None yet.
  init() {}

  /// Those of a text.
  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let data = Data(base64Encoded: try container.decode(String.self)), data.count % 8 == 0
    else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "no packed numbers")
    }
    words = data.withUnsafeBytes { bytes in
      (0..<bytes.count / 8).map {
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self))
      }
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    let data = words.map(\.littleEndian).withUnsafeBytes { Data($0) }
    try container.encode(data.base64EncodedString())
  }

  // MARK: In turn

  mutating func add(_ number: Int) { words.append(UInt64(bitPattern: Int64(number))) }

  mutating func add(_ number: Double) { words.append(number.bitPattern) }

  /// Whether all have been taken.
  var isEmpty: Bool { position == words.count }

  /// The next one, a whole number from 0 to the limit; nil if it is none, or there is no other.
  mutating func takeCount(upTo limit: Int = 1 << 53) -> Int? {
    guard let number = take().flatMap({ Int(exactly: $0) }), number <= limit else { return nil }
    return number
  }

  /// The next one; nil if there is no other.
  mutating func takeNumber() -> Double? { take().map(Double.init(bitPattern:)) }

  private mutating func take() -> UInt64? {
    if isEmpty { return nil }
    position += 1
    return words[position - 1]
  }
}
