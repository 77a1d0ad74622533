import Autograd
import Platform

/// A text file that grows by a row at a time: what the logs of a training have in common.
struct RowFile: ~Copyable {
  private let path: String
  private let header: String
  private let rows: Int?
  private let hasQuotes: Bool
  private let appends: Bool
  private var file: FileDescriptor?

  /// A file that has not been touched yet.
  ///
  /// - Parameters:
  ///   - path: the file; its directory must exist.
  ///   - header: what it begins with: a line, or nothing.
  ///   - append: goes on with an existing file, which must begin with the header.
  ///   - rows: with `append`, how many rows of the existing file are kept at most.
  ///   - hasQuotes: whether a line feed between quotes is no end of a row.
  init(
    path: String, header: String, append: Bool, keeping rows: Int?, hasQuotes: Bool
  ) throws(FileError) {
    self.path = path
    self.header = header
    self.rows = rows
    self.hasQuotes = hasQuotes
    let exists = FileSystem.exists(path)
    appends = append && exists
    file = nil
    try check(exists)
  }

  /// Writes a row: a line with its end.
  mutating func append(_ row: String) throws(FileError) {
    if file == nil { file = try open() }
    // One call of the system a row, so that a row is never half there for who reads along.
    try FileError.wrapping(path, .write) { () throws(SystemError) in try file!.write(row.utf8) }
  }

  /// Returns when all rows are on the disk.
  func synchronize() throws(FileError) {
    guard file != nil else { return }
    try FileError.wrapping(path, .write) { () throws(SystemError) in try file!.synchronize() }
  }

  /// The file with its header, open at its end.
  private func open() throws(FileError) -> FileDescriptor {
    let complete = appends ? completeLength(of: try readFile(path), rows: rows) : 0
    if complete == 0 { try AtomicFile.write(header, to: path) }
    let file = try FileError.wrapping(path, .open) { () throws(SystemError) in
      try FileDescriptor(path, for: .appending)
    }
    if complete > 0 {
      try FileError.wrapping(path, .write) { () throws(SystemError) in
        try file.truncate(to: complete)
      }
    }
    return file
  }

  private func check(_ exists: Bool) throws(FileError) {
    try checkPath(path)
    try FileError.wrapping(path, .create) { () throws(SystemError) in
      try FileSystem.checkWritable(exists ? path : splitPath(path).directory)
    }
    if !appends { return }
    let bytes = try readFile(path)
    guard completeLength(of: bytes, rows: nil) == 0 || bytes.starts(with: header.utf8) else {
      let found = String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
      throw FileError(
        path: path, attempt: .open,
        reason: "Expected the columns \(header.dropLast()), found \(found)")
    }
  }

  /// The length of the file up to the end of its last whole row, or of the last of so many.
  private func completeLength(of bytes: [UInt8], rows: Int?) -> Int {
    var isQuoted = false
    var end = 0
    // A header is a line, but no row.
    var lines = header.isEmpty ? 0 : -1
    if rows == lines { return 0 }
    for (index, byte) in bytes.enumerated() {
      // A doubled quote inside quotes changes the state twice.
      if hasQuotes && byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      if byte == UInt8(ascii: "\n") && !isQuoted {
        end = index + 1
        lines += 1
        if lines == rows { break }
      }
    }
    return end
  }
}
