import Autograd
import Glibc

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
  private var file: FileDescriptor?
  private let appends: Bool
  private let rows: Int?

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
    try checkPath(path)
    let exists = access(path, F_OK) == 0
    guard access(exists ? path : splitPath(path).directory, W_OK) == 0 else {
      throw FileError(path: path, attempt: .create)
    }
    if append && exists { try Self.checkHeader(of: path, columns: columns) }
    self.path = path
    self.columns = columns
    self.rows = rows
    appends = append && exists
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
    if file == nil {
      file = try open()
    }
    // One call of the system a row, so that a row is never half there for who reads along.
    try file!.write(Self.line(values.map(Self.text)).utf8)
  }

  private static func text(_ value: any LosslessStringConvertible) -> String {
    switch value {
    case let value as Double: "\(value)"
    case let value as Float: "\(value)"
    default: value.description
    }
  }

  /// The file with its header, open at its end.
  private func open() throws(FileError) -> FileDescriptor {
    let complete = appends ? Self.completeLength(of: try readFile(path), rows: rows) : 0
    if complete == 0 { try AtomicFile.write(Self.line(columns), to: path) }
    let file = try FileDescriptor(path: path, flags: O_WRONLY | O_APPEND, attempt: .open)
    if complete > 0 { try file.truncate(to: complete) }
    return file
  }

  private static func checkHeader(of path: String, columns: [String]) throws(FileError) {
    let bytes = try readFile(path)
    let header = line(columns)
    guard completeLength(of: bytes) == 0 || bytes.starts(with: header.utf8) else {
      let found = String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
      throw FileError(
        path: path, attempt: .open,
        reason: "Expected the columns \(header.dropLast()), found \(found)")
    }
  }

  /// The length of the file up to the end of its last whole row, or of the last of so many.
  private static func completeLength(of bytes: [UInt8], rows: Int? = nil) -> Int {
    var isQuoted = false
    var end = 0
    // The first line has the names.
    var lines = -1
    for (index, byte) in bytes.enumerated() {
      // A doubled quote inside quotes changes the state twice.
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      if byte == UInt8(ascii: "\n") && !isQuoted {
        end = index + 1
        lines += 1
        if lines == rows { break }
      }
    }
    return end
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
