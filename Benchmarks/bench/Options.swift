import Kernels
import Training

/// What the command line asks for.
struct Options {
  enum Mode {
    case help
    case measure
    case growth
    case serve
    case once(String)
    case memory(String)
  }

  static let usage = """
    usage: bench [--filter TEXT] [--threads N] [--seconds S] [--json FILE] [--flush-denormals]
           bench --growth [--filter TEXT] [--threads N] [--flush-denormals]
           bench --once "NAME SIZE"     runs a workload once: time this process for the start-up time
                 [--runs N]             or so often, for a profiler
           bench --memory "NAME SIZE"   peak resident bytes of a workload, in this fresh process
           bench --serve                answers the requests of peers/compare.py

    The last three take --threads and --flush-denormals as well.

    """

  var mode = Mode.measure
  /// Whether everything runs with denormal numbers taken as zeros.
  var flushesDenormals = false
  var filter = ""
  /// How often `--once` runs its workload.
  var runs = 1
  var json: String?
  var budget = 1.0
  /// The word that has chosen the mode.
  private var modeName = "bench without --growth, --once, --memory and --serve"
  /// The options that were given, beside those that choose a mode.
  private var given: [String] = []

  init(_ arguments: some Sequence<String>) throws(UsageError) {
    var words = Array(arguments.reversed())
    while let word = words.popLast() {
      if word == "--help" || word == "-h" {
        mode = .help
        return
      }
      try take(word) { () throws(UsageError) in
        guard let value = words.popLast() else { throw UsageError("\(word) needs a value") }
        return value
      }
    }
    try checkGiven()
  }

  private mutating func take(
    _ word: String, _ value: () throws(UsageError) -> String
  ) throws(UsageError) {
    switch word {
    case "--growth": try choose(.growth, word)
    case "--serve": try choose(.serve, word)
    case "--once": try choose(.once(value()), word)
    case "--memory": try choose(.memory(value()), word)
    case "--runs":
      runs = try Self.number(value(), for: word, "a positive number") {
        Int($0)
      } where: {
        $0 > 0
      }
    case "--flush-denormals": flushesDenormals = true
    case "--filter": filter = try value()
    case "--json": json = try value()
    case "--threads":
      Threads.count = try Self.number(value(), for: word, "a number from 1 to 1024") {
        Int($0)
      } where: {
        (1...1024).contains($0)
      }
    case "--seconds":
      budget = try Self.number(value(), for: word, "a positive number") {
        Double($0)
      } where: {
        $0 > 0 && $0 < 1000
      }
    default: throw UsageError("unknown argument \"\(word)\", see `bench --help`")
    }
    if !Self.modes.contains(word) { given.append(word) }
  }

  private static let modes = ["--growth", "--serve", "--once", "--memory"]

  private mutating func choose(_ mode: Mode, _ word: String) throws(UsageError) {
    if case .measure = self.mode {
      (self.mode, modeName) = (mode, word)
    } else {
      throw UsageError("\(modeName) and \(word) exclude each other")
    }
  }

  /// Refuses what the mode does not read.
  private func checkGiven() throws(UsageError) {
    let read: [String] =
      switch mode {
      case .measure: ["--filter", "--seconds", "--json"]
      case .growth: ["--filter"]
      case .once: ["--runs"]
      case .memory, .serve, .help: []
      }
    if let word = given.first(where: { !(read + ["--threads", "--flush-denormals"]).contains($0) })
    {
      throw UsageError("\(modeName) takes no \(word), see `bench --help`")
    }
  }

  private static func number<Number>(
    _ text: String, for word: String, _ expected: String, _ parse: (String) -> Number?,
    where isAccepted: (Number) -> Bool
  ) throws(UsageError) -> Number {
    guard let number = parse(text), isAccepted(number) else {
      throw UsageError("\(word) needs \(expected), not \"\(text)\"")
    }
    return number
  }
}

/// A command line that cannot be carried out, or work that cannot be done: one sentence.
struct UsageError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
