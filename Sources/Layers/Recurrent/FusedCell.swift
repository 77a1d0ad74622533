import Autograd

/// A cell whose steps have kernels of their own.
protocol FusedCell<Scalar>: RecurrentCell {
  var kind: RecurrentCellKind { get }
  var inputSize: Int { get }
  var weights: RecurrentWeights { get }
  /// Whether a step is all that the kernels do: an LSTM with a projection does more, a GRU whose
  /// reset gate stands before the product something else.
  var isFused: Bool { get }
  /// The hidden state and, for an LSTM, the cell state, both `[batch, hidden]`.
  func parts(of state: State) -> (hidden: Tensor<Scalar>, cell: Tensor<Scalar>?)
  /// The state of these parts.
  func state(of hidden: Tensor<Scalar>, _ cell: Tensor<Scalar>?) -> State
}

extension FusedCell {
  var isFused: Bool { true }
}

extension FusedCell where State == Tensor<Scalar> {
  func parts(of state: State) -> (hidden: Tensor<Scalar>, cell: Tensor<Scalar>?) { (state, nil) }
  func state(of hidden: Tensor<Scalar>, _ cell: Tensor<Scalar>?) -> State { hidden }
}

extension FusedCell {
  /// Runs the fused operation, from zeros where there is no state: outputs and last state.
  func run(
    _ inputs: Tensor<Scalar>, _ hidden: Tensor<Scalar>?, _ cell: Tensor<Scalar>?,
    _ lengths: [Int]?, _ isReverse: Bool, isStep: Bool = false
  ) -> (outputs: Tensor<Scalar>, finalState: State) {
    let (batch, _) = checkSequence(inputs, lengths, in: self)
    check(width: inputs.shape[2], batch: batch, hidden, cell)
    var results = recurrentSequence(
      FusedSequence(kind: kind, isReverse: isReverse, lengths: lengths, isStep: isStep),
      .init(
        input: inputs.untyped, hidden: hidden?.untyped, cell: cell?.untyped, weights: weights))
    // From the last to the first: what is moved out counts no reference.
    let lastCell = kind == .lstm ? Tensor<Scalar>(results.removeLast()) : nil
    let lastHidden = Tensor<Scalar>(results.removeLast())
    return (Tensor(results.removeLast()), state(of: lastHidden, lastCell))
  }

  /// Traps unless inputs of so many features, and states, fit the cell.
  func check(width: Int, batch: Int, _ hidden: Tensor<Scalar>?, _ cell: Tensor<Scalar>?) {
    // What only a message needs is looked up when there is one: this runs at every step of a loop.
    var layerPath: String { Compute.layerPath(weights.input) }
    if width != inputSize {
      trap(
        "\(kind) cell: inputs of \(width) features for an input size of \(inputSize): the last "
          + "axis must be \(inputSize)\(layerPath)")
    }
    func check(_ state: Tensor<Scalar>) {
      if state.shape != Shape(batch, hiddenSize) {
        trap(
          "\(kind) cell: a state of shape \(state.shape), not [\(batch), \(hiddenSize)]\(layerPath)"
        )
      }
    }
    if let hidden { check(hidden) }
    if let cell { check(cell) }
  }

  /// One step as a sequence of one.
  func step(
    _ x: Tensor<Scalar>, _ hidden: Tensor<Scalar>, _ cell: Tensor<Scalar>?
  ) -> State {
    if x.rank != 2 { trap("\(kind) cell: an input of shape \(x.shape), not [batch, in]") }
    return run(x.unsqueezed(axis: 1), hidden, cell, nil, false, isStep: true).finalState
  }
}

/// The sizes that weights of a cell are made from, and how they start.
struct CellShape {
  let inputSize: Int
  let hiddenSize: Int
  let gates: Int

  func weight<Scalar: FloatingPointScalar>(
    _ columns: Int, _ generator: inout some RandomNumberGenerator
  ) -> Tensor<Scalar> {
    .fanInUniform([gates * hiddenSize, columns], fanIn: hiddenSize, using: &generator)
  }

  func bias<Scalar: FloatingPointScalar>(
    _ isPresent: Bool, _ generator: inout some RandomNumberGenerator
  ) -> Tensor<Scalar>? {
    isPresent
      ? .fanInUniform([gates * hiddenSize], fanIn: hiddenSize, using: &generator) : nil
  }
}
