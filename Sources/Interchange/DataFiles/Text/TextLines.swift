/// The lines of a text file with their numbers: UTF-8, with LF or CRLF line ends, with or without a
/// byte-order mark and a final newline.
///
/// ```swift
/// for line in try TextLines(contentsOf: "sentences.txt").lines { print(line.number, line.text) }
/// ```
public struct TextLines: Sendable {
  /// A line.
  public struct Line: Sendable {
    /// Counted from 1.
    public let number: Int
    /// The line without its end.
    public let text: String
    /// How errors name the file.
    let file: String

    /// The error that this line is not what was expected there.
    public func error(_ problem: String) -> DataFileError {
      .malformed(TextError(file: file, line: number, problem: problem))
    }
  }

  /// The lines, without the blank ones unless these are kept.
  public let lines: [Line]

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - keepsBlank: whether lines without anything but spaces are among them.
  ///   - limit: bytes that the file may have.
  /// - Throws: `DataFileError` for a file that cannot be read, and for the first line that is not UTF-8.
  public init(
    contentsOf path: String, keepsBlank: Bool = false, limit: Int = usualFileLimit
  ) throws(DataFileError) {
    try self.init(readBytes(path, limit: limit), file: path, keepsBlank: keepsBlank)
  }

  /// The lines of bytes.
  ///
  /// - Parameters:
  ///   - bytes: UTF-8.
  ///   - file: how errors name them.
  ///   - keepsBlank: whether lines without anything but spaces are among them.
  /// - Throws: `DataFileError` for the first line that is not UTF-8.
  public init(
    _ bytes: [UInt8], file: String, keepsBlank: Bool = false
  ) throws(DataFileError) {
    var reader = LineReader(bytes, name: file)
    var lines: [Line] = []
    while let text = try reader.next() {
      if !keepsBlank, text.utf8.allSatisfy({ $0 == UInt8(ascii: " ") }) { continue }
      lines.append(Line(number: reader.count, text: text, file: file))
    }
    self.lines = lines
  }
}
