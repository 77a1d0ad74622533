import Autograd
import Layers
import Testing
import Training

/// Plateaus, steps of several batches, and clipping, in the training loop.
@Suite struct TrainerOptionsTests {
  private typealias Batch = (x: Tensor<Double>, labels: Tensor<Int32>)

  /// Seven batches of unequal size, the same in every epoch.
  private static let batches: [Batch] = {
    var generator = Generator(seed: 3)
    return [4, 4, 8, 2, 6, 5, 3].map { count in
      let x = Tensor<Double>.normal([count, 2], using: &generator)
      return (x, Tensor((0..<count).map { x[$0, 0].scalar > x[$0, 1].scalar ? 1 : 0 }))
    }
  }()

  private static func loss(_ model: SmallModel<Double>, _ batch: Batch) -> Tensor<Double> {
    crossEntropyLoss(model(batch.x), batch.labels)
  }

  private static func run(
    _ configuration: Trainer.Configuration, _ model: SmallModel<Double>,
    stopAfter steps: Int = .max, rates: ((Double) -> Void)? = nil,
    evaluate: ((SmallModel<Double>) -> Metrics)? = nil
  ) throws -> TrainingReport {
    var trainer = Trainer(configuration, optimizer: SGD(learningRate: 0.1))
    if let rates { trainer.optimizer = Recorder(record: rates) }
    trainer.observers = []
    var count = 0
    trainer.shouldStop = {
      count += 1
      return count == steps
    }
    return try trainer.run(
      model, batches: { _, _ in batches }, examples: { $0.labels.count }, loss: loss,
      evaluate: evaluate)
  }

  // MARK: Patience

  @Test func `training ends when evaluations do not become better any more`() throws {
    var metrics = [3.0, 2, 2.5, 1, 1, .nan, 4, 0, 0]
    let report = try Self.run(
      .init(epochs: 9, patience: 3), SmallModel(seed: 1),
      evaluate: { _ in Metrics(["error": metrics.removeFirst()]) })
    // The best is the fourth; an equal one, one that is no number and a worse one follow.
    #expect(report.end == .noProgress && report.epochs == 7)
    #expect(report.best?.epoch == 4 && report.evaluations.count == 7)
    #expect(metrics == [0, 0])
  }

  @Test func `evaluations within epochs count as well, and no step follows the last`() throws {
    var count = 0.0
    let report = try Self.run(
      .init(epochs: 100, evaluation: .steps(2), patience: 2), SmallModel(seed: 1),
      evaluate: { _ in
        count += 1
        return Metrics(["error": count])
      })
    #expect(report.end == .noProgress && report.steps == 6)
  }

  @Test func `a training that has ended for lack of progress stays ended when it is resumed`()
    throws
  {
    try withTemporaryDirectory { directory in
      var count = 0.0
      for resumes in [false, true] {
        let report = try Self.run(
          .init(epochs: 50, patience: 2, directory: directory, resumes: resumes),
          SmallModel(seed: 1),
          evaluate: { _ in
            count += 1
            return Metrics(["error": count])
          })
        #expect(report.end == .noProgress && report.epochs == 3)
      }
      #expect(count == 3)
    }
  }

  // MARK: Plateaus

