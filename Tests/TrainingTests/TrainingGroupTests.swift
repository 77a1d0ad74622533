import Autograd
import Foundation
import Layers
import Testing
import Training

/// Several ranks train as one process does.
@Suite struct TrainingGroupTests {
  /// A point, and whether it is inside of a circle.
  private struct Example {
    let x: [Double]
    let label: Int32
  }

  private static let examples: [Example] = {
    var generator = Generator(seed: 5)
    return (0..<61).map { _ in
      let x = (0..<2).map { _ in Double.random(in: -1...1, using: &generator) }
      return Example(x: x, label: x[0] * x[0] + x[1] * x[1] < 0.5 ? 1 : 0)
    }
  }()

  /// A model with a part that only the examples of one corner need.
  private struct Model: Layer {
    let main: SmallModel<Double>
    let corner: Linear<Double>

    init(seed: UInt64, dropout: Double = 0) {
      var generator = Generator(seed: seed)
      main = SmallModel(seed: seed, dropout: dropout)
      corner = Linear(inputs: 2, outputs: 2, using: &generator)
    }

    func loss(_ examples: [Example]) -> Tensor<Double> {
      let x = Tensor<Double>(examples.flatMap(\.x), shape: [examples.count, 2])
      var scores = main(x)
      let isNear = examples.map { $0.x[0] > 0.8 }
      if isNear.contains(true) {
        scores =
          scores
          + corner(x) * Tensor<Double>(isNear.map { $0 ? 1 : 0 }, shape: [examples.count, 1])
      }
      return crossEntropyLoss(scores, Tensor(examples.map(\.label)))
    }

    var numbers: [Double] { parameters.flatMap { $0.parameter.scalars } }
  }

  /// What a rank has at the end.
  private struct Outcome: Sendable {
    let weights: [Double]
    let report: TrainingReport
    var toldSteps = 0
  }

  private struct Failed: Error, CustomStringConvertible {
    let description = "the disk is on fire"
  }

  /// Counts steps; one that it does not like ends the training.
  private final class Counter: TrainingObserver {
    var steps = 0
    var failsAt: Int?

    func didStep(_ step: TrainingStep) throws {
      steps += 1
      if steps == failsAt { throw Failed() }
    }
  }

  private static func configuration(_ directory: String? = nil) -> Trainer.Configuration {
    Trainer.Configuration(
      epochs: 4, schedule: { WarmupCosine(learningRate: 0.05, warmupSteps: 3, totalSteps: $0) },
      clipNorm: 0.5, clipValue: 0.2, batchesPerStep: 2, averageDecay: 0.9,
      evaluation: .steps(3), seed: 8, directory: directory, stepsBetweenComparisons: 2)
  }

  /// - Parameter before: called before each loss with the number of losses so far.
  private static func train(
    _ group: ThreadGroup?, _ configuration: Trainer.Configuration, dropout: Double = 0,
    observer: Counter = Counter(), stop: @escaping () -> Bool = { false },
    clock: @escaping () -> Double = { 0 },
    before: (_ losses: Int, _ model: Model) throws -> Void = { _, _ in }
  ) throws -> Outcome {
    // Each rank begins elsewhere: rank 0's weights are to count.
    let model = Model(seed: UInt64(1 + (group?.rank ?? 0)), dropout: dropout)
    var trainer = Trainer(configuration, optimizer: AdamW(learningRate: 0.05))
    trainer.observers = [observer]
    trainer.shouldStop = stop
    trainer.clock = clock
    trainer.group = group
    var losses = 0
    let report = try trainer.run(
      model,
      batches: { _, generator in
        // The last one of each epoch has one example: fewer than ranks.
        Batches.shuffled(count: examples.count, batchSize: 12, using: &generator)
      },
      examples: \.count, part: { Array($0[$1]) },
      loss: { model, indices in
        losses += 1
        try before(losses, model)
        return model.loss(indices.map { examples[$0] })
      },
      evaluate: { model in Metrics(["loss": model.loss(Array(examples.prefix(20))).scalar]) })
    return Outcome(weights: model.numbers, report: report, toldSteps: observer.steps)
  }

