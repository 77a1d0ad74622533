public import Autograd
public import Layers

/// A recurrent network with attention over time that forecasts several series, all steps of the
/// future at once (after article 000; the scores are those of Bahdanau, Cho and Bengio, 2015).
///
/// A GRU or LSTM reads the window of past values, some steps at a time (segments; Lin et al., 2023).
/// Its last state asks, with the tanh score, which of all states matter; the last state and their
/// weighted mean go through a linear layer. Values are normalised within the model: input and output
/// have the unit of the data.
///
/// ```swift
/// import Autograd
/// import Forecaster
///
/// var generator = Generator(seed: 1)
/// let model = Forecaster<Float>(
///   .init(variables: 7, window: 336, horizon: 24, segment: 24), using: &generator)
/// let past = Tensor<Float>.normal([1, 336, 7], using: &generator)
/// let forecast = model.forecast(past)
/// print(forecast.values.shape)  // [1, 24, 7]
/// print(forecast.weights.shape)  // [1, 336]
/// ```
public struct Forecaster<Scalar: FloatingPointScalar>: ConfiguredModel, Sendable {
  /// What reads the past.
  public enum Network: Sendable {
    /// A GRU.
    case gru(GRU<Scalar>)
    /// An LSTM.
    case lstm(LSTM<Scalar>)
  }

  /// The sizes and options that the model was made from.
  public let configuration: ForecasterConfiguration
  /// Reads the window.
  public let network: Network
  /// The last state to the weights of all.
  public let attention: Attention<AdditiveScore<Scalar>>
  /// The last state and the context to the forecast.
  public let output: Linear<Scalar>
  /// A window to a forecast, for each variable by itself; nil without.
  public let linear: Linear<Scalar>?
  private let dropout: Dropout<Scalar>

  /// A model with fresh weights.
  public init(
    _ configuration: ForecasterConfiguration, using generator: inout some RandomNumberGenerator
  ) {
    configuration.check()
    self.configuration = configuration
    // Variables that a sequence has.
    let together = configuration.sharesWeights ? 1 : configuration.variables
    let (inputs, hidden) = (configuration.segment * together, configuration.hiddenSize)
    network =
      switch configuration.cell {
      case .gru: .gru(GRU(inputSize: inputs, hiddenSize: hidden, using: &generator))
      case .lstm: .lstm(LSTM(inputSize: inputs, hiddenSize: hidden, using: &generator))
      }
    attention = Attention(
      AdditiveScore(
        querySize: hidden, keySize: hidden, hiddenSize: configuration.attentionSize,
        using: &generator))
    output = Linear(
      inputs: 2 * hidden, outputs: configuration.horizon * together, using: &generator)
    linear =
      configuration.hasLinearPart
      ? Linear(inputs: configuration.window, outputs: configuration.horizon, using: &generator)
      : nil
    dropout = Dropout(configuration.dropout)
  }

  /// A forecast, and what it was made from.
  public struct Forecast {
    /// `[batch, horizon, variables]`, in the unit of the data.
    public let values: Tensor<Scalar>
    /// The share of each past step in the context, `[batch, window]`: the mean over the variables.
    /// A row's sum is 1.
    public let weights: Tensor<Scalar>
    /// The share of each past step by variable, `[batch, window, variables]`; the same for all where
    /// they are read in one.
    public let variableWeights: Tensor<Scalar>
  }

  /// - Parameter past: `[batch, window, variables]`, in the unit of the data.
  /// - Returns: `[batch, horizon, variables]`
  public func callAsFunction(_ past: Tensor<Scalar>) -> Tensor<Scalar> { run(past).values }

  /// The forecast with the weights of the past steps. Steps of one segment share its weight equally.
  ///
  /// - Parameter past: `[batch, window, variables]`, in the unit of the data.
  public func forecast(_ past: Tensor<Scalar>) -> Forecast {
    let (values, weights) = run(past)
    let (batch, window) = (past.shape[0], configuration.window)
    let (segment, variables) = (configuration.segment, configuration.variables)
    let rows = configuration.sharesWeights ? variables : 1
    let steps = (weights / Scalar(segment)).unsqueezed(axis: 2)  // [rows, segments, 1]
      .expanded(to: [batch * rows, window / segment, segment])
      .reshaped([batch, rows, window])
      .expanded(to: [batch, variables, window])
    return Forecast(
      values: values, weights: steps.mean(axes: 1), variableWeights: steps.transposed())
  }

