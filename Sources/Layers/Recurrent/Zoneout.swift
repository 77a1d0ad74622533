public import Autograd

/// A cell whose units keep their old value now and then (Krueger et al., 2017, equations 2 to 5).
///
/// In training each unit of each tensor of the state is, with probability z, left as it was:
/// `s' = d * s + (1 - d) * cell(x, s)`, d from {0, 1}. In evaluation it is the expectation of that,
/// `s' = z s + (1 - z) cell(x, s)`. Units are drawn anew in each step.
///
///     Recurrent(inputSize: 8) {
///       Zoneout(LSTMCell(inputSize: $0, hiddenSize: 32, using: &generator), rates: 0.05, 0.5)
///     }
public struct Zoneout<Cell: RecurrentCell>: RecurrentCell {
  /// `Float` or `Double`.
  public typealias Scalar = Cell.Scalar
  /// The cell's state.
  public typealias State = Cell.State

  /// The cell whose step it is.
  public let cell: Cell
  /// The probability that a unit stays, by tensor of the state; a single one is for all of them.
  public let rates: [Double]

  /// - Parameters:
  ///   - cell: any cell.
  ///   - rates: the probability that a unit stays, 0 ≤ rate < 1: one for the whole state, or one
  ///     for each of its tensors in the order of `RecurrentState.combined`, for an LSTM the hidden
  ///     state's and the cell's.
  public init(_ cell: Cell, rates: Double...) {
    if rates.isEmpty { trap("Zoneout: a rate is missing") }
    for rate in rates { checkRate(rate, "Zoneout") }
    self.cell = cell
    self.rates = rates
  }

  /// Extent of the output's last axis, the cell's.
  public var hiddenSize: Int { cell.hiddenSize }

  /// The state before the first step, the cell's.
  public func initialState(batch: Int) -> State { cell.initialState(batch: batch) }

  /// - Parameters:
  ///   - x: `[batch, in]`
  ///   - state: what the step before has left.
  public func callAsFunction(_ x: Tensor<Scalar>, _ state: State) -> State {
    moved(from: state, to: cell(x, state))
  }

  private func moved(from state: State, to candidate: State) -> State {
    let randomness = rates.contains { $0 > 0 } ? trainingRandomness("Zoneout") : nil
    var number = 0
    let next = candidate.combined(with: state) { new, old in
      if rates.count > 1 && number >= rates.count {
        trap("Zoneout: \(rates.count) rates for a state of more tensors")
      }
      let rate = rates.count == 1 ? rates[0] : rates[number]
      number += 1
      if rate == 0 { return new }
      guard let randomness else { return old + (new - old) * Scalar(1 - rate) }
      let moves: Tensor<Scalar> = randomMask(
        new.shape, rate: rate, kept: 1, using: &randomness.generator)
      return select(moves .> Tensor(0), new, old)
    }
    if rates.count > 1 && number < rates.count {
      trap("Zoneout: \(rates.count) rates for a state of \(number) tensors")
    }
    return next
  }
}

extension Zoneout: MaskableCell where Cell: MaskableCell {
  /// With the cell's step under the mask.
  public func callAsFunction(_ x: Tensor<Scalar>, _ state: State, mask: Tensor<Scalar>) -> State {
    moved(from: state, to: cell(x, state, mask: mask))
  }
}

extension Zoneout: Sendable where Cell: Sendable {}
