#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// An open file that closes itself.
///
/// Calls that a signal interrupts are repeated; short reads and writes are continued.
package struct FileDescriptor: ~Copyable {
  /// What a file is opened for.
  package enum Access {
    case reading
    case writing
    /// Each write goes to the file's end.
    case appending
    /// Making the file, which must not be there.
    case creating

    fileprivate var flags: CInt {
      switch self {
      case .reading: O_RDONLY
      case .writing: O_WRONLY
      case .appending: O_WRONLY | O_APPEND
      case .creating: O_WRONLY | O_CREAT | O_EXCL
      }
    }
  }

  let number: CInt

  package init(_ path: String, for access: Access) throws(SystemError) {
    var number = try SystemError.checking { open(path, access.flags | O_CLOEXEC, 0o666) }
    // A program that was started with a standard stream closed would write its messages into this.
    while number <= STDERR_FILENO {
      let higher = fcntl(number, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
      let error = SystemError.last
      close(number)
      guard higher >= 0 else { throw error }
      number = higher
    }
    self.number = number
  }

  deinit { close(number) }

  /// What the file is.
  package func status() throws(SystemError) -> FileStatus {
    var status = stat()
    _ = try SystemError.checking { fstat(number, &status) }
    return FileStatus(status)
  }

  /// Fills `buffer` as far as the file reaches; returns the number of bytes.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
    var filled = 0
    while filled < buffer.count {
      let count = try readSome(number, UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
      if count == 0 { break }
      filled += count
    }
    return filled
  }

  /// Up to so many bytes; fewer only at the end of the file.
  package func read(upTo capacity: Int) throws(SystemError) -> [UInt8] {
    try filled(capacity) { buffer throws(SystemError) in try read(into: buffer) }
  }

  /// All that comes until the end.
  ///
  /// - Throws: `SystemError.fileTooLarge` where that is more than `limit` bytes; of a file that says so, nothing is
  ///   read.
  package func readToEnd(limit: Int) throws(SystemError) -> [UInt8] {
    // The size is a hint: files in /proc say 0, and a file may grow meanwhile. One byte more than
    // the size lets a single pass see that the file has ended.
    let status = try status()
    if status.kind == .regular && status.size > limit { throw .fileTooLarge }
    var bytes: [UInt8] = []
    var capacity = status.kind == .regular ? status.size + 1 : 1 << 16
    while true {
      let chunk = try read(upTo: capacity)
      if bytes.isEmpty { bytes = chunk } else { bytes += chunk }
      if bytes.count > limit { throw .fileTooLarge }
      if chunk.count < capacity { return bytes }
      capacity = max(1 << 16, bytes.count)
    }
  }

  /// Writes all bytes.
  package func write(_ bytes: some Collection<UInt8>) throws(SystemError) {
    try writeAll(bytes, to: number)
  }

  /// Returns when what was written is on the disk.
  package func synchronize() throws(SystemError) {
    do throws(SystemError) {
      // On some file systems a signal interrupts it, whatever the signal's action says of calls that go on.
      _ = try SystemError.checking { fsync(number) }
    } catch  where error.number == EINVAL || error.number == EROFS {
      // A pipe or a device has nothing to synchronise.
    }
  }

  /// Has the file or directory for itself, among those who ask, until it is closed or the process ends,
  /// however it ends.
  ///
  /// - Throws: `SystemError.wouldBlock` where somebody else has it; other errors where the file system knows
  ///   no such locks.
  package func lock() throws(SystemError) {
    _ = try SystemError.checking { flock(number, LOCK_EX | LOCK_NB) }
  }

  /// Cuts the file off after `length` bytes.
  package func truncate(to length: Int) throws(SystemError) {
    _ = try SystemError.checking { ftruncate(number, off_t(length)) }
  }

  /// Sets the permissions.
  package func setPermissions(_ permissions: UInt32) throws(SystemError) {
    _ = try SystemError.checking { fchmod(number, mode_t(truncatingIfNeeded: permissions)) }
  }
}

/// What there is to know of a file without reading it.
package struct FileStatus {
  package enum Kind {
    case regular, directory
    /// A pipe, a device, ...
    case other
  }

  package let kind: Kind
  /// Bytes.
  package let size: Int
  /// Who may read, write and execute it: the lowest twelve bits of its mode.
  package let permissions: UInt32

  init(_ status: stat) {
    let kinds: [mode_t: Kind] = [S_IFREG: .regular, S_IFDIR: .directory]
    kind = kinds[status.st_mode & S_IFMT] ?? .other
    size = Int(status.st_size)
    permissions = UInt32(status.st_mode & 0o7777)
  }
}

// The C library's functions, out of reach of the methods with their names.

/// What can be read at once; 0 at the end.
func readSome(
  _ descriptor: CInt, _ buffer: UnsafeMutableRawBufferPointer
) throws(SystemError) -> Int {
  try SystemError.checking { read(descriptor, buffer.baseAddress, buffer.count) }
}

/// Bytes of the number that the body says, at most `capacity`.
func filled(
  _ capacity: Int, _ body: (UnsafeMutableRawBufferPointer) throws(SystemError) -> Int
) throws(SystemError) -> [UInt8] {
  var failure: SystemError?
  let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
    do throws(SystemError) {
      count = try body(UnsafeMutableRawBufferPointer(buffer))
    } catch { failure = error }
  }
  if let failure { throw failure }
  return bytes
}

/// Writes all bytes.
func writeAll(_ bytes: some Collection<UInt8>, to descriptor: CInt) throws(SystemError) {
  let failure = bytes.withContiguousStorageIfAvailable { storage -> SystemError? in
    do throws(SystemError) {
      try writeAll(UnsafeRawBufferPointer(storage), to: descriptor)
      return nil
    } catch { return error }
  }
  switch failure {
  case nil: try writeAll(Array(bytes), to: descriptor)
  case .some(nil): return
  case .some(let error?): throw error
  }
}

private func writeAll(
  _ bytes: UnsafeRawBufferPointer, to descriptor: CInt
) throws(SystemError) {
  var written = 0
  while written < bytes.count {
    let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
    let count = write(descriptor, rest.baseAddress, rest.count)
    if count >= 0 {
      written += count
    } else if errno == EAGAIN {
      // Another process has made the pipe one that does not wait.
      var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      poll(&request, 1, -1)
    } else if errno != EINTR {
      throw .last
    }
  }
}
