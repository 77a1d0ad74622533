public import Autograd
public import Layers
import Platform

/// The loop that trains a model: batches, updates, schedule, evaluation, files, progress.
///
/// ```swift
/// var trainer = Trainer(
///   .init(epochs: 20, clipNorm: 1, directory: "runs/first"), optimizer: Adam(learningRate: 4e-3))
/// trainer.configuration.schedule = {
///   WarmupCosine(learningRate: 4e-3, warmupSteps: 100, totalSteps: $0)
/// }
/// let report = try trainer.run(
///   model,
///   batches: { _, generator in data.batches(of: 128, using: &generator) },
///   examples: \.count,
///   loss: { model, batch in crossEntropyLoss(model(batch.inputs), batch.labels) },
///   evaluate: { model in Metrics(["PER": errorRate(model, heldOut)]) })
/// ```
///
/// With a limit of epochs alone, the same seed gives the same weights, bit for bit.
public struct Trainer {
  /// How to train.
  public struct Configuration: Sendable {
    /// When the model is evaluated, beside at the end.
    public enum Frequency: Sendable {
      /// After each epoch.
      case epoch
      /// After the first step that ends so many seconds after the last evaluation.
      case seconds(Double)
      /// After so many steps.
      case steps(Int)
    }

    /// The largest number of epochs; nil if only the time is limited.
    public var epochs: Int?
    /// The largest number of minutes, evaluations included; nil if only epochs are limited.
    public var minutes: Double?
    /// The learning rate, given the number of steps of the whole training; nil leaves the
    /// optimizer's alone.
    ///
    /// Where time is limited that number is an estimate, made anew for each step, so that the part
    /// of the schedule that is done is the part of the time that has passed.
    public var schedule: (@Sendable (_ totalSteps: Int) -> any Schedule)?
    /// A rate that is lowered when evaluations stop to improve, in place of a schedule: it follows
    /// the metric that decides, which improves the way that the plateau's mode says; without
    /// evaluations the mean loss since the last time one was due.
    public var plateau: ReduceOnPlateau?
    /// The largest norm of all gradients together; nil does not clip.
    public var clipNorm: Double?
    /// The largest absolute value of each gradient's elements, before the norm is looked at; nil
    /// does not clip.
    public var clipValue: Double?
    /// Batches whose gradients make one step: their mean, weighted by the batches' examples. At the
    /// end of an epoch it may be fewer.
    public var batchesPerStep: Int
    /// The decay of averaged weights; nil does not average. With it, evaluations and weights files
    /// have the average, and so has the model in the end.
    public var averageDecay: Double?
    /// When the model is evaluated and files are written.
    public var evaluation: Frequency
    /// Evaluations after the best one after which training ends; nil goes on to its limits. What is
    /// best is the file `best.safetensors`; the model itself keeps its last weights.
    public var patience: Int?
    /// What all randomness comes from.
    public var seed: UInt64
    /// Where `log.csv`, `log.jsonl` with the same rows, `last.safetensors`, `best.safetensors`,
    /// `checkpoint.safetensors` and the checkpoint before it (`checkpoint.previous.safetensors`) go;
    /// nil writes none. It is made if it is missing, and locked while the training lasts
    /// (`DirectoryLock`).
    public var directory: String?
    /// Goes on from the directory's `checkpoint.safetensors`, if there is one, as if the training
    /// had not been stopped: with the same evaluations, weights and log. Limits, schedule, clipping
    /// and the times of evaluations may be others than before; seed, batches of a step, plateau,
    /// the decay of averaged weights and the trainer's `identity` may not. Where the checkpoint is damaged, the
    /// one before it is gone on from.
    public var resumes: Bool
    /// Whether a training that is resumed may be another than it was: with another `identity`, other batches or
    /// other such settings. It then goes on with the next epoch.
    public var acceptsChanges: Bool
    /// Whether weights, checkpoints and logs of another training in the directory are replaced. Else, where
    /// there are some and none are to be resumed, it is an error.
    public var replaces: Bool
    /// Steps after which the ranks of a group compare their weights.
    public var stepsBetweenComparisons: Int
    /// As what the ranks of a group send their gradients.
    public var gradientFormat: GradientFormat

