import Training

/// The program: arguments in, report out, exit status back.
package struct Command {
  package init() {}

  private static let usage = """
    usage: conformance DIR [options]

    Runs the cases DIR/FAMILY/NAME/NNN.safetensors against the library: every output and gradient
    must agree with PyTorch's. The last line is "N passed, N failed, N skipped".

      DIR            directory of the cases, as in ../shared/conformance
      --filter TEXT  only cases whose FAMILY/NAME contains TEXT
      --verbose      name each case before it runs, and tell every failure
      --help         print this text

    Exit status: 0 if nothing failed, 1 if something did, 2 for wrong arguments or malformed files.

    """

  private struct Options {
    var directory: String?
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
      let report = try report(options(arguments), print)
      return report.total.failed == 0 ? 0 : 1
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

  private func report(_ options: Options, _ print: (String) -> Void) throws -> Report {
    guard var directory = options.directory else {
      throw CaseError("a directory is missing, see `conformance --help`")
    }
    while directory.count > 1 && directory.hasSuffix("/") { directory.removeLast() }
    let runner = Runner()
    var report = Report()
    for (path, family) in try Case.paths(in: directory) {
      let short = String(path.dropFirst(directory.count + 1))
      if let filter = options.filter, !short.contains(filter) { continue }
      let item = try Case(path: path, family: family)
      if options.isVerbose { print("\(short)\n") }
      switch try runner.run(item) {
      case .passed: report.pass(item.name)
      case .failed(let difference): report.fail(item.name, short, difference)
      case .skipped: report.skip(item.name)
      }
    }
    if report.counts.isEmpty {
      throw CaseError("\(directory): no case's name contains \"\(options.filter ?? "")\"")
    }
    print(report.text(failuresOfEach: options.isVerbose ? .max : 2))
    return report
  }
}
