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
  ///
  /// - Parameter previous: what the old file is called from now on, beside the new one; nil does not
  ///   keep it. At each moment there is a whole file at `path`.
  public static func write(
    pieces: [StoredBytes], to path: String, keepingPrevious previous: String? = nil
  ) throws(FileError) {
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
    try replace(
      target, by: pieces, permissions: status?.permissions, keepingPrevious: previous,
      reporting: path)
  }

  /// Removes what programs that were killed while they wrote have left in a directory.
  public static func removeLeftovers(in directory: String) {
    for name in (try? FileSystem.names(in: directory)) ?? [] {
      // `.tapestry-PROCESS-UNIQUE.tmp`
      let parts = name.split(separator: "-")
      guard name.hasPrefix(prefix), name.hasSuffix(suffix), parts.count == 3,
        let process = Int(parts[1]), !CurrentProcess.isAlive(process)
      else { continue }
      FileSystem.remove("\(directory)/\(name)")
    }
  }

  private static let prefix = ".tapestry-"
  private static let suffix = ".tmp"

  /// A name beside a file. It does not contain the file's, which may already be as long as a name can
  /// be.
  private static func temporaryName(in directory: String) -> String {
    let unique = String(UInt64.random(in: 0 ... .max), radix: 36)
    return "\(directory)/\(prefix)\(CurrentProcess.identifier)-\(unique)\(suffix)"
  }

  /// Writes the temporary file and renames it; errors name `path`, the one that the caller knows.
  private static func replace(
    _ target: String, by pieces: [StoredBytes], permissions: UInt32?,
    keepingPrevious previous: String?, reporting path: String
  ) throws(FileError) {
    let directory = splitPath(target).directory
    let temporary = temporaryName(in: directory)
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
        if let previous, FileSystem.exists(target) { try keep(target, as: previous) }
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

  /// Gives a file a second name, whatever has that name now.
  private static func keep(_ path: String, as previous: String) throws(SystemError) {
    let temporary = temporaryName(in: splitPath(previous).directory)
    do throws(SystemError) {
      try FileSystem.link(path, to: temporary)
    } catch {
      // A file system without second names: for a moment there is no file at the path, but the previous.
      return try FileSystem.rename(path, to: previous)
    }
    try FileSystem.rename(temporary, to: previous)
  }
}