  private static func difference(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).map { abs($0 - $1) }.max() ?? .infinity
  }

  @Test(arguments: [1, 2, 3, 5])
  func `ranks come to what one process comes to, but for the order of sums`(size: Int) throws {
    let alone = try Self.train(nil, Self.configuration())
    let all = try ThreadGroup.run(size) { try Self.train($0, Self.configuration()) }
      .map { try $0.get() }
    for outcome in all {
      #expect(outcome.weights == all[0].weights)
      // Sums of up to 24 terms in another order, over 12 steps, in double precision.
      #expect(Self.difference(outcome.weights, alone.weights) < 1e-11)
      #expect(outcome.report.steps == alone.report.steps)
      #expect(outcome.report.examples == alone.report.examples)
      #expect(outcome.report.evaluations.count == alone.report.evaluations.count)
      #expect(outcome.report.best?.step == alone.report.best?.step)
      for (own, other) in zip(outcome.report.losses, alone.report.losses) {
        #expect(abs(own.loss - other.loss) < 1e-11)
      }
    }
    #expect(all.map(\.toldSteps) == [alone.toldSteps] + .init(repeating: 0, count: size - 1))
  }

  @Test func `a group of one makes the same bits as a process alone`() throws {
    for batches in [1, 2] {
      var configuration = Self.configuration()
      configuration.batchesPerStep = batches
      let settings = configuration
      let alone = try Self.train(nil, settings, dropout: 0.3)
      let group = try ThreadGroup.run(1) { try Self.train($0, settings, dropout: 0.3) }[0].get()
      if batches == 1 {
        #expect(group.weights == alone.weights)
      } else {
        // The last batch's gradients get their share before they are added, as sums begin at once.
        #expect(Self.difference(group.weights, alone.weights) < 1e-11)
      }
    }
  }

  @Test func `ranks have random numbers of their own, which follow from the seed`() throws {
    let runs = try (0..<2).map { _ in
      try ThreadGroup.run(3) { try Self.train($0, Self.configuration(), dropout: 0.3) }[2].get()
    }
    #expect(runs[0].weights == runs[1].weights)
    var ranks = (0..<3).map { RankGenerator(Generator(seed: 4), rank: $0) }
    var common = Generator(seed: 4)
    let first = ranks.indices.map { ranks[$0].next() }
    #expect(Set(first).count == 3 && first[0] == common.next())
    #expect(ranks.allSatisfy { $0.common == common })
  }

  @Test(arguments: [0, 1, 2])
  func `a rank that throws ends all with its sentence, and any number of ranks goes on`(
    thrower: Int
  ) throws {
    try withTemporaryDirectory { directory in
      let results = ThreadGroup.run(3) { group in
        let outcome = Result {
          try Self.train(
            group, Self.configuration(directory),
            before: { losses, _ in
              if group.rank == thrower, losses == 9 { throw Failed() }
            })
        }
        #expect(group.knowsOfFailure)
        return try outcome.get()
      }
      for (rank, result) in results.enumerated() {
        switch result {
        case .success: Issue.record("rank \(rank) has not failed")
        case .failure(let error):
          if rank == thrower {
            #expect(error is Failed)
          } else {
            #expect(
              error as? TrainingError
                == .rankFailed(rank: thrower, of: 3, sentence: "the disk is on fire"))
          }
        }
      }
      var resumed = Self.configuration(directory)
      resumed.resumes = true
      let configuration = resumed
      let others = try ThreadGroup.run(2) { try Self.train($0, configuration) }.map { try $0.get() }
      let alone = try Self.train(nil, Self.configuration())
      #expect(Self.difference(others[1].weights, alone.weights) < 1e-11)
      #expect(others[1].report.steps == alone.report.steps)
    }
  }

  @Test func `what rank 0 alone cannot do ends all, at the end of the training too`() {
    for failsAt in [5, 12] {
      let results = ThreadGroup.run(2) { group in
        let counter = Counter()
        counter.failsAt = failsAt
        return try Self.train(group, Self.configuration(), observer: counter)
      }
      #expect(throws: Failed.self) { try results[0].get() }
      #expect(throws: TrainingError.rankFailed(rank: 0, of: 2, sentence: "the disk is on fire")) {
        try results[1].get()
      }
    }
  }

  @Test func `weights that drift apart are found`() {
    let results = ThreadGroup.run(3) { group in
      try Self.train(
        group, Self.configuration(),
        before: { losses, model in
          if group.rank == 2, losses == 5 {
            model.corner.$weight.tensor = (model.corner.weight + 1e-12).detached
          }
        })
    }
    for result in results {
      #expect(throws: TrainingError.ranksDiffer(step: 4, ranks: [2])) { try result.get() }
    }
  }

  @Test func `one rank that is asked to stop stops all after the same step`() throws {
    let outcomes = try ThreadGroup.run(3) { group in
      var asked = 0
      return try Self.train(
        group, Self.configuration(),
        stop: {
          asked += 1
          return group.rank == 1 && asked == 4
        })
    }.map { try $0.get() }
    #expect(outcomes.map(\.report.steps) == [4, 4, 4])
    #expect(outcomes.allSatisfy { $0.report.end == .interrupted })
  }

  @Test func `time is rank 0's`() throws {
    let outcomes = try ThreadGroup.run(2) { group in
      var configuration = Self.configuration()
      configuration.epochs = nil
      configuration.minutes = 1
      configuration.evaluation = .seconds(20)
      var time = 0.0
      // The other rank's clock is three times as fast, and is not looked at.
      return try Self.train(
        group, configuration,
        clock: {
          time += group.rank == 0 ? 1 : 3
          return time
        })
    }.map { try $0.get() }
    #expect(outcomes[0].report.end == .time && outcomes[1].report.end == .time)
    #expect(outcomes[0].report.steps == outcomes[1].report.steps)
    #expect(outcomes[0].report.evaluations == outcomes[1].report.evaluations)
    #expect(outcomes[0].weights == outcomes[1].weights)
  }

  @Test func `parts of a batch make up the whole, for weights that are no numbers of examples`()
    throws
  {
    // Sequences of different lengths, whose loss is a mean over symbols.
    let lengths = (0..<23).map { 1 + $0 * 7 % 11 }
    @Sendable func train(_ group: ThreadGroup?) throws -> [Double] {
      let model = Model(seed: 3)
      var trainer = Trainer(.init(epochs: 3, seed: 2), optimizer: SGD(learningRate: 0.3))
      trainer.observers = []
      trainer.group = group
      _ = try trainer.run(
        model,
        batches: { _, generator in
          Batches.shuffled(count: lengths.count, batchSize: 9, using: &generator)
        }, examples: \.count, part: { Array($0[$1]) },
        weight: { $0.reduce(0) { $0 + Double(lengths[$1]) } },
        loss: { model, indices in
          model.loss(
            indices.flatMap { index in
              (0..<lengths[index]).map { Self.examples[(index + $0) % Self.examples.count] }
            })
        })
      return model.numbers
    }
    let alone = try train(nil)
    let ranks = try ThreadGroup.run(4) { try train($0) }.map { try $0.get() }
    // As above.
    #expect(Self.difference(ranks[3], alone) < 1e-11)
  }

  @Test func `buckets go from the parameter met last to the first, each of one type`() {
    let float = (0..<3).map { _ in Parameter<Float>(wrappedValue: .zeros([1 << 19])) }
    let double = Parameter<Double>(wrappedValue: .zeros([7]))
    let parameters: [any AnyParameter] = [float[0], double, float[1], float[2], float[0]]
    let buckets = GradientBucket.buckets(of: parameters, met: [2, 1, 0, 3])
    #expect(buckets.map(\.positions) == [[3, 0], [1], [2]])
    #expect(buckets.map(\.count) == [1 << 20, 7, 1 << 19])
    #expect(buckets.map(\.type) == [.float, .double, .float])
    #expect(GradientBucket.buckets(of: parameters, met: []).isEmpty)
  }

  /// Trains in `Float`, with gradients that are sent as bfloat16.
  private static func trainRounded(
    _ group: ThreadGroup, _ directory: String, resumes: Bool = false, stopsAfter limit: Int? = nil
  ) throws -> [Double] {
    let model = SmallModel<Float>(seed: 4)
    var trainer = Trainer(
      .init(
        epochs: 3, evaluation: .steps(5), seed: 2, directory: directory, resumes: resumes,
        gradientFormat: .bfloat16), optimizer: SGD(learningRate: 0.3))
    trainer.observers = []
    trainer.group = group
    trainer.clock = { 0 }
    var asked = 0
    trainer.shouldStop = {
      asked += 1
      return asked == limit
    }
    _ = try trainer.run(
      model,
      batches: { _, generator in
        Batches.shuffled(count: examples.count, batchSize: 16, using: &generator)
      }, examples: \.count, part: { Array($0[$1]) },
      loss: { model, indices in
        let chosen = indices.map { examples[$0] }
        let x = Tensor<Float>(
          chosen.flatMap { $0.x.map { Float($0) } }, shape: [chosen.count, 2])
        return crossEntropyLoss(model(x), Tensor(chosen.map(\.label)))
      })
    return model.parameters.flatMap { $0.parameter.scalars }
  }

  @Test(arguments: [1, 3, 5, 7])
  func `what rounding has taken away is not lost where a training goes on`(stop: Int) throws {
    try withTemporaryDirectory { directory in
      @Sendable func train(_ name: String, resumes: Bool = false, stop: Int? = nil) throws
        -> [[Double]]
      {
        try ThreadGroup.run(3) {
          try Self.trainRounded(
            $0, "\(directory)/\(name)", resumes: resumes, stopsAfter: stop)
        }.map { try $0.get() }
      }
      let whole = try train("whole")
      #expect(whole[0] == whole[2])
      _ = try train("stopped", stop: stop)
      let files = (0..<3).map { "\(directory)/stopped/checkpoint.rank\($0).safetensors" }
      #expect(files.allSatisfy { FileManager.default.fileExists(atPath: $0) })
      #expect(try train("stopped", resumes: true) == whole)
      // Without them it is another training.
      _ = try train("forgetful", stop: stop)
      for rank in 0..<3 {
        let folder = "\(directory)/forgetful"
        for file in ["checkpoint", "checkpoint.previous"] {
          try? FileManager.default.removeItem(atPath: "\(folder)/\(file).rank\(rank).safetensors")
        }
      }
      #expect(try train("forgetful", resumes: true) != whole)
    }
  }

  @Test func `what ranks have saved of rounding is added up where they are fewer`() throws {
    try withTemporaryDirectory { directory in
      let parameter = Parameter<Float>(wrappedValue: .zeros([2]))
      @Sendable func paths(_ rank: Int) -> [String] {
        ["\(directory)/\(rank)", "\(directory)/previous\(rank)"]
      }
      for rank in 0..<3 {
        for step in [7, 8] {
          var errors = RoundingErrors()
          errors.values[0] = Tensor([Float(rank + step), 1])
          errors.step = step
          try errors.write(
            to: paths(rank)[0], keepingPrevious: paths(rank)[1], step: step, names: ["w"], ranks: 3)
        }
      }
      func read(step: Int, rank: Int, of size: Int) throws -> [Float]? {
        try RoundingErrors(
          of: paths, step: step, rank: rank, size: size, [("w", parameter)])?.values[0]?.scalars
      }
      #expect(try read(step: 8, rank: 2, of: 3) == [10, 1])
      #expect(try read(step: 8, rank: 0, of: 2) == [18, 2])
      #expect(try read(step: 7, rank: 1, of: 2) == [8, 1])
      #expect(try read(step: 9, rank: 0, of: 3) == nil)
      // Of no step, as after one that has failed, nothing is written.
      try RoundingErrors().write(
        to: paths(0)[0], keepingPrevious: paths(0)[1], step: 9, names: [], ranks: 3)
      #expect(try read(step: 8, rank: 0, of: 3) == [8, 1])
    }
  }
}
