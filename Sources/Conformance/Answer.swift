/// What the program's child process says of a case, on one line.
enum Answer {
  case passed(name: String)
  case failed(name: String, Difference)
  case skipped(name: String)
  /// The file is not as the format says.
  case malformed(String)

  /// Stands before every answer, as whatever else the child writes is the library's.
  private static let mark = "\u{1}"
  private static let separator: Character = "\t"

  /// The line without its end.
  var line: String {
    let parts =
      switch self {
      case .passed(let name): ["passed", name]
      case .failed(let name, let difference): ["failed", name, difference.description]
      case .skipped(let name): ["skipped", name]
      case .malformed(let message): ["malformed", message]
      }
    // A text of several lines, or of several columns, becomes one.
    let columns = parts.map { String($0.map { $0.isNewline || $0 == Self.separator ? " " : $0 }) }
    return Self.mark + columns.joined(separator: String(Self.separator))
  }

  /// The answer of a line; nil for one that is none.
  init?(line: String) {
    guard line.hasPrefix(Self.mark) else { return nil }
    let columns = line.dropFirst().split(
      separator: Self.separator, maxSplits: 2, omittingEmptySubsequences: false
    ).map(String.init)
    switch (columns.first, columns.count) {
    case ("passed", 2): self = .passed(name: columns[1])
    case ("failed", 3): self = .failed(name: columns[1], Difference(description: columns[2]))
    case ("skipped", 2): self = .skipped(name: columns[1])
    case ("malformed", 2): self = .malformed(columns[1])
    default: return nil
    }
  }
}
