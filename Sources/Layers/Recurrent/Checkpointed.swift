public import Autograd

/// A state that can be taken apart into tensors, as `Checkpointed` needs it.
public protocol SeparableState<Scalar>: RecurrentState {
  /// The tensors that the state is made of, in a fixed order.
  var tensors: [Tensor<Scalar>] { get }
  /// A state of as many tensors, in that order.
  init(tensors: [Tensor<Scalar>])
}

extension Tensor: SeparableState where Scalar: FloatingPointScalar {
  /// The tensor itself.
  public var tensors: [Tensor] { [self] }
  /// The only tensor.
  public init(tensors: [Tensor]) { self = tensors[0] }
}

extension LSTMState: SeparableState {
  /// Hidden and cell state.
  public var tensors: [Tensor<Scalar>] { [hidden, cell] }
  /// Hidden and cell state.
  public init(tensors: [Tensor<Scalar>]) { self.init(hidden: tensors[0], cell: tensors[1]) }
}

/// A recurrent cell that runs long sequences in segments, each of which keeps its first state only
/// and runs again when its gradient is taken (see `checkpointed`).
///
/// What a cell saves for its gradient, several times the size of its outputs, then grows with the
/// square root of the length; the outputs stay, unless `reduce` takes them segment by segment.
/// Results are those of the cell by itself; only the order in which the
/// weights' gradients are summed differs. Use it as a cell of `Recurrent`:
///
///     Recurrent(inputSize: 8) {
///       Checkpointed(LSTMCell(inputSize: $0, hiddenSize: 32, using: &generator))
///     }
public struct Checkpointed<Cell: RecurrentCell>: RecurrentCell
where Cell.State: SeparableState, Cell.State.Scalar == Cell.Scalar {
  /// The cell.
  public let cell: Cell
  /// Number of segments of a sequence; about the square root of its length if nil.
  public let segments: Int?

  /// - Parameters:
  ///   - cell: the cell.
  ///   - segments: number of segments of a sequence; about the square root of its length if nil.
  public init(_ cell: Cell, segments: Int? = nil) {
    self.cell = cell
    if let segments { expect(segments, atLeast: 1, "Checkpointed", "segments") }
    self.segments = segments
  }

  /// Extent of the output's last axis, the cell's.
  public var hiddenSize: Int { cell.hiddenSize }

  /// The state before the first step, the cell's.
  public func initialState(batch: Int) -> Cell.State { cell.initialState(batch: batch) }

  /// One step of the cell.
  public func callAsFunction(_ x: Tensor<Cell.Scalar>, _ state: Cell.State) -> Cell.State {
    cell(x, state)
  }

  /// The cell's sequence, segment by segment.
  public func sequence(
    _ inputs: Tensor<Cell.Scalar>, initialState: Cell.State?, lengths: [Int]?, isReverse: Bool
  ) -> (outputs: Tensor<Cell.Scalar>, finalState: Cell.State) {
    let (batch, time) = checkSequence(inputs, lengths, in: self)
    let ranges = segmentRanges(time, segments)
    if ranges.count < 2 {
      return cell.sequence(
        inputs, initialState: initialState, lengths: lengths, isReverse: isReverse)
    }
    var tensors = (initialState ?? self.initialState(batch: batch)).tensors
    var outputs: [Tensor<Cell.Scalar>] = []
    for range in isReverse ? ranges.reversed() : ranges {
      let within = lengths?.map { min(max($0 - range.lowerBound, 0), range.count) }
      let results = checkpointed([inputs.narrowed(axis: 1, to: range)] + tensors) { [cell] values in
        let (outputs, state) = cell.sequence(
          values[0], initialState: Cell.State(tensors: Array(values.dropFirst())), lengths: within,
          isReverse: isReverse)
        return [outputs] + state.tensors
      }
      outputs.append(results[0])
      tensors = Array(results.dropFirst())
    }
    return (
      .concatenated(isReverse ? outputs.reversed() : outputs, axis: 1), Cell.State(tensors: tensors)
    )
  }
}

extension Checkpointed {
  /// Takes the outputs of a sequence together, segment by segment, as a loss over all steps does.
  /// No outputs are kept: beyond its inputs, a sequence of n steps takes memory for about 2√n.
  ///
  ///     let start = cell.initialState(batch: 1)
  ///     let (total, _) = cell.reduce(x, initialState: start, into: [Tensor(0)]) {
  ///       [$0[0] + square($1 - targets.narrowed(axis: 1, to: $2)).sum()]
  ///     }
  ///
  /// - Parameters:
  ///   - inputs: `[batch, time, in]`
  ///   - initialState: before the first step.
  ///   - first: any number of tensors to begin with.
  ///   - next: from what has come together so far, the outputs `[batch, steps, hidden]` of a
  ///     segment and the steps that these are, to what has come together then. Of what is being
  ///     differentiated it may use only its arguments and parameters of the cell.
  public func reduce(
    _ inputs: Tensor<Cell.Scalar>, initialState: Cell.State, into first: [Tensor<Cell.Scalar>],
    _ next:
      @escaping (
        _ result: [Tensor<Cell.Scalar>], _ outputs: Tensor<Cell.Scalar>, _ steps: Range<Int>
      ) -> [Tensor<Cell.Scalar>]
  ) -> (result: [Tensor<Cell.Scalar>], finalState: Cell.State) {
    let (_, time) = checkSequence(inputs, nil, in: self)
    var tensors = first + initialState.tensors
    for range in segmentRanges(time, segments) {
      tensors = checkpointed([inputs.narrowed(axis: 1, to: range)] + tensors) { [cell] values in
        let (outputs, state) = cell.sequence(
          values[0], initialState: Cell.State(tensors: Array(values[(1 + first.count)...])),
          lengths: nil,
          isReverse: false)
        return next(Array(values[1..<(1 + first.count)]), outputs, range) + state.tensors
      }
    }
    return (Array(tensors[..<first.count]), Cell.State(tensors: Array(tensors[first.count...])))
  }
}

extension Checkpointed: Sendable where Cell: Sendable {}
