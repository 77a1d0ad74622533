import Autograd
import Platform
import Synchronization

/// Where a program prints its results. What cannot be written is an error.
package struct Output {
  private let write: (String) throws -> Void

  /// An output of one's own.
  package init(_ write: @escaping (String) throws -> Void) {
    self.write = write
  }

  /// Standard output.
  ///
  /// On a terminal, control characters in it are shown, not obeyed (`\u{1B}`); elsewhere it is written as it
  /// is. Each text is written at once, and a full disk or a closed output is a `FileError`. Where the
  /// reader has gone, as in `zoo list | head -1`, the process ends as other programs do: by the
  /// signal that says so, without a word.
  package static var standard: Output {
    let isTerminal = StandardStream.output.isTerminal
    return Output { text in
      do throws(SystemError) {
        try StandardStream.output.write(
          isTerminal ? PrintableText.lines(text, isShortened: false) : text)
      } catch {
        if error == .brokenPipe { Signal.brokenPipe.endProcess() }
        throw FileError(path: "standard output", attempt: .write, error)
      }
    }
  }

  /// Prints a text and the end of a line.
  package func print(_ text: some CustomStringConvertible, terminator: String = "\n") throws {
    try write("\(text)" + terminator)
  }
}

/// A program from its beginning to its end: looks at the environment, runs the body, and ends the
/// process with its status; with status 2 and one sentence on standard error where something was
/// thrown, or where standard output has not got all that was written.
package func runProgram(named name: String, _ body: (Output) throws -> Int32) -> Never {
  // Progress that nobody reads is no reason to end a training; see `Output` for results.
  Signal.brokenPipe.ignore()
  // A file that becomes too long for `ulimit -f` is an error of its writer.
  Signal.fileSizeLimit.ignore()
  CurrentProcess.endsInOrderWithoutMemory.store(true, ordering: .relaxed)
  Environment.check()
  var status: Int32
  do {
    status = try body(.standard)
    if let failure = closeStandardOutput() { throw failure }
  } catch {
    complain("\(name): \(error)\n")
    status = 2
  }
  CurrentProcess.end(status: status)
}

/// Closes standard output; returns why that failed, if it has.
///
/// Not inlined: of two kinds of errors in one function the compiler makes code that it then refuses.
@inline(never)
private func closeStandardOutput() -> FileError? {
  do throws(SystemError) {
    try StandardStream.output.close()
    return nil
  } catch { return FileError(path: "standard output", attempt: .write, error) }
}

/// Writes to standard error, without control characters, and long lines shortened. Where that cannot be,
/// there is nowhere left to say so.
package func complain(_ text: String) {
  try? StandardStream.error.write(PrintableText.lines(text, isShortened: true))
}
