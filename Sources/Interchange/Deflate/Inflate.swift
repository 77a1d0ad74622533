/// Decompression of DEFLATE (RFC 1951), which PNG and gzip files hold.
package enum Inflate {
  /// Why bytes could not be decompressed: a phrase.
  package struct Failure: Error, Equatable {
    package let problem: String

    package init(problem: String) { self.problem = problem }
  }

  /// What a DEFLATE stream stands for.
  ///
  /// - Parameters:
  ///   - bytes: the stream; what follows it is left alone.
  ///   - limit: bytes that the result has at most.
  /// - Returns: the result, and how many of the bytes the stream has taken.
  package static func stream(
    _ bytes: ArraySlice<UInt8>, limit: Int
  ) throws(Failure) -> (result: [UInt8], count: Int) {
    var stream = InflateStream(bits: BitReader(bytes), limit: limit)
    while try !stream.block() {}
    return (stream.result, stream.bits.byteCount)
  }

  /// What a zlib stream (RFC 1950) stands for: a header, DEFLATE, and a checksum.
  package static func zlib(_ bytes: [UInt8], limit: Int) throws(Failure) -> [UInt8] {
    guard bytes.count >= 6, bytes[0] & 0x0F == 8, bytes[1] & 0x20 == 0,
      (Int(bytes[0]) << 8 | Int(bytes[1])) % 31 == 0
    else { throw Failure(problem: "expected a zlib header before its compressed part") }
    let (result, count) = try stream(bytes[2...], limit: limit)
    try check(bytes[(2 + count)...], adler32(result), bigEndian: true)
    return result
  }

  /// What a gzip file (RFC 1952) of one member stands for.
  package static func gzip(_ bytes: [UInt8], limit: Int) throws(Failure) -> [UInt8] {
    guard bytes.count >= 18, bytes[0] == 0x1F, bytes[1] == 0x8B, bytes[2] == 8 else {
      throw Failure(problem: "expected a gzip header")
    }
    let flags = bytes[3]
    var start = 10
    if flags & 4 != 0 { start += 2 + Int(bytes[10]) + Int(bytes[11]) << 8 }
    // The file's name, and a comment.
    for flag: UInt8 in [8, 16] where flags & flag != 0 && start < bytes.count {
      start = (bytes[start...].firstIndex(of: 0) ?? bytes.count) + 1
    }
    if flags & 2 != 0 { start += 2 }
    guard start <= bytes.count else { throw Failure(problem: "the gzip header has no end") }
    let (result, count) = try stream(bytes[start...], limit: limit)
    try check(bytes[(start + count)...], CRC32(result[...]).value, bigEndian: false)
    return result
  }

  private static func check(
    _ rest: ArraySlice<UInt8>, _ checksum: UInt32, bigEndian: Bool
  ) throws(Failure) {
    guard rest.count >= 4 else { throw Failure(problem: "the compressed part has no checksum") }
    let stored = rest.prefix(4).enumerated().reduce(UInt32(0)) { sum, byte in
      sum | UInt32(byte.element) << UInt32(8 * (bigEndian ? 3 - byte.offset : byte.offset))
    }
    if stored != checksum { throw Failure(problem: "the compressed part has another checksum") }
  }
}

/// Blocks of DEFLATE, one after the other.
private struct InflateStream {
  var bits: BitReader
  let limit: Int
  var result: [UInt8] = []

  init(bits: BitReader, limit: Int) {
    self.bits = bits
    self.limit = limit
  }

  /// Reads a block.
  ///
  /// - Returns: whether it was the last one.
  mutating func block() throws(Inflate.Failure) -> Bool {
    let isLast = try bits.take(1) == 1
    switch try bits.take(2) {
    case 0: try stored()
    case 1: try compressed(.fixedLiterals, .fixedDistances)
    case 2:
      let (literals, distances) = try codes()
      try compressed(literals, distances)
    default: throw Inflate.Failure(problem: "a block of a kind that there is not")
    }
    return isLast
  }

  private mutating func stored() throws(Inflate.Failure) {
    bits.skipToByte()
    let (count, complement) = (try bits.take(16), try bits.take(16))
    if count != ~complement & 0xFFFF {
      throw Inflate.Failure(problem: "a block whose two lengths differ")
    }
    try reserve(count)
    for _ in 0..<count { result.append(UInt8(try bits.take(8))) }
  }

  private func reserve(_ count: Int) throws(Inflate.Failure) {
    if result.count + count > limit {
      throw Inflate.Failure(problem: "more than the \(limit) bytes that there should be")
    }
  }

  /// The codes that stand before a block, packed themselves (section 3.2.7).
  private mutating func codes() throws(Inflate.Failure) -> (HuffmanCode, HuffmanCode) {
    let literalCount = try bits.take(5) + 257
    let distanceCount = try bits.take(5) + 1
    var lengths = [UInt8](repeating: 0, count: 19)
    let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
    for place in 0..<(try bits.take(4) + 4) { lengths[order[place]] = UInt8(try bits.take(3)) }
    let code = try HuffmanCode(lengths)
    let count = literalCount + distanceCount
    lengths = []
    while lengths.count < count {
      let symbol = try bits.symbol(of: code)
      if symbol < 16 {
        lengths.append(UInt8(symbol))
        continue
      }
      if symbol == 16, lengths.isEmpty {
        throw Inflate.Failure(problem: "a code length that repeats none")
      }
      let repeated = symbol == 16 ? lengths.last! : 0
      let extra = try bits.take([2, 3, 7][symbol - 16])
      lengths += repeatElement(repeated, count: [3, 3, 11][symbol - 16] + extra)
    }
    if lengths.count > count { throw Inflate.Failure(problem: "more code lengths than symbols") }
    return (
      try HuffmanCode(Array(lengths[..<literalCount])),
      try HuffmanCode(Array(lengths[literalCount...]))
    )
  }

