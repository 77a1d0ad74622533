public import Autograd

/// The gated recurrent unit (Cho et al., 2014), with blocks of rows r, z, n in the weights:
///
///     r = sigmoid(x Wr + bias + h Ur + bias)
///     z = sigmoid(x Wz + bias + h Uz + bias)
///     n = tanh(x Wn + bias + r * (h Un + bias))
///     h' = (1 - z) * n + z * h
///
/// That is the reset gate after the product, as cuDNN and PyTorch have it. In front of the
/// product, as Cho et al. wrote it (their equation 8), `n = tanh(x Wn + bias + (r * h) Un + bias)`.
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
  /// Where the reset gate works.
  public let reset: Reset

  /// Where the reset gate works.
  public enum Reset: String, Codable, Sendable {
    /// `r * (h Un + bias)`: cuDNN, PyTorch, Keras' `reset_after`, ONNX's `linear_before_reset`.
    case afterProduct
    /// `(r * h) Un + bias`: Cho et al., 2014. It runs step by step, not as one operation.
    case beforeProduct
  }

  /// - Parameters:
  ///   - inputSize: extent of the input's last axis.
  ///   - hiddenSize: extent of the state's last axis.
  ///   - reset: where the reset gate works.
  ///   - bias: whether vectors are added.
  ///   - generator: all start uniform in ±1/sqrt(hiddenSize).
  public init(
    inputSize: Int, hiddenSize: Int, reset: Reset = .afterProduct, bias: Bool = true,
    using generator: inout some RandomNumberGenerator
  ) {
    let shape = CellShape(inputSize: inputSize, hiddenSize: hiddenSize, gates: 3)
    _weightInput = Parameter(wrappedValue: shape.weight(inputSize, &generator))
    _weightHidden = Parameter(wrappedValue: shape.weight(hiddenSize, &generator))
    _biasInput = OptionalParameter(wrappedValue: shape.bias(bias, &generator))
    _biasHidden = OptionalParameter(wrappedValue: shape.bias(bias, &generator))
    self.inputSize = inputSize
    self.hiddenSize = hiddenSize
    self.reset = reset
  }

  /// Zeros, `[batch, hidden]`.
  public func initialState(batch: Int) -> Tensor<Scalar> { .zeros([batch, hiddenSize]) }

  /// - Parameters:
  ///   - x: `[batch, in]`
  ///   - state: `[batch, hidden]`
  /// - Returns: `[batch, hidden]`
  public func callAsFunction(_ x: Tensor<Scalar>, _ state: Tensor<Scalar>) -> Tensor<Scalar> {
    reset == .afterProduct
      ? step(x, state, nil)
      : plainStep(linear(x, weightInput, biasInput), state, seen: state)
  }

  /// All steps as one operation; with the reset before the product, step by step.
  public func sequence(
    _ inputs: Tensor<Scalar>, initialState: Tensor<Scalar>?, lengths: [Int]?, isReverse: Bool
  ) -> (outputs: Tensor<Scalar>, finalState: Tensor<Scalar>) {
    if reset == .beforeProduct {
      let (batch, _) = checkSequence(inputs, lengths, in: self)
      // The products of all steps' inputs at once.
      return runSteps(
        linear(cleared(inputs, after: lengths), weightInput, biasInput),
        from: initialState ?? self.initialState(batch: batch), size: hiddenSize, lengths: lengths,
        isReverse: isReverse
      ) { plainStep($0, $1, seen: $1) }
    }
    return run(inputs, initialState, nil, lengths, isReverse)
  }

  /// A step in ordinary operations.
  ///
  /// - Parameters:
  ///   - inputs: `x Wr + bias`, `x Wz + bias`, `x Wn + bias` side by side, `[batch, 3 * hidden]`.
  ///   - state: what is carried over, `[batch, hidden]`.
  ///   - seen: what enters the products, `[batch, hidden]`.
  func plainStep(
    _ inputs: Tensor<Scalar>, _ state: Tensor<Scalar>, seen: Tensor<Scalar>
  ) -> Tensor<Scalar> {
    Tensor(
      gruStep(
        inputs.untyped, state: state.untyped, seen: seen.untyped, weight: weights.hidden,
        bias: weights.biasHidden, resetsFirst: reset == .beforeProduct))
  }

  var kind: RecurrentCellKind { .gru }

  var isFused: Bool { reset == .afterProduct }

  var weights: RecurrentWeights {
    RecurrentWeights(
      input: $weightInput.tracked, hidden: $weightHidden.tracked, biasInput: $biasInput?.tracked,
      biasHidden: $biasHidden?.tracked)
  }
}
