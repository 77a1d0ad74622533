#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

#if os(Linux)
  let executable = "/proc/self/exe"
#else
  let executable = CommandLine.arguments[0]
#endif

exit(
  Command(executable: executable).run(
    Array(CommandLine.arguments.dropFirst()),
    print: { text in
      var text = text
      text.withUTF8 { _ = write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    },
    complain: { text in
      var text = text
      text.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }))
