import Platform

/// Bytes that a file has at most, where nobody says how many.
private let usualLimit = 1 << 31

/// All bytes of a file.
///
/// - Parameters:
///   - path: a file, or anything that can be read to an end, such as a pipe.
///   - limit: bytes that there may be: an endless input ends there, and a file that claims to be enormous
///     is not read.
/// - Throws: `FileError`, also for what has more bytes than `limit`.
public func readFile(_ path: String, limit: Int = 1 << 31) throws(FileError) -> [UInt8] {
  try openFile(path).readAll(of: path, limit: limit)
}

/// All bytes of a file, mapped into memory: they are read when somebody looks at them. What is no file on
/// a disk, as a pipe, is read to its end, if that comes within 2^31 bytes.
///
/// Nobody may shorten the file meanwhile: its bytes would be missing, and a look at them ends the
/// program. One that is replaced by another (`AtomicFile`) is no such: the old one stays for whoever has
/// it.
public func mapFile(_ path: String) throws(FileError) -> StoredBytes {
  let file = try openFile(path)
  let status = try FileError.wrapping(path, .read) { () throws(SystemError) in try file.status() }
  // Files in /proc have no size, and content.
  guard status.kind == .regular, status.size > 0 else {
    return StoredBytes(try file.readAll(of: path, limit: usualLimit))
  }
  return StoredBytes(
    try FileError.wrapping(path, .read) { () throws(SystemError) in
      try FileMapping(file, count: status.size)
    })
}

extension FileDescriptor {
  /// All bytes; more than `limit` are an error about the file.
  fileprivate func readAll(of path: String, limit: Int) throws(FileError) -> [UInt8] {
    do throws(SystemError) {
      return try readToEnd(limit: limit)
    } catch .fileTooLarge {
      throw FileError(
        path: path, attempt: .read,
        reason: "It has more than the \(limit) bytes that are read at most")
    } catch { throw FileError(path: path, attempt: .read, error) }
  }
}

private func openFile(_ path: String) throws(FileError) -> FileDescriptor {
  try checkPath(path)
  return try FileError.wrapping(path, .open) { () throws(SystemError) in
    try FileDescriptor(path, for: .reading)
  }
}

/// Makes a directory and those above it, as far as they are missing.
///
/// - Throws: `FileError` if one cannot be made or something other than a directory is in the way.
public func createDirectory(_ path: String) throws(FileError) {
  try checkPath(path)
  do throws(SystemError) {
    try FileSystem.makeDirectory(path)
  } catch .alreadyExists {
    try requireDirectory(path)
  } catch .noSuchFile {
    var trimmed = path[...]
    while trimmed.count > 1 && trimmed.last == "/" { trimmed.removeLast() }
    let parent = splitPath(String(trimmed)).directory
    if parent != path { try createDirectory(parent) }
    do throws(SystemError) {
      try FileSystem.makeDirectory(path)
    } catch .alreadyExists {
      try requireDirectory(path)
    } catch { throw FileError(path: path, attempt: .create, error) }
  } catch { throw FileError(path: path, attempt: .create, error) }
}

private func requireDirectory(_ path: String) throws(FileError) {
  if !isDirectory(path) { throw FileError(path: path, attempt: .create, .isNoDirectory) }
}

/// Removes a file, if it is there.
package func removeFile(_ path: String) { FileSystem.remove(path) }

/// Whether there is anything at a path.
package func fileExists(_ path: String) -> Bool { FileSystem.exists(path) }

/// Whether there is a directory at a path.
package func isDirectory(_ path: String) -> Bool {
  (try? FileSystem.status(of: path))?.kind == .directory
}
