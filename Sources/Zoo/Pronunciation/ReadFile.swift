import Platform

/// The bytes of a file.
///
/// - Throws: `LexiconError` with the operating system's reason; a directory counts as unreadable.
func readFile(_ path: String) throws(LexiconError) -> [UInt8] {
  do throws(SystemError) {
    return try FileDescriptor(path, for: .reading).readToEnd()
  } catch {
    throw LexiconError(
      file: path, problem: error == .noSuchFile ? .missing : .unreadable(reason: "\(error)"))
  }
}