  /// - Returns: the forecast, and the weights of the segments, `[batch, segments]` or
  ///   `[batch * variables, segments]`.
  private func run(
    _ past: Tensor<Scalar>
  ) -> (values: Tensor<Scalar>, weights: Tensor<Scalar>) {
    if past.rank != 3 || past.shape[1] != configuration.window
      || past.shape[2] != configuration.variables
    {
      trap(
        "Forecaster: a past of shape \(past.shape); [batch, \(configuration.window), "
          + "\(configuration.variables)] is expected")
    }
    let (batch, horizon) = (past.shape[0], configuration.horizon)
    // One row a variable from here on.
    let series = configuration.transform(past.transposed())  // [batch, variables, window]
    let unit = Unit(series, configuration)
    let normalized = unit.normalized(series)
    let states = read(dropout(segments(normalized)))  // [rows, segments, hidden]
    let last = states.selected(axis: 1, at: states.shape[1] - 1)  // [rows, hidden]
    let (context, weights) = attention(queries: last, keys: states)
    var values = output(dropout(.concatenated([last, context], axis: 1)))
      .reshaped([batch, configuration.variables, horizon])
    if let linear { values = values + linear(normalized) }
    let restored = configuration.inverseTransform(unit.restored(values))
    return (restored.transposed(), weights)
  }

  /// `[batch, variables, window]` to what the network reads: `[batch * variables, segments, segment]`,
  /// or all variables in one, `[batch, segments, variables * segment]`.
  private func segments(_ series: Tensor<Scalar>) -> Tensor<Scalar> {
    let (batch, variables, segment) = (series.shape[0], series.shape[1], configuration.segment)
    let count = configuration.window / segment
    if configuration.sharesWeights {
      return series.reshaped([batch * variables, count, segment])
    }
    return series.reshaped([batch, variables, count, segment]).transposed(axes: 1, 2)
      .reshaped([batch, count, variables * segment])
  }

  private func read(_ inputs: Tensor<Scalar>) -> Tensor<Scalar> {
    switch network {
    case .gru(let network): network(inputs).outputs
    case .lstm(let network): network(inputs).outputs
    }
  }
}

/// What a window's values are measured in: normalised values are `(value - center) / scale`.
private struct Unit<Scalar: FloatingPointScalar> {
  /// `[batch, variables, 1]`, or one number.
  let center: Tensor<Scalar>
  /// The same.
  let scale: Tensor<Scalar>

  /// - Parameter series: `[batch, variables, window]`
  init(_ series: Tensor<Scalar>, _ configuration: ForecasterConfiguration) {
    switch configuration.normalization {
    case .last:
      center = series.narrowed(axis: 2, to: (configuration.window - 1)..<configuration.window)
      scale = Tensor(1)
    case .standard:
      center = series.mean(axes: 2, keepsAxes: true)
      // The small number is RevIN's: a constant window has no deviation.
      scale = sqrt(series.variance(axes: 2, correction: 0, keepsAxes: true) + 1e-5)
    case .fixed:
      center = Tensor(Scalar(configuration.mean))
      scale = Tensor(Scalar(configuration.deviation))
    }
  }

  func normalized(_ values: Tensor<Scalar>) -> Tensor<Scalar> { (values - center) / scale }
  func restored(_ values: Tensor<Scalar>) -> Tensor<Scalar> { values * scale + center }
}

extension ForecasterConfiguration {
  /// A value's transform; any shape.
  fileprivate func transform<Scalar: FloatingPointScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    switch transform {
    case .none: x
    case .squareRoot: sign(x) * sqrt(abs(x))
    }
  }

  /// What `transform` undoes.
  fileprivate func inverseTransform<Scalar: FloatingPointScalar>(_ x: Tensor<Scalar>) -> Tensor<
    Scalar
  > {
    switch transform {
    case .none: x
    case .squareRoot: x * abs(x)
    }
  }

  /// Traps where sizes make no sense.
  fileprivate func check() {
    if variables < 1 || window < 1 || horizon < 1 || hiddenSize < 1 || attentionSize < 1 {
      trap(
        "Forecaster: \(variables) variables, a window of \(window), a horizon of \(horizon), "
          + "\(hiddenSize) hidden and \(attentionSize) attention features; each is at least 1")
    }
    if segment < 1 || window % segment != 0 {
      trap("Forecaster: a window of \(window) steps has no segments of \(segment)")
    }
    if !(deviation > 0) { trap("Forecaster: a deviation of \(deviation) is not above 0") }
  }
}
