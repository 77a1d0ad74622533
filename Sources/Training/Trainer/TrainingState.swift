import Autograd

/// What a training must remember to go on after it was stopped as if it had not been: all that
/// decides what comes, beside weights, averages and the optimizer's memory.
struct TrainingState: Codable {
  /// The settings that it was begun with, as far as what is remembered makes no sense with others.
  struct Settings: Codable {
    /// The library's version: another may round otherwise.
    let library: String
    let seed: UInt64
    let batchesPerStep: Int
    let averageDecay: Double?
    let plateau: ReduceOnPlateau?
    let identity: [String: String]

    init(_ configuration: Trainer.Configuration, identity: [String: String]) {
      self.identity = identity
      library = Tapestry.version
      seed = configuration.seed
      batchesPerStep = configuration.batchesPerStep
      averageDecay = configuration.averageDecay
      plateau = configuration.plateau
    }

    /// What is another in the settings with which a training is to go on: phrases.
    func differences(from now: Settings) -> [String] {
      var differences: [String] = []
      func compare<Value: Equatable>(_ name: String, _ value: (Settings) -> Value) {
        let (saved, given) = (value(self), value(now))
        if saved != given {
          differences.append("\(name) is \(given), but was \(saved) when the training was begun")
        }
      }
      compare("Tapestry", \.library)
      compare("the seed", \.seed)
      compare("the number of batches that make a step", \.batchesPerStep)
      compare("the decay of averaged weights") { $0.averageDecay.map { "\($0)" } ?? "none" }
      if plateau != now.plateau {
        differences.append("the plateau is not the one that the training was begun with")
      }
      for name in Set(identity.keys).union(now.identity.keys).sorted() {
        compare("the \(name)") { $0.identity[name] ?? "unknown" }
      }
      return differences
    }
  }

  /// When the model was evaluated last.
  struct Moment: Codable {
    var step = 0
    var seconds = 0.0
  }

  var settings: Settings
  /// Epochs that are finished.
  var epoch = 0
  /// Steps of the epoch that are done.
  var stepInEpoch = 0
  /// Batches of the epoch that was begun last.
  var batchesInEpoch = 0
  var step = 0
  var examples = 0
  var seconds = 0.0
  /// The epoch's batches are drawn from a copy of this one.
  var epochGenerator: Generator
  /// Dropout draws from this one, and so does the next epoch's.
  var generator: Generator
  var curve = LossCurve()
  var evaluations = EvaluationHistory()
  var best: TrainingReport.Evaluation?
  var lastEvaluation = Moment()
  /// The longest time that an evaluation has taken: the last one is to end in time, too.
  var evaluationTime = 0.0
  /// The rate that follows the evaluations, if there is one.
  var plateau: ReduceOnPlateau?
  /// The rate of the last step.
  var learningRate = 0.0
  /// The mean loss since the last evaluation.
  var lossSinceEvaluation = MeanLoss()
  /// The mean loss of the epoch's steps so far.
  var lossOfEpoch = MeanLoss()
}

extension TrainingState {
  /// Throws where a training cannot go on from what a file says: counters that count down or to the largest
  /// number, a rate that is none.
  func check(from path: String) throws(WeightsError) {
    let counters = [epoch, stepInEpoch, batchesInEpoch, step, examples, lastEvaluation.step]
    if let wrong = counters.first(where: { !(0...1 << 53).contains($0) }) {
      throw Self.wrong("counters from 0 to 2^53", "\(wrong)", path)
    }
    guard let plateau else { return }
    let limit = 1 << 53
    if !(plateau.learningRate >= 0 && plateau.learningRate.isFinite)
      || !(0...limit).contains(plateau.badUpdates) || !(0...limit).contains(plateau.cooldownLeft)
    {
      throw Self.wrong(
        "a plateau with a rate of at least 0 and such counters",
        "\(plateau.learningRate), "
          + "\(plateau.badUpdates) and \(plateau.cooldownLeft)", path)
    }
  }

  private static func wrong(_ expected: String, _ found: String, _ path: String) -> WeightsError {
    let error = TensorFileError(expected, found: found, at: .init(file: path))
    return WeightsError(file: path, problem: .malformed(error))
  }
}
