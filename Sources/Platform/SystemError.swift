#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Why the system refused a call: the number that is called `errno` in C.
package struct SystemError: Error, Equatable, CustomStringConvertible {
  package let number: CInt

  package init(_ number: CInt) { self.number = number }

  /// That of the call that failed last on this thread.
  package static var last: SystemError { SystemError(errno) }

  package static var noSuchFile: SystemError { SystemError(ENOENT) }
  package static var alreadyExists: SystemError { SystemError(EEXIST) }
  package static var isDirectory: SystemError { SystemError(EISDIR) }
  package static var isNoDirectory: SystemError { SystemError(ENOTDIR) }
  package static var fileTooLarge: SystemError { SystemError(EFBIG) }
  /// Somebody else has the lock.
  package static var wouldBlock: SystemError { SystemError(EWOULDBLOCK) }
  package static var brokenPipe: SystemError { SystemError(EPIPE) }
  static var isInterrupted: SystemError { SystemError(EINTR) }

  /// The reason in the system's words.
  package var description: String { String(cString: strerror(number)) }

  /// Repeats a call as long as signals interrupt it.
  ///
  /// - Parameter call: one that answers -1 where it fails.
  static func checking<Answer: SignedInteger>(_ call: () -> Answer) throws(SystemError) -> Answer {
    while true {
      let answer = call()
      if answer >= 0 { return answer }
      if errno != EINTR { throw .last }
    }
  }
}
