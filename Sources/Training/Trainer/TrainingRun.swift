import Autograd
import Layers

/// One run of a trainer.
final class TrainingRun<Model: Layer> {
  let trainer: Trainer
  let model: Model
  var optimizer: any Optimizer
  var state: TrainingState
  private(set) var end: TrainingReport.End?

  private var average: WeightAverage?
  private var observers: [any TrainingObserver] = []
  private var rate = ExampleRate(seconds: 0, examples: 0)
  private(set) var directory: TrainingDirectory?
  private(set) var isResumed = false
  /// What is not as it was in the training that goes on, in sentences.
  private var notices: [String] = []
  /// Whether the rest of the epoch that was begun is left out.
  private var skipsRest = false
  /// When it would have begun, had it not been stopped.
  private var start = 0.0
  private var stepsInEpoch = 0

  /// The others that train with this process; nil where it trains alone.
  let ranks: RankExchange?
  /// What the ranks have told one another in this step.
  var agreement: RankExchange.Agreement?

  private var configuration: Trainer.Configuration { trainer.configuration }
  var seconds: Double { trainer.clock() - start }

  init(_ trainer: Trainer, _ model: Model) throws {
    trainer.configuration.check()
    self.trainer = trainer
    self.model = model
    optimizer = trainer.optimizer
    var generator = Generator(seed: trainer.configuration.seed)
    let settings = TrainingState.Settings(trainer.configuration, identity: trainer.identity)
    state = TrainingState(
      settings: settings, epochGenerator: generator.split(),
      generator: generator, plateau: trainer.configuration.plateau)
    average = trainer.configuration.averageDecay.map { WeightAverage(decay: $0) }
    ranks = trainer.group.map {
      RankExchange(
        $0, parameterCount: model.parameters.count,
        format: trainer.configuration.gradientFormat)
    }
    // Whoever fails from here on tells the others.
    do {
      try together { try open(settings) }
      try adoptFirst()
      start = trainer.clock() - state.seconds
      rate = ExampleRate(seconds: state.seconds, examples: state.examples)
      try together { if isFirst { try tellBegin() } }
    } catch {
      tellOthers(of: error)
      throw error
    }
    checkLimits()
  }

  /// Opens the directory, and reads the checkpoint where there is one to go on with. Every rank does, and
  /// none has begun to write before all have; rank 0 alone has the directory for itself.
  private func open(_ settings: TrainingState.Settings) throws {
    guard let path = configuration.directory else { return }
    let directory =
      isFirst
      ? try TrainingDirectory(path, configuration, lock: trainer.lock)
      : TrainingDirectory(ofOthers: path)
    self.directory = directory
    if configuration.resumes { notices = try resume(from: directory, settings) }
  }

  /// Takes over what rank 0 has: all begin with the same weights and the same state.
  private func adoptFirst() throws {
    guard let ranks else { return }
    let first = try ranks.broadcast(state)
    let others = try ranks.ranks { first.step != state.step }
    if let other = others.first {
      throw TrainingError.changed(
        "rank 0 begins after step \(first.step), but rank \(other) has another checkpoint, or none: "
          + "all ranks read the same folder")
    }
    state = first
    try ranks.broadcast(model)
    try together { notices += try resumeRoundingErrors().map { [$0] } ?? [] }
  }

  /// Tells the observers of the beginning.
  private func tellBegin() throws {
    observers = trainer.observers
    if let directory {
      observers += [
        TrainingLog("\(directory.path)/log.csv"),
        TrainingLog("\(directory.path)/log.jsonl", as: .jsonLines),
      ]
    }
    let began = TrainingStart(
      moment: moment, isResumed: isResumed, lastEvaluationStep: state.lastEvaluation.step,
      model: model, notices: notices)
    for observer in observers { try observer.didBegin(began) }
  }

