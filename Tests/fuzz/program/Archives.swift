import DataFiles

extension Target {
  /// What stands behind checksums, which a fuzzer does not guess: here they are right.
  static let archives = [
    Target("pickle") { bytes in
      useFile(
        of: archive([
          ("a/data.pkl", 0, bytes.count, bytes), ("a/byteorder", 0, 6, Array("little".utf8)),
          ("a/data/0", 0, 64, Array(0..<64)),
        ]))
    },
    Target("deflate") { bytes in
      var choices = Choices(bytes)
      let claimed = choices.number(below: 256) << 8 | choices.number(below: 256)
      useFile(of: archive([("a.npy", 8, claimed, choices.remaining())]))
    },
    Target("archived-npy") { bytes in
      let header = Array("\u{93}NUMPY".unicodeScalars.map { UInt8($0.value) })
      let content = header + bytes
      useFile(of: archive([("a.npy", 0, content.count, content)]))
    },
    Target("png-pixels") { bytes in
      var choices = Choices(bytes)
      let header: [UInt8] =
        [0, 0, 0, choices.byte(), 0, 0, 0, choices.byte()] + choices.bytes(5)
      let palette = choices.truth() ? choices.bytes(choices.number(below: 25)) : []
      let transparency = choices.truth() ? choices.bytes(choices.number(below: 9)) : []
      var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
      file += chunk("IHDR", header)
      if !palette.isEmpty { file += chunk("PLTE", palette) }
      if !transparency.isEmpty { file += chunk("tRNS", transparency) }
      file += chunk("IDAT", stored(choices.remaining())) + chunk("IEND", [])
      usePicture(of: file)
    },
  ]
}

/// A ZIP archive of members with a method, the size that is claimed, and what lies in it.
private func archive(
  _ members: [(name: String, method: Int, count: Int, packed: [UInt8])]
) -> [UInt8] {
  var file: [UInt8] = []
  var directory: [UInt8] = []
  for (name, method, count, packed) in members {
    var common: [UInt8] = []
    for (number, size) in [
      (20, 2), (0, 2), (method, 2), (0, 4), (Int(crc32(packed)), 4), (packed.count, 4), (count, 4),
      (name.utf8.count, 2), (0, 2),
    ] { common += low(number, size) }
    directory += [0x50, 0x4B, 1, 2, 20, 0]
    directory += common
    directory += low(0, 10)
    directory += low(file.count, 4)
    directory += name.utf8
    file += [0x50, 0x4B, 3, 4]
    file += common
    file += name.utf8
    file += packed
  }
  let start = file.count
  file += directory
  file += [0x50, 0x4B, 5, 6, 0, 0, 0, 0]
  for (number, size) in [
    (members.count, 2), (members.count, 2), (directory.count, 4), (start, 4), (0, 2),
  ] { file += low(number, size) }
  return file
}

/// A number, its lowest byte first.
private func low(_ number: Int, _ count: Int) -> [UInt8] {
  (0..<count).map { $0 < 8 ? UInt8(truncatingIfNeeded: number >> (8 * $0)) : 0 }
}

private func high(_ number: UInt32) -> [UInt8] {
  [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
}

/// A chunk of PNG.
private func chunk(_ kind: String, _ content: [UInt8]) -> [UInt8] {
  let checked = Array(kind.utf8) + content
  return [high(UInt32(content.count)), checked, high(crc32(checked))].flatMap { $0 }
}

/// A zlib stream of one block, which is stored.
private func stored(_ content: [UInt8]) -> [UInt8] {
  let content = Array(content.prefix(65_535))
  var (a, b): (UInt32, UInt32) = (1, 0)
  for byte in content {
    a = (a + UInt32(byte)) % 65_521
    b = (b + a) % 65_521
  }
  let parts: [[UInt8]] = [
    [0x78, 1, 1], low(content.count, 2), low(~content.count, 2), content, high(b << 16 | a),
  ]
  return parts.flatMap { $0 }
}

/// The sum of ZIP and PNG, bit by bit: not by what is tested.
private func crc32(_ bytes: [UInt8]) -> UInt32 {
  var sum: UInt32 = ~0
  for byte in bytes {
    sum ^= UInt32(byte)
    for _ in 0..<8 { sum = sum >> 1 ^ (sum & 1 == 0 ? 0 : 0xEDB8_8320) }
  }
  return ~sum
}
