import Glibc

/// Standard error through the system call: C's `stderr` is a mutable global.
func complain(_ text: String) {
  var text = text
  text.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
}

let program = Program([
  demoCommand, listCommand, trainCommand, evaluateCommand, pronounceCommand, inspectCommand,
])
exit(
  program.run(
    Array(CommandLine.arguments.dropFirst()), print: { print($0, terminator: "") },
    complain: complain))
