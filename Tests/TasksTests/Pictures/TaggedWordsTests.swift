import Tasks
import Testing

/// A request with its slots, its intent and the weight of each word.
@Suite struct TaggedWordsTests {
  private let request = TaggedWords(
    words: ["book", "new", "york", "now"], tags: ["O", "B-city", "I-city", "O"],
    weights: [0.5, 0.25, 0.125, 0], label: "BookRestaurant")

  @Test func `each word has a line with its tag and a bar`() {
    #expect(
      request.terminal(color: false, width: 31) == """
        BookRestaurant
          book          █████████ 50 %
          new   B-city  ████▌ 25 %
          york  I-city  ██▎ 12 %
          now           0 %

        """)
  }

  @Test func `without slots or weights there is no room for them`() {
    let plain = TaggedWords(words: ["a", "b"], tags: [], weights: [], label: "class")
    #expect(plain.terminal(color: true, width: 80) == "class\n  a\n  b\n")
    #expect(plain.html(id: "").contains("class=\"percent\"") == false)
    #expect(plain.caption == "a b")
  }

  @Test(arguments: [24, 31, 80])
  func `lines fit`(width: Int) {
    let long = TaggedWords(
      words: ["antidisestablishmentarianism", "語"], tags: ["B-object_location_type", "O"],
      weights: [0.9, 0.1], label: "x")
    for line in long.terminal(color: false, width: width).split(separator: "\n") {
      #expect(columns(of: String(line)) <= width)
    }
  }

  @Test func `on a page slots frame their words, and bars are as long as the weights`() throws {
    let page = try Markup(request.html(id: "a"))
    #expect(page.texts("strong") == ["BookRestaurant"])
    #expect(page.texts("bdi") == ["BookRestaurant", "book", "new", "york", "city", "now"])
    let framed = page.all("bdi").filter { $0.ancestors.count { $0 == "span" } == 3 }
    #expect(framed.map(\.text) == ["new", "york"])
    #expect(
      page.all("span", class: "bar").map { $0["style"] } == [
        "width:100%", "width:50%", "width:25%", "width:0%",
      ])
    #expect(page.texts("span", class: "percent") == ["50 %", "25 %", "12 %", "0 %"])
  }

  @Test func `as a drawing words do not lie on each other, and long requests have several lines`()
    throws
  {
    let words = (0..<40).map { "word\($0)" }
    let long = TaggedWords(
      words: words, tags: words.indices.map { $0 % 5 == 0 ? "B-number" : "O" },
      weights: words.map { _ in 0.025 }, label: "Count")
    let drawing = try Markup(long.svg())
    let places = try drawing.all("text", class: "word").map {
      (x: try $0.number("x"), y: try $0.number("y"), width: textWidth($0.text, size: 16))
    }
    #expect(places.count == 40)
    #expect(Set(places.map(\.y)).count > 3)
    for (word, next) in zip(places, places.dropFirst()) where word.y == next.y {
      #expect(word.x + word.width < next.x)
    }
    #expect(places.allSatisfy { $0.x + $0.width <= 620 })
    #expect(drawing.all("rect", class: "slot").count == 8)
    #expect(drawing.texts("text", class: "kind") == Array(repeating: "number", count: 8))
  }

  @Test func `a reader who does not see the drawing is told label, slots and the heaviest word`()
    throws
  {
    let whole = try #require(try Markup(request.svg()).all("svg").first)
    #expect(
      whole["aria-label"]
        == "book new york now is BookRestaurant; city: new york; looks most at book, 50 %")
  }
}