  private mutating func compressed(
    _ literals: HuffmanCode, _ distances: HuffmanCode
  ) throws(Inflate.Failure) {
    while true {
      let symbol = try bits.symbol(of: literals)
      if symbol == 256 { return }
      if symbol < 256 {
        try reserve(1)
        result.append(UInt8(symbol))
        continue
      }
      guard symbol <= 285 else { throw Inflate.Failure(problem: "a length that there is not") }
      let length = try Self.lengths[symbol - 257].value(&bits)
      let number = try bits.symbol(of: distances)
      guard number < 30 else { throw Inflate.Failure(problem: "a distance that there is not") }
      let distance = try Self.distances[number].value(&bits)
      guard distance <= result.count else {
        throw Inflate.Failure(problem: "a distance that reaches before the beginning")
      }
      try reserve(length)
      // What is copied may overlap with what it becomes.
      for _ in 0..<length { result.append(result[result.count - distance]) }
    }
  }

  /// A number that a symbol and some bits after it stand for.
  struct Extended {
    let base: Int
    let bits: Int

    func value(_ reader: inout BitReader) throws(Inflate.Failure) -> Int {
      base + (try reader.take(bits))
    }
  }

  /// Those of the symbols 257 to 285: each pair of `perBits` symbols has a bit more.
  private static let lengths =
    extended(from: 3, count: 28, perBits: 4) + [Extended(base: 258, bits: 0)]
  private static let distances = extended(from: 1, count: 30, perBits: 2)

  private static func extended(from first: Int, count: Int, perBits: Int) -> [Extended] {
    var base = first
    return (0..<count).map { symbol in
      let number = Extended(base: base, bits: Swift.max(symbol / perBits - 1, 0))
      base += 1 << number.bits
      return number
    }
  }
}

/// Bits of bytes, the lowest of each byte first.
struct BitReader {
  private let bytes: ArraySlice<UInt8>
  private var next: Int
  private var held: UInt64 = 0
  private var heldCount = 0

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    next = bytes.startIndex
  }

  /// Bytes of which at least a bit was taken.
  var byteCount: Int { next - bytes.startIndex - heldCount / 8 }

  private mutating func fill() {
    while heldCount <= 48, next < bytes.endIndex {
      held |= UInt64(bytes[next]) << UInt64(heldCount)
      next += 1
      heldCount += 8
    }
  }

  private mutating func drop(_ count: Int) throws(Inflate.Failure) {
    if count > heldCount { throw Inflate.Failure(problem: "the compressed part has no end") }
    held >>= UInt64(count)
    heldCount -= count
  }

  /// A number of at most 16 bits.
  mutating func take(_ count: Int) throws(Inflate.Failure) -> Int {
    fill()
    let number = Int(held & (1 << UInt64(count) - 1))
    try drop(count)
    return number
  }

  mutating func skipToByte() {
    held >>= UInt64(heldCount % 8)
    heldCount -= heldCount % 8
  }

  mutating func symbol(of code: HuffmanCode) throws(Inflate.Failure) -> Int {
    fill()
    let entry = code.entry(held)
    if entry.length == 0 { throw Inflate.Failure(problem: "a code that stands for nothing") }
    try drop(entry.length)
    return entry.symbol
  }
}

/// A prefix code that is told by the lengths of its symbols' codes (section 3.2.2).
struct HuffmanCode {
  /// For all numbers of `width` bits, the symbol that they begin with times 16, and the length of its
  /// code; 0 for none.
  private let table: [UInt16]
  private let mask: UInt64

  init(_ lengths: [UInt8]) throws(Inflate.Failure) {
    let width = Int(lengths.max() ?? 0)
    var table = [UInt16](repeating: 0, count: 1 << width)
    var code = 0
    for length in 1..<Swift.max(width + 1, 2) {
      for (symbol, its) in lengths.enumerated() where Int(its) == length {
        guard code < 1 << length else {
          throw Inflate.Failure(problem: "a code with too many symbols")
        }
        // The first bit of a code is the lowest one.
        let first = (0..<length).reduce(0) { $0 | (code >> $1 & 1) << (length - 1 - $1) }
        for index in stride(from: first, to: table.count, by: 1 << length) {
          table[index] = UInt16(symbol << 4 | length)
        }
        code += 1
      }
      code <<= 1
    }
    self.table = table
    mask = UInt64(table.count - 1)
  }

  func entry(_ bits: UInt64) -> (symbol: Int, length: Int) {
    let entry = Int(table[Int(bits & mask)])
    return (entry >> 4, entry & 15)
  }

  static let fixedLiterals = fixed(
    [(8, 144), (9, 112), (7, 24), (8, 8)].flatMap { Array(repeating: $0, count: $1) })
  static let fixedDistances = fixed(Array(repeating: 5, count: 30))

  private static func fixed(_ lengths: [UInt8]) -> HuffmanCode {
    guard let code = try? HuffmanCode(lengths) else { fatalError("a fixed code of DEFLATE") }
    return code
  }
}
