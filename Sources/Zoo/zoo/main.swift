import Training

let program = Program([
  demoCommand, listCommand, trainCommand, evaluateCommand, pronounceCommand, inspectCommand,
])
runProgram(named: "zoo") { output in
  program.run(Array(CommandLine.arguments.dropFirst()), output: output, complain: complain)
}
