public import Autograd

/// What a recurrent cell hands from step to step: tensors with a row for each sequence.
public protocol RecurrentState<Scalar>: BatchState {
  associatedtype Scalar: FloatingPointScalar
  /// What a step gives to the outside, `[batch, hidden]`.
  var output: Tensor<Scalar> { get }
  /// Each tensor of this state together with that of another state at the same position, always in
  /// the same order.
  ///
  /// - Parameter body: makes the new state's tensor of this state's and the other's.
  func combined(
    with other: Self, by body: (Tensor<Scalar>, Tensor<Scalar>) -> Tensor<Scalar>
  ) -> Self
}

extension RecurrentState {
  /// Row by row `a` where the mask is true, else `b`.
  ///
  /// - Parameter mask: `[batch, 1]`
  public static func choose(_ mask: Tensor<Bool>, _ a: Self, _ b: Self) -> Self {
    a.combined(with: b) { select(mask, $0, $1) }
  }

  /// The sequences with the given numbers, `[count]`, which may repeat.
  public func rows(_ indices: Tensor<Int32>) -> Self {
    combined(with: self) { tensor, _ in tensor.rows(indices) }
  }
}

extension Tensor: RecurrentState where Scalar: FloatingPointScalar {
  /// The tensor itself.
  public var output: Tensor { self }

  /// The body's result.
  public func combined(with other: Tensor, by body: (Tensor, Tensor) -> Tensor) -> Tensor {
    body(self, other)
  }
}

/// The state of an LSTM.
public struct LSTMState<Scalar: FloatingPointScalar>: RecurrentState, Sendable {
  /// `[batch, hidden]`
  public var hidden: Tensor<Scalar>
  /// `[batch, hidden]`
  public var cell: Tensor<Scalar>

  /// Both `[batch, hidden]`.
  public init(hidden: Tensor<Scalar>, cell: Tensor<Scalar>) {
    self.hidden = hidden
    self.cell = cell
  }

  /// The hidden state.
  public var output: Tensor<Scalar> { hidden }

  /// Hidden states first, then cells.
  public func combined(
    with other: LSTMState, by body: (Tensor<Scalar>, Tensor<Scalar>) -> Tensor<Scalar>
  ) -> LSTMState {
    LSTMState(hidden: body(hidden, other.hidden), cell: body(cell, other.cell))
  }
}