    /// At least one of `epochs` and `minutes` is given.
    public init(
      epochs: Int? = nil, minutes: Double? = nil,
      schedule: (@Sendable (_ totalSteps: Int) -> any Schedule)? = nil,
      plateau: ReduceOnPlateau? = nil, clipNorm: Double? = nil, clipValue: Double? = nil,
      batchesPerStep: Int = 1, averageDecay: Double? = nil, evaluation: Frequency = .epoch,
      patience: Int? = nil, seed: UInt64 = 0,
      directory: String? = nil, resumes: Bool = false, acceptsChanges: Bool = false,
      replaces: Bool = false, stepsBetweenComparisons: Int = 100,
      gradientFormat: GradientFormat = .full
    ) {
      self.epochs = epochs
      self.minutes = minutes
      self.schedule = schedule
      self.plateau = plateau
      self.clipNorm = clipNorm
      self.clipValue = clipValue
      self.batchesPerStep = batchesPerStep
      self.averageDecay = averageDecay
      self.evaluation = evaluation
      self.patience = patience
      self.seed = seed
      self.directory = directory
      self.resumes = resumes
      self.acceptsChanges = acceptsChanges
      self.replaces = replaces
      self.stepsBetweenComparisons = stepsBetweenComparisons
      self.gradientFormat = gradientFormat
      check()
    }

    /// Traps where settings make no sense, alone or together.
    func check() {
      func require(_ condition: Bool, _ sentence: @autoclosure () -> String) {
        if !condition { trap("Trainer.Configuration: \(sentence())") }
      }
      let name: StaticString = "Trainer.Configuration"
      if let epochs { expect(epochs, atLeast: 0, name, "epochs") }
      if let patience { expect(patience, atLeast: 1, name, "patience") }
      if let minutes { expect(minutes, .limit, name, "minutes") }
      require(
        epochs != nil || minutes.map { $0 < .infinity } ?? false,
        "neither epochs nor minutes are given, so training would not end")
      if let clipNorm { expect(clipNorm, .limit, name, "clipNorm") }
      if let clipValue { expect(clipValue, .limit, name, "clipValue") }
      if let averageDecay { expect(averageDecay, .shareBelowOne, name, "averageDecay") }
      require(
        schedule == nil || plateau == nil,
        "a schedule and a plateau would both set the learning rate")
      expect(stepsBetweenComparisons, atLeast: 1, name, "stepsBetweenComparisons")
      require(batchesPerStep > 0, "\(batchesPerStep) batches make a step; it is at least one")
      require(
        directory != nil || !resumes, "there is nothing to resume from without a directory")
      switch evaluation {
      case .epoch: break
      case .seconds(let seconds): expect(seconds, .limit, name, "evaluation in seconds")
      case .steps(let steps): expect(steps, atLeast: 1, name, "evaluation in steps")
      }
    }
  }

  /// How to train.
  public var configuration: Configuration
  /// What changes the weights; after a training, with what it remembers.
  public var optimizer: any Optimizer
  /// Who is told of each step, evaluation and epoch: at first a `ProgressLine` on standard error.
  public var observers: [any TrainingObserver] = [ProgressLine()]
  /// Text for the metadata of weights files, such as the model's configuration.
  public var metadata: [String: String] = [:]
  /// What a training that is resumed has in common with the one that was stopped, beside its settings: the
  /// data, the size of a batch, ..., each a name with a value, or with the hash of a content (`XXH64`). Where
  /// one is another, the training does not go on, unless `acceptsChanges` lets it, and the error names it.
  public var identity: [String: String] = [:]
  /// The lock of the directory, where the caller has it already; else the training locks it for as long as
  /// it lasts.
  public var lock: DirectoryLock?
  /// Whether to end in order after the current step. Call `Interrupt.install()` first, to make
  /// Ctrl-C such a request.
  public var shouldStop: () -> Bool = { Interrupt.isRequested }
  /// The processes that train the model together, each of which makes the same call of `run`; nil
  /// trains in this one alone. See `TrainingGroup`.
  public var group: (any TrainingGroup)?
  /// The number of processes that train together: what one's share of a batch is multiplied by.
  public var rankCount: Int { group?.size ?? 1 }
  /// The time in seconds.
  public var clock: () -> Double = { MonotonicClock.seconds }

  /// A trainer that has not begun.
  public init(_ configuration: Configuration, optimizer: some Optimizer) {
    self.configuration = configuration
    self.optimizer = optimizer
  }

