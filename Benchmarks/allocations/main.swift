import Autograd
import Training
import Workloads

// What a steady run of each workload allocates: calls of `malloc` (objects, arrays, closures, and
// tensors of at most a kilobyte), buffers that the pool had to take from the system, operations on
// the tape, and the most bytes that larger tensors took at once, weights and inputs not counted.

private let usage = "usage: allocations [TEXT]   only workloads whose name has TEXT\n"

/// A command line that cannot be carried out: one sentence.
private struct UsageError: Error, CustomStringConvertible {
  let description: String
}

private func run(_ arguments: [String], _ output: Output) throws {
  if arguments.contains("--help") || arguments.contains("-h") {
    return try output.print(usage, terminator: "")
  }
  if let option = arguments.first(where: { $0.hasPrefix("-") }) {
    throw UsageError(description: "unknown option \(option), see `allocations --help`")
  }
  let filter = arguments.joined(separator: " ")
  let workloads = Workload.all.filter { $0.title.contains(filter) }
  if workloads.isEmpty {
    throw UsageError(description: "no workload's name has \"\(filter)\"")
  }
  for workload in workloads {
    let work = workload.make()
    let present = BufferPool.statistics.used
    for _ in 0..<3 { work.run() }
    let buffers = BufferPool.statistics.allocations
    let records = Tape.recordedCount
    let calls = allocations(of: work.run)
    try output.print(
      "\(workload.title): \(calls) calls of malloc, "
        + "\(BufferPool.statistics.allocations - buffers) buffers from the system, "
        + "\(Tape.recordedCount - records) operations on the tape, "
        + "at most \((BufferPool.statistics.peak - present) / 1000) kB in buffers")
  }
}

runProgram(named: "allocations") { output in
  try run(Array(CommandLine.arguments.dropFirst()), output)
  return 0
}
