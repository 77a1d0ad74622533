import Foundation
import Tasks
import Testing

/// The report as a page.
@Suite struct HTMLReportTests {
  private func full() -> HTMLReport {
    let different = Samples.Cell.difference(
      hypothesis: ["S", "UW", "W"], reference: ["Z", "UW"])
    return HTMLReport(
      title: "Title", introduction: "Introduction",
      figures: [.init("phoneme error rate", "10.3 %", note: "held out")],
      curve: TrainingCurve(losses: [
        .init(examples: 0, seconds: 0, loss: 4), .init(examples: 100, seconds: 10, loss: 0.5),
        .init(examples: 200, seconds: 20, loss: .nan),
      ]),
      picturesHeading: "Looks", picturesExplanation: "Rows are phonemes.",
      pictures: [
        AttentionMap(
          sources: ["a", "<"], outputs: ["EY"], weights: [[0.75, 0.25]], caption: "ape")
      ],
      samples: [
        Samples(
          heading: "Words", columns: ["word", "model", "dictionary", "result"],
          rows: [
            ["ape", .pieces([]), "EY P", .verdict(true)],
            ["zoo", different.hypothesis, different.reference, .verdict(false)],
          ])
      ],
      lengthErrors: [
        LengthErrors(buckets: [.init(lengths: 3...3, count: 2, rate: 50)], caption: "by letters")
      ],
      configuration: [.init("hidden size", "128")], conditions: [.init("threads", "2")],
      notes: ["Origin of the data"])
  }

