#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Ends the program with a sentence about a programming error, in optimized builds too. Before the
/// sentence stands the line of the program that called the library, where the system can tell.
///
/// The line is looked up when the program ends, not handed down by each call: operators have no
/// place for it, and so it costs nothing as long as all goes well.
package func trap(_ message: @autoclosure () -> String) -> Never {
  let line = CallSite.callerLine().map { "\($0): " } ?? ""
  // Not fatalError, which names a line of this file.
  "\(line)Fatal error: \(message())\n".withCString { _ = write(STDERR_FILENO, $0, strlen($0)) }
  abort()
}
