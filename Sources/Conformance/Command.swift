import Autograd
import Training

/// The program: arguments in, report out, exit status back.
package struct Command {
  package init() {}

  private static let usage = """
    usage: conformance DIR [options]

    Runs the cases DIR/FAMILY/NAME/NNN.safetensors against the library, in double and then in
    single precision: every output and gradient must agree with PyTorch's. The last line is "N
    passed, N failed, N skipped".

      DIR            directory of the cases, as in ../shared/conformance
      --scalar TYPE  only in one precision: double or float
      --filter TEXT  only cases whose FAMILY/NAME contains TEXT
      --verbose      name each case before it runs, and tell every failure
      --help         print this text

    Double: |ours - theirs| <= 1e-9 + 1e-9 |theirs|, or the case's own tolerance.
    Float: |ours - theirs| <= \(Int(Bound.units)) u (S + |theirs|), u = 2^-23, S the largest number of the
    case, at least 1; for batch normalisation in training, times the ratio of its numbers to their
    deviation. The case's numbers are rounded to Float first.

    Exit status: 0 if nothing failed, 1 if something did, 2 for wrong arguments or malformed files.

    """

  private struct Options {
    var directory: String?
    var scalars: [ScalarType] = [.double, .float]
    var filter: String?
    var isVerbose = false
  }

  /// Runs the program.
  ///
  /// - Parameters:
  ///   - arguments: those after the program's name.
  ///   - print: writes to standard output.
  ///   - complain: writes to standard error.
  /// - Returns: the exit status.
  package func run(
    _ arguments: [String], print: (String) -> Void, complain: (String) -> Void
  ) -> Int32 {
    if arguments.contains("--help") || arguments.contains("-h") {
      print(Self.usage)
      return 0
    }
    do {
      return try report(options(arguments), print).failed == 0 ? 0 : 1
    } catch {
      complain("conformance: \(error)\n")
      return 2
    }
  }

  private func options(_ arguments: [String]) throws(CaseError) -> Options {
    var options = Options()
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      switch argument {
      case "--verbose": options.isVerbose = true
      case "--filter":
        guard let text = rest.popFirst() else { throw CaseError("--filter needs a text") }
        options.filter = text
      case "--scalar":
        switch rest.popFirst() {
        case "double": options.scalars = [.double]
        case "float": options.scalars = [.float]
        default: throw CaseError("--scalar needs double or float")
        }
      default:
        if argument.hasPrefix("-") {
          throw CaseError("unknown option \(argument), see `conformance --help`")
        }
        if options.directory != nil { throw CaseError("superfluous argument \"\(argument)\"") }
        options.directory = argument
      }
    }
    return options
  }

  /// Runs all cases once for each precision, prints the reports, and returns the counts of all.
  private func report(_ options: Options, _ print: (String) -> Void) throws -> Count {
    guard var directory = options.directory else {
      throw CaseError("a directory is missing, see `conformance --help`")
    }
    while directory.count > 1 && directory.hasSuffix("/") { directory.removeLast() }
    var cases: [(short: String, item: Case)] = []
    for (path, family) in try Case.paths(in: directory) {
      let short = String(path.dropFirst(directory.count + 1))
      if let filter = options.filter, !short.contains(filter) { continue }
      cases.append((short, try Case(path: path, family: family)))
    }
    if cases.isEmpty {
      throw CaseError("\(directory): no case's name contains \"\(options.filter ?? "")\"")
    }
    var total = Count()
    for scalar in options.scalars {
      let runner = Runner(scalar: scalar)
      var report = Report()
      for (short, item) in cases {
        if options.isVerbose { print("\(scalar) \(short)\n") }
        switch try runner.run(item) {
        case .passed: report.pass(item.name)
        case .failed(let difference): report.fail(item.name, short, difference)
        case .skipped: report.skip(item.name)
        }
      }
      print(report.text("\(scalar)", failuresOfEach: options.isVerbose ? .max : 2) + "\n")
      total += report.total
    }
    print("\(total)\n")
    return total
  }
}
