import Autograd
import Layers
import Testing
import Training

/// Remembers what it is told.
private final class Witness: TrainingObserver {
  var events: [String] = []
  var steps: [TrainingStep] = []
  var failsAt: String?

  struct Failure: Error {}

  private func note(_ event: String) throws {
    events.append(event)
    if event.hasPrefix(failsAt ?? "-") { throw Failure() }
  }

  func didBegin(_ start: TrainingStart) throws {
    try note("begin \(start.moment.step) \(start.isResumed)")
  }
  func didStep(_ step: TrainingStep) throws {
    steps.append(step)
    try note("step \(text(step.moment)) loss \(step.loss) norm \(step.gradientNorm!)")
  }
  func didEvaluate(_ evaluation: TrainingEvaluation) throws {
    try note("evaluation \(text(evaluation.moment)) \(evaluation.loss) \(evaluation.metrics!)")
  }
  func didFinishEpoch(_ epoch: TrainingEpoch) throws {
    try note("epoch \(text(epoch.moment)) \(epoch.loss)")
  }
  func didEnd() throws { try note("end") }

  private func text(_ moment: TrainingMoment) -> String {
    "\(moment.epoch)/\(moment.step)/\(moment.examples)"
  }
}

@Suite struct TrainingObserverTests {
  private typealias Batch = (x: Tensor<Double>, labels: Tensor<Int32>)

  private static let batches: [Batch] = [3, 1, 2].map { count in
    let x = (0..<2 * count).map { Double($0 * $0 % 5) - 2 }
    let labels = (0..<count).map { Int32($0 % 2) }
    return (Tensor(x, shape: [count, 2]), Tensor(labels))
  }

  private static func loss(_ model: SmallModel<Double>, _ batch: Batch) -> Tensor<Double> {
    crossEntropyLoss(model(batch.x), batch.labels)
  }

  private static func train(
    _ observers: [any TrainingObserver], clipNorm: Double? = nil, directory: String? = nil,
    stopAfter steps: Int = .max
  ) throws -> SmallModel<Double> {
    var trainer = Trainer(
      .init(epochs: 2, clipNorm: clipNorm, directory: directory, resumes: directory != nil),
      optimizer: SGD(learningRate: 0.1))
    trainer.observers = observers
    var made = 0
    trainer.shouldStop = {
      made += 1
      return made >= steps
    }
    let model = SmallModel<Double>(seed: 1)
    _ = try trainer.run(
      model, batches: { _, _ in batches }, examples: { $0.labels.count }, loss: loss,
      evaluate: { Metrics(["loss": loss($0, batches[0]).scalar]) })
    return model
  }

