import Autograd
import Foundation
import Layers
import Testing
import Training

/// A training that is stopped, at whatever step, and goes on is the training that was not stopped:
/// the same weights, evaluations and files, to the bit.
@Suite struct ResumingTests {
  /// A training of a small model: three epochs of five batches.
  struct Example: CustomTestStringConvertible, Sendable {
    let testDescription: String
    var optimizer: any Optimizer = Adam(learningRate: 0.05)
    var evaluation = Trainer.Configuration.Frequency.epoch
    var isEvaluated = true
    var batchesPerStep = 1
    var averageDecay: Double?
    var plateau: ReduceOnPlateau?
    var schedule: (@Sendable (Int) -> any Schedule)?

    init(_ description: String, _ change: (inout Example) -> Void) {
      testDescription = description
      change(&self)
    }

    private static let optimizers: [any Optimizer] = [
      SGD(learningRate: 0.1), SGD(learningRate: 0.05, momentum: 0.9, isNesterov: true),
      Adam(learningRate: 0.05, amsgrad: true), AdamW(learningRate: 0.05),
      NAdam(learningRate: 0.05), RAdam(learningRate: 0.05), Adamax(learningRate: 0.05),
      RMSprop(learningRate: 0.02, momentum: 0.5, isCentered: true), Adagrad(learningRate: 0.1),
      Adadelta(learningRate: 1),
    ]

    private static let plateau = ReduceOnPlateau(learningRate: 0.05, factor: 0.5, patience: 0)

    static let all =
      optimizers.enumerated().map { index, optimizer in
        Example("\(type(of: optimizer)) \(index), evaluated after every 4 steps") {
          $0.optimizer = optimizer
          $0.evaluation = .steps(4)
        }
      } + [
        Example("evaluated after each epoch, averaged") { $0.averageDecay = 0.9 },
        Example("evaluated after each epoch, with a plateau") { $0.plateau = plateau },
        Example("with a plateau that follows the loss") {
          $0.plateau = plateau
          $0.isEvaluated = false
          $0.evaluation = .steps(2)
        },
        Example("evaluated after every 5 steps, where epochs end") { $0.evaluation = .steps(5) },
        Example("evaluated after each step, averaged, with a plateau") {
          $0.evaluation = .steps(1)
          $0.averageDecay = 0.5
          $0.plateau = plateau
        },
        Example("evaluated after every 3 seconds") { $0.evaluation = .seconds(3) },
        Example("steps of two batches, with a schedule") {
          $0.evaluation = .steps(2)
          $0.batchesPerStep = 2
          $0.schedule = { WarmupCosine(learningRate: 0.05, warmupSteps: 3, totalSteps: $0) }
        },
        Example("not evaluated") {
          $0.evaluation = .steps(100)
          $0.isEvaluated = false
        },
      ]
  }

  private typealias Batch = (x: Tensor<Double>, labels: Tensor<Int32>)

  private static func batches(_ count: Int, using generator: inout Generator) -> [Batch] {
    (0..<count).map { _ in
      let x = (0..<16).map { _ in Double(generator.next() >> 11) * 0x1p-52 - 1 }
      let labels = (0..<8).map { Int32(x[2 * $0] > x[2 * $0 + 1] ? 1 : 0) }
      return (Tensor(x, shape: [8, 2]), Tensor(labels))
    }
  }

  private static let heldOut: Batch = {
    var generator = Generator(seed: 99)
    return batches(1, using: &generator)[0]
  }()

  private static func loss(_ model: SmallModel<Double>, _ batch: Batch) -> Tensor<Double> {
    crossEntropyLoss(model(batch.x), batch.labels)
  }

  struct Failure: Error {}

