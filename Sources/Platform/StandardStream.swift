#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a program is started with.
package enum StandardStream: CInt {
  case input = 0
  case output = 1
  case error = 2

  /// What comes next, up to so many bytes; none at the end.
  package func read(upTo capacity: Int) throws(SystemError) -> [UInt8] {
    try filled(capacity) { buffer throws(SystemError) in try readSome(rawValue, buffer) }
  }

  /// Writes all of a text.
  package func write(_ text: String) throws(SystemError) { try writeAll(text.utf8, to: rawValue) }

  /// Closes the stream: some file systems say only now that the disk is full. One that was never
  /// open is no error.
  package func close() throws(SystemError) {
    if closeDescriptor(rawValue) != 0 && errno != EBADF && errno != EINTR { throw .last }
  }
}

/// Out of reach of the method with the name of C's.
private func closeDescriptor(_ descriptor: CInt) -> CInt { close(descriptor) }
