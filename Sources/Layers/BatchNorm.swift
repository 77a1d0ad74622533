public import Autograd

/// Batch normalisation (Ioffe and Szegedy, 2015):
/// `(x - mean) / sqrt(variance + epsilon) * weight + bias` of each channel.
///
/// In training, mean and variance are those of the batch, over all axes but the second, and the
/// running ones move towards them. In evaluation (outside of a gradient, or in
/// `valueWithGradient(evaluating:of:)`) they are the running ones; without running ones always the
/// batch's.
public struct BatchNorm<Scalar: FloatingPointScalar>: Layer, Sendable {
  /// How running statistics follow those of the batches.
  public enum Momentum: Sendable, Equatable {
    /// `running = (1 - f) running + f batch`.
    case constant(Double)
    /// The mean of all batches so far: f is 1 over their number.
    case cumulative
  }

  /// Number of channels.
  public let channels: Int
  /// Added to the variance.
  public let epsilon: Scalar
  /// How running statistics follow those of the batches.
  public let momentum: Momentum
  /// `[channels]`, or nil.
  @OptionalParameter public var weight: Tensor<Scalar>?
  /// `[channels]`, or nil.
  @OptionalParameter public var bias: Tensor<Scalar>?
  /// `[channels]`, or nil. Frozen, as no gradient changes it; saved with the weights.
  @OptionalParameter public var runningMean: Tensor<Scalar>?
  /// `[channels]`, or nil: with the correction n / (n - 1). Frozen.
  @OptionalParameter public var runningVariance: Tensor<Scalar>?
  /// Batches that the running statistics have seen, without axes, or nil. Frozen.
  @OptionalParameter public var batchCount: Tensor<Scalar>?

  /// - Parameters:
  ///   - channels: extent of the input's second axis.
  ///   - epsilon: added to the variance.
  ///   - momentum: how running statistics follow those of the batches.
  ///   - affine: whether the result is scaled and shifted; the scale starts at 1, the shift at 0.
  ///   - tracksStatistics: whether there are running statistics.
  public init(
    _ channels: Int, epsilon: Scalar = 1e-5, momentum: Momentum = .constant(0.1),
    affine: Bool = true, tracksStatistics: Bool = true
  ) {
    expect(channels, atLeast: 1, "BatchNorm", "channels")
    expect(Double(epsilon), .notNegative, "BatchNorm", "epsilon")
    if case .constant(let share) = momentum { expect(share, .share, "BatchNorm", "momentum") }
    self.channels = channels
    self.epsilon = epsilon
    self.momentum = momentum
    _weight = OptionalParameter(wrappedValue: affine ? .ones([channels]) : nil)
    _bias = OptionalParameter(wrappedValue: affine ? .zeros([channels]) : nil)
    _runningMean = OptionalParameter(wrappedValue: tracksStatistics ? .zeros([channels]) : nil)
    _runningVariance = OptionalParameter(wrappedValue: tracksStatistics ? .ones([channels]) : nil)
    _batchCount = OptionalParameter(wrappedValue: tracksStatistics ? Tensor(0) : nil)
    for state in [$runningMean, $runningVariance, $batchCount] { state?.isFrozen = true }
  }

  /// - Parameter x: `[batch, channels, ...]`
  public func callAsFunction(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    if x.rank < 2 || x.shape[1] != channels {
      trap("BatchNorm: [batch, \(channels), ...] is expected, not \(x.shape)\(layerPath)")
    }
    let isTraining = isTraining
    if isTraining, Tape.current?.scopes.contains(where: \.isOneExample) == true {
      trap(
        "BatchNorm mixes the examples of a batch in training: there is no gradient of one example; "
          + "call perExampleGradients(evaluating:count:of:)")
    }
    if !isTraining, let runningMean, let runningVariance {
      return batchNorm(
        x, mean: runningMean, variance: runningVariance, weight: weight, bias: bias,
        epsilon: epsilon)
    }
    if isTraining && x.count <= channels {
      trap(
        "BatchNorm: in training a channel needs more than one number, not those of \(x.shape)"
          + layerPath)
    }
    let (y, mean, variance) = batchNorm(x, weight: weight, bias: bias, epsilon: epsilon)
    // A checkpointed segment that runs again has told of this batch already.
    if isTraining && Tape.current?.isRerun != true {
      follow(mean, variance, count: x.count / channels)
    }
    return y
  }

  private var isTraining: Bool { trainingRandomness("BatchNorm") != nil }

  private func follow(_ mean: Tensor<Scalar>, _ variance: Tensor<Scalar>, count: Int) {
    guard let meanBox = $runningMean, let varianceBox = $runningVariance, let counter = $batchCount
    else { return }
    counter.tensor = counter.tensor + 1
    let share: Scalar =
      switch momentum {
      case .constant(let share): Scalar(share)
      case .cumulative: 1 / counter.tensor.scalar
      }
    let corrected = variance.detached * (Scalar(count) / Scalar(count - 1))
    meanBox.tensor = meanBox.tensor * (1 - share) + mean.detached * share
    varianceBox.tensor = varianceBox.tensor * (1 - share) + corrected * share
  }
}
