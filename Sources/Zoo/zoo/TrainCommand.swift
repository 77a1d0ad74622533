import Autograd
import Distributed
import Tasks
import TensorBoard
import Training

/// The options that commands share.
enum Options {
  static let threads = Option.integer(
    "threads", in: 1...1024, help: "threads that share the work; all processors if absent")
  static let directory = Option.text(
    "out", "DIR", default: "zoo-out", help: "where weights, log and configuration go")
  static let resume = Option.text(
    "resume", "DIR", help: "goes on with the training of that folder, as it was configured")
  static let force = Option.flag(
    "force", help: "replaces the training that is in the folder already")
  static let allowChanges = Option.flag(
    "allow-changes",
    help:
      "with --resume: goes on, with the next epoch, although data or settings are others than before"
  )
  static let configuration = Option.text(
    "config", "FILE", help: "a whole configuration, such as a run's config.json")
  static let weights = Option.text(
    "weights", "FILE", help: "weights that `zoo train` has written; the shipped ones if absent")
  static let html = Option.text("html", "FILE", help: "where to write a page of the attention")
  static let json = Option.flag("json", help: "print results as lines of JSON")
  static let logSteps = Option<Int?>.integer(
    "log-steps", in: 1...1_000_000_000,
    help: "writes a row into steps.csv after every so many steps")
  static let tensorBoard = Option.flag(
    "tensorboard", help: "writes the run for TensorBoard, too, into its folder")
  static let gradients = Option<String>.choice(
    "gradients", of: GradientFormat.allCases.map(\.rawValue), default: GradientFormat.full.rawValue,
    help: "as what ranks that MPI has started send their gradients")
  static let seed = Option.integer(
    "seed", in: 0...Int.max, default: 1, help: "what all randomness comes from")

  /// Takes `--threads` to heart.
  ///
  /// - Parameter group: the ranks that share the processors where no number is asked for.
  static func apply(threads arguments: Arguments, among group: ProcessGroup? = nil) {
    if let count = arguments[threads] ?? group?.threadShare { Processor.threadCount = count }
  }
}

let trainCommand = Command(
  "train", summary: "Trains a model.",
  options: [
    Options.directory, Options.force, Options.resume, Options.allowChanges,
    Options.configuration, Options.threads, Options.json, Options.logSteps, Options.tensorBoard,
    Options.gradients,
  ],
  modelOptions: { recipe in recipe.allOptions(inUse: false) }
) { arguments, output in
  try ProcessGroup.whileOpen { group in
    Options.apply(threads: arguments, among: group)
    Interrupt.install()
    try recipe(named: arguments.words[0]).train(arguments, output, group)
  }
}

extension Recipe {
  /// The options of the command line that set something.
  static func allOptions(inUse: Bool) -> [any AnyOption] {
    (inUse ? usedOptions : options).map(\.option)
  }

  /// Trains as the arguments say, and tells what came of it.
  fileprivate static func train(
    _ arguments: Arguments, _ output: Output, _ group: ProcessGroup?
  ) throws {
    let (settings, folder, start) = try configuration(arguments)
    let isJSON = arguments[Options.json]
    let observers = observers(arguments, folder)
    let result = try run(
      settings, folder, start, observers: observers, group: group,
      gradients: GradientFormat(rawValue: arguments[Options.gradients])!
    ) { report in
      if !isJSON { try announce(report, folder, output) }
    }
    guard let result else { return }
    try output.print(
      result.scores, asJSON: isJSON,
      with: [
        "model": .string(name), "run": .string(folder.path), "seconds": .number(result.seconds),
        "parameters": .integer(result.parameters), "part": .string(result.part),
      ])
  }

  /// What else the arguments want to know of a training.
  private static func observers(
    _ arguments: Arguments, _ folder: RunFolder
  ) -> [any TrainingObserver] {
    var observers: [any TrainingObserver] = []
    if let steps = arguments[Options.logSteps] {
      observers.append(TrainingLog(folder.steps, rows: .steps(every: steps)))
    }
    if arguments[Options.tensorBoard] {
      observers.append(TensorBoardObserver(directory: folder.path, histogramsEvery: 100))
    }
    return observers
  }

