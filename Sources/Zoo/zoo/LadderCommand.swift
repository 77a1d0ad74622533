import Autograd
import Platform
import Seq2Seq
import Tasks
import Training
import Transformer

private let seeds = Option.integer("seeds", in: 1...100, default: 3, help: "trainings of each rung")
private let rungs = Option.text(
  "rungs", "NAMES", default: Rung.allCases.map(\.rawValue).joined(separator: ","),
  help: "what is compared, separated by commas")

private let hiddenSize = Option<Int?>.integer(
  "hidden-size", in: 4...8192,
  help: "extent of recurrent states, and of a position in self-attention; the task's if absent")

let ladderCommand = Command(
  "ladder", summary: "What attention buys: trains models at equal budgets, and compares them.",
  options: [rungs, seeds, hiddenSize, Options.directory, Options.threads]
    + Rung.options.map(\.option).filter { $0.name != "seed" },
  notes: "A rung that is there already is not trained again: a ladder that was stopped goes on.\n"
) { arguments, output in
  Options.apply(threads: arguments)
  Interrupt.install()
  let chosen = try arguments[rungs].split(separator: ",").map { name throws(UsageError) in
    if let rung = Rung(rawValue: String(name)) { return rung }
    throw UsageError(
      "there is no rung \"\(name)\"; there are "
        + Rung.allCases.map(\.rawValue).joined(separator: ", "))
  }
  let ladder = Ladder(path: arguments[Options.directory])
  for seed in 1...arguments[seeds] {
    for rung in chosen {
      guard let result = try ladder.climb(rung, seed: seed, arguments) else { return }
      try output.print("\(rung.rawValue) \(seed)  \(result.scores)")
    }
  }
  let results = try chosen.map { rung in
    (rung.rawValue, try (1...arguments[seeds]).map { try ladder.result(rung, seed: $0) })
  }
  let page = LadderPage(results)
  try AtomicFile.write(page.report.html, to: "\(ladder.path)/ladder.html")
  for chart in page.charts.enumerated() {
    try AtomicFile.write(chart.element.svg(), to: "\(ladder.path)/ladder-\(chart.offset + 1).svg")
  }
  try output.print("\n\(page.table)", terminator: "")
}

/// What a decoder knows of the source: a rung of the ladder.
enum Rung: String, CaseIterable {
  case none, fixed, dot, general, concat, additive
  case selfAttention = "self-attention"

  /// The options of a rung's training that do not depend on the rung.
  static var options: [Setting<EncoderDecoderSettings<Seq2Seq<Float>>>] {
    let own = Set(Seq2Seq<Float>.settings.map(\.option.name))
    return EncoderDecoder<Seq2Seq<Float>>.options.filter { !own.contains($0.option.name) }
  }
}

/// The runs of a ladder, each in a folder of its own.
struct Ladder {
  let path: String

  private func folder(_ rung: Rung, _ seed: Int) -> RunFolder {
    RunFolder(path: "\(path)/\(rung.rawValue)-\(seed)")
  }

  func result(_ rung: Rung, seed: Int) throws -> RunResult {
    try RunResult(of: folder(rung, seed))
  }

  /// Trains a rung, unless that is done; nil if it was interrupted.
  func climb(_ rung: Rung, seed: Int, _ arguments: Arguments) throws -> RunResult? {
    let folder = folder(rung, seed)
    try createDirectory(path)
    if rung == .selfAttention {
      return try train(Transformer<Float>.self, folder, seed, arguments) {
        // About as many weights as the others have.
        ($0.model.encoderLayers, $0.model.decoderLayers) = (2, 2)
        let size = arguments[hiddenSize] ?? ($0.task == .pronunciation ? 128 : $0.model.size)
        ($0.model.size, $0.model.innerSize) = (size, 2 * size)
      }
    }
    return try train(Seq2Seq<Float>.self, folder, seed, arguments) {
      $0.model.score = ScoreName(rawValue: rung.rawValue)!
      guard let size = arguments[hiddenSize] else { return }
      // Symbols keep their share of the size.
      $0.model.embeddingSize = $0.model.embeddingSize * size / $0.model.hiddenSize
      $0.model.hiddenSize = size
    }
  }

  private func train<Model: SequenceModel>(
    _ model: Model.Type, _ folder: RunFolder, _ seed: Int, _ arguments: Arguments,
    change: (inout EncoderDecoderSettings<Model>) -> Void
  ) throws -> RunResult? {
    var settings = EncoderDecoderSettings<Model>()
    let names = Set(Rung.options.map(\.option.name))
    for option in EncoderDecoder<Model>.options where names.contains(option.option.name) {
      option.apply(arguments, &settings)
    }
    settings.training.seed = UInt64(seed)
    change(&settings)
    if fileExists(folder.configuration) {
      // Budgets would differ.
      let made = try RunFolder.Configuration<EncoderDecoderSettings<Model>>(
        recipe: Model.recipeName, path: folder.configuration
      ).settings
      if made != settings {
        throw UsageError(
          "\(folder.path) was made with other settings; name another folder: --out DIR")
      }
    }
    if fileExists(folder.scores) { return try RunResult(of: folder) }
    return try EncoderDecoder<Model>.run(settings, folder, .resume(allowsChanges: false))
  }
}

/// What a ladder has shown.
struct LadderPage {
  /// By rung, its runs.
  let results: [(name: String, results: [RunResult])]

  init(_ results: [(String, [RunResult])]) {
    self.results = results.map { (name: $0.0, results: $0.1) }
  }

  /// Errors by length, a line a rung.
  var charts: [LineChart] { lengthCharts(of: results) }

  /// The names of the columns.
  private var columns: [String] {
    let scores = results[0].results[0].scores.values.filter { !$0.isCount }.map(\.name)
    return ["rung"] + scores + ["parameters", "examples", "minutes"]
  }

  private var rows: [[String]] {
    results.map { name, results in
      let scores = results[0].scores.values.filter { !$0.isCount }.map { score in
        spread(results.compactMap { $0.scores[score.name] })
      }
      return [name] + scores + [
        "\(results[0].parameters)", spread(results.map { Double($0.examples) }, digits: 0),
        spread(results.map { $0.seconds / 60 }, digits: 1),
      ]
    }
  }

  /// The mean, and how far a single run is from it: the standard deviation of a sample.
  private func spread(_ values: [Double], digits: Int = 2) -> String {
    let mean = values.reduce(0, +) / Double(values.count)
    let text = fixed(mean, digits: digits)
    if values.count < 2 { return text }
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return "\(text) ± \(fixed((squares / Double(values.count - 1)).squareRoot(), digits: digits))"
  }

  /// A Markdown table.
  var table: String {
    let lines = [columns, columns.map { _ in "---" }] + rows
    return lines.map { "| \($0.joined(separator: " | ")) |\n" }.joined()
  }

  /// The page.
  var report: HTMLReport {
    let first = results[0].results[0]
    return HTMLReport(
      title: "What attention buys",
      introduction: "Models at equal budgets, \(results[0].results.count) seeds each.",
      picturesHeading: "By length of the input", pictures: charts,
      samples: [
        Samples(
          heading: "Rungs", explanation: "Means of the seeds, with the deviation of a single run.",
          columns: columns, rows: rows.map { $0.map { .text($0) } })
      ],
      conditions: [
        .init("Scored on", "\(first.part) data"), .init("Threads", "\(first.threads)"),
        .init("Instruction set", first.instructionSet),
      ])
  }
}