  /// Runs a training, or goes on with the one in the directory.
  ///
  /// - Parameters:
  ///   - steps: after how many it is stopped.
  ///   - failing: the call of the loss, from 1, that fails.
  private static func run(
    _ example: Example, in directory: String, stopAfter steps: Int = .max, failing: Int = .max,
    perEpoch: Int = 5, _ change: (inout Trainer.Configuration) -> Void = { _ in }
  ) throws -> TrainingReport {
    var configuration = Trainer.Configuration(
      epochs: 3, schedule: example.schedule, plateau: example.plateau, clipNorm: 1,
      batchesPerStep: example.batchesPerStep, averageDecay: example.averageDecay,
      evaluation: example.evaluation, seed: 5, directory: directory, resumes: true)
    change(&configuration)
    func opened(_ optimizer: some Optimizer) -> Trainer {
      Trainer(configuration, optimizer: optimizer)
    }
    var trainer = opened(example.optimizer)
    trainer.observers = []
    var (made, calls) = (0, 0)
    // A second for each loss.
    trainer.clock = { Double(calls) }
    trainer.shouldStop = {
      made += 1
      return made >= steps
    }
    let evaluate = { (model: SmallModel<Double>) in
      // Rounded, so that evaluations may be equal, and a plateau has something to do.
      Metrics(["loss": (loss(model, heldOut).scalar * 20).rounded() / 20])
    }
    // A process of its own begins with weights of its own.
    let isResumed = FileManager.default.fileExists(atPath: "\(directory)/checkpoint.safetensors")
    return try trainer.run(
      SmallModel<Double>(seed: isResumed ? 2 : 1, dropout: 0.2),
      batches: { _, generator in batches(perEpoch, using: &generator) },
      examples: { $0.labels.count },
      loss: { model, batch in
        calls += 1
        if calls == failing { throw Failure() }
        return loss(model, batch)
      },
      evaluate: example.isEvaluated ? evaluate : nil)
  }

  /// All files that a training leaves: weights, log, and the whole of its memory; but the checkpoint before
  /// the last, which is of the step where it was stopped.
  private static func files(_ directory: String) throws -> [String: [UInt8]] {
    var result: [String: [UInt8]] = [:]
    for name in try names(in: directory) where name != "checkpoint.previous.safetensors" {
      result[name] = try readFile("\(directory)/\(name)")
    }
    return result
  }

  private static func check(
    _ report: TrainingReport, _ directory: String, like whole: TrainingReport,
    _ wholeDirectory: String,
    _ remark: String
  ) throws {
    #expect(report.end == .epochs && report.steps == whole.steps, "\(remark)")
    #expect(report.evaluations == whole.evaluations, "\(remark)")
    #expect(report.best == whole.best, "\(remark)")
    #expect(report.losses == whole.losses, "\(remark)")
    let (mine, theirs) = (try files(directory), try files(wholeDirectory))
    #expect(mine.keys.sorted() == theirs.keys.sorted(), "\(remark)")
    for (name, bytes) in theirs { #expect(mine[name] == bytes, "\(remark): \(name)") }
  }

  @Test(arguments: Example.all)
  func `stopped at any step, it goes on as if it had not been`(example: Example) throws {
    try withMemoryDirectory { directory in
      let whole = try Self.run(example, in: "\(directory)/whole")
      #expect(whole.steps == 15 / example.batchesPerStep + (example.batchesPerStep == 2 ? 2 : 0))
      for step in 1...whole.steps {
        let parts = "\(directory)/\(step)"
        let first = try Self.run(example, in: parts, stopAfter: step)
        #expect(first.end == .interrupted && first.steps == step)
        let second = try Self.run(example, in: parts)
        try Self.check(second, parts, like: whole, "\(directory)/whole", "stopped at \(step)")
      }
    }
  }

  @Test(arguments: [2, 10, 13, 16])
  func `stopped after each step, too`(index: Int) throws {
    try withMemoryDirectory { directory in
      let example = Example.all[index]
      let whole = try Self.run(example, in: "\(directory)/whole")
      for _ in 0..<whole.steps {
        _ = try Self.run(example, in: "\(directory)/parts", stopAfter: 1)
      }
      let last = try Self.run(example, in: "\(directory)/parts")
      try Self.check(last, "\(directory)/parts", like: whole, "\(directory)/whole", "")
    }
  }

  @Test func `a step that failed is made again with the same randomness`() throws {
    try withMemoryDirectory { directory in
      let example = Example.all[16]
      let whole = try Self.run(example, in: "\(directory)/whole")
      // The second batch of the third step.
      #expect(throws: Failure.self) {
        _ = try Self.run(example, in: "\(directory)/parts", failing: 6)
      }
      let report = try Self.run(example, in: "\(directory)/parts")
      try Self.check(report, "\(directory)/parts", like: whole, "\(directory)/whole", "")
    }
  }

