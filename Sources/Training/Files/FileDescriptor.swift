import Glibc

/// An open file that closes itself.
///
/// Calls that a signal interrupts are repeated; short reads and writes are continued.
struct FileDescriptor: ~Copyable {
  private let number: CInt
  private let path: String

  init(path: String, flags: CInt, mode: mode_t = 0, attempt: FileError.Attempt)
    throws(FileError)
  {
    var number: CInt
    repeat { number = Glibc.open(path, flags | O_CLOEXEC, mode) } while number < 0 && errno == EINTR
    guard number >= 0 else { throw FileError(path: path, attempt: attempt) }
    // A program that was started with a standard stream closed would write its messages into this.
    while number <= STDERR_FILENO {
      let higher = fcntl(number, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
      let code = errno
      close(number)
      guard higher >= 0 else { throw FileError(path: path, attempt: attempt, code: code) }
      number = higher
    }
    self.number = number
    self.path = path
  }

  deinit { Glibc.close(number) }

  /// Kind, permissions and size.
  func status() throws(FileError) -> stat {
    var status = stat()
    guard fstat(number, &status) == 0 else { throw FileError(path: path, attempt: .read) }
    return status
  }

  /// Fills `buffer` as far as the file reaches; returns the number of bytes.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    var filled = 0
    while filled < buffer.count {
      let count = Glibc.read(number, buffer.baseAddress! + filled, buffer.count - filled)
      if count == 0 { break }
      if count < 0 {
        if errno == EINTR { continue }
        throw FileError(path: path, attempt: .read)
      }
      filled += count
    }
    return filled
  }

  /// Writes all of `bytes`.
  func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    var written = 0
    while written < bytes.count {
      let count = Glibc.write(number, bytes.baseAddress! + written, bytes.count - written)
      if count < 0 {
        if errno == EINTR { continue }
        throw FileError(path: path, attempt: .write)
      }
      written += count
    }
  }

  /// Writes all of `bytes`.
  func write(_ bytes: some Collection<UInt8>) throws(FileError) {
    let failure = bytes.withContiguousStorageIfAvailable { storage -> FileError? in
      do throws(FileError) {
        try write(UnsafeRawBufferPointer(storage))
        return nil
      } catch { return error }
    }
    switch failure {
    case nil: try write(Array(bytes))
    case .some(nil): return
    case .some(let error?): throw error
    }
  }

  /// Returns when what was written is on the disk.
  func synchronize() throws(FileError) {
    // A pipe or a device has nothing to synchronise and says EINVAL.
    guard fsync(number) == 0 || errno == EINVAL || errno == EROFS else {
      throw FileError(path: path, attempt: .write)
    }
  }

  /// Cuts the file off after `length` bytes.
  func truncate(to length: Int) throws(FileError) {
    guard ftruncate(number, off_t(length)) == 0 else {
      throw FileError(path: path, attempt: .write)
    }
  }

  /// Sets the permissions.
  func setPermissions(_ mode: mode_t) throws(FileError) {
    guard fchmod(number, mode) == 0 else { throw FileError(path: path, attempt: .create) }
  }
}

extension stat {
  /// Whether this is an ordinary file, not a directory, pipe or device.
  var isRegularFile: Bool { st_mode & S_IFMT == S_IFREG }
}
