public import Autograd

/// A cell that can be told to see less of its own output: where the output of the step before
/// enters a product with weights it is multiplied by a mask, while what is carried over as it is
/// stays whole. `VariationalDropout` needs it.
public protocol MaskableCell<Scalar>: RecurrentCell {
  /// - Parameters:
  ///   - x: `[batch, in]`
  ///   - state: what the step before has left.
  ///   - mask: `[batch, hidden]`, times the state's output before the recurrent weights.
  func callAsFunction(_ x: Tensor<Scalar>, _ state: State, mask: Tensor<Scalar>) -> State
}

extension RNNCell: MaskableCell {
  /// The step in ordinary operations: `act(x weightInputᵀ + (mask * h) weightHiddenᵀ + biases)`.
  public func callAsFunction(
    _ x: Tensor<Scalar>, _ state: Tensor<Scalar>, mask: Tensor<Scalar>
  ) -> Tensor<Scalar> {
    let sum =
      linear(x, weightInput, biasInput)
      + linear(state.weighted(by: mask), weightHidden, biasHidden)
    return Tensor(rnnStep(kind, sum.untyped))
  }
}

extension GRUCell: MaskableCell {
  /// The step in ordinary operations, with `mask * h` in the products; the share of the old state
  /// that the update gate keeps is not masked.
  public func callAsFunction(
    _ x: Tensor<Scalar>, _ state: Tensor<Scalar>, mask: Tensor<Scalar>
  ) -> Tensor<Scalar> {
    plainStep(linear(x, weightInput, biasInput), state, seen: state.weighted(by: mask))
  }
}

extension LSTMCell: MaskableCell {
  /// The step in ordinary operations, with `mask * h` in the products; the cell is not masked.
  public func callAsFunction(
    _ x: Tensor<Scalar>, _ state: LSTMState<Scalar>, mask: Tensor<Scalar>
  ) -> LSTMState<Scalar> {
    plainStep(
      linear(x, weightInput, biasInput),
      LSTMState(hidden: state.hidden.weighted(by: mask), cell: state.cell))
  }
}
