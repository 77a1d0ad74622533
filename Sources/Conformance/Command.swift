import Autograd
import Training

/// The program: arguments in, report out, exit status back.
package struct Command {
  /// The program's own file, which runs the cases in a process of their own.
  private let executable: String

  /// - Parameter executable: path of this program.
  package init(executable: String) { self.executable = executable }

  /// The option with which the program starts itself.
  static let answering = "--answering"

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
      --answering N  how the program starts itself: runs the cases from number N on right here,
                     and prints a line for each

    The cases run in a process of their own. One that ends it, as a programming error does, has
    failed, with the error's sentence, and the cases after it run in another.

    Double: |ours - theirs| <= 1e-9 + 1e-9 |theirs|, or the case's own tolerance.
    Float: |ours - theirs| <= \(Int(Bound.units)) u (S + |theirs|), u = 2^-23, S the largest number of the
    case, at least 1; for batch normalisation in training, times the ratio of its numbers to their
    deviation. The case's numbers are rounded to Float first.

    Exit status: 0 if nothing failed, 1 if something did, 2 for wrong arguments or malformed files
    (which count as failed; the others run all the same).

    """

  private struct Options {
    var directory: String?
    var scalars: [ScalarType] = [.double, .float]
    var filter: String?
    var isVerbose = false
    var firstAnswer: Int?
  }

  /// A case to be run.
  private struct Task {
    let path: String
    let family: String
    /// The path from the directory on.
    let short: String
    let scalar: ScalarType

    /// `family/operation`, as the path says it.
    var name: String { short.split(separator: "/").dropLast().joined(separator: "/") }
  }

  /// Runs the program.
  ///
  /// - Parameters:
  ///   - arguments: those after the program's name.
  ///   - output: takes the report.
  ///   - complain: writes to standard error.
  /// - Returns: the exit status.
  package func run(
    _ arguments: [String], output: Output, complain: (String) -> Void
  ) -> Int32 {
    do {
      if arguments.contains("--help") || arguments.contains("-h") {
        try output.print(Self.usage, terminator: "")
        return 0
      }
      let options = try options(arguments)
      if let first = options.firstAnswer {
        try answer(tasks(options).dropFirst(first), output)
        return 0
      }
      return try report(options, arguments, output, complain)
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
      case Self.answering:
        guard let number = rest.popFirst().flatMap({ Int($0) }), number >= 0 else {
          throw CaseError("\(Self.answering) needs the number of a case")
        }
        options.firstAnswer = number
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

  /// All cases, once for each precision.
  private func tasks(_ options: Options) throws(CaseError) -> [Task] {
    guard var directory = options.directory else {
      throw CaseError("a directory is missing, see `conformance --help`")
    }
    while directory.count > 1 && directory.hasSuffix("/") { directory.removeLast() }
    let paths = try Case.paths(in: directory)
    let tasks = options.scalars.flatMap { scalar in
      paths.map { path, family in
        Task(
          path: path, family: family, short: String(path.dropFirst(directory.count + 1)),
          scalar: scalar)
      }
    }
    guard let filter = options.filter else { return tasks }
    let chosen = tasks.filter { $0.short.contains(filter) }
    if chosen.isEmpty { throw CaseError("\(directory): no case's name contains \"\(filter)\"") }
    return chosen
  }

  /// Runs cases in this process and prints an answer to each.
  private func answer(_ tasks: ArraySlice<Task>, _ output: Output) throws {
    var runners: [ScalarType: Runner] = [:]
    for task in tasks {
      let runner = runners[task.scalar] ?? Runner(scalar: task.scalar)
      runners[task.scalar] = runner
      let answer: Answer
      do {
        let item = try Case(path: task.path, family: task.family)
        answer =
          switch try runner.run(item) {
          case .passed: .passed(name: item.name)
          case .failed(let difference): .failed(name: item.name, difference)
          case .skipped: .skipped(name: item.name)
          }
      } catch {
        answer = .malformed("\(error)")
      }
      try output.print(answer.line)
    }
  }

  /// Has all cases run, prints the reports, and returns the exit status.
  private func report(
    _ options: Options, _ arguments: [String], _ output: Output, _ complain: (String) -> Void
  ) throws -> Int32 {
    let tasks = try tasks(options)
    var total = Count()
    var report = Report()
    var isMalformed = false
    try IsolatedCases(executable: executable, arguments: arguments).run(
      tasks.map(\.name),
      begin: {
        if options.isVerbose { try output.print("\(tasks[$0].scalar) \(tasks[$0].short)") }
      },
      complain: complain
    ) { number, answer in
      let task = tasks[number]
      switch answer {
      case .passed(let name): report.pass(name)
      case .failed(let name, let difference): report.fail(name, task.short, difference)
      case .skipped(let name): report.skip(name)
      case .malformed(let message):
        isMalformed = true
        complain("conformance: \(message)\n")
        report.fail(task.name, task.short, Difference(description: message))
      }
      if number + 1 == tasks.count || tasks[number + 1].scalar != task.scalar {
        let limit = options.isVerbose ? Int.max : 2
        try output.print(report.text("\(task.scalar)", failuresOfEach: limit))
        total += report.total
        report = Report()
      }
    }
    try output.print(total)
    return isMalformed ? 2 : total.failed == 0 ? 0 : 1
  }
}
