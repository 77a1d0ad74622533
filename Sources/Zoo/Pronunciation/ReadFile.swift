import Platform

/// Bytes that a word list has at most: a hundred million lines.
private let limit = 1 << 31

/// The bytes of a file.
///
/// - Throws: `LexiconError` with the operating system's reason; a directory counts as unreadable, and so does
///   what is larger than any word list.
func readFile(_ path: String) throws(LexiconError) -> [UInt8] {
  do throws(SystemError) {
    return try FileDescriptor(path, for: .reading).readToEnd(limit: limit)
  } catch {
    throw LexiconError(
      file: path, problem: error == .noSuchFile ? .missing : .unreadable(reason: "\(error)"))
  }
}
