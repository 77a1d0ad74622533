import Training

let program = Program(allCommands)
runProgram(named: "zoo") { output in
  program.run(Array(CommandLine.arguments.dropFirst()), output: output, complain: complain)
}
