#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A process whose output and errors can be read, line by line, in the order in which they came.
package struct ChildProcess: ~Copyable {
  /// How a process ended.
  package enum End: Equatable {
    case status(CInt)
    case signal(CInt)

    /// Whether somebody wanted the process to end, with Ctrl-C or the like.
    package var isInterruption: Bool {
      [.interrupt, .termination, .hangup, .quit].contains { (signal: Signal) in
        self == .signal(signal.number)
      }
    }
  }

  private let identifier: pid_t
  private let output: CInt
  private var buffer: [UInt8] = []

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - program: its path.
  ///   - variables: of the environment, by name; the others are this process's.
  package init(
    _ program: String, _ arguments: [String], setting variables: [String: String] = [:]
  ) throws(SystemError) {
    var ends: [CInt] = [0, 0]
    _ = try SystemError.checking { pipe(&ends) }
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
    let others = EnvironmentVariables.entries.filter { entry in
      !variables.keys.contains { entry.hasPrefix("\($0)=") }
    }
    var identifier: pid_t = 0
    let failure = withStrings([program] + arguments) { arguments in
      withStrings(others + variables.map { "\($0)=\($1)" }) { variables in
        posix_spawn(&identifier, program, &actions, nil, arguments, variables)
      }
    }
    posix_spawn_file_actions_destroy(&actions)
    close(ends[1])
    if failure != 0 {
      close(ends[0])
      throw SystemError(failure)
    }
    self.identifier = identifier
    output = ends[0]
  }

  /// The next line without its end; nil after the last.
  package mutating func line() -> String? {
    while true {
      if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
        defer { buffer.removeFirst(end + 1) }
        return String(decoding: buffer[..<end], as: UTF8.self)
      }
      let part = try? filled(65_536) { part throws(SystemError) in try readSome(output, part) }
      if let part, !part.isEmpty {
        buffer += part
      } else if buffer.isEmpty {
        return nil
      } else {
        defer { buffer = [] }
        return String(decoding: buffer, as: UTF8.self)
      }
    }
  }

  /// Waits for the end.
  package consuming func end() -> End {
    close(output)
    return Self.end(of: identifier)
  }

  /// Runs a program that is looked for as a shell does, with this process's streams, and waits for
  /// its end.
  ///
  /// - Parameter words: the program's name and its arguments.
  package static func run(_ words: [String]) throws(SystemError) -> End {
    var identifier: pid_t = 0
    let failure = withStrings(words) {
      posix_spawnp(&identifier, words[0], nil, nil, $0, EnvironmentVariables.list)
    }
    if failure != 0 { throw SystemError(failure) }
    return end(of: identifier)
  }

  private static func end(of identifier: pid_t) -> End {
    var status: CInt = 0
    while waitpid(identifier, &status, 0) < 0 && errno == EINTR {}
    // The low seven bits are the signal, the byte above them the status.
    let signal = status & 0x7f
    return signal == 0 ? .status(status >> 8 & 0xff) : .signal(signal)
  }
}

/// Hands strings on as C takes them: a list that ends with nil.
private func withStrings<Result>(
  _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
  let list = strings.map { strdup($0) }
  defer { for string in list { free(string) } }
  return body(list + [nil])
}
