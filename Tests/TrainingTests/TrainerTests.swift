import Autograd
import Foundation
import Layers
import Testing
import Training

@Suite struct TrainerTests {
  private typealias Batch = (x: Tensor<Double>, labels: Tensor<Int32>)

  /// Points inside and outside of a circle.
  private static func batches(_ count: Int, using generator: inout Generator) -> [Batch] {
    (0..<count).map { _ in
      let x = Tensor<Double>.uniform([16, 2], in: -1...1, using: &generator)
      let labels = (0..<16).map { row in
        Int32(square(x[row]).sum().scalar < 0.5 ? 1 : 0)
      }
      return (x, Tensor(labels))
    }
  }

  private static func loss(_ model: SmallModel<Double>, _ batch: Batch) -> Tensor<Double> {
    crossEntropyLoss(model(batch.x), batch.labels)
  }

  private static let heldOut: Batch = {
    var generator = Generator(seed: 99)
    return batches(1, using: &generator)[0]
  }()

  private static func trainer(_ configuration: Trainer.Configuration) -> Trainer {
    var trainer = Trainer(configuration, optimizer: Adam(learningRate: 0.03))
    trainer.observers = []
    trainer.shouldStop = { false }
    return trainer
  }

  private static func run(
    _ trainer: inout Trainer, _ model: SmallModel<Double>, perEpoch: Int = 10
  ) throws -> TrainingReport {
    try trainer.run(
      model, batches: { _, generator in batches(perEpoch, using: &generator) },
      examples: { $0.x.shape[0] }, loss: loss,
      evaluate: { Metrics(["loss": loss($0, heldOut).scalar]) })
  }

