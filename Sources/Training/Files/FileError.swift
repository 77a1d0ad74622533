package import Platform

/// A file operation that the system refused: which file, what was tried, and why in words.
///
/// Prints as `cannot write 'runs/last.safetensors': No space left on device`.
public struct FileError: Error, Equatable, CustomStringConvertible {
  /// What was tried, as the verb of the sentence.
  public enum Attempt: String, Sendable {
    /// Looking the path up, before anything is opened.
    case find
    /// Opening an existing file.
    case open
    /// Reading from an open file.
    case read
    /// Making a new file beside the one to be replaced, or a directory.
    case create
    /// Writing into an open file, or forcing what was written onto the disk.
    case write
    /// Having a directory for oneself.
    case lock
    /// Renaming the finished file over the old one.
    case replace
  }

  /// The path as the caller gave it.
  public let path: String
  /// What was tried.
  public let attempt: Attempt
  /// Why it failed, in the system's words.
  public let reason: String

  /// An error with a reason of one's own.
  public init(path: String, attempt: Attempt, reason: String) {
    self.path = path
    self.attempt = attempt
    self.reason = reason
  }

  /// An error for which the system has the words.
  package init(path: String, attempt: Attempt, _ error: SystemError) {
    self.init(path: path, attempt: attempt, reason: error.description)
  }

  /// What the body gives; what the system refuses it becomes an error about the file.
  package static func wrapping<Result: ~Copyable>(
    _ path: String, _ attempt: Attempt, _ body: () throws(SystemError) -> Result
  ) throws(FileError) -> Result {
    do throws(SystemError) {
      return try body()
    } catch { throw FileError(path: path, attempt: attempt, error) }
  }

  /// `cannot ATTEMPT 'PATH': REASON`.
  public var description: String {
    "cannot \(attempt.rawValue) '\(PrintableText.name(path))': \(reason)"
  }
}

/// Refuses paths that C would silently read as another path: it ends a string at its first zero.
func checkPath(_ path: String) throws(FileError) {
  if path.isEmpty { throw FileError(path: path, attempt: .find, reason: "The path is empty") }
  if path.utf8.contains(0) {
    throw FileError(path: path, attempt: .find, reason: "The path contains a zero byte")
  }
}

/// The directory that holds `path`, and the name within it.
func splitPath(_ path: String) -> (directory: String, name: String) {
  guard let slash = path.lastIndex(of: "/") else { return (".", path) }
  let directory = path[..<slash]
  return (directory.isEmpty ? "/" : String(directory), String(path[path.index(after: slash)...]))
}
