import Autograd
import Workloads

let options = Options(CommandLine.arguments.dropFirst())

func workload(_ title: String) -> Workload {
  guard let workload = Workload.all.first(where: { $0.title == title }) else {
    quit("no workload is named \"\(title)\"")
  }
  return workload
}

/// What the options ask for.
func run() {
  switch options.mode {
  case .measure: measure(options)
  case .growth:
    for growth in Growth.all where growth.name.contains(options.filter) { growth.report() }
  case .serve:
    var server = Server()
    server.run()
  case .once(let title):
    let work = workload(title).make()
    for _ in 0..<options.runs { work.run() }
  case .memory(let title): print(residentPeak(workload(title)))
  }
}

if options.flushesDenormals { flushingDenormals(run) } else { run() }
