public import Tasks

/// Why a data file could not be read.
public enum DataFileError: Error, Equatable, CustomStringConvertible {
  /// The file is missing or cannot be read; the operating system's reason.
  case unreadable(file: String, reason: String)
  /// There is no example in the file; what was expected.
  case empty(file: String, expected: String)
  /// A line does not have the form that is expected.
  case malformed(TextError)
  /// The content of a file that is no text is not what is expected.
  case invalid(file: String, problem: String)

  /// One sentence without a full stop, such as `sunspots.csv:3: expected 2 fields, found 1`.
  public var description: String {
    switch self {
    case .unreadable(let file, let reason): "\(file) cannot be read: \(reason)"
    case .empty(let file, let expected): "\(file): expected \(expected), found none"
    case .malformed(let error): "\(error)"
    case .invalid(let file, let problem): "\(file): \(problem)"
    }
  }
}
