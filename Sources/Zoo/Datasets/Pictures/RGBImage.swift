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

  /// Reads a file of any kind that `RasterImage` reads; what is transparent is laid on white.
  ///
  /// - Throws: `DataFileError` with what is wrong.
  public init(contentsOf path: String) throws(DataFileError) {
    self.init(try RasterImage(contentsOf: path))
  }

  /// A picture of any kind, laid on white.
  public init(_ image: RasterImage) {
    let image = image.converted(to: .rgb)
    self.init(width: image.width, height: image.height, pixels: image.samples)
  }
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
