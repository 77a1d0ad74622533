import Autograd
import FoundationEssentials
import Kernels
import Training
import Workloads

/// One line of the result, as `--json` writes it.
struct Measurement: Codable {
  let workload: String
  let size: String
  let threads: Int
  let median_seconds: Double
  let bound_share: Double?
}

/// Measures the machine, then every workload that the filter lets through.
func measure(_ options: Options, _ output: Output) throws {
  let machine = Machine()
  let threads = Threads.count
  try output.print(
    "\(Processor.instructionSet.rawValue), \(threads) thread\(threads == 1 ? "" : "s"); multiply-add "
      + "peak \(rounded(machine.peak / 1e9)) GFLOP/s on one thread, "
      + "\(rounded(machine.peakOfAll / 1e9)) on all; "
      + "memory \(rounded(machine.bandwidth / 1e9)) GB/s")
  let results = try Workload.all.filter { $0.title.contains(options.filter) }.map {
    try measure($0, on: machine, budget: options.budget, output)
  }
  if results.isEmpty { throw UsageError("no workload's name contains \"\(options.filter)\"") }
  guard let json = options.json else { return }
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
  do {
    try encoder.encode(results).write(to: URL(filePath: json), options: .atomic)
  } catch { throw UsageError("cannot write \(json): \(error)") }
}

/// Measures one workload and prints its line. The peak is measured before and after, so that both
/// have the same clock.
private func measure(
  _ workload: Workload, on machine: Machine, budget: Double, _ output: Output
) throws -> Measurement {
  let stopwatch = Stopwatch(budget: budget)
  let isBound = workload.operations > 0
  let before = isBound ? Machine.peak(Threads.count) : machine.peakOfAll
  let median = stopwatch.median(workload.make().run) / Double(workload.count)
  let after = isBound ? Machine.peak(Threads.count) : machine.peakOfAll
  let share = machine.bound(of: workload, at: (before + after) / 2).map {
    $0 / Double(workload.count) / median
  }
  var line = "\(workload.title): \(time(median))"
  if workload.operations > 0 {
    line += ", \(rounded(workload.operations / median / 1e9)) GFLOP/s"
  }
  if let share { line += ", \(Int((share * 100).rounded())) % of the bound" }
  if let reference = workload.reference {
    BufferPool.trim()
    let other = stopwatch.median(reference.make().run) / Double(workload.count)
    line += ", \(rounded(median / other, 2)) x \(reference.name) (\(time(other)))"
  }
  try output.print(line)
  return Measurement(
    workload: workload.name, size: workload.size, threads: Threads.count, median_seconds: median,
    bound_share: share)
}

/// Peak resident memory of a workload: how much more is resident at most during three runs than
/// before them, when weights and inputs were there and a tiny train step had been run.
func residentPeak(_ workload: Workload) -> Int {
  Workload.all.first { $0.title == "simple_rnn tiny" }?.make().run()
  let work = workload.make()
  Resident.forgetPeak()
  let before = Resident.now
  for _ in 0..<3 { work.run() }
  return Resident.peak - before
}