  @Test func `rows that a crash has left beyond the checkpoint are written again`() throws {
    try withMemoryDirectory { directory in
      let example = Example.all[0]
      let whole = try Self.run(example, in: "\(directory)/whole")
      _ = try Self.run(example, in: "\(directory)/parts", stopAfter: 6)
      // The log of a process that came to step 12 but could not save it.
      try AtomicFile.write(
        text(of: "\(directory)/whole/log.csv"), to: "\(directory)/parts/log.csv")
      let report = try Self.run(example, in: "\(directory)/parts")
      try Self.check(report, "\(directory)/parts", like: whole, "\(directory)/whole", "")
    }
  }

  @Test func `what has changed meanwhile is told`() throws {
    try withMemoryDirectory { directory in
      let example = Example.all[2]
      _ = try Self.run(example, in: directory, stopAfter: 7)
      let before = try Self.files(directory)
      func sentence(
        perEpoch: Int = 5, _ change: (inout Trainer.Configuration) -> Void = { _ in }
      ) -> String {
        do {
          _ = try Self.run(example, in: directory, perEpoch: perEpoch, change)
          return ""
        } catch let error as TrainingError { return "\(error)" } catch { return "other: \(error)" }
      }
      let start = "the training cannot go on: "
      for count in [2, 4, 6] {
        #expect(
          sentence(perEpoch: count) == start
            + "epoch 1 has \(count) batches, but had 5 when the training was stopped in its midst")
      }
      #expect(
        sentence { $0.seed = 6 } == start
          + "the seed is 6, but was 5 when the training was begun")
      #expect(
        sentence { $0.batchesPerStep = 2 }.contains("batches that make a step is 2, but was 1"))
      #expect(
        sentence { $0.averageDecay = 0.5 }.contains("averaged weights is 0.5, but was none"))
      #expect(
        sentence { $0.plateau = ReduceOnPlateau(learningRate: 1) }.contains("the plateau is not"))
      #expect(try Self.files(directory) == before)
      #expect(sentence() == "")
    }
  }

  @Test(arguments: [
    ("\"learningRate\":[0-9.e-]+", "\"learningRate\":-1", "a rate of at least 0"),
    ("\"badUpdates\":[0-9]+", "\"badUpdates\":9223372036854775807", "a rate of at least 0"),
    ("\"examples\":[0-9]+", "\"examples\":-5", "counters from 0 to 2^53, found -5"),
    ("\"step\":[0-9]+", "\"step\":9223372036854775807", "counters from 0 to 2^53"),
  ])
  func `a state that no training can have is refused`(
    key: String, text: String, sentence: String
  ) throws {
    try withMemoryDirectory { directory in
      let example = try #require(Example.all.first { $0.plateau != nil })
      _ = try Self.run(example, in: directory, stopAfter: 3)
      for name in ["checkpoint", "checkpoint.previous"] {
        let path = "\(directory)/\(name).safetensors"
        guard FileManager.default.fileExists(atPath: path) else { continue }
        var file = try SafeTensors(contentsOf: path)
        file.metadata["state"] = file.metadata["state"]?.replacing(try Regex(key), with: text)
        try file.write(to: path)
      }
      let error = #expect(throws: WeightsError.self) { try Self.run(example, in: directory) }
      #expect(error?.description.contains(sentence) == true)
    }
  }

  @Test func `more steps than an epoch has are refused`() throws {
    try withMemoryDirectory { directory in
      _ = try Self.run(Example.all[2], in: directory, stopAfter: 3)
      let path = "\(directory)/checkpoint.safetensors"
      var file = try SafeTensors(contentsOf: path)
      file.metadata["state"] = file.metadata["state"]?
        .replacing("\"stepInEpoch\":3", with: "\"stepInEpoch\":6")
      try file.write(to: path)
      let error = #expect(throws: TrainingError.self) {
        try Self.run(Example.all[2], in: directory)
      }
      #expect(
        error.map { "\($0)" }?.contains("5 steps, but the checkpoint says that 6 of them") == true)
    }
  }

  @Test func `at the start of an epoch there may be more batches or fewer`() throws {
    try withMemoryDirectory { directory in
      _ = try Self.run(Example.all[2], in: directory, stopAfter: 10)
      #expect(try Self.run(Example.all[2], in: directory, perEpoch: 3).steps == 13)
    }
  }
}

