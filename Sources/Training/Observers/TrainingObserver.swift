public import Layers
import Platform

/// What watches a training: it is told of each step, evaluation and epoch, in the order in which they
/// happen.
///
/// `ProgressLine` and `TrainingLog` are observers; one of one's own conforms, and writes what it wants
/// to know of:
///
/// ```swift
/// final class Alarm: TrainingObserver {
///   func didStep(_ step: TrainingStep) throws {
///     if step.gradientNorm ?? 0 > 1e3 { print("step \(step.moment.step): gradients explode") }
///   }
/// }
/// trainer.observers.append(Alarm())
/// ```
///
/// It belongs to one training at a time. An error that it throws ends the training, as any other; the
/// weights so far are saved before.
public protocol TrainingObserver: AnyObject {
  /// Before the first step, when the directory of the training is locked.
  func didBegin(_ start: TrainingStart) throws
  /// After each step.
  func didStep(_ step: TrainingStep) throws
  /// After each evaluation, and before it is saved.
  func didEvaluate(_ evaluation: TrainingEvaluation) throws
  /// After the last step of an epoch.
  func didFinishEpoch(_ epoch: TrainingEpoch) throws
  /// When no step will follow, whatever the reason.
  func didEnd() throws
}

extension TrainingObserver {
  /// Does nothing.
  public func didBegin(_ start: TrainingStart) throws {}
  /// Does nothing.
  public func didStep(_ step: TrainingStep) throws {}
  /// Does nothing.
  public func didEvaluate(_ evaluation: TrainingEvaluation) throws {}
  /// Does nothing.
  public func didFinishEpoch(_ epoch: TrainingEpoch) throws {}
  /// Does nothing.
  public func didEnd() throws {}
}

/// How far a training has come.
public struct TrainingMoment: Equatable, Sendable {
  /// Epochs begun, so 1 within and after the first one.
  public var epoch: Int
  /// Updates made.
  public var step: Int
  /// Examples seen, each as often as it was seen.
  public var examples: Int
  /// Seconds since the start, those of earlier runs of the same training included.
  public var seconds: Double

  /// A moment with its counts.
  public init(epoch: Int = 1, step: Int = 0, examples: Int = 0, seconds: Double = 0) {
    self.epoch = epoch
    self.step = step
    self.examples = examples
    self.seconds = seconds
  }
}

/// A training that is about to make its first step, or the first one after it was stopped.
public struct TrainingStart {
  /// How far it has come before.
  public let moment: TrainingMoment
  /// Whether it goes on with one that was stopped. What observers have written of later moments than
  /// this is not true any more.
  public let isResumed: Bool
  /// The step after which it was evaluated last.
  public let lastEvaluationStep: Int
  /// What is trained.
  public let model: (any Layer)?
  /// What is not as it was when a training that goes on was stopped, in sentences: another checkpoint than the
  /// last one, other data, ...
  public var notices: [String] = []
}

/// A step that has been made.
public struct TrainingStep {
  /// When it had been made.
  public let moment: TrainingMoment
  /// The part of the training that is done, from 0 to 1; nil where nobody knows.
  public let share: Double?
  /// The loss before the step, the mean over its examples.
  public let loss: Double
  /// The learning rate that it was made with.
  public let learningRate: Double?
  /// Examples a second, smoothed over about five seconds.
  public let examplesPerSecond: Double?
  /// The gradients, as they were before they were clipped.
  public let gradients: Gradients?
  /// What is trained, after the step.
  public let model: (any Layer)?
  private let norm: Double?

  init(
    moment: TrainingMoment, share: Double?, loss: Double, learningRate: Double?,
    examplesPerSecond: Double?, gradients: Gradients?, norm: Double? = nil, model: (any Layer)?
  ) {
    self.moment = moment
    self.share = share
    self.loss = loss
    self.learningRate = learningRate
    self.examplesPerSecond = examplesPerSecond
    self.gradients = gradients
    self.norm = norm
    self.model = model
  }

  /// The Euclidean norm of all gradients together, before the norm was clipped.
  public var gradientNorm: Double? { norm ?? gradients?.norm }

  /// Bytes of memory that the process holds, asked now; nil where the system does not tell.
  public var residentBytes: Int? { ProcessStatus.residentBytes }
}

/// An evaluation.
public struct TrainingEvaluation {
  /// When it began.
  public let moment: TrainingMoment
  /// The mean loss of an example since the evaluation before.
  public let loss: Double
  /// The learning rate of the last step.
  public let learningRate: Double?
  /// How good the model was; nil where nobody looked.
  public let metrics: Metrics?
  /// What is trained, with its last weights, not averaged ones.
  public let model: (any Layer)?
}

/// An epoch that is over.
public struct TrainingEpoch {
  /// When it was over; `moment.epoch` is its number, from 1.
  public let moment: TrainingMoment
  /// The mean loss of its examples.
  public let loss: Double
}

/// Examples a second, smoothed over about the last five seconds.
struct ExampleRate {
  private var latest: (seconds: Double, examples: Int)
  private var rate = SmoothedValue(memory: 5)

  init(seconds: Double, examples: Int) { latest = (seconds, examples) }

  /// The rate; nil before the first step that took any time.
  var value: Double? { rate.value }

  /// Takes note of all examples that were seen up to some time.
  mutating func add(seconds: Double, examples: Int) {
    let elapsed = seconds - latest.seconds
    if elapsed <= 0 { return }
    rate.add(Double(examples - latest.examples) / elapsed, weight: elapsed)
    latest = (seconds, examples)
  }
}
