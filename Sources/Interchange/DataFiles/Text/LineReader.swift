import Platform

/// The lines of a file, or of standard input as they come. Line ends are LF or CRLF; the last one may
/// be missing, and a byte-order mark is passed over.
package struct LineReader {
  /// How errors name what is read.
  package let name: String
  /// What has been read and is no line yet.
  private var bytes: ArraySlice<UInt8>
  private var isAtEnd: Bool
  /// Bytes that a line of standard input has at most: one that never ends is refused there.
  private let longestLine: Int
  /// Lines so far.
  package private(set) var count = 0

  /// The lines of a file, or of standard input where there is none.
  ///
  /// - Parameter longestLine: bytes that a line of standard input has at most.
  package init(path: String?, longestLine: Int = 1 << 20) throws(DataFileError) {
    self.longestLine = longestLine
    name = path ?? "standard input"
    isAtEnd = path != nil
    if let path { bytes = try readBytes(path)[...] } else { bytes = [] }
  }

  /// The lines of bytes.
  ///
  /// - Parameter name: how errors name them.
  package init(_ bytes: [UInt8], name: String) {
    self.name = name
    longestLine = .max
    self.bytes = bytes[...]
    isAtEnd = true
  }

  /// The next lines, at most so many; none at the end.
  ///
  /// - Throws: `DataFileError` for the first line that is not UTF-8.
  package mutating func next(_ count: Int) throws(DataFileError) -> [String] {
    var lines: [String] = []
    while lines.count < count, let line = try next() { lines.append(line) }
    return lines
  }

  /// The next line without its end; nil where there is none.
  package mutating func next() throws(DataFileError) -> String? {
    guard let line = try nextBytes() else { return nil }
    guard let text = String(validating: line, as: UTF8.self) else {
      throw error("the line is not UTF-8")
    }
    return text
  }

  /// The bytes of the next line.
  package mutating func nextBytes() throws(DataFileError) -> ArraySlice<UInt8>? {
    var searched = bytes.startIndex
    while true {
      if let end = bytes[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        defer { bytes = bytes[(end + 1)...] }
        return content(of: bytes[..<end])
      }
      if isAtEnd { break }
      if bytes.count > longestLine {
        count += 1
        throw error("the line is longer than \(longestLine) bytes")
      }
      searched = bytes.endIndex
      try readOn()
    }
    defer { bytes = [] }
    return bytes.isEmpty ? nil : content(of: bytes)
  }

  /// The error that the line which was read last is not what was expected there.
  package func error(_ problem: String, column: String? = nil) -> DataFileError {
    .malformed(TextError(file: name, line: count, column: column, problem: problem))
  }

  private mutating func content(of line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    count += 1
    let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
    return count == 1 && line.starts(with: [0xEF, 0xBB, 0xBF]) ? line.dropFirst(3) : line
  }

  /// Appends what standard input has next.
  private mutating func readOn() throws(DataFileError) {
    let chunk: [UInt8]
    do throws(SystemError) {
      chunk = try StandardStream.input.read(upTo: 1 << 16)
    } catch { throw .unreadable(file: name, reason: error.description) }
    isAtEnd = chunk.isEmpty
    bytes += chunk
  }
}