  /// Goes on from a checkpoint, if there is one.
  ///
  /// - Returns: what is not as it was, in sentences.
  private func resume(
    from directory: TrainingDirectory, _ settings: TrainingState.Settings
  ) throws -> [String] {
    var differences: [String] = []
    let found = try directory.resume { path in
      try Checkpoint.load(
        from: path, model: model, optimizer: &optimizer, average: &average,
        state: TrainingState.self
      ) { saved in
        try saved.check(from: path)
        differences = saved.settings.differences(from: settings)
        if let difference = differences.first, !configuration.acceptsChanges {
          throw TrainingError.changed(difference)
        }
      }
    }
    guard let found else { return [] }
    state = found.state
    isResumed = true
    if !differences.isEmpty { adopt(settings) }
    return (found.notice.map { [$0] } ?? []) + differences
  }

  /// Goes on with other settings than before, from the next epoch on.
  private func adopt(_ settings: TrainingState.Settings) {
    skipsRest = state.stepInEpoch > 0
    if settings.averageDecay != state.settings.averageDecay {
      average = settings.averageDecay.map { WeightAverage(decay: $0) }
    }
    if settings.plateau != state.settings.plateau { state.plateau = settings.plateau }
    state.settings = settings
  }

  /// How far it has come.
  private var moment: TrainingMoment {
    TrainingMoment(
      epoch: state.stepInEpoch == 0 && state.step > 0 ? state.epoch : state.epoch + 1,
      step: state.step, examples: state.examples, seconds: state.seconds)
  }

  // MARK: Steps

  /// Takes note of the number of batches.
  ///
  /// - Returns: the steps of the epoch that are still to be made.
  func beginEpoch(batches: Int) throws -> Range<Int> {
    if batches == 0 { throw TrainingError.noBatches(epoch: state.epoch) }
    if state.stepInEpoch > 0, batches != state.batchesInEpoch {
      if !configuration.acceptsChanges {
        throw TrainingError.changed(
          "epoch \(state.epoch) has \(batches) batches, but had \(state.batchesInEpoch) when the "
            + "training was stopped in its midst")
      }
      skipsRest = true
    }
    if skipsRest {
      skipsRest = false
      stepsInEpoch = state.stepInEpoch
      return stepsInEpoch..<stepsInEpoch
    }
    state.batchesInEpoch = batches
    let count = configuration.batchesPerStep
    stepsInEpoch = (batches + count - 1) / count
    if state.stepInEpoch > stepsInEpoch {
      throw TrainingError.changed(
        "epoch \(state.epoch) has \(stepsInEpoch) steps, but the checkpoint says that "
          + "\(state.stepInEpoch) of them are done")
    }
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
    let unclipped = gradients
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
    ranks?.errors.step = state.step
    state.stepInEpoch += 1
    state.examples += examples
    state.seconds = agreement?.seconds ?? seconds
    state.lossSinceEvaluation.add(loss, examples: examples)
    state.lossOfEpoch.add(loss, examples: examples)
    state.curve.add(
      loss: loss, count: examples, examples: state.examples, seconds: state.seconds)
    rate.add(seconds: state.seconds, examples: state.examples)
    let step = TrainingStep(
      moment: moment, share: share, loss: loss, learningRate: state.learningRate,
      examplesPerSecond: rate.value, gradients: unclipped, norm: norm, model: model)
    for observer in observers { try observer.didStep(step) }
    if let ranks, state.step % configuration.stepsBetweenComparisons == 0 {
      _ = try ranks.agree()
      try ranks.compare(model, step: state.step)
    }
    if agreement?.stops ?? trainer.shouldStop() {
      end = .interrupted
    } else {
      checkLimits()
    }
  }

