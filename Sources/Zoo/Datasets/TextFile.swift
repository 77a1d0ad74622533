import Foundation

/// A text file, read whole.
package struct TextFile {
  /// The file as it was named.
  package let path: String
  /// Its lines without their ends; a last line end opens no further line.
  package let lines: [Substring]

  /// Reads a file.
  ///
  /// - Throws: `DataFileError` where it can't be read or is no UTF-8.
  package init(_ path: String) throws(DataFileError) {
    let data: Data
    do {
      data = try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      let isThere = FileManager.default.fileExists(atPath: path)
      throw DataFileError(
        file: path, expected: "a file of data",
        found: isThere ? "one that cannot be read" : "no such file")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw DataFileError(file: path, expected: "UTF-8 text", found: "other bytes")
    }
    self.init(path, text: text)
  }

  /// A file's content that is at hand.
  package init(_ path: String, text: String) {
    self.path = path
    // A line feed with a carriage return before it is one character.
    var lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    if lines.last?.isEmpty ?? false { lines.removeLast() }
    self.lines = lines
  }

  /// An error about a line, counted from 0.
  package func error(
    line: Int, expected: String, found: String? = nil
  ) -> DataFileError {
    DataFileError(
      file: path, line: line + 1, expected: expected,
      found: found ?? DataFileError.quoted(lines[line]))
  }
}
