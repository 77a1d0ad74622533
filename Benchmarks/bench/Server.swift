import Autograd
import Kernels
import Training
import Workloads

/// Answers requests from standard input, a line of JSON each, so that a script can measure this
/// side and another turn by turn, without a new process for each turn.
///
/// - `{"ask": "machine"}`: what the machine can do just now, and the names of all workloads.
/// - `{"ask": "export", "title": "gru tiny", "file": F}`: writes the tensors that another system
///   needs for the same work, and what comes out of it here, as safetensors.
/// - `{"ask": "time", "title": "gru tiny", "seconds": 0.5}`: the median time of a run, what
///   bounds it, and the number of equal things that a run does.
struct Server {
  private struct Request: Codable {
    let ask: String
    let title: String?
    let file: String?
    let seconds: Double?
  }

  private struct Answer: Encodable {
    var machine: Machine?
    var instructionSet: String?
    var threads: Int?
    var titles: [String]?
    var seconds: Double?
    var count: Int?
    var operations: Double?
    var bytes: Double?
    var error: String?
  }

  /// The work that was asked for last: it is kept for the next turn.
  private var current: (title: String, work: Work)?

  mutating func run(_ output: Output) throws {
    while let line = readLine() {
      var answer: Answer
      do {
        answer = try reply(to: StrictJSON.value(Request.self, of: line))
      } catch { answer = Answer(error: "\(error)") }
      try output.print(StrictJSON.text(answer))
    }
  }

  private mutating func reply(to request: Request) throws -> Answer {
    if request.ask == "machine" {
      return Answer(
        machine: Machine(), instructionSet: Processor.instructionSet.rawValue,
        threads: Threads.count,
        titles: Workload.all.filter { $0.reference == nil }.map(\.title))
    }
    guard let title = request.title, let workload = Workload.all.first(where: { $0.title == title })
    else { return Answer(error: "no workload \"\(request.title ?? "")\"") }
    let work = current?.title == title ? current!.work : workload.make()
    current = (title, work)
    switch request.ask {
    case "export":
      guard let file = request.file, let exchange = work.exchange else {
        return Answer(error: "\(title) cannot be exported")
      }
      try exchange().write(to: file)
      return Answer()
    case "time":
      let seconds = Stopwatch(budget: request.seconds ?? 1).median(work.run)
      return Answer(
        seconds: seconds, count: workload.count, operations: workload.operations,
        bytes: workload.bytes)
    default: return Answer(error: "no request \"\(request.ask)\"")
    }
  }
}
