/// What was measured while a model was trained.
public struct TrainingCurve: Equatable, Sendable {
  /// The training loss at one moment.
  public struct Loss: Equatable, Sendable {
    /// The examples seen so far.
    public let examples: Int
    /// The seconds since training began.
    public let seconds: Double
    /// The loss of the last batch, or a mean of the last few.
    public let loss: Double
    /// The learning rate, where it is known.
    public let learningRate: Double?

    /// One measurement.
    public init(examples: Int, seconds: Double, loss: Double, learningRate: Double? = nil) {
      self.examples = examples
      self.seconds = seconds
      self.loss = loss
      self.learningRate = learningRate
    }
  }

  /// A number that tells how good the model was.
  public struct Metric: Equatable, Sendable {
    /// What it is called, such as `WER` or `BLEU`.
    public let name: String
    /// The number.
    public let value: Double
    /// Its unit, such as `%`, or nothing. Metrics of one unit share a chart; one without a unit has
    /// a chart of its own.
    public let unit: String

    /// A number with its name.
    public init(_ name: String, _ value: Double, unit: String = "") {
      self.name = name
      self.value = value
      self.unit = unit
    }
  }

  /// How good the model was at one moment, on examples that are held out.
  public struct Evaluation: Equatable, Sendable {
    /// The examples seen so far.
    public let examples: Int
    /// The seconds since training began.
    public let seconds: Double
    /// The numbers, in the order in which they are told.
    public let metrics: [Metric]

    /// One measurement.
    public init(examples: Int, seconds: Double, metrics: [Metric]) {
      self.examples = examples
      self.seconds = seconds
      self.metrics = metrics
    }
  }

  /// The training loss, in order of time.
  public var losses: [Loss]
  /// The measurements on held-out examples, in order of time.
  public var evaluations: [Evaluation]

  /// A curve of these measurements.
  public init(losses: [Loss] = [], evaluations: [Evaluation] = []) {
    self.losses = losses
    self.evaluations = evaluations
  }

  /// The losses as at most `count` points of nearly equal numbers of measurements, each the mean of
  /// its own; measurements that are no finite number are left out.
  package func reducedLosses(to count: Int) -> [Loss] {
    let finite = losses.filter { $0.loss.isFinite && $0.seconds.isFinite }
    guard finite.count > count else { return finite }
    return (0..<count).map { index in
      let part = finite[(index * finite.count / count)..<((index + 1) * finite.count / count)]
      let middle = part[part.startIndex + part.count / 2]
      let mean = part.reduce(0) { $0 + $1.loss } / Double(part.count)
      return Loss(
        examples: middle.examples, seconds: middle.seconds, loss: mean,
        learningRate: middle.learningRate)
    }
  }
}
