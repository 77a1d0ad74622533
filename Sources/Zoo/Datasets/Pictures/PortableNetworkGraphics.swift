import Deflate
import Tasks

/// Pictures in the PNG form (ISO/IEC 15948): all kinds of colour and depths, but not interlaced ones.
/// What is transparent is laid on white.
enum PortableNetworkGraphics {
  static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  /// The picture of a file's bytes.
  static func image(_ bytes: [UInt8]) throws(PictureError) -> RGBImage {
    var header: Header?
    var (palette, transparency, compressed) = ([UInt8](), [UInt8](), [UInt8]())
    var place = signature.count
    while true {
      let chunk = try chunk(of: bytes, at: &place)
      switch chunk.kind {
      case "IHDR": header = try Header(chunk.content)
      case "PLTE": palette = Array(chunk.content)
      case "tRNS": transparency = Array(chunk.content)
      case "IDAT": compressed += chunk.content
      case "IEND":
        guard let header else { throw PictureError("the PNG has no header") }
        let rows = try header.rows(compressed)
        return try Pixels(header, palette, transparency).image(rows)
      default:
        // A capital letter at its beginning: nobody may read the picture without it.
        if chunk.kind.first?.isUppercase ?? true {
          throw PictureError("the PNG has a part \(quoted(chunk.kind)) that is not known")
        }
      }
    }
  }

  private static func chunk(
    of bytes: [UInt8], at place: inout Int
  ) throws(PictureError) -> (kind: String, content: ArraySlice<UInt8>) {
    guard place + 12 <= bytes.count else { throw PictureError("the PNG has no end") }
    let length = number(bytes[place..<place + 4])
    guard length <= bytes.count - place - 12 else { throw PictureError("the PNG has no end") }
    let (start, end) = (place + 8, place + 8 + length)
    if CRC32(bytes[(place + 4)..<end]).value != UInt32(number(bytes[end..<end + 4])) {
      throw PictureError("a part of the PNG has another checksum")
    }
    let kind = String(decoding: bytes[place + 4..<start], as: UTF8.self)
    place = end + 4
    return (kind, bytes[start..<end])
  }

  fileprivate static func number(_ bytes: ArraySlice<UInt8>) -> Int {
    bytes.reduce(0) { $0 << 8 | Int($1) }
  }

  /// What a picture is made of.
  struct Header {
    enum Kind: Int {
      case gray = 0
      case color = 2
      case palette = 3
      case grayAlpha = 4
      case colorAlpha = 6
    }

    let width: Int
    let height: Int
    let depth: Int
    let kind: Kind

    init(_ bytes: ArraySlice<UInt8>) throws(PictureError) {
      let bytes = Array(bytes)
      guard bytes.count == 13, let kind = Kind(rawValue: Int(bytes[9])) else {
        throw PictureError("the PNG has a header that is none")
      }
      (width, height) = (number(bytes[0..<4]), number(bytes[4..<8]))
      (depth, self.kind) = (Int(bytes[8]), kind)
      let depths: [Int] =
        switch kind {
        case .gray: [1, 2, 4, 8, 16]
        case .palette: [1, 2, 4, 8]
        case .color, .grayAlpha, .colorAlpha: [8, 16]
        }
      guard width > 0, height > 0, width <= RGBImage.largest / height, depths.contains(depth),
        bytes[10] == 0, bytes[11] == 0
      else {
        throw PictureError("a PNG of \(width) x \(height) pixels of \(depth) bits is not known")
      }
      if bytes[12] != 0 { throw PictureError("the PNG is interlaced; save it without") }
    }

    /// Numbers of a pixel.
    var channels: Int {
      switch kind {
      case .gray, .palette: 1
      case .grayAlpha: 2
      case .color: 3
      case .colorAlpha: 4
      }
    }

    private var rowBytes: Int { (width * channels * depth + 7) / 8 }

    /// The bytes of the rows, without compression and filters.
    func rows(_ compressed: [UInt8]) throws(PictureError) -> [[UInt8]] {
      let count = height * (rowBytes + 1)
      let bytes: [UInt8]
      do throws(Inflate.Failure) {
        bytes = try Inflate.zlib(compressed, limit: count)
      } catch {
        throw PictureError(error.problem)
      }
      guard bytes.count == count else {
        throw PictureError("\(bytes.count) bytes are not the \(count) of the PNG's pixels")
      }
      var rows: [[UInt8]] = []
      var above = [UInt8](repeating: 0, count: rowBytes)
      for start in stride(from: 0, to: count, by: rowBytes + 1) {
        var row = Array(bytes[start + 1..<start + 1 + rowBytes])
        try unfilter(&row, bytes[start], above)
        rows.append(row)
        above = row
      }
      return rows
    }