  func endEpoch() throws {
    let epoch = TrainingEpoch(moment: moment, loss: state.lossOfEpoch.value)
    for observer in observers { try observer.didFinishEpoch(epoch) }
    state.lossOfEpoch = MeanLoss()
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
    return state.evaluations.all.count { $0.step > best.step }
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
  ///
  /// All ranks evaluate, so that those of a group may share the work; rank 0 tells and saves, and the
  /// others take over what it has found.
  func evaluate(_ evaluate: ((Model) throws -> Metrics)?) throws {
    guard state.step > state.lastEvaluation.step else { return }
    let before = seconds
    if let ranks {
      _ = try ranks.agree()
      try ranks.broadcast(model, onlyFrozen: true)
    }
    let metrics: Metrics?
    do {
      metrics = try evaluate.map { evaluate in try withAverage { try evaluate(model) } }
    } catch is Interrupt.Raised where ranks == nil {
      // It is made when the training goes on.
      end = .interrupted
      return
    }
    try together { try saveRoundingErrors() }
    try together { if isFirst { try conclude(metrics, began: before) } }
    if let ranks { state = try ranks.broadcast(state) }
    checkLimits()
  }

  /// Tells of an evaluation and saves what has come of it.
  private func conclude(_ metrics: Metrics?, began before: Double) throws {
    var moment = moment
    moment.seconds = before
    let loss = state.lossSinceEvaluation.value
    let evaluation = TrainingEvaluation(
      moment: moment, loss: loss, learningRate: state.learningRate, metrics: metrics, model: model)
    for observer in observers { try observer.didEvaluate(evaluation) }
    if let metrics { try remember(metrics, at: moment) }
    follow(metrics, loss: loss)
    state.lossSinceEvaluation = MeanLoss()
    state.seconds = seconds
    state.lastEvaluation = .init(step: state.step, seconds: state.seconds)
    state.evaluationTime = max(state.evaluationTime, state.seconds - before)
    try save(metrics)
    state.evaluationTime = max(state.evaluationTime, seconds - before)
  }

  /// Adds an evaluation to the report, and saves the weights where they are the best so far.
  private func remember(_ metrics: Metrics, at moment: TrainingMoment) throws {
    let evaluation = TrainingReport.Evaluation(
      epoch: moment.epoch, step: moment.step, examples: moment.examples, seconds: moment.seconds,
      metrics: metrics)
    let isBest = state.best.map { metrics.isBetter(than: $0.metrics) } ?? true
    if isBest, let directory { try saveWeights(directory.best, metrics) }
    state.evaluations.append(evaluation)
    if isBest { state.best = evaluation }
  }

  /// Tells the plateau what came of the steps so far.
  private func follow(_ metrics: Metrics?, loss: Double) {
    guard let mode = state.plateau?.mode else { return }
    if let metrics, metrics.lowerIsBetter != (mode == .minimum) {
      trap(
        "Trainer: the plateau waits for a \(mode) of \(metrics.deciding), which is better the "
          + (metrics.lowerIsBetter ? "lower" : "higher"))
    }
    let metric = metrics.map { $0[$0.deciding] ?? .nan } ?? loss
    state.plateau?.update(metric: metric)
  }

  private func withAverage<Result>(_ body: () throws -> Result) rethrows -> Result {
    try average.map { try $0.applied(to: model, body) } ?? body()
  }

  // MARK: Files

  /// Saves what there is and tells the observers; the model gets the averaged weights.
  func finish() throws {
    // What an observer cannot do any more is no reason not to save.
    let failures = observers.compactMap { observer in
      Result { try observer.didEnd() }.failure
    }
    if state.step > state.lastEvaluation.step {
      try saveRoundingErrors()
      try save(nil)
    }
    average?.apply(to: model)
    if let failure = failures.first { throw failure }
  }

  private func save(_ metrics: Metrics?) throws {
    guard isFirst, let directory else { return }
    try saveWeights(directory.last, metrics)
    try directory.save(model, optimizer, average, state)
  }

  private func saveWeights(_ path: String, _ metrics: Metrics?) throws {
    var metadata = trainer.metadata
    metadata["step"] = "\(state.step)"
    metadata["examples"] = "\(state.examples)"
    for value in metrics?.values ?? [] { metadata[value.name] = "\(value.value)" }
    let weights = withAverage { model.weights(metadata: metadata) }
    try weights.write(to: path, hasChecksum: true)
  }

  /// What has been done; once training has ended.
  var report: TrainingReport {
    TrainingReport(
      end: end ?? .interrupted, epochs: state.epoch, steps: state.step, examples: state.examples,
      seconds: seconds, losses: state.curve.points, evaluations: state.evaluations.all,
      best: state.best)
  }
}

extension Result {
  /// The error, if it is one.
  fileprivate var failure: Failure? {
    guard case .failure(let error) = self else { return nil }
    return error
  }
}
