import Autograd
import Tasks
import Training

/// What came of a training: the file `scores.json` of its folder.
package struct RunResult: Codable, Equatable {
  /// The error of examples of similar length.
  struct Length: Codable, Equatable {
    var from: Int
    var to: Int
    var count: Int
    var rate: Double
  }

  /// How the score depends on the length of the input.
  struct ByLength: Codable, Equatable {
    var caption: String
    var unit: String
    var lengths: [Length]
  }

  /// The recipe.
  var model: String
  /// What was scored: test data, or held-out training data.
  var part: String
  /// The scores; that which decides first.
  package var scores: Metrics
  package var parameters: Int
  var steps: Int
  var examples: Int
  var seconds: Double
  var threads: Int
  var instructionSet: String
  var seed: UInt64
  /// Empty where the recipe does not tell.
  var byLength: [ByLength]

  init<R: Recipe>(
    of recipe: R, _ report: TrainingReport, _ scores: Metrics, part: String, _ parts: ReportParts
  ) {
    model = R.name
    self.part = part
    self.scores = scores
    parameters = recipe.configuredModel.parameterCount
    steps = report.steps
    examples = report.examples
    seconds = report.seconds
    threads = Processor.threadCount
    instructionSet = Processor.instructionSet.rawValue
    seed = recipe.settings.training.seed
    byLength = parts.lengthErrors.map { errors in
      ByLength(
        caption: errors.caption, unit: errors.unit,
        lengths: errors.buckets.map {
          Length(
            from: $0.lengths.lowerBound, to: $0.lengths.upperBound, count: $0.count, rate: $0.rate)
        })
    }
  }

  /// Reads the file of a run.
  package init(of folder: RunFolder) throws {
    let text = String(decoding: try readFile(folder.scores), as: UTF8.self)
    do throws(StrictJSON.Failure) {
      self = try StrictJSON.value(Self.self, of: text)
    } catch {
      throw UsageError("\(folder.scores): expected the scores of a run, found \(error)")
    }
  }
}
