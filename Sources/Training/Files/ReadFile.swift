import Platform

/// All bytes of a file.
///
/// - Parameter path: a file, or anything that can be read to an end, such as a pipe.
/// - Throws: `FileError`, also for a file that is larger than the machine's memory (a sparse file
///   may claim any size; allocating for it would end the process).
public func readFile(_ path: String) throws(FileError) -> [UInt8] {
  try checkPath(path)
  let file = try FileError.wrapping(path, .open) { () throws(SystemError) in
    try FileDescriptor(path, for: .reading)
  }
  let status = try FileError.wrapping(path, .read) { () throws(SystemError) in try file.status() }
  if status.kind == .regular && status.size > SystemMemory.physicalBytes {
    throw FileError(
      path: path, attempt: .read,
      reason: "Its \(status.size) bytes are more than this machine's memory")
  }
  return try FileError.wrapping(path, .read) { () throws(SystemError) in try file.readToEnd() }
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

/// Whether there is anything at a path.
package func fileExists(_ path: String) -> Bool { FileSystem.exists(path) }

/// Whether there is a directory at a path.
package func isDirectory(_ path: String) -> Bool {
  (try? FileSystem.status(of: path))?.kind == .directory
}
