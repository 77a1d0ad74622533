/// A page that tells how a pronunciation model was trained, what it reached and where it looked.
///
/// One self-contained HTML5 file: styles and drawings are inside, there are no scripts and nothing
/// is loaded from anywhere. It follows the reader's light or dark scheme and reads on narrow
/// screens. Sections without content are left out.
public struct HTMLReport: Sendable {
  /// A number that the page shows large.
  public struct Figure: Equatable, Sendable {
    /// What the number is, such as `phoneme error rate`.
    public let name: String
    /// The number with its unit, such as `10.3 %`.
    public let value: String
    /// What it stands beside or was measured on; may be empty.
    public let note: String

    /// A figure with an explanation below it.
    public init(_ name: String, _ value: String, note: String = "") {
      self.name = name
      self.value = value
      self.note = note
    }
  }

  /// One of the conditions under which the figures were measured: hardware, threads, seed, seconds.
  public struct Condition: Equatable, Sendable {
    /// What the condition is.
    public let name: String
    /// What it was.
    public let value: String

    /// A condition and its value.
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// The heading and the title of the browser's window.
  public var title: String
  /// A sentence or two below the heading.
  public var introduction: String
  /// The numbers that matter most.
  public var figures: [Figure]
  /// The course of the training.
  public var curve: TrainingCurve
  /// Heat maps of letters against phonemes.
  public var alignments: [Alignment]
  /// Words with what the model says and what the dictionary says.
  public var samples: [Score.Word]
  /// The conditions of the measurement.
  public var conditions: [Condition]
  /// Sentences at the foot of the page, such as the origin of the data.
  public var notes: [String]

  /// A page; what is left out has no section.
  public init(
    title: String, introduction: String = "", figures: [Figure] = [],
    curve: TrainingCurve = TrainingCurve(), alignments: [Alignment] = [],
    samples: [Score.Word] = [], conditions: [Condition] = [], notes: [String] = []
  ) {
    self.title = title
    self.introduction = introduction
    self.figures = figures
    self.curve = curve
    self.alignments = alignments
    self.samples = samples
    self.conditions = conditions
    self.notes = notes
  }

  /// The text of the file, UTF-8.
  public var html: String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>\(escaped(title))</title>
    <style>
    \(htmlStyle)</style>
    </head>
    <body>
    <main>
    <header>
    <h1>\(escaped(title))</h1>
    \(element("p", introduction, class: "introduction"))</header>
    \(figuresSection)\(curveSection)\(alignmentsSection)\(samplesSection)\(conditionsSection)\
    \(notesSection)</main>
    </body>
    </html>

    """
  }

  private var figuresSection: String {
    let cards = figures.map { figure in
      "<div><dt>\(escaped(figure.name))</dt><dd><strong>\(escaped(figure.value))</strong>"
        + (figure.note.isEmpty ? "" : "<span>\(escaped(figure.note))</span>") + "</dd></div>\n"
    }
    return cards.isEmpty ? "" : "<dl class=\"figures\">\n\(cards.joined())</dl>\n"
  }

  private var curveSection: String {
    let charts = [
      ("Training loss", curve.lossSVG()),
      ("Errors on held-out words", curve.heldOutSVG()),
    ].compactMap { caption, svg in
      svg.map { "<figure>\n<figcaption>\(caption)</figcaption>\n\($0)</figure>\n" }
    }
    return section(
      "Training", "Time from left to right; below it the examples seen so far.",
      charts.isEmpty ? "" : "<div class=\"charts\">\n\(charts.joined())</div>\n")
  }

  private var alignmentsSection: String {
    // Shortest first: maps of one height share a row.
    let ordered = alignments.sorted { $0.phonemes.count < $1.phonemes.count }
    let maps = ordered.map { alignment in
      let mark = samples.first { $0.word == alignment.word }.map { " " + verdict($0) } ?? ""
      return "<figure>\n<figcaption>\(escaped(alignment.word))\(mark)</figcaption>\n"
        + "\(alignment.svg())</figure>\n"
    }
    return section(
      "Where it looked",
      "Each row is a phoneme as it is said; colour marks the letters it looks at.",
      maps.isEmpty ? "" : "<div class=\"maps\">\n\(maps.joined())</div>\n")
  }

  private var samplesSection: String {
    let rows = samples.map { word in
      let difference = PhonemeDifference(hypothesis: word.hypothesis, reference: word.closest)
      return "<tr><th scope=\"row\">\(escaped(word.word))</th>"
        + "<td>\(phonemes(word.hypothesis, marked: difference.hypothesis))</td>"
        + "<td>\(phonemes(word.closest, marked: difference.reference))</td>"
        + "<td>\(verdict(word))</td></tr>\n"
    }
    let head =
      "<thead><tr><th scope=\"col\">word</th><th scope=\"col\">model</th>"
      + "<th scope=\"col\">dictionary</th><th scope=\"col\">result</th></tr></thead>\n"
    return section(
      "Held-out words", "Words that the model never saw in training; differences are marked.",
      rows.isEmpty
        ? ""
        : "<div class=\"scroll\"><table>\n\(head)<tbody>\n\(rows.joined())</tbody>\n</table></div>\n"
    )
  }

  private var conditionsSection: String {
    let rows = conditions.map {
      "<div><dt>\(escaped($0.name))</dt><dd>\(escaped($0.value))</dd></div>\n"
    }
    return section(
      "Conditions", "",
      rows.isEmpty ? "" : "<dl class=\"conditions\">\n\(rows.joined())</dl>\n")
  }

  private var notesSection: String {
    let paragraphs = notes.map { element("p", $0) }.joined()
    return paragraphs.isEmpty ? "" : "<footer>\n\(paragraphs)</footer>\n"
  }

  private func section(_ heading: String, _ explanation: String, _ content: String) -> String {
    content.isEmpty
      ? ""
      : "<section>\n\(element("h2", heading))\(element("p", explanation, class: "explanation"))"
        + "\(content)</section>\n"
  }

  private func element(_ name: String, _ text: String, class kind: String? = nil) -> String {
    let attribute = kind.map { " class=\"\($0)\"" } ?? ""
    return text.isEmpty ? "" : "<\(name)\(attribute)>\(escaped(text))</\(name)>\n"
  }

  /// Right or wrong as a sign and a word: colour alone would not reach every reader.
  private func verdict(_ word: Score.Word) -> String {
    word.isRight
      ? "<span class=\"right\">✓ right</span>" : "<span class=\"wrong\">✗ wrong</span>"
  }

  private func phonemes(_ phonemes: [String], marked: [Bool]) -> String {
    let spans = zip(phonemes, marked).map { $1 ? "<mark>\(escaped($0))</mark>" : escaped($0) }
    return spans.isEmpty ? "–" : spans.joined(separator: " ")
  }
}
