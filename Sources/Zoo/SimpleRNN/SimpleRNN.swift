public import Autograd
public import Layers

/// The `SimpleRNN` of article 000: a tanh RNN whose last state goes through a linear layer.
public struct SimpleRNN<Scalar: FloatingPointScalar>: Layer, Sendable {
  /// The sizes of a model.
  public struct Configuration: Codable, Hashable, Sendable {
    /// Extent of the input's last axis.
    public var inputSize: Int
    /// Extent of the RNN's state.
    public var hiddenSize: Int
    /// Extent of the result's last axis.
    public var outputSize: Int

    /// The three sizes.
    public init(inputSize: Int, hiddenSize: Int, outputSize: Int) {
      self.inputSize = inputSize
      self.hiddenSize = hiddenSize
      self.outputSize = outputSize
    }
  }

  /// The article's `self.rnn`.
  public let rnn: RNN<Scalar>
  /// The article's `self.fc`.
  public let fc: Linear<Scalar>

  /// A model with fresh weights.
  public init(_ configuration: Configuration, using generator: inout some RandomNumberGenerator) {
    rnn = RNN(
      inputSize: configuration.inputSize, hiddenSize: configuration.hiddenSize, using: &generator)
    fc = Linear(
      inputs: configuration.hiddenSize, outputs: configuration.outputSize, using: &generator)
  }

  /// - Parameters:
  ///   - x: `[batch, time, in]`
  ///   - lengths: number of steps of each sequence; nil where all have all.
  /// - Returns: `[batch, out]`, from the state after each sequence's own last step.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  public func callAsFunction(_ x: Tensor<Scalar>, lengths: [Int]? = nil) -> Tensor<Scalar> {
    fc(rnn(x, lengths: lengths).finalStates[0])
  }
}