  /// Trains a model. Denormal numbers count as zeros while gradients are taken and applied; see
  /// `flushingDenormals`.
  ///
  /// - Parameters:
  ///   - model: what is trained, in place.
  ///   - batches: the batches of an epoch (from 0), in order. It draws from the generator given
  ///     only, so that a training that is resumed in the midst of an epoch finds the same batches.
  ///   - examples: the number of examples in a batch.
  ///   - part: the examples of a batch in a range of positions, as a batch; a group of several ranks
  ///     needs it, as each takes a part of each batch.
  ///   - weight: what a batch's loss counts beside others; by default its examples. Where a loss is
  ///     a mean over symbols it is their number, so that parts come to the mean of the whole.
  ///   - loss: a tensor of one element, the mean over the batch's examples.
  ///   - evaluate: how good the model is, on data that it is not trained on. Gradients are not
  ///     recorded; dropout is off. All ranks of a group are asked, rank 0's answer counts.
  /// - Throws: `TrainingError`, `FileError`, `WeightsError` (a checkpoint that does not fit), and what the closures
  ///   throw. The weights so far are saved before.
  public mutating func run<Model: Layer, Batches: Collection, Scalar: FloatingPointScalar>(
    _ model: Model,
    batches: (_ epoch: Int, _ generator: inout Generator) throws -> Batches,
    examples: (Batches.Element) -> Int,
    part: ((Batches.Element, Range<Int>) -> Batches.Element)? = nil,
    weight: ((Batches.Element) -> Double)? = nil,
    loss: (Model, Batches.Element) throws -> Tensor<Scalar>,
    evaluate: ((Model) throws -> Metrics)? = nil
  ) throws -> TrainingReport {
    let run = try TrainingRun(self, model)
    defer { optimizer = run.optimizer }
    do {
      // It may have been stopped where one was due.
      if run.isResumed, run.end == nil, run.isEvaluationDue { try run.evaluate(evaluate) }
      while run.end == nil {
        var generator = run.state.epochGenerator
        let items = try batches(run.state.epoch, &generator)
        let count = configuration.batchesPerStep
        for step in try run.beginEpoch(batches: items.count) {
          run.setLearningRate()
          // What is too small to be normal teaches nothing, but takes longer.
          try flushingDenormals {
            var sum = GradientAccumulator()
            var (total, totalWeight) = (0, 0.0)
            var randomness = RankGenerator(run.state.generator, rank: run.rank)
            let reduction = run.beginReduction()
            var left = min(count, items.count - step * count)
            for batch in items.dropFirst(step * count).prefix(count) {
              left -= 1
              let all = examples(batch)
              total += all
              totalWeight += weight?(batch) ?? Double(all)
              let own = run.share(of: all)
              // A rank without an example of its own draws like the others.
              if own.isEmpty && all > 0 {
                _ = randomness.next()
                continue
              }
              let batch = own.count == all ? batch : run.part(of: batch, own, part)
              let ownWeight = weight?(batch) ?? Double(own.count)
              if left == 0, let reduction {
                _ = try valueWithGradient(
                  at: model, using: &randomness, of: { try loss($0, batch) },
                  met: { value, met in
                    try run.meet(
                      reduction, sum, last: (Double(value.detached.scalar), ownWeight, met),
                      totalWeight: totalWeight)
                  }, take: reduction.take)
                continue
              }
              let (value, gradients) = try valueWithGradient(at: model, using: &randomness) {
                model in try loss(model, batch)
              }
              sum.add(gradients, loss: Double(value.scalar), weight: ownWeight)
            }
            let (gradients, loss) = try run.combined(sum, reduction, totalWeight: totalWeight)
            try run.update(gradients, loss: loss, examples: total, generator: randomness.common)
          }
          if run.end != nil { break }
          // Where the epoch is over, what is saved says so.
          if !run.isEpochOver, run.isEvaluationDue { try run.evaluate(evaluate) }
          if run.end != nil { break }
        }
        if run.isEpochOver {
          try run.endEpoch()
          if run.end == nil, run.isEvaluationDue { try run.evaluate(evaluate) }
        }
      }
      if run.end != .interrupted { try run.evaluate(evaluate) }
      try run.together { try run.finish() }
    } catch {
      run.tellOthers(of: error)
      // The reason why training ends is worth more than a second error about saving.
      try? run.finish()
      throw error
    }
    return run.report
  }
}
