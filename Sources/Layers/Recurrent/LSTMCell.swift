public import Autograd

/// Long short-term memory (Hochreiter and Schmidhuber, 1997, with the forget gate of Gers et al.,
/// 2000), with blocks of rows i, f, g, o in the weights:
///
///     i, f, o = sigmoid(x W + bias + h U + bias), each with its own weights
///     g = tanh(x W + bias + h U + bias)
///     c' = f * c + i * g
///     h' = o * tanh(c')
///
/// With a projection (Sak, Senior and Beaufays, 2014) `h' = weightProjection (o * tanh(c'))`; the
/// state that is handed on, and the output, then have the projection's size.
public struct LSTMCell<Scalar: FloatingPointScalar>: RecurrentCell, FusedCell, Sendable {
  /// `[4 * hidden, in]`
  @Parameter public var weightInput: Tensor<Scalar>
  /// `[4 * hidden, hidden]`, with a projection `[4 * hidden, projection]`.
  @Parameter public var weightHidden: Tensor<Scalar>
  /// `[4 * hidden]`, or nil.
  @OptionalParameter public var biasInput: Tensor<Scalar>?
  /// `[4 * hidden]`, or nil.
  @OptionalParameter public var biasHidden: Tensor<Scalar>?
  /// `[projection, hidden]`, or nil.
  @OptionalParameter public var weightProjection: Tensor<Scalar>?
  /// Extent of the input's last axis.
  public let inputSize: Int
  /// Extent of the output's last axis: the projection's size, if there is one.
  public let hiddenSize: Int
  /// Extent of the cell state's last axis.
  public let cellSize: Int

  /// - Parameters:
  ///   - inputSize: extent of the input's last axis.
  ///   - hiddenSize: extent of the state's last axis.
  ///   - projectionSize: extent that the output is projected to; nil for none.
  ///   - bias: whether vectors are added.
  ///   - generator: all start uniform in ±1/sqrt(hiddenSize).
  public init(
    inputSize: Int, hiddenSize: Int, projectionSize: Int? = nil, bias: Bool = true,
    using generator: inout some RandomNumberGenerator
  ) {
    let shape = CellShape(inputSize: inputSize, hiddenSize: hiddenSize, gates: 4)
    _weightInput = Parameter(wrappedValue: shape.weight(inputSize, &generator))
    _weightHidden = Parameter(
      wrappedValue: shape.weight(projectionSize ?? hiddenSize, &generator))
    _biasInput = OptionalParameter(wrappedValue: shape.bias(bias, &generator))
    _biasHidden = OptionalParameter(wrappedValue: shape.bias(bias, &generator))
    _weightProjection = OptionalParameter(
      wrappedValue: projectionSize.map {
        .fanInUniform([$0, hiddenSize], fanIn: hiddenSize, using: &generator)
      })
    self.inputSize = inputSize
    self.hiddenSize = projectionSize ?? hiddenSize
    cellSize = hiddenSize
  }

  /// Zeros: `[batch, hidden]`, with a projection `[batch, projection]`, and the cell's.
  public func initialState(batch: Int) -> LSTMState<Scalar> {
    LSTMState(hidden: .zeros([batch, hiddenSize]), cell: .zeros([batch, cellSize]))
  }

  /// - Parameters:
  ///   - x: `[batch, in]`
  ///   - state: `[batch, hidden]` each.
  public func callAsFunction(
    _ x: Tensor<Scalar>, _ state: LSTMState<Scalar>
  ) -> LSTMState<Scalar> {
    if weightProjection != nil { return plainStep(linear(x, weightInput, biasInput), state) }
    return step(x, state.hidden, state.cell)
  }

  /// All steps as one operation; with a projection, step by step.
  public func sequence(
    _ inputs: Tensor<Scalar>, initialState: LSTMState<Scalar>?, lengths: [Int]?, isReverse: Bool
  ) -> (outputs: Tensor<Scalar>, finalState: LSTMState<Scalar>) {
    if weightProjection != nil {
      let (batch, _) = checkSequence(inputs, lengths, in: self)
      // The products of all steps' inputs at once.
      return runSteps(
        linear(cleared(inputs, after: lengths), weightInput, biasInput),
        from: initialState ?? self.initialState(batch: batch), size: hiddenSize, lengths: lengths,
        isReverse: isReverse
      ) { plainStep($0, $1) }
    }
    return run(inputs, initialState?.hidden, initialState?.cell, lengths, isReverse)
  }

  /// A step in ordinary operations.
  ///
  /// - Parameter inputs: `x W + bias` of the four gates side by side, `[batch, 4 * hidden]`.
  func plainStep(_ inputs: Tensor<Scalar>, _ state: LSTMState<Scalar>) -> LSTMState<Scalar> {
    let batch = inputs.rank == 2 ? inputs.shape[0] : -1
    if state.hidden.shape != [batch, hiddenSize] || state.cell.shape != [batch, cellSize] {
      trap(
        "lstm cell: gates of shape \(inputs.shape), states of \(state.hidden.shape) and "
          + "\(state.cell.shape), not [batch, \(4 * cellSize)], [batch, \(hiddenSize)] and "
          + "[batch, \(cellSize)]\(layerPath)")
    }
    let gates = inputs + linear(state.hidden, weightHidden, biasHidden)
    let next = lstmStep(gates.untyped, cell: state.cell.untyped)
    let hidden = Tensor<Scalar>(next.hidden)
    return LSTMState(
      hidden: weightProjection.map { linear(hidden, $0) } ?? hidden, cell: Tensor(next.cell))
  }

  var kind: RecurrentCellKind { .lstm }

  var isFused: Bool { weightProjection == nil }

  func parts(
    of state: LSTMState<Scalar>
  ) -> (hidden: Tensor<Scalar>, cell: Tensor<Scalar>?) { (state.hidden, state.cell) }

  func state(of hidden: Tensor<Scalar>, _ cell: Tensor<Scalar>?) -> LSTMState<Scalar> {
    LSTMState(hidden: hidden, cell: cell!)
  }

  var weights: RecurrentWeights {
    RecurrentWeights(
      input: $weightInput.tracked, hidden: $weightHidden.tracked, biasInput: $biasInput?.tracked,
      biasHidden: $biasHidden?.tracked)
  }
}
