/// What a training has done.
public struct TrainingReport: Sendable {
  /// Why a training ended.
  public enum End: String, Sendable {
    /// All epochs are done.
    case epochs
    /// The time is over.
    case time
    /// Evaluations did not become better any more.
    case noProgress = "no progress"
    /// Somebody asked for it.
    case interrupted
  }

  /// The state of a training in which the model was evaluated.
  public struct Evaluation: Codable, Equatable, Sendable {
    /// Epochs begun, so 1 within and after the first one.
    public let epoch: Int
    /// Updates made.
    public let step: Int
    /// Examples seen.
    public let examples: Int
    /// Seconds since the start.
    public let seconds: Double
    /// How good the model was.
    public let metrics: Metrics

    /// An evaluation that was made, or read from a checkpoint.
    package init(epoch: Int, step: Int, examples: Int, seconds: Double, metrics: Metrics) {
      self.epoch = epoch
      self.step = step
      self.examples = examples
      self.seconds = seconds
      self.metrics = metrics
    }
  }

  /// Why it ended.
  public let end: End
  /// Epochs that were finished.
  public let epochs: Int
  /// Updates made.
  public let steps: Int
  /// Examples seen, each as often as it was seen.
  public let examples: Int
  /// Seconds, evaluations included.
  public let seconds: Double
  /// The loss in the course of the training.
  public let losses: [LossCurve.Point]
  /// All evaluations.
  public let evaluations: [Evaluation]
  /// The evaluation of the weights in `best.safetensors`; nil without evaluations.
  public let best: Evaluation?
}

/// Why a training cannot go on.
public enum TrainingError: Error, Equatable, CustomStringConvertible {
  /// The loss of a step, or a gradient, is infinite or not a number. The parameter is the first
  /// with such a gradient, if any has one.
  case notFinite(step: Int, epoch: Int, loss: Double, parameter: String?)
  /// There is nothing to learn from.
  case noBatches(epoch: Int)
  /// A training is to go on, but with other data or settings than before: what is another, in a
  /// sentence.
  case changed(String)
  /// There is a training in the directory already, which this one was not told to go on with or to replace:
  /// the path of one of its files.
  case occupied(String)
  /// Another rank of the group cannot go on: its number, and what it says.
  case rankFailed(rank: Int, of: Int, sentence: String)
  /// Ranks have other weights than rank 0, though all make the same steps.
  case ranksDiffer(step: Int, ranks: [Int])

  /// One sentence.
  public var description: String {
    switch self {
    case .notFinite(let step, let epoch, let loss, let parameter):
      "training stopped in step \(step) (epoch \(epoch)): the loss is \(loss)"
        + (parameter.map { ", and the gradient of '\($0)' is not finite" } ?? "")
        + "; the weights are those before this step. A lower learning rate or clipping may help"
    case .noBatches(let epoch): "there are no batches in epoch \(epoch): the data set is empty"
    case .changed(let what): "the training cannot go on: \(what)"
    case .occupied(let path):
      "there is a training already: \(path); resume it, replace it, or name another folder"
    case .rankFailed(let rank, let size, let sentence):
      "rank \(rank) of \(size) has failed: \(sentence)"
    case .ranksDiffer(let step, let ranks):
      "after step \(step), rank\(ranks.count == 1 ? "" : "s") "
        + ranks.map(String.init).joined(separator: ", ")
        + " had other weights than rank 0: machines that round differently, or a loss that is not "
        + "the same everywhere"
    }
  }
}