  /// Trains, and leaves configuration, log, weights, scores and page in a folder.
  ///
  /// - Parameters:
  ///   - start: what becomes of a training that is in the folder already.
  ///   - observers: who watches the training, beside the progress line.
  ///   - group: who trains with this process; of them, rank 0 alone leaves anything.
  ///   - gradients: as what they send their gradients.
  ///   - ended: is told of the training before the model is scored.
  /// - Returns: nil if the training was interrupted, and on other ranks than 0.
  static func run(
    _ settings: Settings, _ folder: RunFolder, _ start: RunFolder.Start,
    observers: [any TrainingObserver] = [], group: ProcessGroup? = nil,
    gradients: GradientFormat = .full, ended: (TrainingReport) throws -> Void = { _ in }
  ) throws -> RunResult? {
    let isFirst = (group?.rank ?? 0) == 0
    if isFirst { try folder.checkIsFree(start) }
    let (learnt, heldOut) = try trainingExamples(settings)
    let test = try testExamples(settings)
    var generator = Generator(seed: settings.training.seed)
    var recipe = try Self(settings, for: learnt, using: &generator)
    recipe.group = group
    var trainer = settings.training.trainer(
      unit: unit, metadata: try recipe.fileMetadata(), directory: folder.path, start: start)
    let lock = isFirst ? try folder.open(start) : nil
    defer { withExtendedLifetime(lock) {} }
    trainer.lock = lock
    trainer.group = group
    trainer.configuration.gradientFormat = gradients
    trainer.identity = try RunIdentity(settings, of: name).values
    trainer.observers +=
      [try RunFolder.ConfigurationWriter(folder, settings, of: Self.self)] + observers
    let report = try recipe.fit(learnt, heldOut: heldOut, with: &trainer)
    if isFirst { try ended(report) }
    if report.end == .interrupted { return nil }
    var best = try Self(file: WeightsFile(folder.best))
    best.group = group
    let scores = try best.scores(on: test ?? heldOut)
    let part = test == nil ? "held-out" : "test"
    let parts = try best.reportParts(on: test ?? heldOut)
    if !isFirst { return nil }
    let page = try HTMLReport(of: best, report, scores, part: part, parts)
    try AtomicFile.write(page.html, to: folder.report)
    let result = RunResult(of: best, report, scores, part: part, parts)
    try AtomicFile.write(try StrictJSON.text(result) + "\n", to: folder.scores)
    return result
  }

  /// What is to be trained, where, and whether it goes on.
  private static func configuration(
    _ arguments: Arguments
  ) throws -> (settings: Settings, folder: RunFolder, start: RunFolder.Start) {
    var settings = Settings()
    var folder = RunFolder(path: arguments[Options.directory])
    let resumed = arguments[Options.resume]
    if let resumed {
      if arguments.isGiven(Options.directory) || arguments.isGiven(Options.configuration) {
        throw UsageError("--resume goes on in its own folder, with its own configuration")
      }
      if arguments[Options.force] {
        throw UsageError("--resume goes on with a training, --force replaces it: not both")
      }
      folder = RunFolder(path: resumed)
    } else if arguments[Options.allowChanges] {
      throw UsageError("--allow-changes needs a training that goes on: --resume DIR")
    }
    if let path = resumed.map({ RunFolder(path: $0).configuration })
      ?? arguments[Options.configuration]
    {
      settings = try RunFolder.Configuration<Settings>(recipe: name, path: path).settings
    }
    options.forEach { $0.apply(arguments, &settings) }
    // Options were checked as they were read; a file may say anything.
    for option in options { try option.check(settings) }
    try settings.training.check()
    let start: RunFolder.Start =
      if resumed != nil {
        .resume(allowsChanges: arguments[Options.allowChanges])
      } else { arguments[Options.force] ? .replace : .new }
    return (settings, folder, start)
  }

  /// One line about a training that has ended.
  private static func announce(
    _ report: TrainingReport, _ folder: RunFolder, _ output: Output
  ) throws {
    let ending =
      switch report.end {
      case .epochs: "finished"
      case .time: "out of time"
      case .noProgress: "finished, as it did not become better,"
      case .interrupted: "interrupted"
      }
    try output.print(
      "\(ending) after \(report.steps) steps, \(report.examples) \(unit), "
        + "\(fixed(report.seconds, digits: 1)) seconds; weights in \(folder.path)")
  }
}

extension Output {
  /// Prints scores: `WER 24.10 PER 5.60 words 12000`, or as one line of JSON.
  func print(
    _ scores: Metrics, asJSON: Bool, with fields: [String: JSON] = [:]
  ) throws {
    if asJSON {
      try print(JSON.object(fields.merging(["scores": JSON(scores)]) { $1 }).line)
    } else {
      try print(
        scores.values.map { score in
          let digits = score.isCount ? 0 : abs(score.value) < 1 ? 4 : 2
          return "\(score.name) \(fixed(score.value, digits: digits))"
        }.joined(separator: " "))
    }
  }
}
