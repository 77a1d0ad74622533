import Training

/// The course of a training: what all recipes have in common.
package struct TrainingSettings: Codable, Equatable, Sendable {
  /// Passes over the examples; nil where only the time is limited.
  package var epochs: Int?
  /// Minutes after which training ends; nil where only epochs are limited.
  var minutes: Double?
  /// Examples of a step.
  package var batchSize: Int
  /// The largest learning rate in the course of training: it rises over the warm-up and then falls
  /// along a cosine.
  package var learningRate: Double
  /// Steps in which the learning rate rises, at most a tenth of all.
  var warmupSteps = 200
  /// Decay of the weights, decoupled from the gradient (AdamW); 0 for none.
  package var weightDecay = 0.0
  /// The largest norm of all gradients together.
  package var clipNorm = 1.0
  /// The decay of averaged weights; nil for none.
  package var averageDecay: Double?
  /// Evaluations without a better one after which training ends; nil goes on to its limits.
  var patience: Int?
  /// Batches of a step, one after the other: for more examples than go into memory; nil for one.
  var batchesPerStep: Int?
  /// What all randomness comes from.
  var seed: UInt64 = 1

  /// Throws where no training can be made; what options set is checked by them.
  func check() throws(UsageError) {
    let limits = [
      epochs.map(Double.init), minutes, patience.map(Double.init), clipNorm,
      batchesPerStep.map(Double.init),
    ]
    let isPossible =
      (epochs != nil || minutes != nil) && limits.allSatisfy { $0.map { $0 > 0 } ?? true }
      && warmupSteps >= 0 && averageDecay.map { (0..<1).contains($0) } ?? true
    if !isPossible {
      throw UsageError(
        "expected a training with epochs or minutes, limits above 0 and an averageDecay from 0 to 1, "
          + "found \((try? StrictJSON.text(self)) ?? "another")")
    }
  }

  /// The trainer for these settings.
  func trainer(
    unit: String, metadata: [String: String], evaluation: Trainer.Configuration.Frequency = .epoch,
    directory: String?, start: RunFolder.Start = .new
  ) -> Trainer {
    let (rate, warmup) = (learningRate, warmupSteps)
    let configuration = Trainer.Configuration(
      epochs: epochs, minutes: minutes,
      schedule: {
        WarmupCosine(
          learningRate: rate, warmupSteps: Swift.min(warmup, $0 / 10), totalSteps: $0)
      }, clipNorm: clipNorm, batchesPerStep: batchesPerStep ?? 1,
      averageDecay: averageDecay, evaluation: evaluation,
      patience: patience, seed: seed, directory: directory,
      resumes: start.resumes && directory != nil,
      acceptsChanges: start == .resume(allowsChanges: true), replaces: start == .replace)
    var trainer =
      weightDecay > 0
      ? Trainer(
        configuration, optimizer: AdamW(learningRate: rate, weightDecay: weightDecay))
      : Trainer(configuration, optimizer: Adam(learningRate: rate))
    trainer.observers = [ProgressLine(unit: unit)]
    trainer.metadata = metadata
    return trainer
  }
}

extension Setting {
  /// The options of the training that every recipe has.
  static var training: [Setting] {
    [
      epochs, minutes,
      .integer("batch-size", \.training.batchSize, in: 1...65_536, help: "examples of a step"),
      .number(
        "learning-rate", \.training.learningRate, in: 1e-9...10,
        help: "the largest in the course of training"),
      .integer(
        "warmup-steps", \.training.warmupSteps, in: 0...1_000_000,
        help: "steps in which the learning rate rises, at most a tenth of all"),
      .number(
        "weight-decay", \.training.weightDecay, in: 0...10, help: "decoupled decay of the weights"),
      batchesPerStep, averageDecay, seed,
    ]
  }

  private static var averageDecay: Setting {
    let decay = Settings().training.averageDecay
    let option = Option<Double?>.number(
      "average-decay", in: 0...0.999_999,
      help: "decay of the running average of weights that is scored and saved; 0 for the weights "
        + "themselves (\(decay.map(short) ?? "0"))")
    return Setting(option: option, isForUse: false) { arguments, settings in
      if let decay = arguments[option] { settings.training.averageDecay = decay > 0 ? decay : nil }
    }
  }

  private static var batchesPerStep: Setting {
    let option = Option<Int?>.integer(
      "batches-per-step", in: 1...65_536,
      help: "batches whose gradients make one step, for more examples than go into memory")
    return Setting(option: option, isForUse: false) { arguments, settings in
      if let count = arguments[option] { settings.training.batchesPerStep = count }
    }
  }

  private static var epochs: Setting {
    let count = Settings().training.epochs
    let option = Option<Int?>.integer(
      "epochs", in: 1...100_000,
      help: "passes over the examples" + (count.map { " (\($0) unless minutes are given)" } ?? ""))
    return Setting(option: option, isForUse: false) { arguments, settings in
      if let epochs = arguments[option] { settings.training.epochs = epochs }
    }
  }

  private static var minutes: Setting {
    let option = Option<Double?>.number(
      "minutes", "M", in: 0.01...100_000, help: "time after which training ends")
    let epochs = epochs.option.name
    return Setting(option: option, isForUse: false) { arguments, settings in
      guard let minutes = arguments[option] else { return }
      settings.training.minutes = minutes
      if !arguments.isGiven(named: epochs) { settings.training.epochs = nil }
    }
  }

  private static var seed: Setting {
    let option = Option<Int>.integer(
      "seed", in: 0...Int.max, default: Int(Settings().training.seed),
      help: "what all randomness comes from")
    return Setting(option: option, isForUse: false) { arguments, settings in
      if arguments.isGiven(option) { settings.training.seed = UInt64(arguments[option]) }
    }
  }
}