    /// Adds to each byte what its filter foretells of the bytes to the left and above (section 9.2).
    private func unfilter(
      _ row: inout [UInt8], _ filter: UInt8, _ above: [UInt8]
    ) throws(PictureError) {
      let step = Swift.max(1, channels * depth / 8)
      guard filter <= 4 else { throw PictureError("the PNG has a filter that there is not") }
      for index in row.indices where filter > 0 {
        let left = index < step ? 0 : row[index - step]
        let corner = index < step ? 0 : above[index - step]
        let foretold: UInt8 =
          switch filter {
          case 1: left
          case 2: above[index]
          case 3: UInt8((Int(left) + Int(above[index])) / 2)
          default: Self.paeth(left, above[index], corner)
          }
        row[index] &+= foretold
      }
    }

    /// Whichever of the three is nearest to `left + above - corner`.
    private static func paeth(_ left: UInt8, _ above: UInt8, _ corner: UInt8) -> UInt8 {
      let (a, b, c) = (Int(left), Int(above), Int(corner))
      let (toLeft, toAbove, toCorner) = (abs(b - c), abs(a - c), abs(a + b - 2 * c))
      if toLeft <= toAbove && toLeft <= toCorner { return left }
      return toAbove <= toCorner ? above : corner
    }
  }

  /// How the bytes of rows become pixels.
  struct Pixels {
    private let header: Header
    private let palette: [UInt8]
    private let transparency: [UInt8]

    init(
      _ header: Header, _ palette: [UInt8], _ transparency: [UInt8]
    ) throws(PictureError) {
      if header.kind == .palette, palette.isEmpty || palette.count % 3 != 0 {
        throw PictureError("the PNG has no palette")
      }
      (self.header, self.palette, self.transparency) = (header, palette, transparency)
    }

    func image(_ rows: [[UInt8]]) throws(PictureError) -> RGBImage {
      var pixels: [UInt8] = []
      pixels.reserveCapacity(3 * header.width * header.height)
      for row in rows {
        for column in 0..<header.width {
          let (color, alpha) = try color(
            (0..<header.channels).map { sample(row, column * header.channels + $0) })
          for value in color {
            pixels.append(UInt8((Int(value) * alpha + 255 * (255 - alpha) + 127) / 255))
          }
        }
      }
      return RGBImage(width: header.width, height: header.height, pixels: pixels)
    }

    /// A number of a row as it stands in the file, up to 16 bits.
    private func sample(_ row: [UInt8], _ index: Int) -> Int {
      switch header.depth {
      case 16: return Int(row[2 * index]) << 8 | Int(row[2 * index + 1])
      case 8: return Int(row[index])
      default:
        let perByte = 8 / header.depth
        let shift = 8 - header.depth * (index % perByte + 1)
        return Int(row[index / perByte]) >> shift & (1 << header.depth - 1)
      }
    }

    /// Red, green, blue and opacity of a pixel.
    private func color(_ samples: [Int]) throws(PictureError) -> ([UInt8], alpha: Int) {
      let scaled = samples.map { UInt8($0 * 255 / (1 << header.depth - 1)) }
      switch header.kind {
      case .palette:
        let start = 3 * samples[0]
        guard start < palette.count else {
          throw PictureError("the PNG has a pixel of a colour that its palette has not")
        }
        let alpha = samples[0] < transparency.count ? transparency[samples[0]] : 255
        return (Array(palette[start..<start + 3]), Int(alpha))
      case .gray: return ([scaled[0], scaled[0], scaled[0]], isTransparent(samples) ? 0 : 255)
      case .grayAlpha: return ([scaled[0], scaled[0], scaled[0]], Int(scaled[1]))
      case .color: return (scaled, isTransparent(samples) ? 0 : 255)
      case .colorAlpha: return (Array(scaled[..<3]), Int(scaled[3]))
      }
    }

    /// Whether a pixel has the one colour that is transparent.
    private func isTransparent(_ samples: [Int]) -> Bool {
      transparency.count == 2 * samples.count
        && samples.enumerated().allSatisfy { index, sample in
          number(transparency[2 * index..<2 * index + 2]) == sample
        }
    }
  }
}
