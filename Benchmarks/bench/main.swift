import Autograd
import FoundationEssentials
import Kernels

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// One line of the result, as `--json` writes it.
struct Measurement: Codable {
  let workload: String
  let size: String
  let threads: Int
  let median_seconds: Double
  let bound_share: Double?
}

func quit(_ sentence: String) -> Never {
  var line = "bench: \(sentence)\n"
  line.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
  exit(2)
}

var filter = ""
var json: String?
var budget = 1.0
var words = CommandLine.arguments.dropFirst()
while let word = words.popFirst() {
  if word == "--help" {
    print("usage: bench [--filter TEXT] [--threads N] [--seconds S] [--json FILE]")
    exit(0)
  }
  guard ["--filter", "--threads", "--seconds", "--json"].contains(word) else {
    quit("unknown argument \"\(word)\"; there are --filter, --threads, --seconds and --json")
  }
  guard let value = words.popFirst() else { quit("\(word) needs a value") }
  switch word {
  case "--filter": filter = value
  case "--json": json = value
  case "--threads":
    guard let count = Int(value), (1...1024).contains(count) else {
      quit("--threads needs a number from 1 to 1024, not \"\(value)\"")
    }
    Threads.count = count
  default:
    guard let seconds = Double(value), seconds > 0, seconds < 1000 else {
      quit("--seconds needs a positive number, not \"\(value)\"")
    }
    budget = seconds
  }
}

let machine = Machine()
let threads = Threads.count
func rounded(_ x: Double, _ digits: Int = 1) -> String {
  var scale = 1.0
  for _ in 0..<digits { scale *= 10 }
  return "\((x * scale).rounded() / scale)"
}
print(
  "\(Backend.instructionSet.rawValue), \(threads) thread\(threads == 1 ? "" : "s"); multiply-add "
    + "peak \(rounded(machine.peak / 1e9)) GFLOP/s on one thread, "
    + "\(rounded(machine.peakOfAll / 1e9)) on all; memory \(rounded(machine.bandwidth / 1e9)) GB/s")

var results: [Measurement] = []
for workload in Workload.all where "\(workload.name) \(workload.size)".contains(filter) {
  let median = Stopwatch(budget: budget).median(workload.make()) / Double(workload.count)
  let bound =
    workload.operations > 0
    ? workload.operations / machine.peakOfAll
    : workload.bytes > 0 ? workload.bytes / machine.bandwidth : nil
  let share = bound.map { $0 / median }
  results.append(
    Measurement(
      workload: workload.name, size: workload.size, threads: threads, median_seconds: median,
      bound_share: share))
  let time = median < 1e-6 ? "\(rounded(median * 1e9)) ns" : "\(rounded(median * 1e6)) us"
  let rate =
    workload.operations > 0 ? ", \(rounded(workload.operations / median / 1e9)) GFLOP/s" : ""
  let part = share.map { ", \(rounded($0 * 100, 0)) % of the bound" } ?? ""
  print("\(workload.name) \(workload.size): \(time)\(rate)\(part)")
}
if results.isEmpty { quit("no workload's name contains \"\(filter)\"") }
if let json {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
  do {
    try encoder.encode(results).write(to: URL(filePath: json), options: .atomic)
  } catch { quit("cannot write \(json): \(error)") }
}
