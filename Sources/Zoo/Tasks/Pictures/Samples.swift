/// A table of examples on a page: inputs, what a model made of them, what was to come.
public struct Samples: Equatable, Sendable {
  /// What stands in one place of the table.
  public enum Cell: Equatable, Sendable, ExpressibleByStringLiteral {
    /// Plain text.
    case text(String)
    /// Symbols with blanks between them, some of them marked.
    case pieces([Piece])
    /// Whether the row is right: a sign and a word, since colour alone would not reach every reader.
    case verdict(Bool)

    /// Plain text.
    public init(stringLiteral text: String) { self = .text(text) }

    /// A hypothesis and its reference, with the symbols marked in which they differ.
    public static func difference(
      hypothesis: [String], reference: [String]
    ) -> (hypothesis: Cell, reference: Cell) {
      let difference = SequenceDifference(hypothesis: hypothesis, reference: reference)
      func cell(_ symbols: [String], _ marks: [Bool]) -> Cell {
        .pieces(zip(symbols, marks).map { Piece($0, isMarked: $1) })
      }
      return (
        cell(hypothesis, difference.hypothesis), cell(reference, difference.reference)
      )
    }
  }

  /// A symbol or a part of a text.
  public struct Piece: Equatable, Sendable {
    /// The text.
    public let text: String
    /// Whether it catches the eye, as it is wrong or missing.
    public let isMarked: Bool

    /// A part of a text.
    public init(_ text: String, isMarked: Bool = false) {
      self.text = text
      self.isMarked = isMarked
    }
  }

  /// What stands above the table.
  public let heading: String
  /// A sentence below the heading, or nothing.
  public let explanation: String
  /// What the columns are called.
  public let columns: [String]
  /// The rows, each with a cell for every column.
  public let rows: [[Cell]]

  /// A table; a row with more or fewer cells than columns is a programming error and traps.
  public init(heading: String, explanation: String = "", columns: [String], rows: [[Cell]]) {
    for row in rows {
      require(
        row.count == columns.count,
        "Samples: a row has \(row.count) cells for \(columns.count) columns")
    }
    self.heading = heading
    self.explanation = explanation
    self.columns = columns
    self.rows = rows
  }

  /// The table in a frame in which it scrolls, which can be reached by the keyboard.
  var html: String {
    let head = columns.map { "<th scope=\"col\">\(escaped($0))</th>" }.joined()
    let body = rows.map { row in
      "<tr>" + row.enumerated().map { $1.html(isHeading: $0 == 0) }.joined() + "</tr>\n"
    }
    return
      "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"\(escaped(heading))\"><table>\n"
      + "<thead><tr>\(head)</tr></thead>\n<tbody>\n\(body.joined())</tbody>\n</table></div>\n"
  }
}

extension Samples.Cell {
  fileprivate func html(isHeading: Bool) -> String {
    // A long text gets a column that it can fill; on a phone the table scrolls then.
    let isLong = length > 24
    let kind = isLong ? " class=\"long\"" : ""
    return isHeading
      ? "<th scope=\"row\"\(kind)>\(content)</th>" : "<td\(kind)>\(content)</td>"
  }

  private var length: Int {
    switch self {
    case .text(let text): text.count
    case .pieces(let pieces): pieces.reduce(0) { $0 + $1.text.count + 1 }
    case .verdict: 0
    }
  }

  private var content: String {
    switch self {
    case .text(let text): return isolatedElement(text)
    case .pieces(let pieces):
      let parts = pieces.map {
        $0.isMarked ? "<mark>\(escaped($0.text))</mark>" : escaped($0.text)
      }
      return parts.isEmpty ? "–" : "<bdi>\(parts.joined(separator: " "))</bdi>"
    case .verdict(let isRight):
      return isRight
        ? "<span class=\"right\">✓ right</span>" : "<span class=\"wrong\">✗ wrong</span>"
    }
  }
}
