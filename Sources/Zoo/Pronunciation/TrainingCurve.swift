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

    /// One measurement.
    public init(examples: Int, seconds: Double, loss: Double) {
      self.examples = examples
      self.seconds = seconds
      self.loss = loss
    }
  }

  /// The error rates on words that are held out, at one moment.
  public struct HeldOut: Equatable, Sendable {
    /// The examples seen so far.
    public let examples: Int
    /// The seconds since training began.
    public let seconds: Double
    /// The word error rate in percent.
    public let wordErrorRate: Double
    /// The phoneme error rate in percent.
    public let phonemeErrorRate: Double

    /// One measurement, rates in percent.
    public init(examples: Int, seconds: Double, wordErrorRate: Double, phonemeErrorRate: Double) {
      self.examples = examples
      self.seconds = seconds
      self.wordErrorRate = wordErrorRate
      self.phonemeErrorRate = phonemeErrorRate
    }

    /// The rates of a score.
    public init(examples: Int, seconds: Double, score: Score) {
      self.init(
        examples: examples, seconds: seconds, wordErrorRate: score.wordErrorRate,
        phonemeErrorRate: score.phonemeErrorRate)
    }
  }

  /// The training loss, in order of time.
  public var losses: [Loss]
  /// The error rates on held-out words, in order of time.
  public var heldOut: [HeldOut]

  /// A curve of these measurements.
  public init(losses: [Loss] = [], heldOut: [HeldOut] = []) {
    self.losses = losses
    self.heldOut = heldOut
  }

  /// The losses as at most `count` points of nearly equal numbers of measurements, each the mean of
  /// its own; measurements that are no finite number are left out.
  func reducedLosses(to count: Int) -> [Loss] {
    let finite = losses.filter { $0.loss.isFinite && $0.seconds.isFinite }
    guard finite.count > count else { return finite }
    return (0..<count).map { index in
      let part = finite[(index * finite.count / count)..<((index + 1) * finite.count / count)]
      let middle = part[part.startIndex + part.count / 2]
      let mean = part.reduce(0) { $0 + $1.loss } / Double(part.count)
      return Loss(examples: middle.examples, seconds: middle.seconds, loss: mean)
    }
  }
}
