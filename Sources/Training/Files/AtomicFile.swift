import Glibc

/// Files that are replaced as a whole or not at all.
///
/// The new content is written beside the old file, under a temporary name in the same directory
/// (a rename is only atomic within one file system), forced onto the disk, and renamed over the
/// old one. A reader, a crash or a full disk therefore meets either the old content or the new.
public enum AtomicFile {
  /// Replaces the file at `path`, or makes it.
  ///
  /// A symbolic link is followed, so that the link stays and its target is replaced; permissions
  /// of an existing file are kept. A path that names a device or a pipe is written to directly.
  ///
  /// - Parameter bytes: the new content.
  /// - Throws: `FileError`; the old file is then untouched and the temporary one removed.
  public static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
    try write(pieces: [bytes[...]], to: path)
  }

  /// Replaces the file at `path` by a text in UTF-8. See `write(_:to:)` for bytes.
  public static func write(_ text: String, to path: String) throws(FileError) {
    try write(Array(text.utf8), to: path)
  }

  /// Replaces the file at `path` by pieces, one after the other, without copying them together.
  public static func write(pieces: [ArraySlice<UInt8>], to path: String) throws(FileError) {
    try checkPath(path)
    var status = stat()
    let exists = stat(path, &status) == 0
    if exists && status.st_mode & S_IFMT == S_IFDIR {
      throw FileError(path: path, attempt: .replace, code: EISDIR)
    }
    if exists && !status.isRegularFile {
      let device = try FileDescriptor(path: path, flags: O_WRONLY, attempt: .open)
      for piece in pieces { try device.write(piece) }
      return
    }
    let target = exists ? try resolved(path) : path
    try replace(target, by: pieces, mode: exists ? status.st_mode & 0o7777 : nil, reporting: path)
  }

  /// The path without symbolic links.
  private static func resolved(_ path: String) throws(FileError) -> String {
    guard let real = realpath(path, nil) else { throw FileError(path: path, attempt: .find) }
    defer { free(real) }
    return String(cString: real)
  }

  /// Writes the temporary file and renames it; errors name `path`, the one that the caller knows.
  private static func replace(
    _ target: String, by pieces: [ArraySlice<UInt8>], mode: mode_t?, reporting path: String
  ) throws(FileError) {
    let directory = splitPath(target).directory
    // The name does not contain the target's, which may already be as long as a name can be.
    let unique = String(UInt64.random(in: 0 ... .max), radix: 36)
    let temporary = "\(directory)/.tapestry-\(getpid())-\(unique).tmp"
    do throws(FileError) {
      let file = try FileDescriptor(
        path: temporary, flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o666, attempt: .create)
      if let mode { try file.setPermissions(mode) }
      for piece in pieces { try file.write(piece) }
      try file.synchronize()
    } catch {
      unlink(temporary)
      throw FileError(path: path, attempt: error.attempt, reason: error.reason)
    }
    guard rename(temporary, target) == 0 else {
      let code = errno
      unlink(temporary)
      throw FileError(path: path, attempt: .replace, code: code)
    }
    // The rename itself reaches the disk with the directory. The new file is in place by now, so
    // a file system that cannot synchronise a directory is no reason to report a failure.
    if let parent = try? FileDescriptor(path: directory, flags: O_RDONLY, attempt: .open) {
      try? parent.synchronize()
    }
  }
}
