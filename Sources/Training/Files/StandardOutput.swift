import Autograd
import Glibc

/// Where a program prints its results. What cannot be written is an error.
package struct Output {
  private let write: (String) throws -> Void

  /// An output of one's own.
  package init(_ write: @escaping (String) throws -> Void) {
    self.write = write
  }

  /// Standard output.
  ///
  /// Each text is written at once, and a full disk or a closed output is a `FileError`. Where the
  /// reader has gone, as in `zoo list | head -1`, the process ends as other programs do: by the
  /// signal that says so, without a word.
  package static var standard: Output {
    Output { text in
      var text = text
      let failure = text.withUTF8 { writeAll(UnsafeRawBufferPointer($0)) }
      if failure == EPIPE { endByBrokenPipe() }
      if failure != 0 { throw FileError(path: "standard output", attempt: .write, code: failure) }
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
  signal(SIGPIPE, SIG_IGN)
  Environment.check()
  var status: Int32
  do {
    status = try body(.standard)
    // Some file systems say only now that the disk is full.
    if close(STDOUT_FILENO) != 0 && errno != EBADF && errno != EINTR {
      throw FileError(path: "standard output", attempt: .write)
    }
  } catch {
    complain("\(name): \(error)\n")
    status = 2
  }
  exit(status)
}

/// Writes to standard error. Where that cannot be, there is nowhere left to say so.
package func complain(_ text: String) {
  var text = text
  _ = text.withUTF8 { writeAll(UnsafeRawBufferPointer($0), to: STDERR_FILENO) }
}

/// Writes all bytes; returns the error's number, or 0.
private func writeAll(
  _ bytes: UnsafeRawBufferPointer, to descriptor: CInt = STDOUT_FILENO
) -> CInt {
  var written = 0
  while written < bytes.count {
    let count = Glibc.write(descriptor, bytes.baseAddress! + written, bytes.count - written)
    if count >= 0 {
      written += count
    } else if errno == EAGAIN {
      // Another process has made the pipe one that does not wait.
      var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      poll(&request, 1, -1)
    } else if errno != EINTR {
      return errno
    }
  }
  return 0
}

private func endByBrokenPipe() -> Never {
  signal(SIGPIPE, SIG_DFL)
  raise(SIGPIPE)
  // The signal is blocked: the status that a shell shows for it.
  exit(128 + SIGPIPE)
}
