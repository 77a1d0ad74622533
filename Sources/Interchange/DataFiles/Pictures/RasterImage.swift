/// A picture of pixels, each with one to four numbers of 8 bits.
///
/// ```swift
/// let photo = try RasterImage(contentsOf: "photo.png").converted(to: .rgb)
/// let corner = photo.samples[..<3]  // red, green and blue
/// ```
public struct RasterImage: Equatable, Sendable {
  /// The numbers of a pixel, in their order.
  public enum Channels: Int, Sendable {
    case gray = 1
    /// Grey, and how opaque it is: 255 is wholly.
    case grayAlpha = 2
    case rgb = 3
    /// Red, green, blue, and how opaque they are.
    case rgba = 4

    /// Whether there is a colour.
    var isColor: Bool { self == .rgb || self == .rgba }
    /// Whether there is an opacity.
    var hasAlpha: Bool { self == .grayAlpha || self == .rgba }
  }

  /// Pixels of a row.
  public let width: Int
  /// Number of rows.
  public let height: Int
  /// What a pixel is made of.
  public let channels: Channels
  /// `[height, width, channels]`, the upper row first.
  public let samples: [UInt8]

  /// A picture that is at hand; another number of samples traps.
  ///
  /// - Parameter samples: `[height, width, channels]`
  public init(width: Int, height: Int, channels: Channels, samples: [UInt8]) {
    let (area, isLarge) = width.multipliedReportingOverflow(by: height)
    let (count, isTooLarge) = area.multipliedReportingOverflow(by: channels.rawValue)
    require(
      width > 0 && height > 0 && !isLarge && !isTooLarge && samples.count == count,
      "RasterImage: \(samples.count) samples for \(width) x \(height) pixels of "
        + "\(channels.rawValue)")
    self.width = width
    self.height = height
    self.channels = channels
    self.samples = samples
  }

  /// As many pixels as a file may have, unless an argument says otherwise: 67 millions, more than any
  /// camera's and more than a broken header should ask memory for.
  public static let usualLimit = 1 << 26

  /// Reads a file, whose kind is told by its first bytes:
  ///
  /// - PNG, of all kinds of colour and depths, interlaced or not. A palette becomes colours; one colour
  ///   that is transparent becomes an opacity; 16 bits are rounded to 8.
  /// - The pixmaps of Netpbm: PGM and PPM, binary or as text (`P2`, `P3`, `P5`, `P6`). Numbers up to any
  ///   other than 255 become numbers up to 255.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - limit: pixels that the picture may have.
  /// - Throws: `DataFileError` for a file that cannot be read, is damaged, or is of another kind, which
  ///   is then named.
  public init(
    contentsOf path: String, limit: Int = usualLimit
  ) throws(DataFileError) {
    // No pixel takes more bytes, but for what is written about the picture.
    let (bytes, isLarge) = Swift.max(limit, 0).multipliedReportingOverflow(by: 16)
    let most = isLarge ? Int.max : Swift.max(bytes, usualFileLimit)
    try self.init(parsing: readBytes(path, limit: most), file: path, limit: limit)
  }

  /// Parses the bytes of a file.
  ///
  /// - Parameter file: how errors name it.
  /// - Throws: as `init(contentsOf:limit:)`.
  public init(
    parsing bytes: [UInt8], file: String, limit: Int = usualLimit
  ) throws(DataFileError) {
    // So that no number of bits overflows.
    let limit = Swift.min(limit, 1 << 48)
    if bytes.starts(with: PortableNetworkGraphics.signature) {
      self = try PortableNetworkGraphics.image(bytes, file: file, limit: limit)
    } else if let form = Pixmap.Form(bytes) {
      self = try Pixmap.image(bytes, form, file: file, limit: limit)
    } else {
      let found = Self.kind(of: bytes).map { ", found \($0)" } ?? ""
      throw .invalid(
        file: file, problem: "expected a picture: PNG, or a pixmap (P2, P3, P5, P6)\(found)")
    }
  }

  /// What the first bytes tell of files that are not read here.
  private static func kind(of bytes: [UInt8]) -> String? {
    let kinds: [([UInt8], String)] = [
      ([0xFF, 0xD8, 0xFF], "a JPEG picture"), (Array("GIF8".utf8), "a GIF picture"),
      (Array("RIFF".utf8), "a WebP picture or a sound"), (Array("BM".utf8), "a BMP picture"),
      ([0x49, 0x49, 0x2A, 0], "a TIFF picture"), ([0x4D, 0x4D, 0, 0x2A], "a TIFF picture"),
      (Array("P1".utf8), "a bitmap (P1)"), (Array("P4".utf8), "a bitmap (P4)"),
      (Array("P7".utf8), "a PAM picture (P7)"),
      (Array("PF".utf8), "a pixmap of floating-point numbers"),
      (Array("Pf".utf8), "a pixmap of floating-point numbers"),
    ]
    return bytes.isEmpty ? "nothing" : kinds.first { bytes.starts(with: $0.0) }?.1
  }

  /// A sample that is a part of `most`, as a part of 255, rounded to the nearest.
  static func scaled(_ sample: Int, of most: Int) -> UInt8 {
    UInt8(Swift.min(255, (sample * 255 + most / 2) / most))
  }
}

extension RasterImage {
  /// The picture with other numbers a pixel.
  ///
  /// Grey is 0.299 red + 0.587 green + 0.114 blue (Rec. 601). What is transparent is laid on a grey or
  /// white ground where no opacity is asked for.
  ///
  /// - Parameters:
  ///   - channels: what a pixel is to be made of.
  ///   - ground: what is seen through transparent pixels, 255 for white.
  public func converted(to channels: Channels, ground: UInt8 = 255) -> RasterImage {
    if channels == self.channels { return self }
    let (from, to) = (self.channels.rawValue, channels.rawValue)
    let converted = [UInt8](unsafeUninitializedCapacity: width * height * to) { target, count in
      count = width * height * to
      for pixel in 0..<width * height {
        let start = pixel * from
        var color = (samples[start], samples[start], samples[start])
        if self.channels.isColor { (color.1, color.2) = (samples[start + 1], samples[start + 2]) }
        let alpha = self.channels.hasAlpha ? samples[start + from - 1] : 255
        if !channels.hasAlpha {
          color = (
            Self.laid(color.0, alpha, ground), Self.laid(color.1, alpha, ground),
            Self.laid(color.2, alpha, ground)
          )
        }
        if channels.isColor {
          (target[pixel * to], target[pixel * to + 1], target[pixel * to + 2]) = color
        } else {
          target[pixel * to] = self.channels.isColor ? Self.luminance(color) : color.0
        }
        if channels.hasAlpha { target[pixel * to + to - 1] = alpha }
      }
    }
    return RasterImage(width: width, height: height, channels: channels, samples: converted)
  }

  private static func laid(_ value: UInt8, _ alpha: UInt8, _ ground: UInt8) -> UInt8 {
    if alpha == 255 { return value }
    let alpha = Int(alpha)
    return UInt8((Int(value) * alpha + Int(ground) * (255 - alpha) + 127) / 255)
  }

  private static func luminance(_ color: (UInt8, UInt8, UInt8)) -> UInt8 {
    let (red, green, blue) = (Int(color.0), Int(color.1), Int(color.2))
    let sum: Int = red * 19_595 + green * 38_470 + blue * 7471
    return UInt8((sum + 0x8000) >> 16)
  }
}
