import Deflate
import Foundation
import Tasks
import Testing

/// An image with the places that each word looked at.
@Suite struct ImageAttentionTests {
  /// Two rows and four columns: white, black, red and blue above, all white below.
  private let seen = ImageAttention(
    width: 4, height: 2,
    pixels: [255, 255, 255, 0, 0, 0, 255, 0, 0, 0, 0, 255] + Array(repeating: 255, count: 12),
    words: ["red", "dot"], grid: (1, 2), weights: [[0.2, 0.8], [0.5, 0.5]], caption: "a red dot")

  @Test func `what a word looks at most keeps all its light`() {
    let light = seen.light(of: 0)[0]
    #expect(abs(light[0] - 0.4) < 1e-6 && light[1] == 1)
    #expect(seen.light(of: 1) == [[1, 1]])
  }

  @Test func `weights that are no numbers darken nothing`() {
    let broken = ImageAttention(
      width: 1, height: 1, pixels: [1, 2, 3], words: ["x"], grid: (1, 2),
      weights: [[.nan, .nan]], caption: "")
    #expect(broken.light(of: 0) == [[1, 1]])
    #expect(!broken.svg().contains("nan"))
  }

  @Test func `a reader who doesn't see it is told where each word looks`() {
    #expect(seen.focus(of: 0) == "most at the top middle, 80 %")
    let grid = ImageAttention(
      width: 1, height: 1, pixels: [1, 2, 3], words: ["x", "y"], grid: (3, 3),
      weights: [[0, 0, 0, 0, 1, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0.25, 0.75]], caption: "")
    #expect(grid.focus(of: 0) == "most at the middle, 100 %")
    #expect(grid.focus(of: 1) == "most at the bottom right, 75 %")
    #expect(seen.summary.hasPrefix("a red dot; red looks most at the top middle, 80 %; dot looks"))
  }

  @Test func `without colours blocks are dark where the image is, and where a word looks`() {
    #expect(
      seen.terminal(color: false, width: 80)
        == """
         ░▒▓

        red   dot
        ▒▒██  ████

        """.replacing(" ░▒▓", with: shades))
  }

  /// The upper row of the image: each column's mean with the white below it, of which shades are taken.
  private var shades: String {
    let means = [1.0, 0.5, 0.5 * (1 + 0.2126), 0.5 * (1 + 0.0722)]
    return String(means.map { shade(of: 1 - $0) })
  }

  @Test func `in colour the upper half of a block is one row, the lower half the next`() {
    let lines = seen.terminal(color: true, width: 80).split(separator: "\n")
    let codes = "\u{1B}[38;5;231;48;5;231m▀\u{1B}[38;5;16;48;5;231m▀"
    #expect(
      lines[0] == codes + "\u{1B}[38;5;196;48;5;231m▀\u{1B}[38;5;21;48;5;231m▀\u{1B}[0m")
    // The dim place of "red", 0.4 of white and of black, then the bright one.
    #expect(lines[2].hasPrefix("\u{1B}[38;5;241;48;5;241m▀\u{1B}[38;5;16;48;5;241m▀"))
  }

  @Test func `words stand side by side as far as there is room`() {
    let many = ImageAttention(
      width: 1, height: 1, pixels: [1, 2, 3], words: (0..<7).map { "w\($0)" }, grid: (2, 2),
      weights: (0..<7).map { _ in [0.25, 0.25, 0.25, 0.25] }, caption: "")
    for width in [5, 20, 80] {
      let lines = many.terminal(color: false, width: width).split(separator: "\n")
      #expect(lines.allSatisfy { columns(of: String($0)) <= width })
      #expect(lines.joined().matches(of: /w\d/).count == 7)
    }
  }

  @Test func `the drawing has the image once, and a veil for each place of each word`() throws {
    let drawing = try Markup(seen.svg())
    #expect(drawing.all("image").count == 1)
    #expect(drawing.all("use").map { $0["href"] } == ["#image", "#image"])
    let veils = drawing.all("rect", class: "veil").map { $0["fill-opacity"] ?? "1" }
    #expect(veils == ["0.6", "0", "0", "0"])
    #expect(drawing.all("rect", class: "veil").map(\.text).first == "red: 20.0 %")
    #expect(drawing.texts("text", class: "source") == ["red", "dot"])
  }

  @Test func `a word wider than its panel is cut`() throws {
    let long = ImageAttention(
      width: 1, height: 1, pixels: [1, 2, 3],
      words: ["medium-light", "abcdefghijklmnopqrstuvwxyz"],
      grid: (1, 1), weights: [[1], [1]], caption: "")
    let labels = try Markup(long.svg()).texts("text", class: "source")
    #expect(labels[0] == "medium-light" && labels[1].hasSuffix("…"))
    #expect(labels.allSatisfy { textWidth($0, size: 16) <= 128 })
  }

  @Test func `on a page one of the image and the words is chosen, each with its label beside it`()
    throws
  {
    let page = try Markup(seen.html(id: "picture-2"))
    let buttons = page.all("input")
    #expect(buttons.allSatisfy { $0["type"] == "radio" && $0["name"] == "picture-2" })
    #expect(buttons.map { $0["checked"] != nil } == [true, false, false])
    #expect(page.all("label").map { $0["for"] } == buttons.map { $0["id"] })
    #expect(page.texts("label") == ["image", "red", "dot"])
    let order = page.elements.filter { $0.ancestors.count == 1 }.map(\.name)
    #expect(order == Array(repeating: ["input", "label", "div"], count: 3).flatMap { $0 })
    #expect(page.all("image").map { $0["id"] } == ["picture-2-image"])
    #expect(page.all("use").allSatisfy { $0["href"] == "#picture-2-image" })
    #expect(
      page.all("svg").map { $0["aria-label"] } == [
        "a red dot", "red looks most at the top middle, 80 %",
        "dot looks most at the top left, 50 %",
      ])
  }

  @Test func `the image is a PNG of its pixels`() throws {
    let address = try #require(try Markup(seen.svg()).all("image")[0]["href"])
    let start = "data:image/png;base64,"
    #expect(address.hasPrefix(start))
    let bytes = Array(try #require(Data(base64Encoded: String(address.dropFirst(start.count)))))
    func number(_ place: Int) -> UInt32 {
      bytes[place..<place + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }
    // Signature; header of 13 bytes; then the pixels: a zlib header, one stored block, filters of 0.
    #expect(number(8) == 13 && String(decoding: bytes[12..<16], as: UTF8.self) == "IHDR")
    #expect(number(16) == 4 && number(20) == 2 && Array(bytes[24..<29]) == [8, 2, 0, 0, 0])
    #expect(number(29) == CRC32(bytes[12..<29]).value)
    #expect(String(decoding: bytes[37..<41], as: UTF8.self) == "IDAT")
    #expect(Array(bytes[41..<48]) == [0x78, 0x01, 1, 26, 0, 229, 255])
    #expect(bytes[48] == 0 && bytes[61] == 0)
    #expect(Array(bytes[49..<61]) + Array(bytes[62..<74]) == seen.image.pixels)
    #expect(number(74) == adler32(Array(bytes[48..<74])))
  }

  @Test func `colours are the nearest of a terminal's`() {
    func code(_ red: Double, _ green: Double, _ blue: Double) -> Int {
      PixelImage.Color(red: red, green: green, blue: blue).terminalCode
    }
    #expect(code(0, 0, 0) == 16 && code(1, 1, 1) == 231 && code(1, 0, 0) == 196)
    // 128 of 255: the grey 244 is 128 itself.
    #expect(code(128.0 / 255, 128.0 / 255, 128.0 / 255) == 244)
  }
}
