import Training

#if os(Linux)
  let executable = "/proc/self/exe"
#else
  let executable = CommandLine.arguments[0]
#endif

runProgram(named: "conformance") { output in
  Command(executable: executable).run(
    Array(CommandLine.arguments.dropFirst()), output: output, complain: complain)
}
