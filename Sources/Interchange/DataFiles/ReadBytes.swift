import Platform

/// How large a file of a data set may be, unless an argument says otherwise: 4 GiB.
public let usualFileLimit = 1 << 32

/// The bytes of a file.
///
/// - Parameters:
///   - path: a file, or anything that can be read to an end, such as a pipe.
///   - limit: bytes that there may be.
/// - Throws: `DataFileError.unreadable`, also for what has more bytes than `limit` or than the machine
///   has memory.
package func readBytes(
  _ path: String, limit: Int = usualFileLimit
) throws(DataFileError) -> [UInt8] {
  // C would end a path at its first zero, and read another file.
  if path.utf8.contains(0) {
    throw .unreadable(file: path, reason: "The path contains a zero byte")
  }
  let limit = min(max(limit, 0), SystemMemory.physicalBytes)
  var bytes: [UInt8] = []
  var size = 0
  do throws(SystemError) {
    let file = try FileDescriptor(path, for: .reading)
    let status = try file.status()
    if status.kind == .directory { throw .isDirectory }
    // What is no file on a disk says its size only by ending.
    size = status.kind == .regular ? status.size : 0
    var capacity = size + 1
    while size <= limit {
      let chunk = try file.read(upTo: capacity)
      if bytes.isEmpty { bytes = chunk } else { bytes += chunk }
      size = bytes.count
      if chunk.count < capacity { break }
      capacity = min(max(1 << 16, size), limit - size + 1)
    }
  } catch {
    throw .unreadable(file: path, reason: error.description)
  }
  if size > limit {
    throw .unreadable(file: path, reason: "It has more than the \(limit) bytes that are allowed")
  }
  return bytes
}

/// Calls the body with the bytes of a file, which is mapped into memory: they are read when somebody
/// looks at them. What is no file on a disk, as a pipe, is read to its end.
///
/// Nobody may shorten the file meanwhile: a look at bytes that are missing ends the program.
///
/// - Throws: as `readBytes`, and what the body throws.
func withBytes<Result>(
  of path: String, limit: Int,
  _ body: (UnsafeBufferPointer<UInt8>) throws(DataFileError) -> Result
) throws(DataFileError) -> Result {
  var mapping: FileMapping?
  do throws(SystemError) {
    let file = try FileDescriptor(path, for: .reading)
    let status = try file.status()
    // Files in /proc have no size, and content.
    if status.kind == .regular, status.size > 0, status.size <= limit,
      !path.utf8.contains(0)
    {
      mapping = try FileMapping(file, count: status.size)
    }
  } catch {
    // What is wrong is said where the file is read.
  }
  guard let mapping else { return try readBytes(path, limit: limit).withBuffer(body) }
  defer { withExtendedLifetime(mapping) {} }
  return try body(mapping.bytes.bindMemory(to: UInt8.self))
}

extension [UInt8] {
  /// Calls the body with the array's memory; it may throw.
  func withBuffer<Result>(
    _ body: (UnsafeBufferPointer<UInt8>) throws(DataFileError) -> Result
  ) throws(DataFileError) -> Result {
    try withUnsafeBufferPointer { bytes -> Swift.Result<Result, DataFileError> in
      do throws(DataFileError) {
        return .success(try body(bytes))
      } catch { return .failure(error) }
    }.get()
  }
}
