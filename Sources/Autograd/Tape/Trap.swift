#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What is to be said where looking for the caller's line ends the program by itself.
///
/// Unsafe, as a signal's handler reads it: whichever thread has written it last, the program ends.
private nonisolated(unsafe) var sentence: UnsafeMutablePointer<CChar>?

/// Ends the program with a sentence about a programming error, in optimized builds too. Before the
/// sentence stands the line of the program that called the library, where the system can tell.
///
/// The line is looked up when the program ends, not handed down by each call: operators have no
/// place for it, and so it costs nothing as long as all goes well.
package func trap(_ message: @autoclosure () -> String) -> Never {
  let text = "Fatal error: \(message())\n"
  sentence = strdup(text)
  // Beyond the first frame of a thread, the toolchain's search may read where no memory is.
  for number in [SIGSEGV, SIGBUS] {
    signal(number) { _ in
      if let sentence { _ = write(STDERR_FILENO, sentence, strlen(sentence)) }
      abort()
    }
  }
  let line = CallSite.callerLine().map { "\($0): " } ?? ""
  // Not fatalError, which names a line of this file.
  "\(line)\(text)".withCString { _ = write(STDERR_FILENO, $0, strlen($0)) }
  abort()
}
