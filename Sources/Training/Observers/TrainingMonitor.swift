public import Layers
import Platform

/// Tells observers what happens in a loop of one's own, as a `Trainer` does in its.
///
/// ```swift
/// var monitor = try TrainingMonitor(
///   [ProgressLine(), TrainingLog("steps.csv", rows: .steps(every: 10))], model: model,
///   totalExamples: epochs * words.count)
/// for epoch in 0..<epochs {
///   for batch in batches {
///     let (loss, gradients) = valueWithGradient(at: model) {
///       crossEntropyLoss($0(batch.inputs), batch.labels)
///     }
///     optimizer.update(model, along: gradients)
///     try monitor.step(loss: Double(loss.scalar), examples: batch.count, gradients: gradients)
///   }
///   try monitor.finishEpoch()
/// }
/// try monitor.end()
/// ```
public struct TrainingMonitor {
  /// Who is told.
  public let observers: [any TrainingObserver]
  /// How far the training has come.
  public private(set) var moment: TrainingMoment
  private let model: (any Layer)?
  private let total: Int?
  private let clock: () -> Double
  private let start: Double
  private var rate: ExampleRate
  private var learningRate: Double?
  private var sinceEvaluation = MeanLoss()
  private var sinceEpoch = MeanLoss()

  /// Tells the observers that a training begins.
  ///
  /// - Parameters:
  ///   - observers: who is told, in this order.
  ///   - model: what is trained, for observers that look at it.
  ///   - totalExamples: the examples of the whole training, each as often as it will be seen, if
  ///     their number is known.
  ///   - moment: how far an earlier run has come, for a training that goes on: what logs hold of
  ///     later moments is removed.
  ///   - clock: the time in seconds.
  /// - Throws: what the observers throw.
  public init(
    _ observers: [any TrainingObserver], model: (any Layer)? = nil, totalExamples: Int? = nil,
    resuming moment: TrainingMoment? = nil, clock: (() -> Double)? = nil
  ) throws {
    self.observers = observers
    self.model = model
    total = totalExamples
    self.moment = moment ?? TrainingMoment()
    self.clock = clock ?? { MonotonicClock.seconds }
    start = self.clock() - self.moment.seconds
    rate = ExampleRate(seconds: self.moment.seconds, examples: self.moment.examples)
    let began = TrainingStart(
      moment: self.moment, isResumed: moment != nil, lastEvaluationStep: self.moment.step,
      model: model)
    for observer in observers { try observer.didBegin(began) }
  }

  /// Tells of a step that has been made.
  ///
  /// - Parameters:
  ///   - loss: its loss, the mean over its examples.
  ///   - examples: the number of its examples.
  ///   - learningRate: the rate that it was made with.
  ///   - gradients: its gradients, for observers that look at them or their norm.
  /// - Throws: what the observers throw.
  public mutating func step(
    loss: Double, examples: Int, learningRate: Double? = nil, gradients: Gradients? = nil
  ) throws {
    moment.step += 1
    moment.examples += examples
    moment.seconds = clock() - start
    self.learningRate = learningRate
    rate.add(seconds: moment.seconds, examples: moment.examples)
    sinceEvaluation.add(loss, examples: examples)
    sinceEpoch.add(loss, examples: examples)
    let step = TrainingStep(
      moment: moment, share: total.map { Double(moment.examples) / Double(max($0, 1)) }, loss: loss,
      learningRate: learningRate, examplesPerSecond: rate.value, gradients: gradients, model: model)
    for observer in observers { try observer.didStep(step) }
  }

  /// Tells of an evaluation.
  ///
  /// - Parameter metrics: how good the model is.
  /// - Throws: what the observers throw.
  public mutating func evaluate(_ metrics: Metrics) throws {
    moment.seconds = clock() - start
    let evaluation = TrainingEvaluation(
      moment: moment, loss: sinceEvaluation.value, learningRate: learningRate, metrics: metrics,
      model: model)
    for observer in observers { try observer.didEvaluate(evaluation) }
    sinceEvaluation = MeanLoss()
  }

  /// Tells that an epoch is over; the next step is of the next one.
  ///
  /// - Throws: what the observers throw.
  public mutating func finishEpoch() throws {
    moment.seconds = clock() - start
    let epoch = TrainingEpoch(moment: moment, loss: sinceEpoch.value)
    for observer in observers { try observer.didFinishEpoch(epoch) }
    sinceEpoch = MeanLoss()
    moment.epoch += 1
  }

  /// Tells that no step will follow.
  ///
  /// - Throws: what the observers throw.
  public func end() throws {
    for observer in observers { try observer.didEnd() }
  }
}

/// A mean of losses, each weighted by its examples.
struct MeanLoss: Codable {
  private var sum = 0.0
  private var weight = 0.0

  /// The mean; not a number before the first loss.
  var value: Double { sum / weight }

  /// Takes note of the mean loss of some examples.
  mutating func add(_ loss: Double, examples: Int) {
    sum += loss * Double(examples)
    weight += Double(examples)
  }
}
