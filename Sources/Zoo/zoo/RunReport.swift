import Autograd
import Tasks
import Training

/// What a page about a trained model has beside its figures.
package struct ReportParts {
  var pictures: [any Picture] = []
  var samples: [Samples] = []
  var lengthErrors: [LengthErrors] = []
}

extension HTMLReport {
  /// The page of a run: figures, curves, examples, configuration and conditions.
  init<R: Recipe>(
    of recipe: R, _ report: TrainingReport, _ scores: Metrics, part: String, _ parts: ReportParts
  ) throws {
    self.init(
      title: "\(R.name): \(R.task)", introduction: "After \(R.source).",
      figures: scores.values.map { .init($0.name, number($0.value), note: "on \(part) data") } + [
        .init(
          "Training", "\(fixed(report.seconds, digits: 0)) s",
          note: "\(report.examples) \(R.unit) seen, \(report.steps) steps"),
        .init("Parameters", "\(recipe.configuredModel.parameterCount)"),
      ],
      curve: TrainingCurve(report), picturesExplanation: R.picturesExplanation,
      pictures: parts.pictures, samples: parts.samples, lengthErrors: parts.lengthErrors,
      configuration: try entries(of: recipe.settings),
      conditions: [
        .init("Instruction set", Processor.instructionSet.rawValue),
        .init("Threads", "\(Processor.threadCount)"),
        .init("Seed", "\(recipe.settings.training.seed)"),
      ])
  }
}

extension TrainingCurve {
  /// What a training has measured; rates are in percent.
  init(_ report: TrainingReport) {
    let rates: Set<String> = [
      "WER", "PER", "accuracy", "slot F1", "intent", "both", "exact", "exact of known words",
    ]
    self.init(
      losses: report.losses.map {
        .init(examples: $0.examples, seconds: $0.seconds, loss: $0.loss)
      },
      evaluations: report.evaluations.map { evaluation in
        .init(
          examples: evaluation.examples, seconds: evaluation.seconds,
          // How many were scored is no curve.
          metrics: evaluation.metrics.values.filter { !$0.isCount }.map { score in
            // The rate of a part of the data has its name after that of the rate: `PER 10dB`.
            let isRate = rates.contains { score.name == $0 || score.name.hasPrefix($0 + " ") }
            return .init(score.name, score.value, unit: isRate ? "%" : "")
          })
      })
  }
}

extension Metrics.Value {
  /// Whether it tells how many examples were scored, and not how well.
  var isCount: Bool {
    [
      "words", "sentences", "sequences", "windows", "requests", "pictures", "recordings",
      "pictures of known words",
    ].contains(name)
  }
}

/// A score for people: counts whole, small numbers with more decimals.
func number(_ value: Double) -> String {
  if value == value.rounded(), abs(value) >= 1, abs(value) < 1e9 { return fixed(value, digits: 0) }
  return fixed(value, digits: abs(value) < 1 ? 4 : 2)
}

/// All settings, one a line, those within others after a dot.
private func entries(of settings: some RecipeSettings) throws -> [HTMLReport.Entry] {
  entries(of: try StrictJSON.value(JSON.self, of: StrictJSON.text(settings)))
}

/// All fields of a value, those within others after a dot.
func entries(of tree: JSON) -> [HTMLReport.Entry] {
  func list(_ value: JSON, _ path: String) -> [HTMLReport.Entry] {
    switch value {
    case .object(let fields):
      fields.sorted { $0.key < $1.key }.flatMap { key, value in
        list(value, path.isEmpty ? key : "\(path).\(key)")
      }
    case .array(let values): [.init(path, "\(values.count) values")]
    case .string(let text): [.init(path, text)]
    case .number(let number): [.init(path, "\(number)")]
    case .integer(let number): [.init(path, "\(number)")]
    case .truth(let truth): [.init(path, truth ? "yes" : "no")]
    }
  }
  return list(tree, "")
}
