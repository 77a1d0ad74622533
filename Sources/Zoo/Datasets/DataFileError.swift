/// What is wrong with a file of data: the file, the line if there is one, what was expected there,
/// and what was found.
public struct DataFileError: Error, Equatable, CustomStringConvertible {
  /// The file as it was named.
  public let file: String
  /// The line, counted from 1; nil where the whole file is meant.
  public let line: Int?
  /// What should have stood there: a phrase without a full stop.
  public let expected: String
  /// What was found: a phrase without a full stop.
  public let found: String

  /// An error about a file, or one of its lines.
  public init(file: String, line: Int? = nil, expected: String, found: String) {
    self.file = file
    self.line = line
    self.expected = expected
    self.found = found
  }

  /// `FILE, line 3: expected 12 channels, found 11`.
  public var description: String {
    let place = line.map { ", line \($0)" } ?? ""
    return "\(file)\(place): expected \(expected), found \(found)"
  }

  /// A text as an error shows it: in quotation marks, without line ends, shortened.
  static func quoted(_ text: some StringProtocol) -> String {
    let clean = String(text.prefix(60).map { $0.isNewline || $0 == "\t" ? " " : $0 })
    return "\"\(clean)\(text.count > 60 ? "..." : "")\""
  }
}
