/// A page that tells how a model was trained, what it reached and where it looked.
///
/// One self-contained HTML5 file, which is well-formed XML too: styles and drawings are inside, there
/// are no scripts and nothing is loaded from anywhere. It follows the reader's light or dark scheme
/// and reads on narrow screens; what is wider than the screen scrolls in a frame of its own, which
/// the keyboard reaches. Sections without content are left out.
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

  /// A name with its value: a part of a configuration, or one of the conditions of a measurement.
  public struct Entry: Equatable, Sendable {
    /// What it is.
    public let name: String
    /// What it was.
    public let value: String

    /// A name and its value.
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
  /// What stands above the pictures.
  public var picturesHeading: String
  /// A sentence that tells how the pictures are read, or nothing.
  public var picturesExplanation: String
  /// What the model looked at, and whatever else can be seen.
  public var pictures: [any Picture]
  /// Examples, one table after the other.
  public var samples: [Samples]
  /// How errors depend on the length of the input.
  public var lengthErrors: [LengthErrors]
  /// The configuration of the model and of its training.
  public var configuration: [Entry]
  /// The conditions of the measurement: hardware, threads, seed, seconds.
  public var conditions: [Entry]
  /// Sentences at the foot of the page, such as the origin of the data.
  public var notes: [String]

  /// A page; what is left out has no section.
  public init(
    title: String, introduction: String = "", figures: [Figure] = [],
    curve: TrainingCurve = TrainingCurve(), picturesHeading: String = "Where it looked",
    picturesExplanation: String = "", pictures: [any Picture] = [], samples: [Samples] = [],
    lengthErrors: [LengthErrors] = [], configuration: [Entry] = [], conditions: [Entry] = [],
    notes: [String] = []
  ) {
    self.title = title
    self.introduction = introduction
    self.figures = figures
    self.curve = curve
    self.picturesHeading = picturesHeading
    self.picturesExplanation = picturesExplanation
    self.pictures = pictures
    self.samples = samples
    self.lengthErrors = lengthErrors
    self.configuration = configuration
    self.conditions = conditions
    self.notes = notes
  }

  /// The text of the file, UTF-8.
  public var html: String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8"/>
    <meta name="viewport" content="width=device-width, initial-scale=1"/>
    <meta name="color-scheme" content="light dark"/>
    <title>\(escaped(title))</title>
    <style>
    \(paletteStyle)\(pictureStyle)\(pageStyle)</style>
    </head>
    <body>
    <main>
    <header>
    <h1 dir="auto">\(escaped(title))</h1>
    \(element("p", introduction, class: "introduction"))</header>
    \(figuresSection)\(curveSection)\(picturesSection)\(samplesSections)\(lengthSection)\
    \(entriesSection("Configuration", configuration))\(entriesSection("Conditions", conditions))\
    \(notesSection)</main>
    </body>
    </html>

    """
  }
}

extension HTMLReport {
  private var figuresSection: String {
    let cards = figures.map { figure in
      "<div><dt>\(escaped(figure.name))</dt><dd><strong>\(escaped(figure.value))</strong>"
        + (figure.note.isEmpty ? "" : "<span>\(escaped(figure.note))</span>") + "</dd></div>\n"
    }
    return cards.isEmpty ? "" : "<dl class=\"figures\">\n\(cards.joined())</dl>\n"
  }

  private var curveSection: String {
    let charts = curve.charts.map { figure($0.caption, $0.drawing.framed(caption: $0.caption)) }
    return section(
      "Training", "Time from left to right; below it the examples seen so far.",
      group(charts, class: "charts"))
  }

  private var picturesSection: String {
    let figures = pictures.enumerated().map { index, picture in
      figure(picture.caption, picture.html(id: "picture-\(index)"))
    }
    return section(picturesHeading, picturesExplanation, group(figures, class: "maps"))
  }

  private var samplesSections: String {
    samples.filter { !$0.rows.isEmpty }.map { section($0.heading, $0.explanation, $0.html) }
      .joined()
  }

  private var lengthSection: String {
    let charts = lengthErrors.filter { !$0.buckets.isEmpty }.map {
      figure($0.caption, $0.html(id: ""))
    }
    return section(
      "Error by length of the input",
      "Below each bar the lengths that it stands for, and the number of examples.",
      group(charts, class: "charts"))
  }

  private func entriesSection(_ heading: String, _ entries: [Entry]) -> String {
    let rows = entries.map {
      "<div><dt>\(escaped($0.name))</dt><dd>\(isolatedElement($0.value))</dd></div>\n"
    }
    return section(
      heading, "", rows.isEmpty ? "" : "<dl class=\"entries\">\n\(rows.joined())</dl>\n")
  }

  private var notesSection: String {
    let paragraphs = notes.map { element("p", $0) }.joined()
    return paragraphs.isEmpty ? "" : "<footer>\n\(paragraphs)</footer>\n"
  }

  private func figure(_ caption: String, _ content: String) -> String {
    let words = caption.isEmpty ? "" : "<figcaption>\(isolatedElement(caption))</figcaption>\n"
    return "<figure>\n\(words)\(content)</figure>\n"
  }

  private func group(_ figures: [String], class kind: String) -> String {
    figures.isEmpty ? "" : "<div class=\"\(kind)\">\n\(figures.joined())</div>\n"
  }

  private func section(_ heading: String, _ explanation: String, _ content: String) -> String {
    content.isEmpty
      ? ""
      : "<section>\n\(element("h2", heading))\(element("p", explanation, class: "explanation"))"
        + "\(content)</section>\n"
  }

  private func element(_ name: String, _ text: String, class kind: String? = nil) -> String {
    let attribute = kind.map { " class=\"\($0)\"" } ?? ""
    return text.isEmpty ? "" : "<\(name)\(attribute) dir=\"auto\">\(escaped(text))</\(name)>\n"
  }
}
