import Platform

/// Why a data file could not be read.
public enum DataFileError: Error, Equatable, CustomStringConvertible {
  /// The file is missing, cannot be read, or is larger than it may be; the reason.
  case unreadable(file: String, reason: String)
  /// There is no example in the file; what was expected.
  case empty(file: String, expected: String)
  /// A line does not have the form that is expected.
  case malformed(TextError)
  /// The content of a file that is no text is not what is expected; near which byte, counted from the
  /// start of the file, where that is known.
  case invalid(file: String, byte: Int? = nil, problem: String)

  /// One sentence without a full stop, such as `sunspots.csv:3: expected 2 fields, found 1` or
  /// `voice.wav, byte 20: expected ...`.
  public var description: String { PrintableText.sentence(text) }

  private var text: String {
    switch self {
    case .unreadable(let file, let reason): "\(file) cannot be read: \(reason)"
    case .empty(let file, let expected): "\(file): expected \(expected), found none"
    case .malformed(let error): "\(error)"
    case .invalid(let file, let byte, let problem):
      "\(file)\(byte.map { ", byte \($0)" } ?? ""): \(problem)"
    }
  }
}

/// A line of a file that is not what was expected there.
public struct TextError: Error, Equatable, CustomStringConvertible {
  /// The file, if it has a name.
  public let file: String?
  /// The line, counted from 1.
  public let line: Int
  /// The name of the column, in a table.
  public let column: String?
  /// What is wrong with it: a sentence without a full stop.
  public let problem: String

  /// A line and what is wrong with it.
  public init(file: String?, line: Int, column: String? = nil, problem: String) {
    self.file = file
    self.line = line
    self.column = column
    self.problem = problem
  }

  /// As in `words.txt:12: the line is not UTF-8`, or `iris.csv:12, column 'width': expected ...`.
  public var description: String {
    let place = file.map { "\($0):" } ?? "line "
    let column = column.map { ", column '\(PrintableText.name($0))'" } ?? ""
    return PrintableText.sentence("\(place)\(line)\(column): \(problem)")
  }
}

/// The beginning of a text in quotation marks, for errors.
package func quoted(_ text: some StringProtocol) -> String {
  text.count <= 60 ? "\"\(text)\"" : "\"\(text.prefix(60))...\""
}

/// Ends the program with a sentence about a programming error, in optimized builds too, unless the
/// condition holds.
func require(_ condition: Bool, _ sentence: @autoclosure () -> String) {
  if !condition { fatalError(sentence()) }
}
