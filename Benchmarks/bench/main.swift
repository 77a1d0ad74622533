import Autograd
import Training
import Workloads

func workload(_ title: String) throws -> Workload {
  guard let workload = Workload.all.first(where: { $0.title == title }) else {
    throw UsageError("no workload is named \"\(title)\"")
  }
  return workload
}

/// What the options ask for.
func run(_ options: Options, _ output: Output) throws {
  switch options.mode {
  case .help: try output.print(Options.usage, terminator: "")
  case .measure: try measure(options, output)
  case .growth:
    let chosen = Growth.all.filter { $0.name.contains(options.filter) }
    if chosen.isEmpty { throw UsageError("no work's name contains \"\(options.filter)\"") }
    for growth in chosen { try growth.report(output) }
  case .serve:
    var server = Server()
    try server.run(output)
  case .once(let title):
    let work = try workload(title).make()
    for _ in 0..<options.runs { work.run() }
  case .memory(let title): try output.print(residentPeak(workload(title)))
  }
}

runProgram(named: "bench") { output in
  let options = try Options(CommandLine.arguments.dropFirst())
  if options.flushesDenormals {
    try flushingDenormals { try run(options, output) }
  } else {
    try run(options, output)
  }
  return 0
}
