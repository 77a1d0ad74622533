import Platform
import Tasks
import Training

/// The lines of a file, or of standard input as they come.
struct InputLines {
  /// How errors name what is read.
  let name: String
  /// What has been read and is no line yet.
  private var bytes: ArraySlice<UInt8>
  private var isAtEnd: Bool
  /// Lines so far.
  private(set) var count = 0

  /// - Parameter path: a file; nil for standard input.
  init(path: String?) throws {
    name = path ?? "standard input"
    bytes = try path.map { try readFile($0)[...] } ?? []
    isAtEnd = path != nil
  }

  /// The next lines, at most so many; none at the end.
  ///
  /// - Throws: `TextError` for the first line that is not UTF-8.
  mutating func next(_ count: Int) throws -> [String] {
    var lines: [String] = []
    while lines.count < count, let line = try nextLine() { lines.append(line) }
    return lines
  }

  private mutating func nextLine() throws -> String? {
    var searched = bytes.startIndex
    while true {
      if let end = bytes[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        defer { bytes = bytes[(end + 1)...] }
        return try text(of: bytes[..<end])
      }
      if isAtEnd { break }
      searched = bytes.endIndex
      try readOn()
    }
    defer { bytes = [] }
    return bytes.isEmpty ? nil : try text(of: bytes)
  }

  /// Appends what standard input has next.
  private mutating func readOn() throws {
    let chunk = try FileError.wrapping(name, .read) { () throws(SystemError) in
      try StandardStream.input.read(upTo: 1 << 16)
    }
    isAtEnd = chunk.isEmpty
    bytes += chunk
  }

  private mutating func text(of line: ArraySlice<UInt8>) throws -> String {
    count += 1
    let content = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
    guard let text = String(validating: content, as: UTF8.self) else {
      throw TextError(file: name, line: count, problem: "the line is not UTF-8")
    }
    return text
  }
}
