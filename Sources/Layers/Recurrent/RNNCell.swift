public import Autograd

/// The simple recurrent cell (Elman, 1990):
/// `h' = tanh(x weightInputᵀ + biasInput + h weightHiddenᵀ + biasHidden)`, or relu in its place.
public struct RNNCell<Scalar: FloatingPointScalar>: RecurrentCell, FusedCell, Sendable {
  /// `[hidden, in]`
  @Parameter public var weightInput: Tensor<Scalar>
  /// `[hidden, hidden]`
  @Parameter public var weightHidden: Tensor<Scalar>
  /// `[hidden]`, or nil.
  @OptionalParameter public var biasInput: Tensor<Scalar>?
  /// `[hidden]`, or nil.
  @OptionalParameter public var biasHidden: Tensor<Scalar>?
  /// Extent of the input's last axis.
  public let inputSize: Int
  /// Extent of the state's last axis.
  public let hiddenSize: Int

  /// The function that makes the state.
  public enum Activation: String, Codable, Sendable {
    case tanh, relu
  }

  /// The function that makes the state.
  public let activation: Activation

  /// - Parameters:
  ///   - inputSize: extent of the input's last axis.
  ///   - hiddenSize: extent of the state's last axis.
  ///   - activation: the function that makes the state.
  ///   - bias: whether vectors are added.
  ///   - generator: all start uniform in ±1/sqrt(hiddenSize).
  public init(
    inputSize: Int, hiddenSize: Int, activation: Activation = .tanh, bias: Bool = true,
    using generator: inout some RandomNumberGenerator
  ) {
    let shape = CellShape(inputSize: inputSize, hiddenSize: hiddenSize, gates: 1)
    _weightInput = Parameter(wrappedValue: shape.weight(inputSize, &generator))
    _weightHidden = Parameter(wrappedValue: shape.weight(hiddenSize, &generator))
    _biasInput = OptionalParameter(wrappedValue: shape.bias(bias, &generator))
    _biasHidden = OptionalParameter(wrappedValue: shape.bias(bias, &generator))
    self.inputSize = inputSize
    self.hiddenSize = hiddenSize
    self.activation = activation
  }

  /// Zeros, `[batch, hidden]`.
  public func initialState(batch: Int) -> Tensor<Scalar> { .zeros([batch, hiddenSize]) }

  /// - Parameters:
  ///   - x: `[batch, in]`
  ///   - state: `[batch, hidden]`
  /// - Returns: `[batch, hidden]`
  public func callAsFunction(_ x: Tensor<Scalar>, _ state: Tensor<Scalar>) -> Tensor<Scalar> {
    step(x, state, nil)
  }

  /// All steps as one operation.
  public func sequence(
    _ inputs: Tensor<Scalar>, initialState: Tensor<Scalar>?, lengths: [Int]?, isReverse: Bool
  ) -> (outputs: Tensor<Scalar>, finalState: Tensor<Scalar>) {
    run(inputs, initialState, nil, lengths, isReverse)
  }

  var kind: RecurrentCellKind { activation == .tanh ? .tanh : .relu }

  var weights: RecurrentWeights {
    RecurrentWeights(
      input: $weightInput.tracked, hidden: $weightHidden.tracked, biasInput: $biasInput?.tracked,
      biasHidden: $biasHidden?.tracked)
  }
}
