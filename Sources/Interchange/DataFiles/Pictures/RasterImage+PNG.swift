import Deflate

extension RasterImage {
  /// The picture as the bytes of a PNG file, which is not compressed.
  public func png() -> [UInt8] {
    let kind: PNGHeader.Kind =
      switch channels {
      case .gray: .gray
      case .grayAlpha: .grayAlpha
      case .rgb: .color
      case .rgba: .colorAlpha
      }
    let rowBytes = width * channels.rawValue
    var rows: [UInt8] = []
    rows.reserveCapacity(height * (rowBytes + 1))
    for row in 0..<height {
      // Each row begins with the number of its filter: none.
      rows.append(0)
      rows += samples[rowBytes * row..<rowBytes * (row + 1)]
    }
    return PortableNetworkGraphics.file(
      header: Self.bytes(width) + Self.bytes(height) + [8, UInt8(kind.rawValue), 0, 0, 0],
      rows: rows)
  }

  /// 32 bits, the highest first.
  fileprivate static func bytes(_ number: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
  }
}

extension PortableNetworkGraphics {
  /// The bytes of a file.
  ///
  /// - Parameters:
  ///   - header: the content of its header.
  ///   - rows: the bytes of all rows, each with its filter before it.
  ///   - parts: more parts before the pixels, such as a palette.
  package static func file(
    header: [UInt8], rows: [UInt8], parts: [(kind: String, content: [UInt8])] = []
  ) -> [UInt8] {
    var file = signature + chunk("IHDR", header)
    for part in parts { file += chunk(part.kind, part.content) }
    // Parts have less than 2 GiB.
    let packed = zlib(rows)
    for start in stride(from: 0, to: packed.count, by: 1 << 30) {
      file += chunk("IDAT", packed[start..<Swift.min(start + 1 << 30, packed.count)])
    }
    return file + chunk("IEND", [])
  }

  /// A zlib stream of blocks that are stored as they are.
  private static func zlib(_ content: [UInt8]) -> [UInt8] {
    let most = 65_535
    var result: [UInt8] = [0x78, 0x01]
    result.reserveCapacity(content.count + 5 * (content.count / most + 1) + 6)
    for start in stride(from: 0, to: content.count, by: most) {
      let part = content[start..<Swift.min(start + most, content.count)]
      let (low, high) = (UInt8(part.count & 0xFF), UInt8(part.count >> 8))
      let isLast = start + part.count == content.count
      result += [isLast ? 1 : 0, low, high, ~low, ~high]
      result += part
    }
    return result + RasterImage.bytes(Int(adler32(content)))
  }

  private static func chunk(_ kind: String, _ content: some Collection<UInt8>) -> [UInt8] {
    let checked = Array(kind.utf8) + Array(content)
    return RasterImage.bytes(content.count) + checked
      + RasterImage.bytes(Int(CRC32(checked[...]).value))
  }
}
