import Platform

/// A directory that one training has for itself, until the lock is dropped or the process ends, however
/// it ends: a kill leaves nothing behind.
///
/// The lock is on the directory itself (`flock`), not on a file in it. Where a file system knows no such
/// locks there is none, and nobody is refused.
///
/// ```swift
/// let lock = try DirectoryLock("runs/first")
/// trainer.lock = lock
/// ```
public final class DirectoryLock: Sendable {
  /// The directory.
  public let path: String
  private let directory: FileDescriptor

  /// Locks a directory, which is there.
  ///
  /// - Throws: `FileError` if another lock is on it, or it cannot be opened.
  public init(_ path: String) throws(FileError) {
    try checkPath(path)
    self.path = path
    let opened = try FileError.wrapping(path, .open) { () throws(SystemError) in
      try FileDescriptor(path, for: .reading)
    }
    // A process that this one has just started holds its open directories for a moment, until it becomes
    // another program: a lock that was dropped meanwhile is free after that.
    for attempt in 1... {
      do throws(SystemError) {
        try opened.lock()
      } catch .wouldBlock {
        if attempt < 20 {
          CurrentThread.sleep(seconds: 0.02)
          continue
        }
        throw FileError(path: path, attempt: .lock, reason: "Another training is going on in it")
      } catch {
        // A file system without locks.
      }
      break
    }
    directory = opened
  }
}
