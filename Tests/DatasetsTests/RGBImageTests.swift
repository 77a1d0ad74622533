import Datasets
import Foundation
import Testing

private func image(_ bytes: [UInt8]) throws(DataFileError) -> RGBImage {
  try RGBImage(parsing: bytes, file: "picture")
}

/// A PNG that Python's `zlib` and `struct` have made.
private func png(_ base64: String) throws -> RGBImage {
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

@Suite struct RGBImageTests {
  @Test func `a pixmap is read whatever blanks and comments its header has`() throws {
    let pixels: [UInt8] = [1, 2, 3, 250, 251, 10]
    for header in ["P6 2 1 255\n", "P6\n# a comment 7\n2\t1\n# another\n255 ", "P6 2 1\n255\r"] {
      #expect(
        try image(Array(header.utf8) + pixels) == RGBImage(width: 2, height: 1, pixels: pixels))
    }
    // Values up to 15 become values up to 255.
    #expect(try image(Array("P6 1 1 15 ".utf8) + [0, 7, 15]).pixels == [0, 119, 255])
  }

  @Test(arguments: [
    ("P6 2 1 255 abc", "picture: 3 bytes are not the 6 of 2 x 1 pixels"),
    ("P6 2 1", "picture: the header of the pixmap has no end"),
    ("P6 0 1 255 ", "picture: a pixmap of 0 x 1 pixels up to 255; values up to 255 are expected"),
    (
      "P6 1 1 65535 aa",
      "picture: a pixmap of 1 x 1 pixels up to 65535; values up to 255 are expected"
    ),
    (
      "P6 999999999 999999999 255 ",
      "picture: a pixmap of 999999999 x 999999999 pixels up to 255; values up to 255 are expected"
    ),
    (
      "P6 x 1 255 ", "picture: expected width, height and largest value in the header of the pixmap"
    ),
    ("P3 1 1 255 1 2 3", "picture: expected a picture: PNG, or a binary pixmap (P6)"),
    ("", "picture: expected a picture: PNG, or a binary pixmap (P6)"),
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
      picture.pixels == [
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
      picture.pixels == [255, 0, 0, 127, 255, 127, 0, 0, 255, 255, 0, 0, 127, 255, 127])
  }

  @Test func `grey pixels have one, eight or sixteen bits, and may be transparent`() throws {
    let bits = try png(
      "iVBORw0KGgoAAAANSUhEUgAAAAkAAAABAQAAAAAkubnQAAAAC0lEQVR42mNY1QAAAdcBK/"
        + "/wZ1UAAAAASUVORK5CYII=")
    #expect(
      bits.pixels == [1, 0, 1, 0, 1, 0, 1, 0, 1].flatMap { Array(repeating: 255 * $0, count: 3) })
    let deep = try png(
      "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABEAAAAACB2fwVAAAAAnRSTlMSNC/TSV4AAAANSU"
        + "RBVHjaY2hgEDIBAAJdAMcAmH0JAAAAAElFTkSuQmCC")
    #expect(deep.pixels == [127, 127, 127, 255, 255, 255])
    let soft = try png(
      "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAQAAABeK7cBAAAADUlEQVR42mNI+Z/CAAAFWg"
        + "HIHfb2WgAAAABJRU5ErkJggg==")
    #expect(soft.pixels == [100, 100, 100, 255, 255, 255])
    let color = try png(
      "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAYAAAD0In+KAAAAD0lEQVR42mM4kcLwH4iNAR"
        + "J/A4unmwgpAAAAAElFTkSuQmCC")
    // Opaque, and a fifth of the colour on white.
    #expect(color.pixels == [200, 100, 0, 255, 244, 224].prefix(3) + [244, 224, 204])
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
      #expect(problem(Array(whole[..<count])) == "picture: the PNG has no end")
    }
    for place in 8..<whole.count - 12 {
      var changed = whole
      changed[place] ^= 0x10
      #expect(problem(changed) != nil)
    }
    let interlaced = Array(
      try #require(
        Data(
          base64Encoded:
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAAHncGNIAAAADElEQVR42mNgZGIGAAAOAA"
            + "fpkjfUAAAAAElFTkSuQmCC")))
    #expect(problem(interlaced) == "picture: the PNG is interlaced; save it without")
  }

  @Test func `a picture is fitted into a white square, each pixel the mean of what it covers`() {
    let wide = RGBImage(
      width: 4, height: 2,
      pixels: [0, 10, 20, 30, 40, 50, 60, 70].flatMap { [$0, $0, 0] })
    let half = wide.fitted(to: 2)
    // Half a row of white above and below: [0, 10, 40, 50] is the mean of the upper left pixels, of
    // which one row of two is covered.
    #expect((half.width, half.height) == (2, 2))
    #expect(half.pixels == [130, 130, 128, 140, 140, 128, 150, 150, 128, 160, 160, 128])
    let same = wide.fitted(to: 4)
    #expect(Array(same.pixels[..<12]) == Array(repeating: 255, count: 12))
    #expect(Array(same.pixels[12..<36]) == wide.pixels)
    let large = RGBImage(width: 1, height: 1, pixels: [7, 8, 9]).fitted(to: 3)
    #expect(large.pixels == (0..<9).flatMap { _ in [7, 8, 9] as [UInt8] })
  }
}