  @Test func `each step, evaluation and epoch is told in order`() throws {
    let witness = Witness()
    _ = try Self.train([witness])
    let kinds = witness.events.map { String($0.split(separator: " ")[0]) }
    let epoch = ["step", "step", "step", "epoch", "evaluation"]
    #expect(kinds == ["begin"] + epoch + epoch + ["end"])
    #expect(witness.events[0] == "begin 0 false")
    let places = witness.events.map { String($0.split(separator: " ").dropFirst().first ?? "") }
    #expect(
      places.dropFirst().dropLast() == [
        "1/1/3", "1/2/4", "1/3/6", "1/3/6", "1/3/6", "2/4/9", "2/5/10", "2/6/12", "2/6/12",
        "2/6/12",
      ])
    let losses = witness.steps.map(\.loss)
    let mean = (3 * losses[0] + losses[1] + 2 * losses[2]) / 6
    for event in witness.events[4...5] {
      let told = try #require(Double(event.split(separator: " ")[2]))
      #expect(abs(told - mean) < 1e-15)
    }
    let shares = witness.steps.map { $0.share! }
    #expect(zip(shares, 1...6).allSatisfy { abs($0 - Double($1) / 6) < 1e-15 })
    #expect(witness.steps.allSatisfy { $0.learningRate == 0.1 && $0.residentBytes ?? 1 > 0 })
  }

  @Test func `gradients are told as they were before they were clipped`() throws {
    let (free, clipped) = (Witness(), Witness())
    _ = try Self.train([free])
    _ = try Self.train([clipped], clipNorm: 1e-3)
    let first = try #require(clipped.steps.first)
    #expect(first.gradientNorm == free.steps[0].gradientNorm)
    #expect(first.gradients!.norm == first.gradientNorm && first.gradientNorm! > 0.01)
    let model = try #require(first.model as? SmallModel<Double>)
    let named = try #require(model.parameters.first)
    #expect(first.gradients!.scalars(of: named.parameter)!.count == named.parameter.scalars.count)
  }

  @Test func `a loop of one's own tells the same`() throws {
    let (theirs, mine) = (Witness(), Witness())
    let trained = try Self.train([theirs])
    let model = SmallModel<Double>(seed: 1)
    var optimizer = SGD(learningRate: 0.1)
    var monitor = try TrainingMonitor([mine], model: model, totalExamples: 12)
    for _ in 0..<2 {
      for batch in Self.batches {
        let (loss, gradients) = valueWithGradient(at: model) { Self.loss($0, batch) }
        optimizer.update(model, along: gradients)
        try monitor.step(
          loss: loss.scalar, examples: batch.labels.count, learningRate: 0.1, gradients: gradients)
      }
      try monitor.finishEpoch()
      // A trainer evaluates at the end of the epoch as well, which is over for a loop like this.
      try monitor.evaluate(Metrics(["loss": Self.loss(model, Self.batches[0]).scalar]))
    }
    try monitor.end()
    #expect(model.all == trained.all)
    let numbers = { (witness: Witness) in
      witness.events.filter { !$0.hasPrefix("evaluation") }
    }
    #expect(numbers(mine) == numbers(theirs))
    #expect(mine.steps.last?.share == 1)
  }

  @Test(arguments: ["begin", "step 1/2", "epoch 1", "evaluation 1", "end"])
  func `an observer that fails ends the training, but not what is saved`(event: String) throws {
    try withTemporaryDirectory { directory in
      let (witness, other) = (Witness(), Witness())
      witness.failsAt = event
      #expect(throws: Witness.Failure.self) {
        _ = try Self.train([witness, other], directory: directory)
      }
      if event == "begin" { return #expect(other.events.isEmpty) }
      #expect(witness.events.last == "end" && other.events.last == "end")
      let saved = SmallModel<Double>(seed: 2)
      let step = event == "step 1/2" ? 2 : event == "end" ? 6 : 3
      let metadata = try saved.load(from: "\(directory)/last.safetensors").metadata
      #expect(metadata["step"] == "\(step)")
      // Without that observer, it goes on to the same end.
      let end = try Self.train([], directory: directory)
      #expect(end.all == (try Self.train([])).all)
    }
  }

  @Test func `rows of steps say what happened, in both formats`() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/steps"
      _ = try Self.train([
        TrainingLog("\(path).csv", rows: .steps(every: 2)),
        TrainingLog("\(path).jsonl", as: .jsonLines, rows: .steps(every: 2)),
      ])
      let lines = try text(of: "\(path).csv").split(separator: "\n")
      #expect(
        lines[0] == "epoch,step,examples,seconds,learning_rate,loss,gradient_norm,"
          + "examples_per_second,resident_bytes")
      #expect(lines.count == 4)
      #expect(lines[1].hasPrefix("1,2,4,0.") && lines[3].hasPrefix("2,6,12,0."))
      let objects = try text(of: "\(path).jsonl").split(separator: "\n")
      #expect(objects.count == 3)
      #expect(objects[1].hasPrefix("{\"epoch\":2,\"step\":4,\"examples\":9,\"seconds\":0."))
    }
  }

  @Test func `rows beyond the checkpoint are removed where a training goes on`() throws {
    try withTemporaryDirectory { directory in
      let logs = {
        [
          TrainingLog("\(directory)/steps.csv", rows: .steps(every: 1)),
          TrainingLog("\(directory)/steps.jsonl", as: .jsonLines, rows: .steps(every: 1)),
        ]
      }
      // Of a process that came to the fifth step and could save only the second.
      _ = try Self.train(logs(), directory: directory, stopAfter: 2)
      let checkpoint = try readFile("\(directory)/checkpoint.safetensors")
      _ = try Self.train(logs(), directory: directory, stopAfter: 3)
      try AtomicFile.write(checkpoint, to: "\(directory)/checkpoint.safetensors")
      _ = try Self.train(logs(), directory: directory)
      let rows = try text(of: "\(directory)/steps.csv").split(separator: "\n").dropFirst()
      #expect(rows.map { Int($0.split(separator: ",")[1]) } == [1, 2, 3, 4, 5, 6])
      let objects = try text(of: "\(directory)/steps.jsonl").split(separator: "\n")
      #expect(objects.map { $0.contains("\"step\":") } == [Bool](repeating: true, count: 6))
      #expect(Set(objects.map { $0.split(separator: ",")[1] }).count == 6)
      let evaluations = try text(of: "\(directory)/log.csv").split(separator: "\n").dropFirst()
      #expect(evaluations.map { $0.split(separator: ",")[1] } == ["3", "6"])
    }
  }

  @Test func `a log that cannot be written is told before the first step`() {
    let witness = Witness()
    #expect(throws: FileError.self) {
      _ = try Self.train([TrainingLog("/nowhere/steps.csv"), witness])
    }
    #expect(witness.events.isEmpty)
  }

  @Test func `a progress line watches a loop of one's own`() throws {
    var written = ""
    var time = 0.0
    let line = ProgressLine(output: ProgressOutput(isTerminal: false) { written += $0 })
    var monitor = try TrainingMonitor([line], totalExamples: 40, clock: { time })
    for _ in 0..<4 {
      time += 4
      try monitor.step(loss: 0.5, examples: 10)
    }
    try monitor.evaluate(Metrics(["PER": 12]))
    try monitor.end()
    #expect(
      written == """
        epoch 1   50 %  loss 0.5000  2.5 examples/s  0:08 left
        epoch 1  100 %  loss 0.5000  2.5 examples/s  in 0:16
        epoch 1  step 4  0:16  loss 0.5000  PER 12.0000
        epoch 1  100 %  loss 0.5000  2.5 examples/s  in 0:16

        """)
  }
}
