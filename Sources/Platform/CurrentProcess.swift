package import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The program that runs.
package enum CurrentProcess {
  /// A number that no other living process has.
  package static var identifier: Int { Int(getpid()) }

  /// Whether there is a process of that number.
  package static func isAlive(_ identifier: Int) -> Bool {
    guard let number = pid_t(exactly: identifier), number > 0 else { return false }
    return kill(number, 0) == 0 || errno != ESRCH
  }

  /// A path by which this program can be started once more.
  package static var program: String {
    #if os(Linux)
      // Whatever has become of its file.
      "/proc/self/exe"
    #else
      path ?? CommandLine.arguments[0]
    #endif
  }

  /// The file of this program; nil where the system does not tell.
  package static var path: String? {
    var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
    #if canImport(Darwin)
      var size = UInt32(bytes.count)
      guard _NSGetExecutablePath(&bytes, &size) == 0 else { return nil }
      return String(decoding: bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    #else
      let length = readlink("/proc/self/exe", &bytes, bytes.count)
      guard length > 0 else { return nil }
      return String(decoding: bytes[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
    #endif
  }

  /// In which space of numbers its identifier is: processes with equal ones can see each other. Nil
  /// where the system does not tell.
  package static var identifierSpace: String? {
    #if os(Linux)
      var bytes = [CChar](repeating: 0, count: 256)
      let length = readlink("/proc/self/ns/pid", &bytes, bytes.count)
      guard length > 0,
        let boot = try? FileDescriptor("/proc/sys/kernel/random/boot_id", for: .reading)
          .read(upTo: 64)
      else { return nil }
      let space = bytes[..<length].map(UInt8.init(bitPattern:))
      return String(decoding: boot + space, as: UTF8.self)
    #else
      return nil
    #endif
  }

  /// Ends the program as `kill -9` does.
  package static func endByForce() -> Never {
    raise(SIGKILL)
    _exit(128 + SIGKILL)
  }

  /// Ends the program, whatever its other threads are doing, with a line on standard error; nothing
  /// that was to be done at its end is done.
  package static func endAtOnce(status: CInt, saying line: String) -> Never {
    try? StandardStream.error.write(line + "\n")
    _exit(status)
  }

  /// Ends the program.
  package static func end(status: CInt) -> Never { exit(status) }

  /// Ends the program with status 2 and a line on standard error.
  package static func end(saying line: String) -> Never {
    try? StandardStream.error.write(line + "\n")
    exit(2)
  }

  /// Whether a lack of memory ends the program as any other error of its surroundings: with status 2 and one
  /// sentence. A library does not decide that for the program that it is in.
  package static let endsInOrderWithoutMemory = Atomic(false)

  /// What is to be said where the search for a place ends the program by itself.
  ///
  /// Unsafe, as a signal's handler reads it: whichever thread has written it last, the program
  /// ends.
  private nonisolated(unsafe) static var lastWords: UnsafeMutablePointer<CChar>?

  /// Ends the program by the signal of an error in it (SIGABRT), with a line on standard error.
  ///
  /// - Parameter place: what stands before the line. A search for it may touch memory that is not
  ///   there: then the line stands alone.
  package static func abort(saying line: String, after place: () -> String) -> Never {
    lastWords = strdup(line + "\n")
    for fault in [Signal.segmentationFault, .busError] {
      fault.handle { _ in
        if let words = CurrentProcess.lastWords { _ = write(STDERR_FILENO, words, strlen(words)) }
        endByAbortion()
      }
    }
    try? StandardStream.error.write("\(place())\(line)\n")
    endByAbortion()
  }
}

/// Out of reach of the method with the name of C's.
private func endByAbortion() -> Never { abort() }
