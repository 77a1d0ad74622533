/// The pixmaps of Netpbm: `P2` and `P5` grey, `P3` and `P6` in colours; width, height and largest value
/// as text, then the pixels, as text or in bytes.
enum Pixmap {
  /// What the first two bytes tell.
  struct Form {
    let channels: RasterImage.Channels
    let isText: Bool

    init?(_ bytes: [UInt8]) {
      guard bytes.count >= 2, bytes[0] == UInt8(ascii: "P") else { return nil }
      switch bytes[1] {
      case UInt8(ascii: "2"): (channels, isText) = (.gray, true)
      case UInt8(ascii: "3"): (channels, isText) = (.rgb, true)
      case UInt8(ascii: "5"): (channels, isText) = (.gray, false)
      case UInt8(ascii: "6"): (channels, isText) = (.rgb, false)
      default: return nil
      }
    }
  }

  static func image(
    _ bytes: [UInt8], _ form: Form, file: String, limit: Int
  ) throws(DataFileError) -> RasterImage {
    var text = Text(bytes: bytes, file: file)
    let width = try text.number("the width")
    let height = try text.number("the height")
    let most = try text.number("the largest value")
    guard width > 0, height > 0, width <= limit / height else {
      throw text.error(
        "expected 1 to \(limit) pixels, as `limit` allows, found \(width) x \(height)")
    }
    guard (1...65_535).contains(most) else {
      throw text.error("expected a largest value from 1 to 65535, found \(most)")
    }
    let count = form.channels.rawValue * width * height
    let samples = form.isText ? try text.samples(count, most) : try text.bytes(count, most)
    return RasterImage(width: width, height: height, channels: form.channels, samples: samples)
  }

  /// Numbers with blanks and comments between them.
  private struct Text {
    let bytes: [UInt8]
    let file: String
    var place = 2

    init(bytes: [UInt8], file: String) { (self.bytes, self.file) = (bytes, file) }

    func error(_ problem: String) -> DataFileError {
      .invalid(file: file, byte: place, problem: problem)
    }

    mutating func number(_ what: @autoclosure () -> String) throws(DataFileError) -> Int {
      while place < bytes.count {
        if bytes[place] == UInt8(ascii: "#") {
          place = bytes[place...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
        } else if Self.isBlank(bytes[place]) {
          place += 1
        } else {
          break
        }
      }
      let start = place
      var number = 0
      while place < bytes.count, case let digit = bytes[place] &- 48, digit <= 9 {
        // Nine digits and more are no size.
        if number < 1_000_000_000 { number = 10 * number + Int(digit) }
        place += 1
      }
      if place == start {
        throw error(
          "expected \(what()) of the pixmap, found \(place < bytes.count ? "no number" : "the end of the file")"
        )
      }
      return number
    }

    /// The samples as text.
    mutating func samples(_ count: Int, _ most: Int) throws(DataFileError) -> [UInt8] {
      // Each takes two bytes at least, the last one.
      guard count <= (bytes.count - place + 1) / 2 else { throw cutOff(count, "numbers") }
      var samples: [UInt8] = []
      samples.reserveCapacity(count)
      for index in 0..<count {
        let sample = try number("sample \(index + 1)")
        if sample > most { throw error("expected samples up to \(most), found \(sample)") }
        samples.append(RasterImage.scaled(sample, of: most))
      }
      return samples
    }

    /// The samples in one or two bytes each, the higher one first. One blank stands before them.
    mutating func bytes(_ count: Int, _ most: Int) throws(DataFileError) -> [UInt8] {
      guard place < bytes.count, Self.isBlank(bytes[place]) else {
        throw error("expected a blank before the pixels")
      }
      place += 1
      let size = most > 255 ? 2 : 1
      guard count <= (bytes.count - place) / size else { throw cutOff(count * size, "bytes") }
      let content = bytes[place..<place + count * size]
      if most == 255 { return Array(content) }
      if size == 1 { return content.map { RasterImage.scaled(Int($0), of: most) } }
      return (0..<count).map { index in
        let (high, low) = (bytes[place + 2 * index], bytes[place + 2 * index + 1])
        return RasterImage.scaled(Int(high) << 8 | Int(low), of: most)
      }
    }

    private func cutOff(_ count: Int, _ what: String) -> DataFileError {
      error(
        "the file is cut off: expected \(count) \(what) of pixels, found \(bytes.count - place) bytes"
      )
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }
  }
}

extension RasterImage {
  /// The picture as the bytes of a binary pixmap: PGM (`P5`) of grey, PPM (`P6`) of colours. They have no
  /// opacity: one that has it traps, and is to be laid on a ground before (`converted(to:ground:)`).
  public func pixmap() -> [UInt8] {
    require(
      !channels.hasAlpha, "RasterImage.pixmap: a pixmap has no opacity; convert to .gray or .rgb")
    let header = "\(channels == .gray ? "P5" : "P6")\n\(width) \(height)\n255\n"
    return Array(header.utf8) + samples
  }
}
