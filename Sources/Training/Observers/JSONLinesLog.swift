import Autograd

/// A log in which each line is an object of JSON.
///
/// ```swift
/// var log = try JSONLinesLog(path: "runs/log.jsonl")
/// try log.append([("epoch", 1), ("loss", 0.25), ("part", "held out")])
/// ```
///
/// Each row is in the file when `append` returns. A file of that name is replaced when the first row
/// is written, not before.
public struct JSONLinesLog: ~Copyable {
  /// The path of the file.
  public let path: String
  private var file: RowFile

  /// A log that has not touched its file yet.
  ///
  /// - Parameters:
  ///   - path: the file; its directory must exist.
  ///   - append: goes on with an existing file, for a training that is resumed. A last line that a
  ///     crash has cut short is removed.
  ///   - rows: with `append`, how many rows of the existing file are kept at most, for a training
  ///     that goes on from before it wrote the others.
  /// - Throws: `FileError` if the directory is missing or cannot be written to, or, with `append`,
  ///   the file cannot be read.
  public init(path: String, append: Bool = false, keeping rows: Int? = nil) throws(FileError) {
    self.path = path
    file = try RowFile(path: path, header: "", append: append, keeping: rows, hasQuotes: false)
  }

  /// Writes a row.
  ///
  /// - Parameter fields: names and values: numbers, texts or Booleans, in the order of the line. A
  ///   number that is not finite, which JSON lacks, becomes null.
  /// - Throws: `FileError` if it cannot be written.
  public mutating func append(
    _ fields: [(name: String, value: any LosslessStringConvertible)]
  ) throws(FileError) {
    let members = fields.map { "\(Self.quoted($0.name)):\(Self.text($0.value))" }
    try file.append("{\(members.joined(separator: ","))}\n")
  }

  /// Returns when all rows are on the disk: a power cut does not take them any more.
  public func synchronize() throws(FileError) { try file.synchronize() }

  private static func text(_ value: any LosslessStringConvertible) -> String {
    switch value {
    case let value as Double: value.isFinite ? "\(value)" : "null"
    case let value as Float: value.isFinite ? "\(value)" : "null"
    case let value as any BinaryInteger: "\(value)"
    case let value as Bool: "\(value)"
    default: quoted(value.description)
    }
  }

  /// A text as JSON (RFC 8259, section 7).
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case "\u{0}"..<"\u{20}":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
