import DataFiles
import Foundation
import Testing

private func image(_ bytes: [UInt8]) throws(DataFileError) -> RasterImage {
  try RasterImage(parsing: bytes, file: "picture")
}

/// A PNG that Python's `zlib` and `struct` have made.
private func png(_ base64: String) throws -> RasterImage {
  try image(Array(try #require(Data(base64Encoded: base64))))
}

private func problem(_ bytes: [UInt8]) -> String? {
  do {
    _ = try image(bytes)
    return nil
  } catch {
    return "\(error)"
  }
}

@Suite struct RasterImageTests {
  @Test func `a pixmap is read whatever blanks and comments its header has`() throws {
    let pixels: [UInt8] = [1, 2, 3, 250, 251, 10]
    let expected = RasterImage(width: 2, height: 1, channels: .rgb, samples: pixels)
    for header in ["P6 2 1 255\n", "P6\n# a comment 7\n2\t1\n# another\n255 ", "P6 2 1\n255\r"] {
      #expect(try image(Array(header.utf8) + pixels) == expected)
    }
    #expect(try image(Array("P3 2 1 255 1 2 # 7\n3 250 251\n10".utf8)) == expected)
    #expect(try image(Array("P2 2 1 1\n0 1".utf8)).samples == [0, 255])
    #expect(try image(Array("P5 2 1 255\n".utf8) + [7, 8]).samples == [7, 8])
    // Values up to 15, and up to 65535, become values up to 255.
    #expect(try image(Array("P6 1 1 15 ".utf8) + [0, 7, 15]).samples == [0, 119, 255])
    #expect(try image(Array("P5 2 1 65535 ".utf8) + [0x80, 0, 0x81, 0x81]).samples == [128, 129])
  }

  @Test(arguments: [
    (
      "P6 2 1 255 abc",
      "picture, byte 11: the file is cut off: expected 6 bytes of pixels, found 3 bytes"
    ),
    (
      "P6 2 1",
      "picture, byte 6: expected the largest value of the pixmap, found the end of the file"
    ),
    (
      "P6 0 1 255 ",
      "picture, byte 10: expected 1 to 67108864 pixels, as `limit` allows, found 0 x 1"
    ),
    ("P6 1 1 65536 aa", "picture, byte 12: expected a largest value from 1 to 65535, found 65536"),
    (
      "P6 999999999 999999999 255 ",
      "picture, byte 26: expected 1 to 67108864 pixels, as `limit` allows, found 999999999 x 999999999"
    ),
    ("P6 x 1 255 ", "picture, byte 3: expected the width of the pixmap, found no number"),
    ("P2 1 1 7 8", "picture, byte 10: expected samples up to 7, found 8"),
    (
      "P2 2 2 7 8",
      "picture, byte 8: the file is cut off: expected 4 numbers of pixels, found 2 bytes"
    ),
    ("P5 1 1 255x", "picture, byte 10: expected a blank before the pixels"),
    (
      "P4 1 1 ",
      "picture: expected a picture: PNG, or a pixmap (P2, P3, P5, P6), found a bitmap (P4)"
    ),
    (
      "GIF89a",
      "picture: expected a picture: PNG, or a pixmap (P2, P3, P5, P6), found a GIF picture"
    ),
    ("", "picture: expected a picture: PNG, or a pixmap (P2, P3, P5, P6), found nothing"),
  ])
  func `a broken pixmap is refused with a reason`(text: String, reason: String) {
    #expect(problem(Array(text.utf8)) == reason)
  }

  @Test func `each filter of PNG is undone`() throws {
    let picture = try png(
      "iVBORw0KGgoAAAANSUhEUgAAAAMAAAAFCAIAAAAPE8H1AAAAPUlEQVR42gEyAM3/AEQggj"
        + "z95vHCawEw+Q6X5PMdq3QCBKkBRDAD3+ZjA/Qg2fE4Ppb+JwSGmvU2VOcKS+1DQRcz/0zF"
        + "vwAAAABJRU5ErkJggg==")
    #expect((picture.width, picture.height) == (3, 5))
    #expect(
      picture.samples == [
        68, 32, 130, 60, 253, 230, 241, 194, 107, 48, 249, 14, 199, 221, 1, 228, 136, 117, 52, 162,
        15, 11, 13, 4, 195, 110, 216, 14, 113, 224, 253, 119, 176, 118, 112, 235, 148, 11, 213, 51,
        95, 151, 61, 170, 216,
      ])
  }

  @Test func `a palette has colours of which some let white through`() throws {
    let picture = try png(
      "iVBORw0KGgoAAAANSUhEUgAAAAUAAAABAgMAAABrkIxgAAAACVBMVEX/AAAA/wAAAP8tSs"
        + "2KAAAAAnRSTlP/gAgPs2oAAAALSURBVHjaY5BwAAAAcwBZgv10lgAAAABJRU5ErkJggg==")
    // 0, 1, 2, 0, 1: red, green half on white, blue.
    #expect(
      picture.converted(to: .rgb).samples == [
        255, 0, 0, 127, 255, 127, 0, 0, 255, 255, 0, 0, 127, 255, 127,
      ])
  }

  @Test func `grey pixels have one, eight or sixteen bits, and may be transparent`() throws {
    let bits = try png(
      "iVBORw0KGgoAAAANSUhEUgAAAAkAAAABAQAAAAAkubnQAAAAC0lEQVR42mNY1QAAAdcBK/"
        + "/wZ1UAAAAASUVORK5CYII=")
    #expect(bits.channels == .gray && bits.samples == [1, 0, 1, 0, 1, 0, 1, 0, 1].map { 255 * $0 })
    let deep = try png(
      "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABEAAAAACB2fwVAAAAAnRSTlMSNC/TSV4AAAANSU"
        + "RBVHjaY2hgEDIBAAJdAMcAmH0JAAAAAElFTkSuQmCC")
    #expect(deep.channels == .grayAlpha && deep.converted(to: .gray).samples == [128, 255])
    let soft = try png(
      "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAQAAABeK7cBAAAADUlEQVR42mNI+Z/CAAAFWg"
        + "HIHfb2WgAAAABJRU5ErkJggg==")
    #expect(soft.converted(to: .rgb).samples == [100, 100, 100, 255, 255, 255])
    let color = try png(
      "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAYAAAD0In+KAAAAD0lEQVR42mM4kcLwH4iNAR"
        + "J/A4unmwgpAAAAAElFTkSuQmCC")
    // Opaque, and a fifth of the colour on white.
    #expect(color.samples == [200, 100, 0, 255, 200, 100, 0, 51])
    #expect(color.converted(to: .rgb).samples == [200, 100, 0, 244, 224, 204])
    #expect(color.converted(to: .rgb, ground: 0).samples == [200, 100, 0, 40, 20, 0])
  }

  @Test func `a broken PNG is refused with a reason, wherever it breaks off`() throws {
    let whole = Array(
      try #require(
        Data(
          base64Encoded:
            "iVBORw0KGgoAAAANSUhEUgAAAAMAAAAFCAIAAAAPE8H1AAAAPUlEQVR42gEyAM3/AEQggj"
            + "z95vHCawEw+Q6X5PMdq3QCBKkBRDAD3+ZjA/Qg2fE4Ppb+JwSGmvU2VOcKS+1DQRcz/0zF"
            + "vwAAAABJRU5ErkJggg==")))
    for count in 8..<whole.count {
      #expect(problem(Array(whole[..<count]))?.contains("the file is cut off") == true)
    }
    for place in 8..<whole.count - 12 {
      var changed = whole
      changed[place] ^= 0x10
      #expect(problem(changed) != nil)
    }
  }

  @Test func `pictures that other programs have written`() throws {
    func read(_ name: String) throws -> RasterImage {
      try RasterImage(contentsOf: Fixtures.path(name))
    }
    func expected(_ channels: RasterImage.Channels, bits: Int = 8) -> RasterImage {
      let most = Double(1 << bits - 1)
      return RasterImage(
        width: 5, height: 3, channels: channels,
        samples: Fixtures.samples(channels.rawValue, bits: bits).map {
          UInt8((Double($0) * 255 / most).rounded())
        })
    }
    #expect(try read("grey-16.png") == expected(.gray, bits: 16))
    #expect(try read("grey-2-interlaced.png") == expected(.gray, bits: 2))
    #expect(try read("grey-alpha-16.png") == expected(.grayAlpha, bits: 16))
    #expect(try read("colour-interlaced.png") == expected(.rgb))
    #expect(try read("pillow.png") == expected(.rgba))
    #expect(try read("pillow.ppm") == expected(.rgb))
    #expect(try read("pillow.pgm") == expected(.gray))
    let hole = try read("colour-hole.png")
    #expect(hole.channels == .rgba)
    let first = Array(expected(.rgb).samples.prefix(3))
    for pixel in 0..<15 {
      let color = Array(expected(.rgb).samples[3 * pixel..<3 * pixel + 3])
      #expect(Array(hole.samples[4 * pixel..<4 * pixel + 4]) == color + [color == first ? 0 : 255])
    }
    #expect(
      try read("palette-2.png").samples
        == Fixtures.samples(1, bits: 2).flatMap { i in
          [i, 2 * i, 255 - i, 80 * i].map { UInt8($0) }
        })
  }

  @Test(arguments: [RasterImage.Channels.gray, .grayAlpha, .rgb, .rgba])
  func `what is written is read as the same`(channels: RasterImage.Channels) throws {
    // More than one block that is stored.
    for (width, height) in [(1, 1), (5, 3), (301, 300)] {
      let samples = (0..<width * height * channels.rawValue).map { UInt8($0 * 7 % 251) }
      let picture = RasterImage(width: width, height: height, channels: channels, samples: samples)
      #expect(try image(picture.png()) == picture)
      if channels == .gray || channels == .rgb { #expect(try image(picture.pixmap()) == picture) }
    }
  }

  @Test func `a picture has as many numbers a pixel as somebody wants`() {
    let color = RasterImage(width: 1, height: 2, channels: .rgb, samples: [255, 0, 0, 10, 20, 30])
    #expect(color.converted(to: .gray).samples == [76, 18])
    #expect(color.converted(to: .rgba).samples == [255, 0, 0, 255, 10, 20, 30, 255])
    #expect(color.converted(to: .grayAlpha).samples == [76, 255, 18, 255])
    let gray = RasterImage(width: 1, height: 1, channels: .grayAlpha, samples: [9, 0])
    #expect(gray.converted(to: .rgba).samples == [9, 9, 9, 0])
    #expect(gray.converted(to: .gray).samples == [255])
  }
}
