/// The hash XXH64 of bytes that come in pieces (Collet, 2012; https://xxhash.com), with the seed 0.
///
/// It finds damage: a file of which anything is another has the same hash once in 2^64 times. It does
/// not find intent, for whoever changes a file can change the hash, too.
///
/// ```swift
/// var hash = XXH64()
/// hash.add(Array("abc".utf8))
/// print(String(hash.value, radix: 16))  // 44bc2cf5ad770999
/// ```
public struct XXH64: Sendable {
  private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
  private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
  private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
  private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
  private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5
  /// Bytes that are taken in at once.
  private static let stripe = 32

  private var lanes = SIMD4<UInt64>(prime1 &+ prime2, prime2, 0, 0 &- prime1)
  /// What does not fill a stripe yet.
  private var rest: [UInt8] = []
  private var count: UInt64 = 0

  /// The hash of nothing.
  public init() {}

  /// Takes further bytes in.
  public mutating func add(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { add($0) }
  }

  /// Takes further bytes in.
  public mutating func add(_ bytes: UnsafeRawBufferPointer) {
    count &+= UInt64(bytes.count)
    var bytes = bytes[...]
    if !rest.isEmpty {
      let missing = bytes.prefix(Self.stripe - rest.count)
      rest += missing
      bytes = bytes.dropFirst(missing.count)
      if rest.count < Self.stripe { return }
      lanes = rest.withUnsafeBytes { Self.round(self.lanes, $0, at: 0) }
      rest.removeAll(keepingCapacity: true)
    }
    let whole = bytes.count / Self.stripe * Self.stripe
    let content = UnsafeRawBufferPointer(rebasing: bytes)
    // A copy, which stays in registers.
    var lanes = lanes
    for start in stride(from: 0, to: whole, by: Self.stripe) {
      lanes = Self.round(lanes, content, at: start)
    }
    self.lanes = lanes
    rest += content[whole...]
  }

  /// The hash of all bytes so far.
  public var value: UInt64 {
    var hash = count < Self.stripe ? Self.prime5 : Self.merged(lanes)
    hash &+= count
    rest.withUnsafeBytes { rest in
      var position = 0
      while position + 8 <= rest.count {
        hash ^= Self.round(0, Self.word(UInt64.self, rest, position))
        hash = Self.rotated(hash, 27) &* Self.prime1 &+ Self.prime4
        position += 8
      }
      if position + 4 <= rest.count {
        hash ^= UInt64(Self.word(UInt32.self, rest, position)) &* Self.prime1
        hash = Self.rotated(hash, 23) &* Self.prime2 &+ Self.prime3
        position += 4
      }
      for byte in rest[position...] {
        hash ^= UInt64(byte) &* Self.prime5
        hash = Self.rotated(hash, 11) &* Self.prime1
      }
    }
    hash = (hash ^ hash >> 33) &* Self.prime2
    hash = (hash ^ hash >> 29) &* Self.prime3
    return hash ^ hash >> 32
  }

  /// The hash as 16 hexadecimal digits.
  public var text: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  private static func merged(_ lanes: SIMD4<UInt64>) -> UInt64 {
    var hash =
      rotated(lanes[0], 1) &+ rotated(lanes[1], 7) &+ rotated(lanes[2], 12)
      &+ rotated(lanes[3], 18)
    for lane in 0..<4 {
      hash = (hash ^ round(0, lanes[lane])) &* prime1 &+ prime4
    }
    return hash
  }

  private static func round(
    _ lanes: SIMD4<UInt64>, _ bytes: UnsafeRawBufferPointer, at start: Int
  ) -> SIMD4<UInt64> {
    SIMD4(
      round(lanes[0], word(UInt64.self, bytes, start)),
      round(lanes[1], word(UInt64.self, bytes, start + 8)),
      round(lanes[2], word(UInt64.self, bytes, start + 16)),
      round(lanes[3], word(UInt64.self, bytes, start + 24)))
  }

  private static func round(_ lane: UInt64, _ input: UInt64) -> UInt64 {
    rotated(lane &+ input &* prime2, 31) &* prime1
  }

  private static func word<Word: FixedWidthInteger & BitwiseCopyable>(
    _: Word.Type, _ bytes: UnsafeRawBufferPointer, _ offset: Int
  ) -> Word {
    Word(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Word.self))
  }

  private static func rotated(_ value: UInt64, _ count: UInt64) -> UInt64 {
    value << count | value >> (64 - count)
  }
}
