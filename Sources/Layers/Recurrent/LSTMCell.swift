public import Autograd
import Kernels

/// Long short-term memory (Hochreiter and Schmidhuber, 1997, with the forget gate of Gers et al.,
/// 2000), with blocks of rows i, f, g, o in the weights:
///
///     i, f, o = sigmoid(x W + bias + h U + bias), each with its own weights
///     g = tanh(x W + bias + h U + bias)
///     c' = f * c + i * g
///     h' = o * tanh(c')
public struct LSTMCell<Scalar: FloatingPointScalar>: RecurrentCell, FusedCell {
  /// `[4 * hidden, in]`
  @Parameter public var weightInput: Tensor<Scalar>
  /// `[4 * hidden, hidden]`
  @Parameter public var weightHidden: Tensor<Scalar>
  /// `[4 * hidden]`, or nil.
  @OptionalParameter public var biasInput: Tensor<Scalar>?
  /// `[4 * hidden]`, or nil.
  @OptionalParameter public var biasHidden: Tensor<Scalar>?
  /// Extent of the input's last axis.
  public let inputSize: Int
  /// Extent of the state's last axis.
  public let hiddenSize: Int

  /// - Parameters:
  ///   - inputSize: extent of the input's last axis.
  ///   - hiddenSize: extent of the state's last axis.
  ///   - bias: whether vectors are added.
  ///   - generator: all start uniform in ±1/sqrt(hiddenSize).
  public init(
    _ inputSize: Int, _ hiddenSize: Int, bias: Bool = true,
    using generator: inout some RandomNumberGenerator
  ) {
    let shape = CellShape(inputSize: inputSize, hiddenSize: hiddenSize, gates: 4)
    _weightInput = Parameter(wrappedValue: shape.weight(inputSize, &generator))
    _weightHidden = Parameter(wrappedValue: shape.weight(hiddenSize, &generator))
    _biasInput = OptionalParameter(wrappedValue: shape.bias(bias, &generator))
    _biasHidden = OptionalParameter(wrappedValue: shape.bias(bias, &generator))
    self.inputSize = inputSize
    self.hiddenSize = hiddenSize
  }

  /// Zeros, `[batch, hidden]` each.
  public func initialState(batch: Int) -> LSTMState<Scalar> {
    LSTMState(hidden: .zeros([batch, hiddenSize]), cell: .zeros([batch, hiddenSize]))
  }

  /// - Parameters:
  ///   - x: `[batch, in]`
  ///   - state: `[batch, hidden]` each.
  public func callAsFunction(
    _ x: Tensor<Scalar>, _ state: LSTMState<Scalar>
  ) -> LSTMState<Scalar> {
    let results = step(x, state.hidden, state.cell)
    return LSTMState(hidden: results[1], cell: results[2])
  }

  public func sequence(
    _ inputs: Tensor<Scalar>, from state: LSTMState<Scalar>, lengths: [Int]?, isReverse: Bool
  ) -> (outputs: Tensor<Scalar>, state: LSTMState<Scalar>) {
    let results = run(inputs, state.hidden, state.cell, lengths, isReverse)
    return (results[0], LSTMState(hidden: results[1], cell: results[2]))
  }

  var kind: RecurrentCellKind { .lstm }

  var weights: RecurrentWeights<Scalar> {
    RecurrentWeights(
      input: $weightInput, hidden: $weightHidden, biasInput: $biasInput, biasHidden: $biasHidden)
  }
}
