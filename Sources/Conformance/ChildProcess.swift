#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A process whose output and errors can be read, line by line, in the order in which they came.
struct ChildProcess: ~Copyable {
  /// How a process ended.
  enum End: Equatable {
    case status(Int32)
    case signal(Int32)

    /// Whether somebody wanted the process to end, with Ctrl-C or the like.
    var isInterruption: Bool {
      [SIGINT, SIGTERM, SIGHUP, SIGQUIT].contains { self == .signal($0) }
    }
  }

  private let identifier: pid_t
  private let output: Int32
  private var buffer: [UInt8] = []

  /// Starts a program.
  ///
  /// - Throws: an error that says which program could not be started.
  init(_ executable: String, _ arguments: [String]) throws(CaseError) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw CaseError("no pipe: \(String(cString: strerror(errno)))") }
    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t? = nil
    #else
      var actions = posix_spawn_file_actions_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO)
    posix_spawn_file_actions_addclose(&actions, ends[0])
    posix_spawn_file_actions_addclose(&actions, ends[1])
    // The backtrace of a trap takes seconds, and would stand where its sentence is expected.
    let words = [[executable] + arguments, Self.environment + ["SWIFT_BACKTRACE=enable=no"]]
    let lists = words.map { $0.map { strdup($0) } + [nil] }
    var identifier: pid_t = 0
    let failure = posix_spawn(&identifier, executable, &actions, nil, lists[0], lists[1])
    for pointer in lists.joined() { free(pointer) }
    posix_spawn_file_actions_destroy(&actions)
    close(ends[1])
    if failure != 0 {
      close(ends[0])
      throw CaseError("\(executable) does not start: \(String(cString: strerror(failure)))")
    }
    self.identifier = identifier
    output = ends[0]
  }

  private static var environment: [String] {
    var result: [String] = []
    var next = environ
    while let entry = next.pointee {
      let text = String(cString: entry)
      if !text.hasPrefix("SWIFT_BACKTRACE=") { result.append(text) }
      next += 1
    }
    return result
  }

  /// The next line without its end; nil after the last.
  mutating func line() -> String? {
    while true {
      if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
        defer { buffer.removeFirst(end + 1) }
        return String(decoding: buffer[..<end], as: UTF8.self)
      }
      var part = [UInt8](repeating: 0, count: 65_536)
      let count = read(output, &part, part.count)
      if count < 0 && errno == EINTR { continue }
      if count > 0 {
        buffer += part[..<count]
      } else if buffer.isEmpty {
        return nil
      } else {
        defer { buffer = [] }
        return String(decoding: buffer, as: UTF8.self)
      }
    }
  }

  /// Waits for the end.
  consuming func end() -> End {
    close(output)
    var status: Int32 = 0
    while waitpid(identifier, &status, 0) < 0 && errno == EINTR {}
    // The low seven bits are the signal, the byte above them the status.
    let signal = status & 0x7f
    return signal == 0 ? .status(status >> 8 & 0xff) : .signal(signal)
  }
}
