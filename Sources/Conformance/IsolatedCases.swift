import Platform

/// Runs cases in a child process, so that a programming error, which ends the process, is the
/// failure of its case alone: the cases after it run in another child.
struct IsolatedCases {
  /// This program.
  let executable: String
  /// The arguments with which it was called.
  let arguments: [String]

  /// Calls the body with the answer to each of the cases, in their order.
  ///
  /// - Parameters:
  ///   - names: of the cases, for those whose answer is missing.
  ///   - begin: called when a case begins, with its number.
  ///   - complain: takes what the library writes beside the answers.
  func run(
    _ names: [String], begin: (Int) throws -> Void, complain: (String) -> Void,
    _ body: (Int, Answer) throws -> Void
  ) throws {
    var next = 0
    while next < names.count {
      var child = try start(at: next)
      var words: [String] = []
      var failure: (any Error)?
      do {
        try begin(next)
        while let line = child.line() {
          guard let answer = Answer(line: line) else {
            words.append(line)
            continue
          }
          try body(next, answer)
          next += 1
          if next < names.count { try begin(next) }
        }
      } catch { failure = error }
      // Whatever has happened: a child that nobody waits for stays.
      let end = child.end()
      if let failure { throw failure }
      if case .signal(let signal) = end, end.isInterruption {
        // As if it had reached this process: whoever called it sees the same.
        Signal(number: signal).send()
        return
      }
      if next == names.count || end == .status(0) {
        for word in words { complain(word + "\n") }
      } else {
        let difference = Difference(description: Self.sentence(words, end))
        try body(next, .failed(name: names[next], difference))
        next += 1
      }
    }
  }

  /// A child that begins with the case of the given number.
  private func start(at number: Int) throws(CaseError) -> ChildProcess {
    do throws(SystemError) {
      // The backtrace of a trap takes seconds, and would stand where its sentence is expected.
      return try ChildProcess(
        executable, arguments + [Command.answering, "\(number)"],
        setting: ["SWIFT_BACKTRACE": "enable=no"])
    } catch { throw CaseError("\(executable) does not start: \(error)") }
  }

  /// What a process said last: the sentence of its trap, if it was one.
  private static func sentence(_ words: [String], _ end: ChildProcess.End) -> String {
    let mark = "Fatal error: "
    guard let line = words.last(where: { $0.contains(mark) }) else {
      return "the process ended with \(end)\(words.last.map { ": \($0)" } ?? "")"
    }
    let parts = line.split(separator: mark, maxSplits: 1)
    return "trapped: \(parts.last ?? "without a sentence")"
  }
}
