import Platform

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
    try write(pieces: [StoredBytes(bytes)], to: path)
  }

  /// Replaces the file at `path` by a text in UTF-8. See `write(_:to:)` for bytes.
  public static func write(_ text: String, to path: String) throws(FileError) {
    try write(Array(text.utf8), to: path)
  }

  /// Replaces the file at `path` by pieces, one after the other, without copying them together.
  public static func write(pieces: [StoredBytes], to path: String) throws(FileError) {
    try checkPath(path)
    let status = try? FileSystem.status(of: path)
    if status?.kind == .directory { throw FileError(path: path, attempt: .replace, .isDirectory) }
    if status?.kind == .other {
      let device = try FileError.wrapping(path, .open) { () throws(SystemError) in
        try FileDescriptor(path, for: .writing)
      }
      return try FileError.wrapping(path, .write) { () throws(SystemError) in
        for piece in pieces { try device.write(piece) }
      }
    }
    let target = try FileError.wrapping(path, .find) { () throws(SystemError) in
      status == nil ? path : try FileSystem.resolve(path)
    }
    try replace(target, by: pieces, permissions: status?.permissions, reporting: path)
  }

  /// Writes the temporary file and renames it; errors name `path`, the one that the caller knows.
  private static func replace(
    _ target: String, by pieces: [StoredBytes], permissions: UInt32?, reporting path: String
  ) throws(FileError) {
    let directory = splitPath(target).directory
    // The name does not contain the target's, which may already be as long as a name can be.
    let unique = String(UInt64.random(in: 0 ... .max), radix: 36)
    let temporary = "\(directory)/.tapestry-\(CurrentProcess.identifier)-\(unique).tmp"
    do throws(FileError) {
      let file = try FileError.wrapping(path, .create) { () throws(SystemError) in
        let file = try FileDescriptor(temporary, for: .creating)
        if let permissions { try file.setPermissions(permissions) }
        return file
      }
      try FileError.wrapping(path, .write) { () throws(SystemError) in
        for piece in pieces { try file.write(piece) }
        try file.synchronize()
      }
      try FileError.wrapping(path, .replace) { () throws(SystemError) in
        try FileSystem.rename(temporary, to: target)
      }
    } catch {
      FileSystem.remove(temporary)
      throw error
    }
    // The rename itself reaches the disk with the directory. The new file is in place by now, so
    // a file system that cannot synchronise a directory is no reason to report a failure.
    try? FileDescriptor(directory, for: .reading).synchronize()
  }
}
