import Deflate

/// Pictures in the PNG form (ISO/IEC 15948).
package enum PortableNetworkGraphics {
  static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  /// The picture of a file's bytes.
  static func image(
    _ bytes: [UInt8], file: String, limit: Int
  ) throws(DataFileError) -> RasterImage {
    var reader = ByteReader(bytes, file: file)
    reader.skip(signature.count)
    var known: PNGHeader?
    var (palette, transparency, compressed) = ([UInt8](), [UInt8](), [UInt8]())
    while true {
      let start = reader.place
      let (kind, content) = try chunk(&reader)
      guard let header = known else {
        guard kind == "IHDR" else {
          throw reader.error("expected the header IHDR, found \(quoted(kind))", at: start)
        }
        known = try PNGHeader(content, reader, limit: limit)
        continue
      }
      switch kind {
      case "PLTE": palette = Array(content)
      case "tRNS": transparency = Array(content)
      case "IDAT": compressed += content
      case "IEND":
        let rows: [UInt8]
        do throws(Inflate.Failure) {
          rows = try Inflate.zlib(compressed, limit: header.byteCount)
        } catch {
          throw reader.error("the pixels do not unpack: \(error.problem)", at: start)
        }
        let decoder = try PNGPixels(header, palette, transparency, reader)
        return try decoder.image(rows)
      case "IHDR": throw reader.error("expected one header, found two", at: start)
      default:
        // A capital letter at its beginning: nobody may read the picture without it.
        if content.isEmpty || kind.first?.isUppercase ?? true {
          throw reader.error("expected a part that is known, found \(quoted(kind))", at: start)
        }
      }
    }
  }

  /// The next part: its length, four letters, the content, and a checksum.
  private static func chunk(
    _ reader: inout ByteReader
  ) throws(DataFileError) -> (kind: String, content: ArraySlice<UInt8>) {
    let length = try reader.number(4, "the length of a part of the PNG", highestFirst: true)
    let start = reader.place
    let checked = try reader.take(length + 4, "a part of the PNG with \(length) bytes")
    let checksum = try reader.number(4, "the checksum of a part", highestFirst: true)
    if CRC32(checked).value != UInt32(truncatingIfNeeded: checksum) {
      throw reader.error("a part of the PNG has another checksum", at: start)
    }
    return (String(decoding: checked.prefix(4), as: UTF8.self), checked.dropFirst(4))
  }
}

/// What a PNG is made of.
struct PNGHeader {
  enum Kind: Int {
    case gray = 0
    case color = 2
    case palette = 3
    case grayAlpha = 4
    case colorAlpha = 6
  }

  let width: Int
  let height: Int
  /// Bits of a sample.
  let depth: Int
  let kind: Kind
  /// The parts of the picture that stand one after the other.
  let passes: [PNGPass]

  init(
    _ content: ArraySlice<UInt8>, _ reader: ByteReader, limit: Int
  ) throws(DataFileError) {
    let bytes = Array(content)
    guard bytes.count == 13, let kind = Kind(rawValue: Int(bytes[9])) else {
      throw reader.error("expected a header of 13 bytes with a kind of colour")
    }
    func number(_ place: Int) -> Int { bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) } }
    (width, height) = (number(0), number(4))
    (depth, self.kind) = (Int(bytes[8]), kind)
    let depths: [Int] =
      switch kind {
      case .gray: [1, 2, 4, 8, 16]
      case .palette: [1, 2, 4, 8]
      case .color, .grayAlpha, .colorAlpha: [8, 16]
      }
    guard width > 0, height > 0, width <= limit / height else {
      throw reader.error(
        "expected 1 to \(limit) pixels, as `limit` allows, found \(width) x \(height)")
    }
    guard depths.contains(depth) else {
      throw reader.error("expected samples of \(depths) bits, found \(depth)")
    }
    guard bytes[10] == 0, bytes[11] == 0, bytes[12] <= 1 else {
      throw reader.error(
        "expected the compression, filters and interlacing that there are, found "
          + "\(bytes[10]), \(bytes[11]), \(bytes[12])")
    }
    let isInterlaced = bytes[12] == 1
    passes = (isInterlaced ? PNGPass.interlaced : [PNGPass.whole]).filter { [width, height] in
      $0.columns(of: width) > 0 && $0.rows(of: height) > 0
    }
  }

  /// Samples of a pixel.
  var channels: Int {
    switch kind {
    case .gray, .palette: 1
    case .grayAlpha: 2
    case .color: 3
    case .colorAlpha: 4
    }
  }

  /// Bytes of so many pixels of a row.
  func rowBytes(_ columns: Int) -> Int { (columns * channels * depth + 7) / 8 }

  /// Bytes of all rows of all passes, each with its filter before it.
  var byteCount: Int {
    passes.reduce(0) { $0 + $1.rows(of: height) * (1 + rowBytes($1.columns(of: width))) }
  }
}

/// Pixels that stand together in an interlaced PNG (section 8): those of some columns and rows.
struct PNGPass {
  /// The first column and row.
  let x, y: Int
  /// From one to the next.
  let stepX, stepY: Int

  func columns(of width: Int) -> Int { (width - x + stepX - 1) / stepX }
  func rows(of height: Int) -> Int { (height - y + stepY - 1) / stepY }

  static let whole = PNGPass(x: 0, y: 0, stepX: 1, stepY: 1)
  static let interlaced = [
    PNGPass(x: 0, y: 0, stepX: 8, stepY: 8), PNGPass(x: 4, y: 0, stepX: 8, stepY: 8),
    PNGPass(x: 0, y: 4, stepX: 4, stepY: 8), PNGPass(x: 2, y: 0, stepX: 4, stepY: 4),
    PNGPass(x: 0, y: 2, stepX: 2, stepY: 4), PNGPass(x: 1, y: 0, stepX: 2, stepY: 2),
    PNGPass(x: 0, y: 1, stepX: 1, stepY: 2),
  ]
}
