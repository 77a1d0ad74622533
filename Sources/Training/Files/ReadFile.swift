import Glibc

/// All bytes of a file.
///
/// - Parameter path: a file, or anything that can be read to an end, such as a pipe.
/// - Throws: `FileError`, also for a file that is larger than the machine's memory (a sparse file
///   may claim any size; allocating for it would end the process).
public func readFile(_ path: String) throws(FileError) -> [UInt8] {
  try checkPath(path)
  let file = try FileDescriptor(path: path, flags: O_RDONLY, attempt: .open)
  let status = try file.status()
  let memory = sysconf(CInt(_SC_PHYS_PAGES)) * sysconf(CInt(_SC_PAGESIZE))
  if status.isRegularFile && Int(status.st_size) > memory {
    throw FileError(
      path: path, attempt: .read,
      reason: "Its \(status.st_size) bytes are more than this machine's memory")
  }
  // The size is a hint: files in /proc say 0, and a file may grow meanwhile. One byte more than
  // the size lets a single pass see that the file has ended.
  var bytes: [UInt8] = []
  var capacity = status.isRegularFile ? Int(status.st_size) + 1 : 1 << 16
  while true {
    let chunk = try readChunk(file, capacity: capacity)
    if bytes.isEmpty { bytes = chunk } else { bytes += chunk }
    if chunk.count < capacity { return bytes }
    capacity = max(1 << 16, bytes.count)
  }
}

/// Up to `capacity` bytes; fewer only at the end of the file.
private func readChunk(_ file: borrowing FileDescriptor, capacity: Int) throws(FileError) -> [UInt8]
{
  var failure: FileError?
  let chunk = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
    do throws(FileError) {
      count = try file.read(into: UnsafeMutableRawBufferPointer(buffer))
    } catch {
      failure = error
    }
  }
  if let failure { throw failure }
  return chunk
}

/// Makes a directory and those above it, as far as they are missing.
///
/// - Throws: `FileError` if one cannot be made or something other than a directory is in the way.
public func createDirectory(_ path: String) throws(FileError) {
  try checkPath(path)
  if mkdir(path, 0o777) == 0 { return }
  if errno == ENOENT {
    var trimmed = path[...]
    while trimmed.count > 1 && trimmed.last == "/" { trimmed.removeLast() }
    let parent = splitPath(String(trimmed)).directory
    if parent != path { try createDirectory(parent) }
    if mkdir(path, 0o777) == 0 { return }
  }
  var status = stat()
  let code = errno
  guard code == EEXIST else { throw FileError(path: path, attempt: .create, code: code) }
  guard stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR else {
    throw FileError(path: path, attempt: .create, code: ENOTDIR)
  }
}

/// Whether there is anything at a path.
package func fileExists(_ path: String) -> Bool { access(path, F_OK) == 0 }

/// Whether there is a directory at a path.
package func isDirectory(_ path: String) -> Bool {
  var status = stat()
  return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}
