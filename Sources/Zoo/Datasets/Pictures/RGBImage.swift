/// A picture of pixels: red, green and blue of 8 bits each.
public struct RGBImage: Equatable, Sendable {
  /// Pixels of a row.
  public let width: Int
  /// Number of rows.
  public let height: Int
  /// `[height, width, 3]`
  public let pixels: [UInt8]

  /// A picture that is at hand.
  ///
  /// - Parameter pixels: `[height, width, 3]`
  public init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(
      width > 0 && height > 0 && pixels.count == 3 * width * height,
      "RGBImage: \(pixels.count) numbers for \(width) x \(height) pixels")
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// Reads a file: PNG (all that are not interlaced), or a binary pixmap (PPM, `P6`).
  ///
  /// - Throws: `DataFileError` with what is wrong.
  public init(contentsOf path: String) throws(DataFileError) {
    try self.init(parsing: readBytes(path), file: path)
  }

  /// Parses the bytes of a file.
  ///
  /// - Parameter file: how errors name the file.
  /// - Throws: as `init(contentsOf:)`.
  public init(parsing bytes: [UInt8], file: String) throws(DataFileError) {
    do throws(PictureError) {
      if bytes.starts(with: PortableNetworkGraphics.signature) {
        self = try PortableNetworkGraphics.image(bytes)
      } else if bytes.starts(with: [UInt8(ascii: "P"), UInt8(ascii: "6")]) {
        self = try Self.pixmap(bytes)
      } else {
        throw PictureError("expected a picture: PNG, or a binary pixmap (P6)")
      }
    } catch {
      throw .invalid(file: file, problem: error.problem)
    }
  }

  /// More pixels than any model looks at, and more than a broken header should ask memory for.
  static let largest = 1 << 26

  /// Parses a binary pixmap: `P6`, width, height and largest value as text, then the pixels.
  private static func pixmap(_ bytes: [UInt8]) throws(PictureError) -> RGBImage {
    var place = 2
    var numbers: [Int] = []
    while numbers.count < 3 {
      guard place < bytes.count else { throw PictureError("the header of the pixmap has no end") }
      if bytes[place] == UInt8(ascii: "#") {
        place = bytes[place...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
      } else if isBlank(bytes[place]) {
        place += 1
      } else {
        let digits = bytes[place...].prefix { !isBlank($0) }
        guard digits.count <= 9, let number = Int(String(decoding: digits, as: UTF8.self)) else {
          throw PictureError("expected width, height and largest value in the header of the pixmap")
        }
        numbers.append(number)
        place += digits.count
      }
    }
    let (width, height, most) = (numbers[0], numbers[1], numbers[2])
    guard width > 0, height > 0, width <= largest / height, (1...255).contains(most) else {
      throw PictureError(
        "a pixmap of \(width) x \(height) pixels up to \(most); values up to 255 are expected")
    }
    // One blank follows the header.
    let content = bytes.dropFirst(place + 1)
    guard content.count >= 3 * width * height else {
      throw PictureError(
        "\(content.count) bytes are not the \(3 * width * height) of \(width) x \(height) pixels")
    }
    let pixels = content.prefix(3 * width * height).map { value in
      most == 255 ? value : UInt8(Swift.min(255, (Int(value) * 255 + most / 2) / most))
    }
    return RGBImage(width: width, height: height, pixels: pixels)
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }
}

/// Why bytes are no picture: a phrase.
struct PictureError: Error, Equatable {
  let problem: String

  init(_ problem: String) { self.problem = problem }
}

extension RGBImage {
  /// The picture as a model reads it: `[3, height, width]`, from -1 to 1.
  public var planes: [Float] {
    (0..<3).flatMap { channel in
      stride(from: channel, to: pixels.count, by: 3).map { Float(pixels[$0]) / 127.5 - 1 }
    }
  }

  /// The picture in the middle of a white square of `size` pixels a side; each pixel is the mean of
  /// what it covers.
  public func fitted(to size: Int) -> RGBImage {
    precondition(size > 0, "RGBImage.fitted: a square of \(size) pixels")
    if width == size && height == size { return self }
    let side = Swift.max(width, height)
    let scale = Double(side) / Double(size)
    let columns = Self.covers(width, side, scale, size)
    let rows = Self.covers(height, side, scale, size)
    var result: [UInt8] = []
    result.reserveCapacity(3 * size * size)
    for row in rows {
      for column in columns {
        var sums = (0.0, 0.0, 0.0)
        var covered = 0.0
        for (y, rowShare) in row {
          for (x, share) in column {
            let (at, weight) = (3 * (y * width + x), rowShare * share)
            sums.0 += weight * Double(pixels[at])
            sums.1 += weight * Double(pixels[at + 1])
            sums.2 += weight * Double(pixels[at + 2])
            covered += weight
          }
        }
        let white = 255 * Swift.max(0, 1 - covered)
        for sum in [sums.0, sums.1, sums.2] {
          result.append(UInt8(Swift.min(255, (sum + white).rounded())))
        }
      }
    }
    return RGBImage(width: size, height: size, pixels: result)
  }

  /// For each pixel of a side, the old pixels that it covers, and how much of it each is.
  private static func covers(
    _ extent: Int, _ side: Int, _ scale: Double, _ size: Int
  ) -> [[(old: Int, share: Double)]] {
    let margin = Double(side - extent) / 2
    return (0..<size).map { new in
      let start = Double(new) * scale - margin
      let end = start + scale
      let first = Swift.max(0, Int(start.rounded(.down)))
      let last = Swift.min(extent, Int(end.rounded(.up)))
      if first >= last { return [] }
      return (first..<last).map { old in
        (old, (Swift.min(end, Double(old + 1)) - Swift.max(start, Double(old))) / scale)
      }
    }
  }
}
