public import Autograd
import Interchange
import Layers
public import Training

/// A training as TensorBoard shows it.
///
/// ```swift
/// trainer.observers.append(
///   TensorBoardObserver(
///     directory: "runs/first", histogramsEvery: 100,
///     attention: { [("the first request", model.attention(to: request))] }))
/// ```
///
/// | name | what | when |
/// |---|---|---|
/// | `train/loss`, `train/learning_rate`, `train/gradient_norm`, `train/examples_per_second`, `train/resident_bytes` | of the step; the norm is that before clipping, the last one the memory of the process | every so many steps |
/// | `train/epoch_loss` | the mean over an epoch | after each epoch |
/// | `evaluation/NAME` | each metric | after each evaluation |
/// | `parameters/NAME`, `gradients/NAME` | histograms of all parameters, after the step, and of their gradients, before clipping | every so many steps, where asked for |
/// | `attention/NAME` | pictures of attention, a row for each query, white for 0 and black for 1 | after each evaluation, where given |
///
/// A training that goes on from a checkpoint goes on with the file, and what it holds of later steps is
/// removed.
public final class TensorBoardObserver: TrainingObserver {
  /// Attention to be shown: names, and weights `[queries, keys]` from 0 to 1.
  public typealias Attention = () throws -> [(name: String, weights: Tensor<Float>)]

  private let directory: String
  private let scalarsEvery: Int
  private let histogramsEvery: Int?
  private let attention: Attention?
  private let clock: (() -> Double)?
  private var log: TensorBoardLog

  /// An observer whose log is in the directory.
  ///
  /// - Parameters:
  ///   - directory: where the file goes; it is made if it is missing.
  ///   - scalarsEvery: steps between two points of the lines, at least 1.
  ///   - histogramsEvery: steps between two histograms, at least 1; nil writes none.
  ///   - attention: is asked after each evaluation, without recording gradients.
  ///   - clock: seconds since 1970 began.
  public init(
    directory: String, scalarsEvery: Int = 1, histogramsEvery: Int? = nil,
    attention: Attention? = nil, clock: (() -> Double)? = nil
  ) {
    expect(scalarsEvery, atLeast: 1, "TensorBoardObserver", "scalarsEvery")
    if let histogramsEvery {
      expect(histogramsEvery, atLeast: 1, "TensorBoardObserver", "histogramsEvery")
    }
    self.directory = directory
    self.scalarsEvery = scalarsEvery
    self.histogramsEvery = histogramsEvery
    self.attention = attention
    self.clock = clock
    log = TensorBoardLog(directory: directory, clock: clock)
  }

  /// Makes the directory.
  public func didBegin(_ start: TrainingStart) throws {
    try createDirectory(directory)
    log = TensorBoardLog(
      directory: directory, resumingAt: start.isResumed ? start.moment.step : nil, clock: clock)
  }

  /// Writes the lines and histograms that are due.
  public func didStep(_ step: TrainingStep) throws {
    let count = step.moment.step
    if count % scalarsEvery == 0 {
      let values: [(name: String, value: Double?)] = [
        ("loss", step.loss), ("learning_rate", step.learningRate),
        ("gradient_norm", step.gradientNorm), ("examples_per_second", step.examplesPerSecond),
        ("resident_bytes", step.residentBytes.map(Double.init)),
      ]
      try log.addScalars(
        values.compactMap { name, value in value.map { ("train/\(name)", $0) } }, step: count)
    }
    if let histogramsEvery, count % histogramsEvery == 0 { try addHistograms(step) }
  }

  private func addHistograms(_ step: TrainingStep) throws {
    let count = step.moment.step
    for (name, parameter) in step.model?.parameters ?? [] {
      try log.addHistogram("parameters/\(name)", parameter.scalars, step: count)
      if let gradient = step.gradients?.scalars(of: parameter) {
        try log.addHistogram("gradients/\(name)", gradient, step: count)
      }
    }
  }

  /// Writes the metrics, and the pictures of attention.
  public func didEvaluate(_ evaluation: TrainingEvaluation) throws {
    let step = evaluation.moment.step
    if let metrics = evaluation.metrics {
      try log.addScalars(
        metrics.values.map { ("evaluation/\($0.name)", $0.value) }, step: step)
    }
    guard let attention else { return }
    for picture in try withoutGradient(attention) {
      try log.addAttention("attention/\(picture.name)", picture.weights, step: step)
    }
  }

  /// Writes the mean loss.
  public func didFinishEpoch(_ epoch: TrainingEpoch) throws {
    try log.addScalar("train/epoch_loss", epoch.loss, step: epoch.moment.step)
  }
}
