public import Autograd
import Kernels

/// The gated recurrent unit (Cho et al., 2014), with blocks of rows r, z, n in the weights:
///
///     r = sigmoid(x Wr + bias + h Ur + bias)
///     z = sigmoid(x Wz + bias + h Uz + bias)
///     n = tanh(x Wn + bias + r * (h Un + bias))
///     h' = (1 - z) * n + z * h
public struct GRUCell<Scalar: FloatingPointScalar>: RecurrentCell, FusedCell, Sendable {
  /// `[3 * hidden, in]`
  @Parameter public var weightInput: Tensor<Scalar>
  /// `[3 * hidden, hidden]`
  @Parameter public var weightHidden: Tensor<Scalar>
  /// `[3 * hidden]`, or nil.
  @OptionalParameter public var biasInput: Tensor<Scalar>?
  /// `[3 * hidden]`, or nil.
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
    let shape = CellShape(inputSize: inputSize, hiddenSize: hiddenSize, gates: 3)
    _weightInput = Parameter(wrappedValue: shape.weight(inputSize, &generator))
    _weightHidden = Parameter(wrappedValue: shape.weight(hiddenSize, &generator))
    _biasInput = OptionalParameter(wrappedValue: shape.bias(bias, &generator))
    _biasHidden = OptionalParameter(wrappedValue: shape.bias(bias, &generator))
    self.inputSize = inputSize
    self.hiddenSize = hiddenSize
  }

  /// Zeros, `[batch, hidden]`.
  public func initialState(batch: Int) -> Tensor<Scalar> { .zeros([batch, hiddenSize]) }

  /// - Parameters:
  ///   - x: `[batch, in]`
  ///   - state: `[batch, hidden]`
  /// - Returns: `[batch, hidden]`
  public func callAsFunction(_ x: Tensor<Scalar>, _ state: Tensor<Scalar>) -> Tensor<Scalar> {
    step(x, state, nil)[1]
  }

  /// All steps as one operation.
  public func sequence(
    _ inputs: Tensor<Scalar>, from state: Tensor<Scalar>, lengths: [Int]?, isReverse: Bool
  ) -> (outputs: Tensor<Scalar>, state: Tensor<Scalar>) {
    let results = run(inputs, state, nil, lengths, isReverse)
    return (results[0], results[1])
  }

  var kind: RecurrentCellKind { .gru }

  var weights: RecurrentWeights<Scalar> {
    RecurrentWeights(
      input: $weightInput, hidden: $weightHidden, biasInput: $biasInput, biasHidden: $biasHidden)
  }
}
