import Autograd

/// A table that grows by a row at a time, in a file of comma-separated values (RFC 4180, with
/// line feeds).
///
/// ```swift
/// var log = try CSVLog(path: "runs/log.csv", columns: ["epoch", "loss"])
/// try log.append([1, 0.25])
/// ```
///
/// Each row is in the file when `append` returns, so a training that is killed leaves all rows
/// that it has written. A file of that name is replaced when the first row is written, not
/// before: a training that fails at its start does not cost the log of the one before it.
public struct CSVLog: ~Copyable {
  /// The path of the file.
  public let path: String
  /// The names in the first line.
  public let columns: [String]
  private var file: RowFile

  /// A log that has not touched its file yet.
  ///
  /// - Parameters:
  ///   - path: the file; its directory must exist.
  ///   - columns: the names of the columns, at least one.
  ///   - append: goes on with an existing file, for a training that is resumed. Its first line must
  ///     name the same columns. A last line that a crash has cut short is removed.
  ///   - rows: with `append`, how many rows of the existing file are kept at most, for a training
  ///     that goes on from before it wrote the others.
  /// - Throws: `FileError` if the directory is missing or cannot be written to, or, with `append`,
  ///   the file cannot be read or has other columns.
  public init(path: String, columns: [String], append: Bool = false, keeping rows: Int? = nil)
    throws(FileError)
  {
    guard !columns.isEmpty else { trap("CSVLog: no columns") }
    self.path = path
    self.columns = columns
    file = try RowFile(
      path: path, header: Self.line(columns), append: append, keeping: rows, hasQuotes: true)
  }

  /// Writes a row.
  ///
  /// - Parameter values: a value for each column: numbers, texts or Booleans.
  /// - Throws: `FileError` if it cannot be written.
  public mutating func append(_ values: [any LosslessStringConvertible]) throws(FileError) {
    guard values.count == columns.count else {
      trap(
        "CSVLog.append: \(values.count) values for the columns \(columns.joined(separator: ", "))")
    }
    try file.append(Self.line(values.map(Self.text)))
  }

  /// Returns when all rows are on the disk: a power cut does not take them any more.
  public func synchronize() throws(FileError) { try file.synchronize() }

  private static func text(_ value: any LosslessStringConvertible) -> String {
    switch value {
    case let value as Double: "\(value)"
    case let value as Float: "\(value)"
    default: value.description
    }
  }

  /// A row as a line; a field is quoted only where it must be.
  private static func line(_ fields: [String]) -> String {
    let texts = fields.map { field in
      guard field.utf8.contains(where: { Array(",\"\r\n".utf8).contains($0) }) else { return field }
      let doubled = field.split(separator: "\"", omittingEmptySubsequences: false)
        .joined(separator: "\"\"")
      return "\"\(doubled)\""
    }
    return texts.joined(separator: ",") + "\n"
  }
}