  @Test func `a model learns, and the report says how`() throws {
    var trainer = Self.trainer(.init(epochs: 20, clipNorm: 1))
    let model = SmallModel<Double>(seed: 1, hiddenSize: 16)
    let before = Self.loss(model, Self.heldOut).scalar
    let report = try Self.run(&trainer, model)
    #expect(report.end == .epochs)
    #expect(report.epochs == 20 && report.steps == 200 && report.examples == 3200)
    #expect(report.losses.count == 200 && report.losses.last?.examples == 3200)
    #expect(report.evaluations.map(\.epoch) == Array(1...20))
    #expect(report.evaluations.last?.metrics["loss"] == Self.loss(model, Self.heldOut).scalar)
    #expect(
      report.best?.metrics["loss"] == report.evaluations.compactMap { $0.metrics["loss"] }.min())
    // It stands at 0.51 of where it began; without learning it would stay near ln 2.
    #expect(Self.loss(model, Self.heldOut).scalar < 0.6 * before)
  }

  @Test func `the same seed gives the same weights, another seed others`() throws {
    let results = try [UInt64(3), 3, 4].map { seed in
      var trainer = Self.trainer(.init(epochs: 2, seed: seed))
      let model = SmallModel<Double>(seed: 1, dropout: 0.2)
      _ = try Self.run(&trainer, model)
      return model.all
    }
    #expect(results[0] == results[1])
    #expect(results[0] != results[2])
  }

  @Test(arguments: [nil, 0.9])
  func `a training that was stopped goes on as if it had not been`(decay: Double?) throws {
    try withTemporaryDirectory { directory in
      func configuration(_ directory: String?) -> Trainer.Configuration {
        .init(
          epochs: 3, schedule: { WarmupCosine(learningRate: 0.05, warmupSteps: 3, totalSteps: $0) },
          clipNorm: 1, averageDecay: decay, seed: 5, directory: directory,
          resumes: directory != nil)
      }
      let reference = SmallModel<Double>(seed: 1, dropout: 0.2)
      var trainer = Self.trainer(configuration(nil))
      let whole = try Self.run(&trainer, reference)

      let model = SmallModel<Double>(seed: 1, dropout: 0.2)
      trainer = Self.trainer(configuration(directory))
      var steps = 0
      trainer.shouldStop = {
        steps += 1
        return steps == 14
      }
      let first = try Self.run(&trainer, model)
      #expect(first.end == .interrupted && first.steps == 14 && first.epochs == 1)

      // A process of its own would begin with other weights and a fresh optimizer.
      let resumed = SmallModel<Double>(seed: 2, dropout: 0.2)
      trainer = Self.trainer(configuration(directory))
      let second = try Self.run(&trainer, resumed)
      #expect(resumed.all == reference.all)
      #expect(second.steps == whole.steps)
      #expect(second.losses.map(\.loss) == whole.losses.map(\.loss))
      #expect(second.evaluations.map(\.metrics) == whole.evaluations.map(\.metrics))
    }
  }

  @Test func `the directory gets a log, the last weights and the best`() throws {
    try withTemporaryDirectory { directory in
      let directory = "\(directory)/new"
      var trainer = Self.trainer(.init(epochs: 3, directory: directory))
      trainer.metadata = ["model": "small"]
      let model = SmallModel<Double>(seed: 1)
      var values = [1.0, 3.0, 2.0]
      let report = try trainer.run(
        model, batches: { _, generator in Self.batches(2, using: &generator) },
        examples: { $0.x.shape[0] }, loss: Self.loss,
        evaluate: { _ in
          Metrics(["accuracy": values.removeFirst()], lowerIsBetter: false)
        })
      #expect(report.best?.step == 4)
      let last = SmallModel<Double>(seed: 2)
      #expect(try last.load(from: "\(directory)/last.safetensors").metadata["model"] == "small")
      #expect(last.all == model.all)
      let best = try last.load(from: "\(directory)/best.safetensors").metadata
      #expect(best["accuracy"] == "3.0" && best["step"] == "4")
      #expect(last.all != model.all)
      let lines = try text(of: "\(directory)/log.csv").split(separator: "\n")
      #expect(lines[0] == "epoch,step,examples,seconds,learning_rate,loss,accuracy")
      #expect(lines.count == 4 && lines[3].hasPrefix("3,6,96,") && lines[3].hasSuffix(",2.0"))
      let objects = try text(of: "\(directory)/log.jsonl").split(separator: "\n")
      #expect(objects.count == 3 && objects[2].hasPrefix("{\"epoch\":3,\"step\":6,"))
      #expect(objects[2].hasSuffix("\"accuracy\":2.0}"))
    }
  }

  @Test func `with a limit of time the schedule ends when training does`() throws {
    var trainer = Self.trainer(
      .init(
        minutes: 1,
        schedule: { WarmupLinear(learningRate: 1, warmupSteps: 0, totalSteps: $0) }))
    // Each look at the clock takes a while; the second half of the training is slower.
    var now = 0.0
    trainer.clock = {
      now += now < 30 ? 0.01 : 0.02
      return now
    }
    var rates: [Double] = []
    let model = SmallModel<Double>(seed: 1)
    trainer.optimizer = Recorder { rates.append($0) }
    let report = try trainer.run(
      model, batches: { _, generator in Self.batches(7, using: &generator) },
      examples: { $0.x.shape[0] }, loss: Self.loss)
    #expect(report.end == .time)
    // One look at the clock more than the limit, at most a few.
    #expect(report.seconds >= 60 && report.seconds < 60.2)
    // The rate is 1 minus the share of the time that had passed at the last step.
    #expect(rates.first! > 0.99 && rates.last! < 0.01 && rates.last! >= 0)
    let half = try #require(report.losses.firstIndex { $0.seconds > 30 })
    let step = half * report.steps / report.losses.count
    #expect(abs(rates[step] - 0.5) < 0.02)
  }

  @Test func `epochs alone give the schedule its steps exactly`() throws {
    var rates: [Double] = []
    var trainer = Self.trainer(
      .init(
        epochs: 2,
        schedule: { LinearFactor(learningRate: 1, startFactor: 1, endFactor: 0, totalSteps: $0) }))
    trainer.optimizer = Recorder { rates.append($0) }
    _ = try Self.run(&trainer, SmallModel<Double>(seed: 1), perEpoch: 5)
    #expect(zip(rates.indices, rates).allSatisfy { abs(1 - Double($0) / 10 - $1) < 1e-12 })
    #expect(Set(rates).count == 10)
  }

  @Test func `a loss that is not finite ends training before the weights are touched`() throws {
    try withTemporaryDirectory { directory in
      var trainer = Self.trainer(.init(epochs: 1, directory: directory))
      let model = SmallModel<Double>(seed: 1)
      var count = 0
      var weights: [Double] = []
      #expect {
        _ = try trainer.run(
          model, batches: { _, generator in Self.batches(5, using: &generator) },
          examples: { $0.x.shape[0] },
          loss: { model, batch in
            count += 1
            if count == 4 { weights = withoutGradient { model.all } }
            return Self.loss(model, batch) * (count == 4 ? .nan : 1)
          })
      } throws: { error in
        guard
          case .notFinite(let step, let epoch, let loss, let parameter)? = error as? TrainingError
        else { return false }
        // The tape meets the last layer's weight first or the first layer's: either has a name.
        return step == 3 && epoch == 0 && loss.isNaN && parameter?.hasSuffix("weight") == true
      }
      #expect(model.all == weights)
      let saved = SmallModel<Double>(seed: 2)
      try saved.load(from: "\(directory)/last.safetensors")
      #expect(saved.all == weights)
    }
  }

  @Test func `an epoch without batches is an error`() {
    var trainer = Self.trainer(.init(epochs: 1))
    #expect(throws: TrainingError.noBatches(epoch: 0)) {
      _ = try Self.run(&trainer, SmallModel<Double>(seed: 1), perEpoch: 0)
    }
  }

  @Test func `an unwritable directory fails before the first step`() {
    var trainer = Self.trainer(.init(epochs: 1, directory: "/proc/tapestry"))
    let model = SmallModel<Double>(seed: 1)
    let before = model.all
    #expect(throws: FileError.self) { _ = try Self.run(&trainer, model) }
    #expect(model.all == before)
  }

  @Test func `progress is shown with evaluations between`() throws {
    var trainer = Self.trainer(.init(epochs: 2))
    var written = ""
    trainer.observers = [
      ProgressLine(unit: "points", output: ProgressOutput(isTerminal: false) { written += $0 })
    ]
    _ = try Self.run(&trainer, SmallModel<Double>(seed: 1))
    #expect(written.contains("epoch 1  step 10  0:00  loss "))
    #expect(written.contains("epoch 2  100 %  loss ") && written.contains("points/s"))
  }
}

/// Reports the learning rate of each step, and changes nothing.
struct Recorder: Optimizer, @unchecked Sendable {
  // Unchecked: one small parameter after the other is updated on one thread.
  let record: (Double) -> Void
  var learningRate = 0.0
  var groups: ParameterGroups?
  var state = OptimizerState()
  var slots: [String] { [] }

  init(record: @escaping (Double) -> Void) { self.record = record }

  func step<Scalar: FloatingPointScalar>(_ part: OptimizerStep<Scalar>) {
    // The only bias stands for all parameters.
    if part.count == 4 { record(part.learningRate) }
  }
}