  @Test func `a plateau lowers the rate when evaluations stop to improve`() throws {
    var rates: [Double] = []
    var metrics = [3.0, 2, 2, 2, 1.5, 1.5, 1.5, 1]
    _ = try Self.run(
      .init(
        epochs: 8, plateau: ReduceOnPlateau(learningRate: 0.8, factor: 0.5, patience: 1)),
      SmallModel(seed: 1), rates: { rates.append($0) },
      evaluate: { _ in Metrics(["error": metrics.removeFirst()]) })
    // PyTorch's rule: the second epoch without improvement after the best lowers it.
    #expect(
      stride(from: 0, to: 56, by: 7).map { rates[$0] }
        == [0.8, 0.8, 0.8, 0.8, 0.4, 0.4, 0.4, 0.2])
    #expect(rates.count == 56)
  }

  @Test func `without evaluations it follows the mean loss`() throws {
    var rates: [Double] = []
    // The recorder changes no weight, so the loss stays as it is.
    _ = try Self.run(
      .init(epochs: 4, plateau: ReduceOnPlateau(learningRate: 1, factor: 0.1, patience: 0)),
      SmallModel(seed: 1), rates: { rates.append($0) })
    #expect(stride(from: 0, to: 28, by: 7).map { rates[$0] } == [1, 1, 0.1, 0.1 * 0.1])
  }

  @Test func `a training that is resumed knows its plateau`() throws {
    try withTemporaryDirectory { directory in
      func configuration(_ directory: String?) -> Trainer.Configuration {
        .init(
          epochs: 6, plateau: ReduceOnPlateau(learningRate: 0.5, factor: 0.5, patience: 0),
          directory: directory,
          resumes: directory != nil)
      }
      var (whole, parts): ([Double], [Double]) = ([], [])
      func evaluate(_: SmallModel<Double>) -> Metrics { Metrics(["error": 1]) }
      _ = try Self.run(
        configuration(nil), SmallModel(seed: 1), rates: { whole.append($0) }, evaluate: evaluate)
      for _ in 0..<2 {
        _ = try Self.run(
          configuration(directory), SmallModel(seed: 1), stopAfter: 24,
          rates: { parts.append($0) }, evaluate: evaluate)
      }
      #expect(Set(whole).count == 5)
      #expect(parts == whole)
    }
  }

  @Test func `a plateau that waits for the wrong direction is told, and so is a second schedule`()
    async
  {
    let direction = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = try? Self.run(
        .init(epochs: 1, plateau: ReduceOnPlateau(learningRate: 1)), SmallModel(seed: 1),
        evaluate: { _ in Metrics(["accuracy": 1], lowerIsBetter: false) })
    }
    let both = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = Trainer.Configuration(
        epochs: 1, schedule: { _ in Constant(learningRate: 1) },
        plateau: ReduceOnPlateau(learningRate: 1))
    }
    func message(_ result: ExitTest.Result?) -> String {
      String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    }
    #expect(
      message(direction).contains(
        "the plateau waits for a minimum of accuracy, which is better the higher"))
    #expect(message(both).contains("a schedule and a plateau would both set the learning rate"))
  }

  // MARK: Steps of several batches

  @Test func `a step of several batches is one of all their examples`() throws {
    let (ours, theirs) = (SmallModel<Double>(seed: 1), SmallModel<Double>(seed: 1))
    let report = try Self.run(.init(epochs: 2, batchesPerStep: 3), ours)
    #expect(report.steps == 6 && report.epochs == 2 && report.examples == 64)
    var optimizer = SGD(learningRate: 0.1)
    var losses: [Double] = []
    for _ in 0..<2 {
      for range in [0..<3, 3..<6, 6..<7] {
        let x = Tensor.concatenated(Self.batches[range].map(\.x), axis: 0)
        let labels = Tensor(Self.batches[range].flatMap(\.labels.scalars))
        let (loss, gradients) = valueWithGradient(at: theirs) { crossEntropyLoss($0(x), labels) }
        losses.append(loss.scalar)
        optimizer.update(theirs, along: gradients)
      }
    }
    // Sums in another order, over six steps.
    #expect(zip(ours.all, theirs.all).allSatisfy { abs($0 - $1) < 1e-14 })
    #expect(zip(report.losses.map(\.loss), losses).allSatisfy { abs($0 - $1) < 1e-14 })
  }

  @Test func `it is resumed in the midst of an epoch`() throws {
    try withTemporaryDirectory { directory in
      let (whole, parts) = (
        SmallModel<Double>(seed: 1, dropout: 0.2), SmallModel<Double>(seed: 1, dropout: 0.2)
      )
      _ = try Self.run(.init(epochs: 2, batchesPerStep: 2), whole)
      for _ in 0..<2 {
        _ = try Self.run(
          .init(
            epochs: 2, batchesPerStep: 2, directory: directory, resumes: true), parts,
          stopAfter: 6)
      }
      #expect(parts.all == whole.all)
    }
  }

  // MARK: Clipping

  @Test func `gradients are clipped by value, then by norm`() throws {
    func change(_ configuration: Trainer.Configuration) throws -> [Double] {
      let model = SmallModel<Double>(seed: 1)
      let before = model.all
      _ = try Self.run(configuration, model, stopAfter: 1)
      return zip(before, model.all).map { ($0 - $1) / 0.1 }
    }
    let plain = try change(.init(epochs: 1))
    let limit = plain.map(abs).max()! / 2
    let byValue = try change(.init(epochs: 1, clipValue: limit))
    for (ours, theirs) in zip(byValue, plain) {
      #expect(abs(ours - min(max(theirs, -limit), limit)) < 1e-12)
    }
    let both = try change(.init(epochs: 1, clipNorm: limit, clipValue: limit))
    let norm = byValue.reduce(0) { $0 + $1 * $1 }.squareRoot()
    for (ours, theirs) in zip(both, byValue) {
      // PyTorch's rule divides by the norm plus 1e-6.
      #expect(abs(ours - theirs * limit / (norm + 1e-6)) < 1e-12)
    }
  }
}
