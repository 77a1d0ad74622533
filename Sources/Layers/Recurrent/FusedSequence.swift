import Autograd
import Kernels

/// A recurrent cell over all steps of a batch of sequences, as one operation.
///
/// Everything runs in time-major order, `[time, batch, ...]`, in which a step is one piece of
/// memory, and in stretches of some hundred rows (`StepStretches`). The products of a stretch's
/// inputs with the weights are one matrix product, of which each thread computes the rows of its
/// part of the batch; then it takes these rows through the stretch's steps; in the backward pass
/// the stretch's part of the weights' gradients is one product again. So threads meet a few times a
/// stretch, not once a step, each works on rows that lie in its own caches, and what only a
/// stretch needs - inputs in time-major order, gradients of gates - stays in the caches and is never
/// there for the whole sequence. All weights are packed once.
///
/// A row whose sequence has ended keeps its state, its output is zero, and what its input holds
/// behind the end is not looked at. In reverse, a row's state starts at its own last step.
struct FusedSequence {
  let kind: RecurrentCellKind
  let isReverse: Bool
  /// Number of steps of each row; nil where all rows have all.
  let lengths: [Int]?
  /// Whether it is a step by itself, and not a sequence that may happen to have one.
  var isStep = false

  /// Input `[batch, time, in]`, first states `[batch, hidden]` (nil for zeros; a cell's for an LSTM alone),
  /// weights `[gates * hidden, in]` and `[gates * hidden, hidden]`, biases `[gates * hidden]`.
  ///
  /// An object, so that who keeps them counts one reference and not seven.
  final class Operands {
    let input: Value
    let hidden: Value?
    let cell: Value?
    let weightInput: Value
    let weightHidden: Value
    let biasInput: Value?
    let biasHidden: Value?

    init(
      input: Value, hidden: Value?, cell: Value?, weightInput: Value, weightHidden: Value,
      biasInput: Value?, biasHidden: Value?
    ) {
      self.input = input
      self.hidden = hidden
      self.cell = cell
      self.weightInput = weightInput
      self.weightHidden = weightHidden
      self.biasInput = biasInput
      self.biasHidden = biasHidden
    }
  }

  /// What the derivative needs beside the operands, all time-major.
  struct Saved {
    /// The input of all steps, `[time, batch, in]`, where it was laid out at once.
    let input: Value?
    /// The gates after the steps (see `RecurrentStep`); an RNN has none but its states.
    let gates: Value?
    /// `[time + 1, batch, hidden]`; slot t is before step t, in reverse slot t + 1.
    let states: Value
    /// LSTM: as many, and behind them the tanh of the cell after each step, `[time, batch, hidden]`.
    let cells: Value?
  }

  struct Sizes {
    let batch: Int
    let time: Int
    let input: Int
    let hidden: Int
    let gates: Int

    init(_ operands: Operands) {
      batch = operands.input.shape[0]
      time = operands.input.shape[1]
      input = operands.input.shape[2]
      hidden = operands.weightHidden.shape[1]
      gates = operands.weightHidden.shape[0]
    }

    /// How the threads divide a stretch of steps.
    func parts(_ stretch: Range<Int>) -> BatchParts {
      BatchParts(batch, work: stretch.count * gates * hidden)
    }

    /// From a step to the next, or to the one before.
    func strides(isReverse: Bool) -> RecurrentStrides {
      let rows = isReverse ? -batch : batch
      return RecurrentStrides(gates: rows * gates, states: rows * hidden, cells: rows * hidden)
    }

    /// Whether several products have the input's weight.
    func packsInputWeight(_ stretches: StepStretches) -> Bool {
      stretches.count > 1 || stretches.contains { parts($0).count > 1 }
    }
  }

  /// `[output, last hidden state, last cell state]`, and what the derivative needs.
  ///
  /// - Parameter isRecorded: whether there will be a derivative; if not, nothing is kept for it.
  func forward(
    _ operands: Operands, isRecorded: Bool
  ) -> (results: [Value], saved: Saved) {
    switch operands.input.type {
    case .float: forward(Float.self, operands, isRecorded)
    case .double: forward(Double.self, operands, isRecorded)
    default: trap("a recurrent layer needs an input of Float or Double")
    }
  }

  /// Gradients of input, first states, weights and biases, in the order of `Operands`; nil where
  /// none is needed.
  ///
  /// - Parameter usesUp: whether this is the last that is done with what was saved, so that
  ///   gradients may take its place.
  func backward(
    _ operands: Operands, _ saved: Saved, output: Value?, hidden: Value?, cell: Value?,
    needed: [Bool], usesUp: Bool
  ) -> [Value?] {
    switch operands.input.type {
    case .float: backward(Float.self, operands, saved, output, hidden, cell, needed, usesUp)
    case .double: backward(Double.self, operands, saved, output, hidden, cell, needed, usesUp)
    default: trap("a recurrent layer needs an input of Float or Double")
    }
  }

  // MARK: Places

  func slotBefore(_ t: Int) -> Int { isReverse ? t + 1 : t }
  func slotAfter(_ t: Int) -> Int { isReverse ? t : t + 1 }

  /// The steps of a stretch in the order in which they are taken.
  func step(_ index: Int, of stretch: Range<Int>) -> Int {
    isReverse ? stretch.upperBound - 1 - index : stretch.lowerBound + index
  }

  /// Whether all sequences have all of the steps.
  func isWhole(_ time: Int) -> Bool { lengths.map { $0.allSatisfy { $0 >= time } } ?? true }

  /// One step of `[time + 1, batch, hidden]`.
  func slot(_ states: Value, _ index: Int, _ sizes: Sizes) -> Value {
    let (batch, size) = (sizes.batch, sizes.hidden)
    return Value(
      viewing: states, Shape(batch, size), [size, 1, 0, 0, 0, 0, 0, 0], offset: index * batch * size
    )
  }

  /// Some steps of `[batch, time, n]` as contiguous `[steps, batch, n]`, a view where that is how
  /// they lie in memory; zero behind the sequences' ends.
  func timeMajor(_ x: Value, _ steps: Range<Int>) -> Value {
    let view = x.timeMajor(steps)
    if isWhole(steps.upperBound) { return Compute.contiguous(view) }
    let result = Compute.copy(view)
    let (batch, row) = (x.shape[0], x.shape[2] * x.type.size)
    for (b, length) in lengths!.enumerated() where length < steps.upperBound {
      for t in Swift.max(length, steps.lowerBound)..<steps.upperBound {
        (result.address + ((t - steps.lowerBound) * batch + b) * row)
          .initializeMemory(as: UInt8.self, repeating: 0, count: row)
      }
    }
    return result
  }
}

extension Value {
  /// A view of some steps of `[batch, time, n]` as `[steps, batch, n]`, off the tape.
  func timeMajor(_ steps: Range<Int>) -> Value {
    let strides = strides
    let order: Strides = [strides[1], strides[0], strides[2], 0, 0, 0, 0, 0]
    return Value(
      viewing: self, [steps.count, shape[0], shape[2]], order,
      offset: steps.lowerBound * strides[1])
  }
}
