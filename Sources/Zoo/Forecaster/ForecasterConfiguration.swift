/// The sizes and options of a `Forecaster` model.
public struct ForecasterConfiguration: Codable, Hashable, Sendable {
  /// The cell that reads the past.
  public enum Cell: String, Codable, CaseIterable, Sendable {
    /// Cho et al. (2014).
    case gru
    /// Hochreiter and Schmidhuber (1997).
    case lstm
  }

  /// What is taken off the values of a variable before the network sees them, and given back to the
  /// forecast.
  public enum Normalization: String, Codable, CaseIterable, Sendable {
    /// The last value of the window (NLinear; Zeng et al., 2023).
    case last
    /// The mean of the window's values; the rest is divided by their deviation (RevIN without its
    /// own parameters; Kim et al., 2022).
    case standard
    /// The configuration's `mean`; the rest is divided by its `deviation`. For series whose level
    /// says what comes next.
    case fixed
  }

  /// What the model makes of a value before anything else, and undoes at the very end.
  public enum Transform: String, Codable, CaseIterable, Sendable {
    /// Nothing.
    case none
    /// The square root, with the value's sign: counts of independent events, whose deviation grows
    /// with the root of their number, get the same deviation everywhere.
    case squareRoot = "square-root"
  }

  /// Number of series that are forecast together.
  public var variables: Int
  /// Past steps that a forecast is made from.
  public var window: Int
  /// Future steps that are forecast, all at once.
  public var horizon: Int
  /// Past steps that the recurrent network reads at a time, a divisor of `window`; attention weighs
  /// them together.
  public var segment: Int
  /// The cell that reads the past.
  public var cell: Cell
  /// Extent of a state.
  public var hiddenSize: Int
  /// Features under the tanh of the attention's score.
  public var attentionSize: Int
  /// Whether every variable is read by itself, all with the same weights, in place of all in one.
  public var sharesWeights: Bool
  /// Whether a linear map of each variable's normalised window is added to the forecast.
  public var hasLinearPart: Bool
  /// What is taken off the values.
  public var normalization: Normalization
  /// What is made of a value before that.
  public var transform: Transform
  /// Taken off every transformed value where the normalization is `fixed`.
  public var mean: Double
  /// What the rest is divided by where the normalization is `fixed`; above 0.
  public var deviation: Double
  /// Rate of the dropout on the network's input and before its output, in training.
  public var dropout: Double

  /// - Parameters:
  ///   - attentionSize: the hidden size if nil.
  public init(
    variables: Int, window: Int, horizon: Int, segment: Int = 1, cell: Cell = .gru,
    hiddenSize: Int = 64, attentionSize: Int? = nil, sharesWeights: Bool = true,
    hasLinearPart: Bool = false, normalization: Normalization = .last,
    transform: Transform = .none, mean: Double = 0, deviation: Double = 1, dropout: Double = 0
  ) {
    self.variables = variables
    self.window = window
    self.horizon = horizon
    self.segment = segment
    self.cell = cell
    self.hiddenSize = hiddenSize
    self.attentionSize = attentionSize ?? hiddenSize
    self.sharesWeights = sharesWeights
    self.hasLinearPart = hasLinearPart
    self.normalization = normalization
    self.transform = transform
    self.mean = mean
    self.deviation = deviation
    self.dropout = dropout
  }
}
