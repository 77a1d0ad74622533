import Foundation
import Tasks

/// The lines of a text file with their numbers. Blank lines, CRLF line ends, a byte-order mark and a
/// missing final newline are fine.
package struct TextLines {
  /// A line that is not blank.
  package struct Line {
    /// Counted from 1.
    package let number: Int
    package let text: Substring
    /// How errors name the file.
    let file: String

    /// The error that this line is not what was expected there.
    package func error(_ problem: String) -> DataFileError {
      .malformed(TextError(file: file, line: number, problem: problem))
    }
  }

  /// Those that are not blank.
  package let lines: [Line]

  /// Reads a file.
  package init(contentsOf path: String) throws(DataFileError) {
    try self.init(readBytes(path), file: path)
  }

  /// - Parameters:
  ///   - bytes: UTF-8.
  ///   - file: how errors name the file.
  /// - Throws: `DataFileError` for the first line that is not UTF-8.
  package init(_ bytes: [UInt8], file: String) throws(DataFileError) {
    var lines: [Line] = []
    let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    let parts = bytes[start...].split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (position, part) in parts.enumerated() {
      let content = part.last == UInt8(ascii: "\r") ? part.dropLast() : part
      if content.allSatisfy({ $0 == UInt8(ascii: " ") }) { continue }
      guard let text = String(validating: content, as: UTF8.self) else {
        throw .malformed(
          TextError(file: file, line: position + 1, problem: "the line is not UTF-8"))
      }
      lines.append(Line(number: position + 1, text: text[...], file: file))
    }
    self.lines = lines
  }
}

/// The bytes of a file.
package func readBytes(_ path: String) throws(DataFileError) -> [UInt8] {
  do {
    return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
  } catch {
    let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
    throw .unreadable(
      file: path, reason: underlying?.localizedDescription ?? error.localizedDescription)
  }
}

/// The beginning of a text in quotation marks, for errors.
package func quoted(_ text: some StringProtocol) -> String {
  text.count <= 60 ? "\"\(text)\"" : "\"\(text.prefix(60))...\""
}
