import Deflate
import Training

/// A ZIP archive of stored files, in the 64-bit form where it is that large.
struct ZipWriter {
  private(set) var pieces: [StoredBytes] = []
  private var position = 0
  private var directory: [UInt8] = []
  private var count = 0

  /// Adds a file.
  ///
  /// - Parameter alignment: its content begins at a multiple of so many bytes.
  mutating func add(_ name: String, _ content: [StoredBytes], alignment: Int = 1) {
    let size = content.reduce(0) { $0 + $1.count }
    let checksum = content.reduce(into: CRC32()) { sum, piece in
      piece.withUnsafeBytes { sum.add($0) }
    }.value
    let isLarge = size >= 0xFFFF_FFFF
    let name = Array(name.utf8)
    var extra: [UInt8] = []
    if isLarge { extra = bytes(1, 2) + bytes(16, 2) + bytes(size, 8) + bytes(size, 8) }
    // A field that means nothing fills up what is missing.
    let start = position + 30 + name.count + extra.count
    let rest = (alignment - start % alignment) % alignment
    if rest > 0 {
      let padding = rest < 4 ? rest + alignment * ((3 - rest) / alignment + 1) : rest
      extra += bytes(0x4246, 2) + bytes(padding - 4, 2) + [UInt8](repeating: 0, count: padding - 4)
    }
    let short = isLarge ? 0xFFFF_FFFF : size
    // Version, flags (the name is UTF-8), stored, no time but the first day that there is.
    let common =
      bytes(isLarge ? 45 : 20, 2) + bytes(0x800, 2) + bytes(0, 2) + bytes(0, 2) + bytes(0x21, 2)
      + bytes(Int(checksum), 4) + bytes(short, 4) + bytes(short, 4) + bytes(name.count, 2)
    let header = ZipArchive.signature + common + bytes(extra.count, 2) + name + extra
    let isFar = position >= 0xFFFF_FFFF
    var large: [UInt8] = isLarge ? bytes(size, 8) + bytes(size, 8) : []
    if isFar { large += bytes(position, 8) }
    if !large.isEmpty { large = bytes(1, 2) + bytes(large.count, 2) + large }
    directory += [0x50, 0x4B, 0x01, 0x02] + bytes(isLarge || isFar ? 45 : 20, 2) + common
    directory += bytes(large.count, 2) + bytes(0, 2) + bytes(0, 2) + bytes(0, 2) + bytes(0, 4)
    directory += bytes(isFar ? 0xFFFF_FFFF : position, 4) + name + large
    pieces.append(StoredBytes(header))
    pieces += content
    position += header.count + size
    count += 1
  }

  /// All of the archive.
  consuming func finish() -> [StoredBytes] {
    var end: [UInt8] = []
    if count >= 0xFFFF || position >= 0xFFFF_FFFF || directory.count >= 0xFFFF_FFFF {
      let place = position + directory.count
      end += [0x50, 0x4B, 0x06, 0x06] + bytes(44, 8) + bytes(45, 2) + bytes(45, 2) + bytes(0, 8)
      end += bytes(count, 8) + bytes(count, 8) + bytes(directory.count, 8) + bytes(position, 8)
      end += [0x50, 0x4B, 0x06, 0x07] + bytes(0, 4) + bytes(place, 8) + bytes(1, 4)
    }
    let number = bytes(Swift.min(count, 0xFFFF), 2)
    end += ZipArchive.endSignature + bytes(0, 4) + number + number
    end += bytes(Swift.min(directory.count, 0xFFFF_FFFF), 4)
    end += bytes(Swift.min(position, 0xFFFF_FFFF), 4) + bytes(0, 2)
    pieces += [StoredBytes(directory), StoredBytes(end)]
    return pieces
  }

  private func bytes(_ number: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }
}
