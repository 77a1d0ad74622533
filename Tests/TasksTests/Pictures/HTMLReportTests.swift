import Pronunciation
import Testing

@Suite("The report as a page")
struct HTMLReportTests {
  private let alignment = Alignment(
    letters: ["a", "<"], phonemes: ["EY"], weights: [[0.75, 0.25]])

  private func full(title: String = "Title") -> String {
    HTMLReport(
      title: title, introduction: "Introduction",
      figures: [.init("phoneme error rate", "10.3 %", note: "held out")],
      curve: TrainingCurve(
        losses: [
          .init(examples: 0, seconds: 0, loss: 4), .init(examples: 100, seconds: 10, loss: 0.5),
          .init(examples: 200, seconds: 20, loss: .nan),
        ],
        heldOut: [
          .init(examples: 200, seconds: 20, wordErrorRate: 40.25, phonemeErrorRate: 10.5)
        ]),
      alignments: [alignment],
      samples: [
        Score.Word(word: "ape", hypothesis: ["EY", "P"], references: [["EY", "P"]]),
        Score.Word(word: "zoo", hypothesis: ["S", "UW", "W"], references: [["Z", "UW"]]),
      ],
      conditions: [.init("threads", "2")], notes: ["Origin of the data"]
    ).html
  }

  @Test("every part is on the page")
  func parts() {
    let html = full()
    #expect(html.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\">"))
    for part in [
      "<title>Title</title>", "Introduction", "10.3 %", "held out", "EY looks at a: 75 %",
      "<dt>threads</dt><dd>2</dd>", "Origin of the data", "loss 0.500 after 10 s, 100 examples",
      "WER 40.25 % after 20 s, 200 examples", "PER 10.50 % after 20 s, 200 examples",
    ] {
      #expect(html.contains(part), "\(part)")
    }
  }

  @Test("words are marked right or wrong, and the phonemes that differ are marked")
  func marks() {
    let html = full()
    #expect(html.contains("<td>EY P</td><td>EY P</td><td><span class=\"right\">✓ right</span>"))
    #expect(
      html.contains(
        "<td><mark>S</mark> UW <mark>W</mark></td><td><mark>Z</mark> UW</td>"
          + "<td><span class=\"wrong\">✗ wrong</span>"))
  }

  @Test("text is escaped wherever it stands")
  func escaping() {
    let evil = "</title><script>alert('\"&\u{1}')</script>"
    let html = HTMLReport(
      title: evil, introduction: evil, figures: [.init(evil, evil, note: evil)],
      alignments: [Alignment(letters: [evil], phonemes: [evil], weights: [[1]])],
      samples: [Score.Word(word: evil, hypothesis: [evil], references: [["A"]])],
      conditions: [.init(evil, evil)], notes: [evil]
    ).html
    #expect(!html.contains("<script"))
    #expect(!html.contains("\u{1}"))
    #expect(html.contains("&lt;script&gt;alert(&#39;&quot;&amp; &#39;)&lt;/script&gt;"))
  }

  @Test("nothing is loaded from outside and nothing runs")
  func selfContained() {
    let html = full()
    for part in ["http:", "https:", "<script", "<link", "url(", "@import", "src="] {
      #expect(!html.contains(part), "\(part)")
    }
  }

  @Test("every element that is opened is closed, in order")
  func nesting() {
    var open: [Substring] = []
    for match in full().matches(of: /<(\/?)([a-z0-9]+)[^>]*?(\/?)>/) {
      let (_, closing, name, empty) = match.output
      if name == "meta" || !empty.isEmpty { continue }
      if closing.isEmpty {
        open.append(name)
      } else {
        #expect(open.popLast() == name)
      }
    }
    #expect(open.isEmpty)
  }

  @Test("a page without content has no empty sections")
  func empty() {
    let html = HTMLReport(title: "Title").html
    #expect(!html.contains("<section>") && !html.contains("<svg") && !html.contains("<dl"))
  }

  @Test("no coordinate is out of range or no number, even for strange measurements")
  func strangeMeasurements() {
    for curve in [
      TrainingCurve(losses: [.init(examples: 0, seconds: 0, loss: 0)]),
      TrainingCurve(losses: [.init(examples: 1, seconds: 1, loss: 1e-300)]),
      TrainingCurve(losses: [
        .init(examples: 1, seconds: 1, loss: 1e30), .init(examples: 2, seconds: 2, loss: 1e-30),
      ]),
      TrainingCurve(losses: [
        .init(examples: 1, seconds: 5, loss: -3), .init(examples: 2, seconds: 5, loss: -4),
      ]),
      TrainingCurve(heldOut: [
        .init(examples: 0, seconds: 0, wordErrorRate: 0, phonemeErrorRate: 0),
        .init(examples: 9, seconds: 9e5, wordErrorRate: 100, phonemeErrorRate: 250),
      ]),
    ] {
      let html = HTMLReport(title: "Title", curve: curve).html
      #expect(html.contains("<svg"))
      for match in html.matches(of: /\s(?:x|y|x1|x2|y1|y2|cx|cy)="([^"]*)"/) {
        let place = Double(match.output.1)
        #expect(place.map { (0...480).contains($0) } ?? false, "\(match.output.0)")
      }
    }
  }

  @Test("a long training stays a short page")
  func reduction() {
    let losses = (0..<100_000).map {
      TrainingCurve.Loss(examples: $0, seconds: Double($0), loss: 1 + 1 / Double($0 + 1))
    }
    #expect(
      HTMLReport(title: "Title", curve: TrainingCurve(losses: losses)).html.utf8.count < 20_000)
  }
}
