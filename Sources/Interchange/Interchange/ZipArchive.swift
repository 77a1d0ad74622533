import Deflate
package import Training

/// A ZIP archive (APPNOTE 6.3, with its 64-bit form): files that are stored or deflated, which is what
/// NumPy's `.npz` and PyTorch's `.pt` are. Nothing is unpacked before it is asked for.
///
/// Whatever an archive claims is compared with its bytes first; no content of a file ever traps.
package struct ZipArchive {
  /// A file in the archive.
  package struct Member {
    package let name: String
    fileprivate let method: Int
    fileprivate let checksum: UInt32
    fileprivate let packedCount: Int
    /// Bytes of the content.
    let count: Int
    /// Where its local header begins.
    fileprivate let offset: Int
  }

  /// The first bytes of an archive; one without any file begins with its end.
  static let signature: [UInt8] = [0x50, 0x4B, 0x03, 0x04]
  static let endSignature: [UInt8] = [0x50, 0x4B, 0x05, 0x06]

  /// In the order of the archive's directory.
  package let members: [Member]
  private let bytes: StoredBytes
  private let file: String?

  /// Reads the directory.
  package init(_ bytes: StoredBytes, file: String?) throws(TensorFileError) {
    self.bytes = bytes
    self.file = file
    var reader = DirectoryReader(bytes: bytes, file: file)
    members = try reader.members()
  }

  /// The content of a file, unpacked and checked against its sum.
  package func content(of member: Member) throws(TensorFileError) -> StoredBytes {
    let packed = try packed(member)
    let content: StoredBytes
    switch member.method {
    case 0:
      if packed.count != member.count {
        throw error(member, "\(member.count) bytes", "\(packed.count) bytes")
      }
      content = packed
    case 8:
      do throws(Inflate.Failure) {
        content = StoredBytes(
          try Inflate.stream(Array(packed)[...], limit: member.count).result)
      } catch {
        throw self.error(member, "DEFLATE", error.problem)
      }
      if content.count != member.count {
        throw error(member, "\(member.count) bytes", "\(content.count) bytes")
      }
    default:
      throw error(member, "a file that is stored or deflated", "compression \(member.method)")
    }
    var sum = CRC32()
    content.withUnsafeBytes { sum.add($0) }
    content.release()
    if sum.value != member.checksum {
      throw error(member, "the checksum of the directory", "another one")
    }
    return content
  }

  /// The bytes of a file as they stand in the archive.
  private func packed(_ member: Member) throws(TensorFileError) -> StoredBytes {
    let start = bytes.startIndex + member.offset
    let header = LittleEndian(bytes)
    guard member.offset <= bytes.count - 30, bytes[start...].starts(with: Self.signature) else {
      throw error(member, "a local header at byte \(member.offset)", "none")
    }
    // What stands in the directory counts; the local lengths of name and extra field are their own.
    let skipped = 30 + header.number(start + 26, 2) + header.number(start + 28, 2)
    guard skipped <= bytes.count - member.offset,
      member.packedCount <= bytes.count - member.offset - skipped
    else {
      throw error(member, "\(member.packedCount) bytes", "the end of the archive")
    }
    return bytes[(start + skipped)..<(start + skipped + member.packedCount)]
  }

  private func error(_ member: Member, _ expected: String, _ found: String) -> TensorFileError {
    TensorFileError(
      expected, found: found,
      at: .init(file: file, tensor: member.name, offset: member.offset))
  }
}

/// Whole numbers in bytes, the lowest first.
struct LittleEndian<Bytes: RandomAccessCollection<UInt8>> where Bytes.Index == Int {
  private let bytes: Bytes

  init(_ bytes: Bytes) { self.bytes = bytes }

  /// The number of `count` bytes at an index, all of which are there; one beyond the largest `Int` is
  /// that.
  func number(_ index: Int, _ count: Int) -> Int {
    let number = (0..<count).reduce(UInt64(0)) { $0 | UInt64(bytes[index + $1]) << UInt64(8 * $1) }
    return Int(clamping: number)
  }
}

/// The reader of an archive's directory, which stands at its end.
private struct DirectoryReader {
  let bytes: StoredBytes
  let file: String?

  private var numbers: LittleEndian<StoredBytes> { LittleEndian(bytes) }

  private func error(_ expected: String, _ found: String, _ index: Int) -> TensorFileError {
    TensorFileError(
      expected, found: found, at: .init(file: file, offset: index - bytes.startIndex))
  }

