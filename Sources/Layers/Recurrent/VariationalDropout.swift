public import Autograd

/// A cell with one dropout mask for all the steps of a sequence (Gal and Ghahramani, 2016, section
/// 4): on its input, on its own output where that enters the next step's products, and on what it
/// gives to the outside.
///
/// The masks belong to the state: `initialState` and `state(from:)` draw them in training, each
/// sequence of the batch its own, and every step hands them on. Elements are zero with the
/// given rate, else 1 / (1 - rate). Outside of training there are none, and the cell is used as it
/// is.
///
///     Recurrent(inputSize: 8, layers: 2) {
///       VariationalDropout(
///         LSTMCell(inputSize: $0, hiddenSize: 32, using: &generator), inputSize: $0, input: 0.2,
///         recurrent: 0.3)
///     }
public struct VariationalDropout<Cell: MaskableCell>: RecurrentCell {
  /// `Float` or `Double`.
  public typealias Scalar = Cell.Scalar

  /// The cell whose step it is.
  public let cell: Cell
  /// Extent of the input's last axis.
  public let inputSize: Int
  private let input: Dropout<Scalar>
  private let recurrent: Dropout<Scalar>
  private let output: Dropout<Scalar>

  /// - Parameters:
  ///   - cell: the cell whose step it is.
  ///   - inputSize: extent of the input's last axis.
  ///   - input: rate on the input.
  ///   - recurrent: rate on the output of the previous step where it enters a product.
  ///   - output: rate on what is given to the outside.
  public init(
    _ cell: Cell, inputSize: Int, input: Double = 0, recurrent: Double = 0, output: Double = 0
  ) {
    self.inputSize = inputSize
    self.cell = cell
    self.input = Dropout(input)
    self.recurrent = Dropout(recurrent)
    self.output = Dropout(output)
  }

  /// The cell's state and the masks of its sequences.
  public struct State: RecurrentState {
    /// The cell's own state, whose output is not masked.
    public var cell: Cell.State
    /// `[batch, in]`, or nil.
    let input: Tensor<Scalar>?
    /// `[batch, hidden]`, or nil.
    let recurrent: Tensor<Scalar>?
    /// `[batch, hidden]`, or nil.
    let outside: Tensor<Scalar>?

    /// The cell's output under its mask.
    public var output: Tensor<Scalar> {
      outside.map { cell.output.weighted(byConstant: $0) } ?? cell.output
    }

    /// The cell's tensors, then the masks that there are.
    public func combined(
      with other: State, by body: (Tensor<Scalar>, Tensor<Scalar>) -> Tensor<Scalar>
    ) -> State {
      func both(_ a: Tensor<Scalar>?, _ b: Tensor<Scalar>?) -> Tensor<Scalar>? {
        guard let a, let b else { return nil }
        return body(a, b)
      }
      return State(
        cell: cell.combined(with: other.cell, by: body), input: both(input, other.input),
        recurrent: both(recurrent, other.recurrent), outside: both(outside, other.outside))
    }
  }

  /// Extent of the output's last axis, the cell's.
  public var hiddenSize: Int { cell.hiddenSize }

  /// The cell's state before the first step, with fresh masks.
  public func initialState(batch: Int) -> State { state(from: cell.initialState(batch: batch)) }

  /// A state of the cell, with fresh masks.
  public func state(from state: Cell.State) -> State {
    let batch = state.output.shape[0]
    return State(
      cell: state, input: input.drawMask([batch, inputSize]),
      recurrent: recurrent.drawMask([batch, hiddenSize]),
      outside: output.drawMask([batch, hiddenSize]))
  }

  /// - Parameters:
  ///   - x: `[batch, in]`
  ///   - state: what the step before has left.
  public func callAsFunction(_ x: Tensor<Scalar>, _ state: State) -> State {
    var next = state
    let x = state.input.map { x.weighted(byConstant: $0) } ?? x
    next.cell = state.recurrent.map { cell(x, state.cell, mask: $0) } ?? cell(x, state.cell)
    return next
  }

  /// Step by step only with a recurrent mask; else as the cell runs.
  public func sequence(
    _ inputs: Tensor<Scalar>, initialState: State?, lengths: [Int]?, isReverse: Bool
  ) -> (outputs: Tensor<Scalar>, finalState: State) {
    let (batch, _) = checkSequence(inputs, lengths, in: self)
    let state = initialState ?? self.initialState(batch: batch)
    if state.recurrent != nil {
      return stepwise(inputs, initialState: state, lengths: lengths, isReverse: isReverse)
    }
    let x =
      state.input.map {
        cleared(inputs, after: lengths).weighted(byConstant: $0.unsqueezed(axis: 1))
      } ?? inputs
    let (outputs, last) = cell.sequence(
      x, initialState: state.cell, lengths: lengths, isReverse: isReverse)
    var next = state
    next.cell = last
    let output =
      state.outside.map { outputs.weighted(byConstant: $0.unsqueezed(axis: 1)) } ?? outputs
    return (output, next)
  }
}

extension VariationalDropout: Sendable where Cell: Sendable {}
extension VariationalDropout.State: Sendable where Cell.State: Sendable {}
