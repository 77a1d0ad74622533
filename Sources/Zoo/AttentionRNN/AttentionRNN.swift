public import Autograd
public import Layers

/// An RNN with the attention layer of article 000 on top: every feature of every step is weighted
/// by `softmax(tanh(linear(h)))` over time, the steps are summed, and the sum goes through a
/// linear layer.
public struct AttentionRNN<Scalar: FloatingPointScalar>: ConfiguredModel, Sendable {
  /// The sizes and options of a model; those that stand in no article have the article's default.
  public struct Configuration: Codable, Hashable, Sendable {
    /// Extent of the input's last axis.
    public var inputSize: Int
    /// Extent of the RNN's state.
    public var hiddenSize: Int
    /// Extent of the result's last axis.
    public var outputSize: Int
    /// Number of RNN layers.
    public var layers: Int
    /// Whether each layer runs in both directions.
    public var isBidirectional: Bool
    /// Rate of the dropout on the input, between layers and on what they give, in training.
    public var dropout: Double

    /// The sizes of the article's model, and what makes it larger.
    public init(
      inputSize: Int, hiddenSize: Int, outputSize: Int, layers: Int = 1,
      isBidirectional: Bool = false, dropout: Double = 0
    ) {
      self.inputSize = inputSize
      self.hiddenSize = hiddenSize
      self.outputSize = outputSize
      self.layers = layers
      self.isBidirectional = isBidirectional
      self.dropout = dropout
    }

    /// Extent of what the RNN gives for a step: the states of its directions together.
    public var statesSize: Int { isBidirectional ? 2 * hiddenSize : hiddenSize }
  }

  /// The sizes and options that the model was made from.
  public let configuration: Configuration
  /// The article's `self.rnn`.
  public let rnn: RNN<Scalar>
  /// The article's `AttentionLayer`.
  public let attention: AttentionLayer<Scalar>
  /// The article's `self.fc`.
  public let fc: Linear<Scalar>
  private let dropout: Dropout<Scalar>

  /// A model with fresh weights.
  public init(_ configuration: Configuration, using generator: inout some RandomNumberGenerator) {
    self.configuration = configuration
    rnn = RNN(
      inputSize: configuration.inputSize, hiddenSize: configuration.hiddenSize,
      layers: configuration.layers, isBidirectional: configuration.isBidirectional,
      dropout: configuration.dropout, using: &generator)
    attention = AttentionLayer(configuration.statesSize, using: &generator)
    fc = Linear(
      inputs: configuration.statesSize, outputs: configuration.outputSize, using: &generator)
    dropout = Dropout(configuration.dropout)
  }

  /// Why there is no such model: a phrase; nil if there is one.
  public static func contradiction(in configuration: Configuration) -> String? {
    Layers.contradiction(
      sizes: [
        "inputSize": configuration.inputSize, "hiddenSize": configuration.hiddenSize,
        "outputSize": configuration.outputSize,
      ], layers: ["layers": configuration.layers], rates: ["dropout": configuration.dropout])
  }

  /// - Parameters:
  ///   - x: `[batch, time, in]`
  ///   - lengths: number of steps of each sequence; nil where all have all.
  /// - Returns: `[batch, out]`
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  public func callAsFunction(_ x: Tensor<Scalar>, lengths: [Int]? = nil) -> Tensor<Scalar> {
    let (states, mask) = states(x, lengths)
    return fc(dropout(attention.context(states, keyMask: mask)))
  }

  /// The result of a call with how much the model looks at each step.
  ///
  /// - Parameters: as for a call.
  /// - Returns: `[batch, out]` and `[batch, time]`, of which a row sums to 1.
  public func outputAndWeights(
    _ x: Tensor<Scalar>, lengths: [Int]? = nil
  ) -> (output: Tensor<Scalar>, weights: Tensor<Scalar>) {
    let (states, mask) = states(x, lengths)
    return (
      fc(dropout(attention.context(states, keyMask: mask))),
      attention.weights(states, keyMask: mask).mean(axes: 2)
    )
  }

  /// How much the model looks at each step: the mean of the features' weights.
  ///
  /// - Parameters: as for a call.
  /// - Returns: `[batch, time]`; a row sums to 1.
  public func attentionWeights(_ x: Tensor<Scalar>, lengths: [Int]? = nil) -> Tensor<Scalar> {
    let (states, mask) = states(x, lengths)
    return attention.weights(states, keyMask: mask).mean(axes: 2)
  }

  /// The states of the last layer, `[batch, time, states]`, and which of them are no padding.
  private func states(
    _ x: Tensor<Scalar>, _ lengths: [Int]?
  ) -> (states: Tensor<Scalar>, mask: Tensor<Bool>?) {
    let states = rnn(dropout(x), lengths: lengths).outputs
    return (states, lengths.map { sequenceMask(lengths: $0, time: x.shape[1]) })
  }
}
