/// How the bytes of a PNG's rows become pixels.
struct PNGPixels {
  private let header: PNGHeader
  private let palette: [UInt8]
  private let transparency: [UInt8]
  private let reader: ByteReader
  private let channels: RasterImage.Channels
  /// The samples of the one colour that is transparent, if there is one.
  private let transparent: [Int]

  init(
    _ header: PNGHeader, _ palette: [UInt8], _ transparency: [UInt8], _ reader: ByteReader
  ) throws(DataFileError) {
    if header.kind == .palette, palette.isEmpty || palette.count % 3 != 0 {
      throw reader.error("expected a palette of colours of 3 bytes, found \(palette.count) bytes")
    }
    (self.header, self.palette, self.transparency) = (header, palette, transparency)
    self.reader = reader
    let hasColor = header.kind == .gray || header.kind == .color
    if hasColor, !transparency.isEmpty, transparency.count != 2 * header.channels {
      throw reader.error(
        "expected a transparent colour of \(2 * header.channels) bytes, found "
          + "\(transparency.count)")
    }
    transparent =
      hasColor
      ? stride(from: 0, to: transparency.count, by: 2).map {
        Int(transparency[$0]) << 8 | Int(transparency[$0 + 1])
      } : []
    channels =
      switch header.kind {
      case .gray: transparency.isEmpty ? .gray : .grayAlpha
      case .grayAlpha: .grayAlpha
      case .color, .palette: transparency.isEmpty ? .rgb : .rgba
      case .colorAlpha: .rgba
      }
  }

  /// The picture.
  ///
  /// - Parameter bytes: the rows of all passes, each with its filter before it.
  func image(_ bytes: [UInt8]) throws(DataFileError) -> RasterImage {
    guard bytes.count == header.byteCount else {
      throw reader.error(
        "expected \(header.byteCount) bytes of pixels, found \(bytes.count) after unpacking")
    }
    var bytes = bytes
    var samples = [UInt8](
      repeating: 0, count: header.width * header.height * channels.rawValue)
    var start = 0
    for pass in header.passes {
      let columns = pass.columns(of: header.width)
      let count = header.rowBytes(columns)
      var above: Int?
      for row in 0..<pass.rows(of: header.height) {
        try unfilter(&bytes, start..<start + count + 1, above: above)
        try place(
          bytes, from: start + 1, columns: columns, of: pass,
          at: (pass.y + row * pass.stepY) * header.width + pass.x, in: &samples)
        above = start + 1
        start += count + 1
      }
    }
    return RasterImage(
      width: header.width, height: header.height, channels: channels, samples: samples)
  }

  // MARK: Filters

  /// Adds to each byte of a row what its filter foretells of the bytes to the left and above (section
  /// 9.2).
  ///
  /// - Parameters:
  ///   - range: the filter and the row's bytes.
  ///   - above: where the bytes of the row above begin; nil for the first.
  private func unfilter(
    _ bytes: inout [UInt8], _ range: Range<Int>, above: Int?
  ) throws(DataFileError) {
    let filter = bytes[range.lowerBound]
    guard filter <= 4 else {
      throw reader.error("expected a filter from 0 to 4 before a row of pixels, found \(filter)")
    }
    if filter == 0 { return }
    let step = Swift.max(1, header.channels * header.depth / 8)
    let (start, count) = (range.lowerBound + 1, range.count - 1)
    bytes.withUnsafeMutableBufferPointer { bytes in
      for index in 0..<count {
        let left = index < step ? 0 : bytes[start + index - step]
        let up = above.map { bytes[$0 + index] } ?? 0
        let foretold: UInt8
        switch filter {
        case 1: foretold = left
        case 2: foretold = up
        case 3: foretold = UInt8((Int(left) + Int(up)) / 2)
        default:
          let corner = index < step ? 0 : above.map { bytes[$0 + index - step] } ?? 0
          foretold = Self.paeth(left, up, corner)
        }
        bytes[start + index] &+= foretold
      }
    }
  }

  /// Whichever of the three is nearest to `left + above - corner`.
  @inline(__always)
  private static func paeth(_ left: UInt8, _ above: UInt8, _ corner: UInt8) -> UInt8 {
    let (a, b, c) = (Int(left), Int(above), Int(corner))
    let (toLeft, toAbove, toCorner) = (abs(b - c), abs(a - c), abs(a + b - 2 * c))
    if toLeft <= toAbove && toLeft <= toCorner { return left }
    return toAbove <= toCorner ? above : corner
  }

  // MARK: Samples

  /// Puts a row's pixels where they belong.
  ///
  /// - Parameters:
  ///   - start: where the row's bytes begin.
  ///   - pixel: the place of its first pixel in the picture.
  private func place(
    _ bytes: [UInt8], from start: Int, columns: Int, of pass: PNGPass, at pixel: Int,
    in samples: inout [UInt8]
  ) throws(DataFileError) {
    let count = channels.rawValue
    if header.depth == 8, pass.stepX == 1, header.kind != .palette, transparent.isEmpty {
      samples.replaceSubrange(
        pixel * count..<(pixel + columns) * count, with: bytes[start..<start + columns * count])
      return
    }
    for column in 0..<columns {
      let target = (pixel + column * pass.stepX) * count
      if header.kind == .palette {
        try placeColor(sample(bytes, start, column), at: target, in: &samples)
        continue
      }
      var isTransparent = !transparent.isEmpty
      for channel in 0..<header.channels {
        let value = sample(bytes, start, column * header.channels + channel)
        samples[target + channel] = RasterImage.scaled(value, of: 1 << header.depth - 1)
        isTransparent = isTransparent && value == transparent[channel]
      }
      if !transparent.isEmpty { samples[target + header.channels] = isTransparent ? 0 : 255 }
    }
  }

  /// A number of a row as it stands in the file, up to 16 bits.
  @inline(__always)
  private func sample(_ bytes: [UInt8], _ start: Int, _ index: Int) -> Int {
    switch header.depth {
    case 16: return Int(bytes[start + 2 * index]) << 8 | Int(bytes[start + 2 * index + 1])
    case 8: return Int(bytes[start + index])
    default:
      let perByte = 8 / header.depth
      let shift = 8 - header.depth * (index % perByte + 1)
      return Int(bytes[start + index / perByte]) >> shift & (1 << header.depth - 1)
    }
  }

  /// Puts a colour of the palette, with its opacity where the picture has one.
  private func placeColor(
    _ index: Int, at target: Int, in samples: inout [UInt8]
  ) throws(DataFileError) {
    guard 3 * index < palette.count else {
      throw reader.error(
        "expected colours among the \(palette.count / 3) of the palette, found number \(index)")
    }
    for channel in 0..<3 { samples[target + channel] = palette[3 * index + channel] }
    if channels == .rgba {
      samples[target + 3] = index < transparency.count ? transparency[index] : 255
    }
  }
}
