public import Autograd

/// One step of a recurrent network. Give a cell of your own `initialState` and `callAsFunction`;
/// it then runs over sequences, in several layers and both directions, in `Recurrent`.
public protocol RecurrentCell<Scalar>: Layer {
  associatedtype Scalar
  associatedtype State: RecurrentState<Scalar>

  /// Extent of the output's last axis.
  var hiddenSize: Int { get }

  /// The state before the first step, usually zeros.
  func initialState(batch: Int) -> State

  /// - Parameters:
  ///   - x: `[batch, in]`
  ///   - state: what the step before has left.
  /// - Returns: the state after the step, which holds the step's output.
  func callAsFunction(_ x: Tensor<Scalar>, _ state: State) -> State

  /// The cell over all steps. What is there runs step by step; the library's own cells run as one
  /// operation.
  ///
  /// - Parameters:
  ///   - inputs: `[batch, time, in]`
  ///   - initialState: before the first step, in reverse before the last one; nil for
  ///     `initialState(batch:)`.
  ///   - lengths: number of steps of each row; nil where all rows have all.
  ///   - isReverse: from each row's own last step to the first.
  /// - Returns: outputs `[batch, time, hidden]`, zero after a row's end, each at its input's
  ///   position in either direction; and the state after each row's last step taken.
  func sequence(
    _ inputs: Tensor<Scalar>, initialState: State?, lengths: [Int]?, isReverse: Bool
  ) -> (outputs: Tensor<Scalar>, finalState: State)
}

extension RecurrentCell {
  /// The cell over all steps, one after the other.
  public func sequence(
    _ inputs: Tensor<Scalar>, initialState: State?, lengths: [Int]?, isReverse: Bool
  ) -> (outputs: Tensor<Scalar>, finalState: State) {
    stepwise(inputs, initialState: initialState, lengths: lengths, isReverse: isReverse)
  }

  /// `sequence` in ordinary operations.
  func stepwise(
    _ inputs: Tensor<Scalar>, initialState: State?, lengths: [Int]?, isReverse: Bool
  ) -> (outputs: Tensor<Scalar>, finalState: State) {
    let (batch, _) = checkSequence(inputs, lengths, in: self)
    return runSteps(
      inputs, from: initialState ?? self.initialState(batch: batch), size: hiddenSize,
      lengths: lengths,
      isReverse: isReverse
    ) { self($0, $1) }
  }
}

/// Steps of a recurrence over sequences, one after the other; see `RecurrentCell.sequence`.
///
/// - Parameters:
///   - inputs: `[batch, time, any size]`; `checkSequence` has passed them.
///   - size: extent of the outputs' last axis.
///   - step: from a step's input `[batch, any size]` and the state before to the state after.
func runSteps<State: RecurrentState>(
  _ inputs: Tensor<State.Scalar>, from state: State, size: Int, lengths: [Int]?, isReverse: Bool,
  step: (Tensor<State.Scalar>, State) -> State
) -> (outputs: Tensor<State.Scalar>, finalState: State) {
  let (batch, time) = (inputs.shape[0], inputs.shape[1])
  guard time > 0 else { return (.zeros([batch, 0, size]), state) }
  let steps = cleared(inputs, after: lengths).unstacked(axis: 1)
  var outputs: [Tensor<State.Scalar>] = []
  var state = state
  for t in isReverse ? Array((0..<time).reversed()) : Array(0..<time) {
    let next = step(steps[t], state)
    if let lengths, lengths.contains(where: { $0 <= t }) {
      let active = Tensor<Bool>(lengths.map { t < $0 }, shape: [batch, 1])
      state = State.choose(active, next, state)
      outputs.append(select(active, next.output, Tensor(0)))
    } else {
      state = next
      outputs.append(next.output)
    }
  }
  return (.stacked(isReverse ? outputs.reversed() : outputs, axis: 1), state)
}

/// Zeros after each sequence's end: what stands there is not looked at, be it NaN.
///
/// - Parameter inputs: `[batch, time, in]`
func cleared<Scalar: FloatingPointScalar>(
  _ inputs: Tensor<Scalar>, after lengths: [Int]?
) -> Tensor<Scalar> {
  guard let lengths else { return inputs }
  return select(
    sequenceMask(lengths: lengths, time: inputs.shape[1]).unsqueezed(axis: 2), inputs, Tensor(0))
}

/// Batch and time of a sequence input, whose shape and lengths are checked.
@inline(__always)
func checkSequence<Scalar>(
  _ inputs: Tensor<Scalar>, _ lengths: [Int]?, in layer: some Layer
) -> (batch: Int, time: Int) {
  let shape = inputs.shape
  // What only a message needs is copied when there is one.
  if let fault = sequenceFault(shape, lengths) { trap("\(fault)\(layer.layerPath)") }
  return (shape[0], shape[1])
}

/// What is wrong with an input of this shape, or with the lengths; nil if nothing is.
private func sequenceFault(_ shape: Shape, _ lengths: [Int]?) -> String? {
  if shape.rank != 3 { return "a recurrent layer needs an input [batch, time, in], not \(shape)" }
  guard let lengths else { return nil }
  let (batch, time) = (shape[0], shape[1])
  if lengths.count != batch {
    return "\(lengths.count) lengths for a batch of \(batch) sequences"
  }
  return lengths.first { $0 < 0 || $0 > time }.map {
    "a length of \($0) for sequences of \(time) steps"
  }
}