  mutating func members() throws(TensorFileError) -> [ZipArchive.Member] {
    let (count, size, offset) = try end()
    // A line of the directory has at least 46 bytes.
    guard offset <= bytes.count, size <= bytes.count - offset, count <= size / 46 else {
      throw error(
        "a directory of \(count) files within the archive", "\(size) bytes at \(offset)",
        bytes.startIndex)
    }
    var index = bytes.startIndex + offset
    let limit = index + size
    var members: [ZipArchive.Member] = []
    members.reserveCapacity(count)
    var names = Set<String>()
    for _ in 0..<count {
      let member = try member(&index, limit)
      if !names.insert(member.name).inserted {
        throw error("each file once", "'\(member.name)' twice", index)
      }
      members.append(member)
    }
    return members
  }

  /// Number of files, and size and place of the directory.
  private func end() throws(TensorFileError) -> (count: Int, size: Int, offset: Int) {
    // A comment of up to 65535 bytes may follow.
    var index = bytes.endIndex - 22
    let last = Swift.max(bytes.startIndex, index - 65535)
    while index >= last, !bytes[index...].starts(with: ZipArchive.endSignature) { index -= 1 }
    guard index >= last else {
      throw error("the end of a ZIP archive", "none (is it cut off?)", bytes.endIndex)
    }
    let short = (
      count: numbers.number(index + 10, 2), size: numbers.number(index + 12, 4),
      offset: numbers.number(index + 16, 4)
    )
    guard short.count == 0xFFFF || short.size == 0xFFFF_FFFF || short.offset == 0xFFFF_FFFF,
      index - 20 >= bytes.startIndex,
      bytes[(index - 20)...].starts(with: [0x50, 0x4B, 0x06, 0x07])
    else { return short }
    // The 64-bit form.
    let offset = numbers.number(index - 12, 8)
    guard offset <= bytes.count - 56,
      bytes[(bytes.startIndex + offset)...].starts(with: [0x50, 0x4B, 0x06, 0x06])
    else { throw error("the end of a 64-bit ZIP archive", "none", index - 20) }
    let start = bytes.startIndex + offset
    return (
      numbers.number(start + 32, 8), numbers.number(start + 40, 8), numbers.number(start + 48, 8)
    )
  }

  private func member(_ index: inout Int, _ limit: Int) throws(TensorFileError) -> ZipArchive.Member
  {
    guard limit - index >= 46, bytes[index...].starts(with: [0x50, 0x4B, 0x01, 0x02]) else {
      throw error("a line of the archive's directory", "none", index)
    }
    let start = index
    let lengths = [28, 30, 32].map { numbers.number(start + $0, 2) }
    guard lengths.reduce(46, +) <= limit - start else {
      throw error("a line within the directory", "the directory's end", index)
    }
    if numbers.number(start + 8, 2) & 1 != 0 {
      throw error("a file that is not encrypted", "an encrypted one", index)
    }
    let name = bytes[(start + 46)..<(start + 46 + lengths[0])]
    guard let name = String(validating: name, as: UTF8.self) else {
      throw error("a name in UTF-8", "other bytes", start + 46)
    }
    var large = LargeSizes(
      bytes[(start + 46 + lengths[0])..<(start + 46 + lengths[0] + lengths[1])])
    // In this order, those that do not fit into four bytes.
    let count = large.number(instead: numbers.number(start + 24, 4))
    let packedCount = large.number(instead: numbers.number(start + 20, 4))
    let offset = large.number(instead: numbers.number(start + 42, 4))
    guard let count, let packedCount, let offset else {
      throw error("sizes of 64 bits", "none", start)
    }
    index += lengths.reduce(46, +)
    return ZipArchive.Member(
      name: name, method: numbers.number(start + 10, 2),
      checksum: UInt32(numbers.number(start + 16, 4)), packedCount: packedCount, count: count,
      offset: offset)
  }
}

/// The extra field with the sizes that do not fit into four bytes.
private struct LargeSizes {
  private var field: StoredBytes = []

  init(_ extra: StoredBytes) {
    var rest = extra
    while rest.count >= 4 {
      let numbers = LittleEndian(rest)
      let count = numbers.number(rest.startIndex + 2, 2)
      guard count <= rest.count - 4 else { return }
      let content = rest.dropFirst(4).prefix(count)
      if numbers.number(rest.startIndex, 2) == 1 { field = content }
      rest = rest.dropFirst(4 + count)
    }
  }

  /// A number, or the next one of the field where the number stands for it; nil where there is none.
  mutating func number(instead short: Int) -> Int? {
    if short != 0xFFFF_FFFF { return short }
    guard field.count >= 8 else { return nil }
    defer { field = field.dropFirst(8) }
    return LittleEndian(field).number(field.startIndex, 8)
  }
}
