#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

exit(
  Command().run(
    Array(CommandLine.arguments.dropFirst()),
    print: { text in
      var text = text
      text.withUTF8 { _ = write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    },
    complain: { text in
      var text = text
      text.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }))
