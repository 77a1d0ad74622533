import Autograd
import Workloads

// What a steady run of each workload allocates: calls of `malloc` (objects, arrays, closures, and
// tensors of at most a kilobyte), buffers that the pool had to take from the system, operations on
// the tape, and the most bytes that larger tensors took at once, weights and inputs not counted.

let filter = CommandLine.arguments.dropFirst().joined(separator: " ")
let workloads = Workload.all.filter { $0.title.contains(filter) }
if workloads.isEmpty {
  fatalError("usage: allocations [TEXT]; no workload's name has \"\(filter)\"")
}
for workload in workloads {
  let work = workload.make()
  let present = BufferPool.statistics.used
  for _ in 0..<3 { work.run() }
  let buffers = BufferPool.statistics.allocations
  let records = Tape.recordedCount
  let calls = allocations(of: work.run)
  print(
    "\(workload.title): \(calls) calls of malloc, "
      + "\(BufferPool.statistics.allocations - buffers) buffers from the system, "
      + "\(Tape.recordedCount - records) operations on the tape, "
      + "at most \((BufferPool.statistics.peak - present) / 1000) kB in buffers")
}
