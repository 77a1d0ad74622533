#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

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
    _ names: [String], begin: (Int) -> Void, complain: (String) -> Void,
    _ body: (Int, Answer) -> Void
  ) throws(CaseError) {
    var next = 0
    while next < names.count {
      var child = try ChildProcess(executable, arguments + [Command.answering, "\(next)"])
      begin(next)
      var words: [String] = []
      while let line = child.line() {
        guard let answer = Answer(line: line) else {
          words.append(line)
          continue
        }
        body(next, answer)
        next += 1
        if next < names.count { begin(next) }
      }
      let end = child.end()
      if case .signal(let signal) = end, end.isInterruption {
        // As if it had reached this process: whoever called it sees the same.
        kill(getpid(), signal)
        return
      }
      if next == names.count || end == .status(0) {
        for word in words { complain(word + "\n") }
      } else {
        let difference = Difference(description: Self.sentence(words, end))
        body(next, .failed(name: names[next], difference))
        next += 1
      }
    }
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
