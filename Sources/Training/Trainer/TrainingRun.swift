import Autograd
import Layers

/// One run of a trainer.
final class TrainingRun<Model: Layer> {
  private let trainer: Trainer
  private let model: Model
  var optimizer: any Optimizer
  var state: TrainingState
  private(set) var end: TrainingReport.End?

  private var average: WeightAverage?
  private var line: ProgressLine?
  private var log: CSVLog?
  private var lines: JSONLinesLog?
  private(set) var isResumed = false
  private let start: Double
  private var stepsInEpoch = 0

  private var configuration: Trainer.Configuration { trainer.configuration }
  private var seconds: Double { trainer.clock() - start }

  init(_ trainer: Trainer, _ model: Model) throws {
    trainer.configuration.check()
    self.trainer = trainer
    self.model = model
    optimizer = trainer.optimizer
    var generator = Generator(seed: trainer.configuration.seed)
    let settings = TrainingState.Settings(trainer.configuration)
    state = TrainingState(
      settings: settings, epochGenerator: generator.split(),
      generator: generator, plateau: trainer.configuration.plateau)
    average = trainer.configuration.averageDecay.map { WeightAverage(decay: $0) }
    if let directory = trainer.configuration.directory {
      try createDirectory(directory)
      // Fails now, not after the first epoch, where the directory cannot be written to.
      _ = try CSVLog(path: "\(directory)/log.csv", columns: ["epoch"])
      let path = "\(directory)/checkpoint.safetensors"
      if trainer.configuration.resumes, fileExists(path) {
        state = try Checkpoint.load(
          from: path, model: model, optimizer: &optimizer, average: &average,
          state: TrainingState.self
        ) { saved in
          try saved.settings.check(now: settings)
        }
        isResumed = true
      }
    }
    start = trainer.clock() - state.seconds
    line = trainer.progress.map { [unit = trainer.unit, clock = trainer.clock, state] in
      ProgressLine(done: state.examples, unit: unit, output: $0, clock: clock)
    }
    checkLimits()
  }

  // MARK: Steps

  /// Takes note of the number of batches.
  ///
  /// - Returns: the steps of the epoch that are still to be made.
  func beginEpoch(batches: Int) throws -> Range<Int> {
    if batches == 0 { throw TrainingError.noBatches(epoch: state.epoch) }
    if state.stepInEpoch > 0, batches != state.batchesInEpoch {
      throw TrainingError.changed(
        "epoch \(state.epoch) has \(batches) batches, but had \(state.batchesInEpoch) when the "
          + "training was stopped in its midst")
    }
    state.batchesInEpoch = batches
    let count = configuration.batchesPerStep
    stepsInEpoch = (batches + count - 1) / count
    return state.stepInEpoch..<stepsInEpoch
  }

  /// Whether all steps of the epoch have been made.
  var isEpochOver: Bool { state.stepInEpoch == stepsInEpoch }

  /// Sets the rate of the next step.
  func setLearningRate() {
    if let plateau = state.plateau { optimizer.learningRate = plateau.learningRate }
    guard let schedule = configuration.schedule else { return }
    optimizer.learningRate = schedule(totalSteps).learningRate(step: state.step)
  }

  /// Makes a step.
  ///
  /// - Parameter generator: the state of the randomness after this step. What fails has not drawn
  ///   from it, so that a training that goes on makes the same step again.
  func update(
    _ gradients: Gradients, loss: Double, examples: Int, generator: Generator
  ) throws {
    let gradients = configuration.clipValue.map { gradients.clipped(toValue: $0) } ?? gradients
    let norm = gradients.norm
    if !loss.isFinite || !norm.isFinite {
      let parameter = gradients.firstNonFinite
      if !loss.isFinite || parameter != nil {
        throw TrainingError.notFinite(
          step: state.step, epoch: state.epoch, loss: loss, parameter: parameter)
      }
    }
    optimizer.update(
      model,
      along: configuration.clipNorm.map { gradients.clipped(toNorm: $0, from: norm) }
        ?? gradients)
    average?.update(model)

    state.generator = generator
    state.learningRate = optimizer.learningRate
    state.step += 1
    state.stepInEpoch += 1
    state.examples += examples
    state.seconds = seconds
    state.lossSum += loss * Double(examples)
    state.lossWeight += Double(examples)
    state.curve.add(
      loss: loss, count: examples, examples: state.examples, seconds: state.seconds)
    line?.update(
      done: state.examples, loss: loss, share: share, label: "epoch \(state.epoch + 1)")
    if trainer.shouldStop() {
      end = .interrupted
    } else {
      checkLimits()
    }
  }

  func endEpoch() {
    state.epoch += 1
    state.stepInEpoch = 0
    state.epochGenerator = state.generator.split()
    checkLimits()
  }

  private func checkLimits() {
    if end != nil { return }
    if let epochs = configuration.epochs, state.epoch >= epochs { end = .epochs }
    if let limit = secondsLimit, state.seconds >= limit { end = .time }
    if let patience = configuration.patience, evaluationsSinceBest >= patience { end = .noProgress }
  }

  /// How many evaluations have not been better than the best.
  private var evaluationsSinceBest: Int {
    guard let best = state.best else { return 0 }
    return state.evaluations.count { $0.step > best.step }
  }

  private var secondsLimit: Double? {
    configuration.minutes.map { $0 * 60 - state.evaluationTime }
  }

