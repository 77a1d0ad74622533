public import Autograd

/// Long short-term memory with layer normalisation (Ba, Kiros and Hinton, 2016, equations 20 to 22
/// of the supplement), with blocks of rows i, f, g, o in the weights:
///
///     i, f, g, o = the blocks of normInput(x W) + normHidden(h U) + bias
///     c' = sigmoid(f) * c + sigmoid(i) * tanh(g)
///     h' = sigmoid(o) * tanh(normCell(c'))
///
/// `normInput` and `normHidden` normalise the four blocks together and have gains only: of their
/// biases and `bias` the paper's formula has three, which add up to one. The cell that is handed on
/// is not normalised.
public struct LayerNormLSTMCell<Scalar: FloatingPointScalar>: MaskableCell, Sendable {
  /// `[4 * hidden, in]`
  @Parameter public var weightInput: Tensor<Scalar>
  /// `[4 * hidden, hidden]`
  @Parameter public var weightHidden: Tensor<Scalar>
  /// `[4 * hidden]`
  @Parameter public var bias: Tensor<Scalar>
  /// Of the input's products, over `[4 * hidden]`.
  public let normInput: LayerNorm<Scalar>
  /// Of the state's products, over `[4 * hidden]`.
  public let normHidden: LayerNorm<Scalar>
  /// Of the cell before the output gate, over `[hidden]`.
  public let normCell: LayerNorm<Scalar>
  /// Extent of the output's last axis.
  public let hiddenSize: Int

  /// - Parameters:
  ///   - inputSize: extent of the input's last axis.
  ///   - hiddenSize: extent of the state's last axis.
  ///   - epsilon: added to the norms' variance.
  ///   - generator: weights start uniform in ±1/sqrt(hiddenSize), the bias at 0, gains at 1.
  public init(
    inputSize: Int, hiddenSize: Int, epsilon: Scalar = 1e-5,
    using generator: inout some RandomNumberGenerator
  ) {
    let shape = CellShape(inputSize: inputSize, hiddenSize: hiddenSize, gates: 4)
    _weightInput = Parameter(wrappedValue: shape.weight(inputSize, &generator))
    _weightHidden = Parameter(wrappedValue: shape.weight(hiddenSize, &generator))
    _bias = Parameter(wrappedValue: .zeros([4 * hiddenSize]))
    normInput = LayerNorm([4 * hiddenSize], epsilon: epsilon, bias: false)
    normHidden = LayerNorm([4 * hiddenSize], epsilon: epsilon, bias: false)
    normCell = LayerNorm([hiddenSize], epsilon: epsilon)
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
    step(normInput(linear(x, weightInput)), state)
  }

  /// Step by step, but with the products of all steps' inputs at once.
  public func sequence(
    _ inputs: Tensor<Scalar>, initialState: LSTMState<Scalar>?, lengths: [Int]?, isReverse: Bool
  ) -> (outputs: Tensor<Scalar>, finalState: LSTMState<Scalar>) {
    let (batch, _) = checkSequence(inputs, lengths, in: self)
    return runSteps(
      normInput(linear(cleared(inputs, after: lengths), weightInput)),
      from: initialState ?? self.initialState(batch: batch), size: hiddenSize, lengths: lengths,
      isReverse: isReverse
    ) { step($0, $1) }
  }

  /// - Parameter inputs: `normInput(x W)`, `[batch, 4 * hidden]`.
  private func step(
    _ inputs: Tensor<Scalar>, _ state: LSTMState<Scalar>
  ) -> LSTMState<Scalar> {
    let sums = inputs + normHidden(linear(state.hidden, weightHidden)) + bias
    let blocks = sums.chunked(axis: 1, into: 4)
    let cell = sigmoid(blocks[1]) * state.cell + sigmoid(blocks[0]) * tanh(blocks[2])
    return LSTMState(hidden: sigmoid(blocks[3]) * tanh(normCell(cell)), cell: cell)
  }

  /// With `mask * h` in the products; the cell is not masked.
  public func callAsFunction(
    _ x: Tensor<Scalar>, _ state: LSTMState<Scalar>, mask: Tensor<Scalar>
  ) -> LSTMState<Scalar> {
    self(
      x, LSTMState(hidden: state.hidden.weighted(byConstant: mask), cell: state.cell))
  }
}
