import Kernels

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What the command line asks for.
struct Options {
  enum Mode {
    case measure
    case growth
    case serve
    case once(String)
    case memory(String)
  }

  static let usage = """
    usage: bench [--filter TEXT] [--threads N] [--seconds S] [--json FILE] [--flush-denormals]
           bench --growth [--filter TEXT] [--threads N]
           bench --once "NAME SIZE"     runs a workload once: time this process for the start-up time
                 [--runs N]             or so often, for a profiler
           bench --memory "NAME SIZE"   peak resident bytes of a workload, in this fresh process
           bench --serve                answers the requests of peers/compare.py
    """

  var mode = Mode.measure
  /// Whether everything runs with denormal numbers taken as zeros.
  var flushesDenormals = false
  var filter = ""
  /// How often `--once` runs its workload.
  var runs = 1
  var json: String?
  var budget = 1.0

  init(_ arguments: some Sequence<String>) {
    var words = Array(arguments.reversed())
    while let word = words.popLast() {
      func value() -> String {
        guard let value = words.popLast() else { quit("\(word) needs a value") }
        return value
      }
      switch word {
      case "--help":
        print(Self.usage)
        exit(0)
      case "--growth": mode = .growth
      case "--serve": mode = .serve
      case "--once": mode = .once(value())
      case "--runs":
        let text = value()
        guard let count = Int(text), count > 0 else {
          quit("--runs needs a positive number, not \"\(text)\"")
        }
        runs = count
      case "--memory": mode = .memory(value())
      case "--flush-denormals":
        flushesDenormals = true
      case "--filter": filter = value()
      case "--json": json = value()
      case "--threads":
        let text = value()
        guard let count = Int(text), (1...1024).contains(count) else {
          quit("--threads needs a number from 1 to 1024, not \"\(text)\"")
        }
        Threads.count = count
      case "--seconds":
        let text = value()
        guard let seconds = Double(text), seconds > 0, seconds < 1000 else {
          quit("--seconds needs a positive number, not \"\(text)\"")
        }
        budget = seconds
      default: quit("unknown argument \"\(word)\"\n\(Self.usage)")
      }
    }
  }
}

/// Ends the program with a sentence and exit status 2.
func quit(_ sentence: String) -> Never {
  var line = "bench: \(sentence)\n"
  line.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
  exit(2)
}