/// What a checkpoint holds is read, all of it, or refused.
@Suite struct CheckpointTests {
  private func sentence(
    _ optimizer: some Optimizer = Adam(learningRate: 0.1), _ change: (inout SafeTensors) -> Void
  ) throws -> String {
    try withMemoryDirectory { directory in
      let path = "\(directory)/checkpoint.safetensors"
      let model = SmallModel<Double>(seed: 1)
      var adam = Adam(learningRate: 0.1)
      let gradients = valueWithGradient(at: model) { $0(Tensor([[1, 2]])).sum() }.gradients
      adam.update(model, along: gradients)
      var average: WeightAverage? = WeightAverage(decay: 0.5)
      average?.update(model)
      try Checkpoint.save(
        to: path, model: model, optimizer: adam, average: average, state: ["a": 1])
      var file = try SafeTensors(contentsOf: path)
      change(&file)
      try file.write(to: path)
      let before = model.all
      var optimizer = optimizer
      do throws(WeightsError) {
        let state = try Checkpoint.load(
          from: path, model: model, optimizer: &optimizer, average: &average,
          state: [String: Int].self)
        #expect(state == ["a": 1])
        return ""
      } catch {
        #expect(model.all == before && optimizer.state.names.isEmpty)
        return "\(error)"
      }
    }
  }

  @Test func `it comes back`() throws { #expect(try sentence { _ in } == "") }

  @Test func `another kind of optimizer is told`() throws {
    #expect(
      try sentence(SGD(learningRate: 1)) { _ in }.contains("what SGD remembers, found what Adam"))
    #expect(try sentence(AdamW(learningRate: 1)) { _ in }.contains("AdamW"))
    // Of the same kind, but with another memory.
    #expect(
      try sentence(Adam(learningRate: 1, amsgrad: true)) { _ in }.contains("a tensor named"))
  }

  @Test func `tensors, keys and metadata that nothing reads are told`() throws {
    #expect(
      try sentence { $0.tensors["optimizer.first.bias.third"] = .init([1.0], shape: [1]) }
        .contains("tensor 'optimizer.first.bias.third': expected tensors of this model and Adam"))
    #expect(
      try sentence { $0.tensors["average.other"] = .init([1.0], shape: [1]) }
        .contains("'average.other'"))
    #expect(
      try sentence { $0.tensors["model.other"] = .init([1.0], shape: [1]) }
        .contains("the model has no parameter 'model.other'"))
    #expect(try sentence { $0.tensors["average.first.bias"] = nil }.contains("average.first.bias"))
    #expect(try sentence { $0.metadata["other"] = "" }.contains("no other metadata, found 'other'"))
    #expect(
      try sentence { $0.metadata["format"] = "tapestry checkpoint 1" }
        .contains("expected a 'tapestry checkpoint 4', found 'tapestry checkpoint 1'"))
    #expect(
      try sentence {
        $0.metadata["counts"] = $0.metadata["counts"]!.replacing("{\"a", with: "{\"b\":1,\"a")
      }.contains("a key 'b' that is not known"))
    #expect(
      try sentence {
        $0.metadata["counts"] = $0.metadata["counts"]!.replacing(
          "\"first.bias\"", with: "\"third.bias\"")
      }.contains("third.bias"))
  }

  @Test(arguments: ["9223372036854775807", "-1"])
  func `a number of steps that none can be is refused`(number: String) throws {
    #expect(
      try sentence {
        $0.metadata["counts"] = $0.metadata["counts"]!
          .replacing(/"first.bias":\d+/, with: "\"first.bias\":\(number)")
      }.contains("expected numbers of steps from 0 to 2^53, found \(number)"))
    #expect(
      try sentence {
        $0.metadata["counts"] = $0.metadata["counts"]!
          .replacing(/"average":\d+/, with: "\"average\":\(number)")
      }.contains("expected numbers of steps from 0 to 2^53, found \(number)"))
  }
}

/// Calls `body` with an empty directory in memory, where there is one: files that are forced onto a
/// disk take their time.
private func withMemoryDirectory<Result>(_ body: (String) throws -> Result) throws -> Result {
  guard FileManager.default.isWritableFile(atPath: "/dev/shm") else {
    return try withTemporaryDirectory(body)
  }
  let directory = "/dev/shm/tapestry-tests-\(UUID().uuidString)"
  try createDirectory(directory)
  defer { try? FileManager.default.removeItem(atPath: directory) }
  return try body(directory)
}