  @Test func `every part is on the page`() throws {
    let page = try Markup(full().html)
    #expect(page.texts("title").first == "Title" && page.texts("h1") == ["Title"])
    #expect(
      page.texts("h2") == [
        "Training", "Looks", "Words", "Error by length of the input", "Configuration", "Conditions",
      ])
    #expect(page.texts("p").contains("Rows are phonemes."))
    #expect(page.texts("dt") == ["phoneme error rate", "hidden size", "threads"])
    #expect(page.texts("dd") == ["10.3 %held out", "128", "2"])
    #expect(page.texts("figcaption") == ["Training loss", "ape", "by letters"])
    #expect(page.texts("rect", class: "cell") == ["EY looks at a: 75 %", "EY looks at <: 25 %"])
    #expect(page.texts("circle") == ["loss 0.5 after 10 s, 100 examples"])
    #expect(page.texts("footer").first?.contains("Origin of the data") == true)
    // Every drawing is told to those who don't see it.
    #expect(page.all("svg").count == 3)
    #expect(
      page.all("svg").allSatisfy { $0["role"] == "img" && $0["aria-label"]?.isEmpty == false })
  }

  @Test func `rows are told right or wrong, and the symbols that differ are marked`() throws {
    let page = try Markup(full().html)
    #expect(page.texts("thead") == ["wordmodeldictionaryresult"])
    #expect(page.all("th").filter { $0["scope"] == "row" }.map(\.text) == ["ape", "zoo"])
    #expect(page.texts("td") == ["–", "EY P", "✓ right", "S UW W", "Z UW", "✗ wrong"])
    #expect(page.texts("mark") == ["S", "W", "Z"])
  }

  @Test func `text is escaped wherever it stands`() throws {
    let evil = "</title></style><script>alert('\"&\u{1}')</script>"
    let map = AttentionMap(sources: [evil], outputs: [evil], weights: [[1]], caption: evil)
    let html = HTMLReport(
      title: evil, introduction: evil, figures: [.init(evil, evil, note: evil)],
      curve: TrainingCurve(evaluations: [
        .init(examples: 1, seconds: 1, metrics: [.init(evil, 1, unit: evil)])
      ]),
      picturesHeading: evil, picturesExplanation: evil,
      pictures: [
        map,
        SeriesAttention(
          past: [1], weights: [1], forecast: [1], labels: [evil, evil], caption: evil),
        TaggedWords(words: [evil], tags: ["B-\(evil)"], weights: [1], label: evil),
        LayeredAttention(heads: [.init(layer: evil, name: evil, map: map)], caption: evil),
      ],
      samples: [
        Samples(
          heading: evil, explanation: evil, columns: [evil, evil],
          rows: [[.text(evil), .pieces([.init(evil, isMarked: true), .init(evil)])]])
      ],
      lengthErrors: [
        LengthErrors(
          buckets: [.init(lengths: 1...1, count: 1, rate: 1)], caption: evil, unit: evil)
      ],
      configuration: [.init(evil, evil)], conditions: [.init(evil, evil)], notes: [evil]
    ).html
    let page = try Markup(html)
    #expect(page.all("script").isEmpty && page.all("style").count == 1)
    #expect(!html.contains("\u{1}"))
    #expect(page.texts("h1") == [evil.replacing("\u{1}", with: " ")])
  }

  @Test func `nothing is loaded from outside and nothing runs`() throws {
    for page in [full().html, Gallery.report.html] {
      // What is on the page itself.
      let own = /[ ]href="(#[a-z0-9-]+|data:image\/png;base64,[A-Za-z0-9+\/=]+)"/
      let html = page.replacing(own, with: "")
      for part in ["http:", "https:", "<script", "<link", "url(", "@import", "src=", "href="] {
        #expect(!html.contains(part), "\(part)")
      }
      let attributes = try Markup(html).elements.flatMap(\.attributes.keys)
      #expect(!attributes.contains { $0.hasPrefix("on") })
    }
  }

  @Test func `text of a user is isolated from what stands around it`() throws {
    let page = try Markup(
      HTMLReport(
        title: "Title",
        samples: [Samples(heading: "h", columns: ["a", "b"], rows: [["שלום", "(peace)"]])],
        conditions: [.init("input", "שלום")]
      ).html)
    #expect(page.texts("bdi") == ["שלום", "(peace)", "שלום"])
    #expect(page.all("h1").first?["dir"] == "auto")
  }

  @Test func `a page without content has no empty sections`() throws {
    let page = try Markup(
      HTMLReport(
        title: "Title", samples: [Samples(heading: "none", columns: ["a"], rows: [])],
        lengthErrors: [LengthErrors(buckets: [], caption: "none")]
      ).html)
    #expect(page.all("section").isEmpty && page.all("svg").isEmpty && page.all("dl").isEmpty)
  }

  @Test func `tables and wide drawings can be reached by the keyboard and have a name`() throws {
    let page = try Markup(Gallery.report.html)
    let frames = page.all("div", class: "scroll") + page.all("div", class: "pan")
    let wide = frames.filter { $0["tabindex"] == "0" }
    #expect(wide.count >= 2 + 4)
    #expect(wide.allSatisfy { $0["role"] == "group" && $0["aria-label"]?.isEmpty == false })
    #expect(pageStyle.contains(":focus-visible { outline: 3px"))
  }

  @Test func `names of elements are unique, though pictures repeat`() throws {
    var report = Gallery.report
    report.pictures += report.pictures
    let names = try Markup(report.html).elements.compactMap { $0["id"] }
    // Three layers of a mean and four heads; an image, its button and those of six words.
    #expect(names.count == 2 * (3 * 5 + 8))
    #expect(Set(names).count == names.count)
  }

  @Test func `a long training stays a short page`() {
    let losses = (0..<100_000).map {
      TrainingCurve.Loss(
        examples: $0, seconds: Double($0), loss: 1 + 1 / Double($0 + 1), learningRate: 1)
    }
    #expect(
      HTMLReport(title: "Title", curve: TrainingCurve(losses: losses)).html.utf8.count < 25_000)
  }

  /// The variable `TAPESTRY_PAGES` names a folder that keeps them, for `Tests/pages.sh`.
  @Test func `every kind of picture is well-formed on a page and as a file`() throws {
    let kept = ProcessInfo.processInfo.environment["TAPESTRY_PAGES"]
    let html = Gallery.report.html
    let page = try Markup(html)
    #expect(page.texts("figcaption").count == 4 + Gallery.pictures.count + 2)
    if let kept {
      try html.write(toFile: "\(kept)/gallery.html", atomically: true, encoding: .utf8)
    }
    for (name, picture) in Gallery.pictures {
      let svg = picture.svg()
      let whole = try #require(try Markup(svg).elements.first)
      #expect(whole.name == "svg" && whole["xmlns"] == "http://www.w3.org/2000/svg")
      let drawing = picture.terminal(color: false)
      #expect(drawing.hasSuffix("\n"))
      #expect(
        drawing.split(separator: "\n").allSatisfy { columns(of: String($0)) <= 80 }, "\(name)")
      if let kept {
        try svg.write(toFile: "\(kept)/\(name).svg", atomically: true, encoding: .utf8)
        try drawing.write(toFile: "\(kept)/\(name).txt", atomically: true, encoding: .utf8)
      }
    }
  }
}
