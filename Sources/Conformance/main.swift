import Platform
import Training

runProgram(named: "conformance") { output in
  Command(executable: CurrentProcess.program).run(
    Array(CommandLine.arguments.dropFirst()), output: output, complain: complain)
}