  /// The steps of the whole training, as far as can be told now.
  private var totalSteps: Int {
    // Before the first step has been timed nobody knows; so many that the schedule is at its start.
    var total = 1 << 30
    if let epochs = configuration.epochs {
      total = state.step - state.stepInEpoch + (epochs - state.epoch) * stepsInEpoch
    }
    if let limit = secondsLimit, state.step > 0, state.seconds > 0 {
      let byTime = Double(state.step) * limit / state.seconds
      total = min(total, max(Int(min(byTime, 0x1p40)), state.step + 1))
    }
    return total
  }

  /// The part of the training that is done.
  private var share: Double {
    var share = 0.0
    if let epochs = configuration.epochs, stepsInEpoch > 0 {
      let part = Double(state.stepInEpoch) / Double(stepsInEpoch)
      share = (Double(state.epoch) + part) / Double(epochs)
    }
    if let limit = secondsLimit { share = max(share, state.seconds / limit) }
    return share
  }

  // MARK: Evaluations

  var isEvaluationDue: Bool {
    switch configuration.evaluation {
    case .epoch: state.stepInEpoch == 0
    case .seconds(let interval): state.seconds - state.lastEvaluation.seconds >= interval
    case .steps(let interval): state.step - state.lastEvaluation.step >= interval
    }
  }

  /// Evaluates and saves, unless that has been done since the last step.
  func evaluate(_ evaluate: ((Model) throws -> Metrics)?) throws {
    guard state.step > state.lastEvaluation.step else { return }
    let before = seconds
    let metrics = try evaluate.map { evaluate in
      try withAverage { try evaluate(model) }
    }
    if let metrics {
      let evaluation = TrainingReport.Evaluation(
        epoch: state.stepInEpoch == 0 ? state.epoch : state.epoch + 1, step: state.step,
        examples: state.examples, seconds: before, metrics: metrics)
      state.evaluations.append(evaluation)
      if state.best.map({ metrics.isBetter(than: $0.metrics) }) ?? true {
        state.best = evaluation
        try saveWeights("best", metrics)
      }
      line?.message(
        "epoch \(evaluation.epoch)  step \(state.step)  \(duration(before))  "
          + "loss \(fixed(state.lossSum / state.lossWeight, digits: 4))  \(metrics)")
    }
    try writeLog(metrics)
    follow(metrics)
    state.lossSum = 0
    state.lossWeight = 0
    state.seconds = seconds
    state.lastEvaluation = .init(step: state.step, seconds: state.seconds)
    state.evaluationTime = max(state.evaluationTime, state.seconds - before)
    try save(metrics)
    state.evaluationTime = max(state.evaluationTime, seconds - before)
    checkLimits()
  }

  /// Tells the plateau what came of the steps so far.
  private func follow(_ metrics: Metrics?) {
    guard let mode = state.plateau?.mode else { return }
    if let metrics, metrics.lowerIsBetter != (mode == .minimum) {
      trap(
        "Trainer: the plateau waits for a \(mode) of \(metrics.deciding), which is better the "
          + (metrics.lowerIsBetter ? "lower" : "higher"))
    }
    let metric = metrics.map { $0[$0.deciding] ?? .nan } ?? state.lossSum / state.lossWeight
    state.plateau?.update(metric: metric)
  }

  private func withAverage<Result>(_ body: () throws -> Result) rethrows -> Result {
    try average.map { try $0.applied(to: model, body) } ?? body()
  }

  // MARK: Files

  /// Saves what there is and ends the progress line; the model gets the averaged weights.
  func finish() throws {
    line?.finish()
    if state.step > state.lastEvaluation.step { try save(nil) }
    average?.apply(to: model)
  }

  private func save(_ metrics: Metrics?) throws {
    guard let directory = configuration.directory else { return }
    try saveWeights("last", metrics)
    try Checkpoint.save(
      to: "\(directory)/checkpoint.safetensors", model: model, optimizer: optimizer,
      average: average, state: state)
  }

  private func saveWeights(_ name: String, _ metrics: Metrics?) throws {
    guard let directory = configuration.directory else { return }
    var metadata = trainer.metadata
    metadata["step"] = "\(state.step)"
    metadata["examples"] = "\(state.examples)"
    for value in metrics?.values ?? [] { metadata[value.name] = "\(value.value)" }
    let weights = withAverage { model.weights(metadata: metadata) }
    try weights.write(to: "\(directory)/\(name).safetensors")
  }

  private func writeLog(_ metrics: Metrics?) throws {
    guard let directory = configuration.directory else { return }
    let row: [(name: String, value: any LosslessStringConvertible)] = [
      ("epoch", state.stepInEpoch == 0 ? state.epoch : state.epoch + 1), ("step", state.step),
      ("examples", state.examples), ("seconds", (state.seconds * 100).rounded() / 100),
      ("learning_rate", state.learningRate), ("loss", state.lossSum / state.lossWeight),
    ]
    let scores = (metrics?.values ?? []).map { (name: $0.name, value: $0.value) }
    let fields = row + scores.map { ($0.name, $0.value as any LosslessStringConvertible) }
    if log == nil {
      log = try CSVLog(
        path: "\(directory)/log.csv", columns: fields.map(\.name), append: isResumed,
        keeping: state.logRows)
      lines = try JSONLinesLog(
        path: "\(directory)/log.jsonl", append: isResumed, keeping: state.logRows)
    }
    try log!.append(fields.map(\.value))
    try lines!.append(fields)
    state.logRows += 1
  }

  /// What has been done; once training has ended.
  var report: TrainingReport {
    TrainingReport(
      end: end ?? .interrupted, epochs: state.epoch, steps: state.step, examples: state.examples,
      seconds: seconds, losses: state.curve.points, evaluations: state.evaluations,
      best: state.best)
  }
}
