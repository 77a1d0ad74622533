import Foundation
import Tasks
import Testing

/// What a model looked at for each of its outputs.
@Suite struct AttentionMapTests {
  private let phone = AttentionMap(
    sources: ["p", "h", "o", "n", "e"], outputs: ["F", "OW", "N"],
    weights: [[0.8, 0.2, 0, 0, 0], [0, 0, 0.6, 0, 0.4], [0, 0, 0.04, 0.96, 0]], caption: "phone")
  private let sentence = AttentionMap(
    sources: ["ein", "hund", "läuft"], outputs: ["a", "dog", "runs"],
    weights: [[0.9, 0.1, 0], [0.1, 0.9, 0], [0, 0.3, 0.7]], caption: "ein hund läuft")

  // MARK: In a terminal

  @Test func `letters stand above their columns, outputs beside their rows, weights become blocks`()
  {
    #expect(
      phone.terminal(color: false, width: 80) == """
              p  h  o  n  e
           F ███░░░
          OW       ▓▓▓   ▒▒▒
           N          ███

        """)
  }

  @Test func `words stand above their columns from top to bottom`() {
    #expect(
      sentence.terminal(color: false, width: 80) == """
                      l
                   h  ä
                e  u  u
                i  n  f
                n  d  t
             a ███░░░
           dog ░░░███
          runs    ▒▒▒▓▓▓

        """)
  }

  @Test func `of many frames every third is labelled`() {
    let map = AttentionMap(
      sources: (0..<70).map { "\($0 % 10)s" }, outputs: ["X"], weights: [(0..<70).map { _ in 0 }],
      caption: "")
    let first = map.terminal(color: false).split(separator: "\n")[0]
    #expect(first.hasPrefix("    0  3  6  9  2  5"))
  }

  @Test func `colours add to the same blocks and end with each line`() {
    let colored = phone.terminal(color: true, width: 80)
    #expect(colored.contains("\u{1B}[38;5;209m███"))
    let lines = colored.split(separator: "\n").dropFirst()
    #expect(lines.allSatisfy { $0.hasSuffix("\u{1B}[0m") })
    #expect(
      colored.replacing(/\u{1B}\[[0-9;]*m/, with: "") == phone.terminal(color: false, width: 80))
  }

  @Test(arguments: 6...30)
  func `cells get narrower, then panels fewer letters, so that lines fit`(width: Int) {
    let drawing = phone.terminal(color: false, width: width)
    #expect(drawing.split(separator: "\n").allSatisfy { $0.count <= width })
    let headers = drawing.filter { "phone".contains($0) }
    #expect(headers == "phone")
  }

  @Test(arguments: [12, 20, 40, 80])
  func `lines fit with long and with wide words`(width: Int) {
    let map = AttentionMap(
      sources: ["日本語", "Donaudampfschifffahrtsgesellschaft", "👩‍👧"],
      outputs: ["Japanese", "antidisestablishmentarianism"],
      weights: [[1, 0, 0], [0, 0.5, 0.5]], caption: "")
    for line in map.terminal(color: false, width: width).split(separator: "\n") {
      #expect(columns(of: String(line)) <= width)
    }
  }

  @Test func `weights of a diverged model are drawn too`() throws {
    let map = AttentionMap(
      sources: ["a", "b", "c"], outputs: ["X"], weights: [[.nan, .infinity, -.infinity]],
      caption: "")
    #expect(map.terminal(color: false) == "     a  b  c\n  X    ███\n")
    let cells = try Markup(map.svg()).all("rect", class: "cell")
    #expect(cells.map { $0["fill-opacity"] ?? "1" } == ["1"])
  }

  @Test func `a model that said nothing has an empty map`() throws {
    let map = AttentionMap(sources: ["a"], outputs: [], weights: [], caption: "")
    #expect(map.terminal(color: true) == "    a\n")
    #expect(try Markup(map.svg()).texts("text") == ["a"])
  }

  // MARK: As a drawing

  @Test func `a cell is as strong as its weight, under its source and beside its output`() throws {
    let drawing = try Markup(phone.svg())
    let cells = drawing.all("rect", class: "cell")
    #expect(cells.map { $0["fill-opacity"] } == ["0.8", "0.2", "0.6", "0.4", "0.04", "0.96"])
    #expect(
      cells.map(\.text) == [
        "F looks at p: 80 %", "F looks at h: 20 %", "OW looks at o: 60 %", "OW looks at e: 40 %",
        "N looks at o: 4 %", "N looks at n: 96 %",
      ])
    let letters = drawing.all("text", class: "source")
    #expect(letters.map(\.text) == phone.sources)
    // The column of h has the cell of F on h in its middle.
    let middle = try cells[1].number("x") + cells[1].number("width") / 2
    #expect(try abs(letters[1].number("x") - middle) < 0.01)
    let rows = drawing.all("text", class: "output")
    let top = try cells[5].number("y")
    #expect(try (top...top + cells[5].number("height")).contains(rows[2].number("y")))
  }

  @Test func `where no weight reaches a half, the largest is drawn at full strength`() throws {
    let spread = AttentionMap(
      sources: ["a", "b", "c"], outputs: ["X", "Y"],
      weights: [[0.4, 0.4, 0.2], [0.3, 0.3, 0.4]], caption: "")
    let cells = try Markup(spread.svg()).all("rect", class: "cell")
    #expect(cells.map { $0["fill-opacity"] ?? "1" } == ["1", "1", "0.5", "0.75", "0.75", "1"])
    // The titles tell the weights themselves.
    #expect(cells[2].text == "X looks at c: 20 %")
    #expect(
      spread.terminal(color: false) == "     a  b  c\n  X ██████▓▓▓\n  Y █████████\n")
  }

  @Test func `words stand aslant within the drawing, letters upright`() throws {
    let drawing = try Markup(sentence.svg())
    let words = drawing.all("text", class: "source")
    #expect(words.map(\.text) == sentence.sources)
    let whole = try #require(drawing.all("svg").first)
    for word in words {
      #expect(word["transform"]?.hasPrefix("rotate(-45 ") == true)
      // At 45 degrees a word goes as far up as to the right.
      let reach = textWidth(word.text, size: 15) * 0.5.squareRoot()
      #expect(try word.number("x") + reach < whole.number("width") - 14)
      #expect(try word.number("y") - reach > -14)
    }
    #expect(try Markup(phone.svg()).all("text").allSatisfy { $0["transform"] == nil })
  }

  @Test func `of many sources only as many are labelled as have room`() throws {
    let frames = (0..<300).map { "\(Double($0) / 100) s" }
    let map = AttentionMap(
      sources: frames, outputs: ["AH"], weights: [frames.map { _ in 1 / 300 }], caption: "frames")
    let places = try Markup(map.svg()).all("text", class: "source").map { try $0.number("x") }
    #expect(places.count > 50)
    #expect(zip(places, places.dropFirst()).allSatisfy { $1 - $0 >= 20 })
  }

  @Test func `a reader who does not see the map is told what each output looks at most`() throws {
    let whole = try #require(try Markup(phone.svg()).all("svg").first)
    #expect(whole["role"] == "img")
    #expect(
      whole["aria-label"] == "phone; F looks most at p, 80 %; OW looks most at o, 60 %; "
        + "N looks most at n, 96 %")
  }

  @Test func `on a page a map wider than a phone scrolls in a frame that the keyboard reaches`()
    throws
  {
    let narrow = try #require(try Markup(phone.html(id: "a")).elements.first)
    #expect(narrow["class"] == "pan" && narrow["tabindex"] == nil)
    let letters = (0..<40).map { "\($0 % 10)" }
    let wide = AttentionMap(
      sources: letters, outputs: ["X"], weights: [letters.map { _ in 0 }], caption: "wide")
    let frame = try #require(try Markup(wide.html(id: "a")).elements.first)
    #expect(frame["tabindex"] == "0" && frame["aria-label"] == "wide")
  }

  @Test func `text from right to left is isolated, and text is escaped`() throws {
    let map = AttentionMap(
      sources: ["שלום", "<b>&\"'\u{1}\u{FFFF}"], outputs: ["peace"], weights: [[0.75, 0.25]],
      caption: "</svg><script>")
    let drawing = try Markup(map.svg())
    #expect(drawing.all("script").isEmpty && drawing.all("b").isEmpty)
    let titles = drawing.texts("title")
    #expect(titles[0] == "peace looks at \u{2068}שלום\u{2069}: 75 %")
    #expect(titles[1] == "peace looks at <b>&\"' \u{FFFD}: 25 %")
  }

  @Test func `the mean of maps has the mean of each weight`() {
    let other = AttentionMap(
      sources: phone.sources, outputs: phone.outputs,
      weights: [[0, 0, 0, 0, 1], [0, 0, 1, 0, 0], [0.5, 0, 0, 0, 0.5]], caption: "")
    let mean = AttentionMap(meanOf: [phone, other], caption: "mean")
    #expect(mean.caption == "mean")
    for row in 0..<3 {
      for column in 0..<5 {
        let expected = (phone.weights[row][column] + other.weights[row][column]) / 2
        #expect(mean.weights[row][column] == expected)
      }
    }
  }
}
