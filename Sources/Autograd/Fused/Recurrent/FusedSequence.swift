package import Kernels

/// For the floors above, which know no kernels.
package typealias RecurrentCellKind = Kernels.RecurrentCellKind

/// The weights that RNN, GRU and LSTM cells have, stacked gate by gate, as the calling thread's
/// innermost gradient sees them.
package struct RecurrentWeights {
  package let input: UntypedTensor
  package let hidden: UntypedTensor
  package let biasInput: UntypedTensor?
  package let biasHidden: UntypedTensor?

  package init(
    input: UntypedTensor, hidden: UntypedTensor, biasInput: UntypedTensor?,
    biasHidden: UntypedTensor?
  ) {
    self.input = input
    self.hidden = hidden
    self.biasInput = biasInput
    self.biasHidden = biasHidden
  }
}

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
/// after the end is not looked at. In reverse, a row's state starts at its own last step.
package struct FusedSequence {
  package let kind: RecurrentCellKind
  let isReverse: Bool
  /// Number of steps of each row; nil where all rows have all.
  let lengths: [Int]?
  /// Whether it is a step by itself, and not a sequence that may happen to have one.
  let isStep: Bool

  package init(kind: RecurrentCellKind, isReverse: Bool, lengths: [Int]?, isStep: Bool = false) {
    self.kind = kind
    self.isReverse = isReverse
    self.lengths = lengths
    self.isStep = isStep
  }

  /// Input `[batch, time, in]`, first states `[batch, hidden]` (nil for zeros; a cell's for an LSTM alone),
  /// weights `[gates * hidden, in]` and `[gates * hidden, hidden]`, biases `[gates * hidden]`.
  ///
  /// Not copyable, so that on the way to a run no reference is counted.
  package struct Operands: ~Copyable {
    let input: UntypedTensor
    let hidden: UntypedTensor?
    let cell: UntypedTensor?
    let weights: RecurrentWeights

    package init(
      input: UntypedTensor, hidden: UntypedTensor?, cell: UntypedTensor?, weights: RecurrentWeights
    ) {
      self.input = input
      self.hidden = hidden
      self.cell = cell
      self.weights = weights
    }
  }

  struct Sizes {
    let batch: Int
    let time: Int
    let input: Int
    let hidden: Int
    let gates: Int

    init(_ operands: borrowing Operands) {
      batch = operands.input.shape[0]
      time = operands.input.shape[1]
      input = operands.input.shape[2]
      hidden = operands.weights.hidden.shape[1]
      gates = operands.weights.hidden.shape[0]
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

  // MARK: Positions

  func slotBefore(_ t: Int) -> Int { isReverse ? t + 1 : t }
  func slotAfter(_ t: Int) -> Int { isReverse ? t : t + 1 }

  /// The steps of a stretch in the order in which they are taken.
  func step(_ index: Int, of stretch: Range<Int>) -> Int {
    isReverse ? stretch.upperBound - 1 - index : stretch.lowerBound + index
  }

  /// Whether all sequences have all of the steps.
  func isWhole(_ time: Int) -> Bool { lengths.map { $0.allSatisfy { $0 >= time } } ?? true }

  /// Lays out some steps of `[batch, time, n]` one after the other, `[steps, batch, n]`, with zeros
  /// after the sequences' ends.
  func layOut<Scalar: FloatingPointScalar>(
    _ x: UntypedTensor, _ steps: Range<Int>, to target: UnsafeMutablePointer<Scalar>
  ) {
    let view = TimeMajor(x, steps)
    Compute.layOut(
      x.pointer(Scalar.self) + view.offset, x.type, view.shape, view.strides, to: target)
    guard let lengths, !isWhole(steps.upperBound) else { return }
    let (batch, row) = (view.shape[1], view.shape[2])
    for (b, length) in lengths.enumerated() where length < steps.upperBound {
      for t in Swift.max(length, steps.lowerBound)..<steps.upperBound {
        (target + ((t - steps.lowerBound) * batch + b) * row).update(repeating: 0, count: row)
      }
    }
  }
}

/// Some steps of `[batch, time, n]` seen as `[steps, batch, n]`, without a value for it.
struct TimeMajor {
  let shape: Shape
  let strides: Strides
  /// Of the first element.
  let offset: Int

  init(_ x: borrowing UntypedTensor, _ steps: Range<Int>) {
    let step = x.stride(1)
    shape = Shape(steps.count, x.shape[0], x.shape[2])
    strides = [step, x.stride(0), x.stride(2), 0, 0, 0, 0, 0]
    offset = steps.lowerBound * step
  }

  /// Whether all steps of `[batch, time, n]` lie in memory so.
  static func isOrder(of x: borrowing UntypedTensor) -> Bool {
    let (batch, time, size) = (x.shape[0], x.shape[1], x.shape[2])
    return (batch == 1 || x.stride(0) == size) && (time == 1 || x.stride(1) == batch * size)
      && (size == 1 || x.stride(2) == 1)
  }
}

extension UntypedTensor {
  /// A view of some steps of `[batch, time, n]` as `[steps, batch, n]`, off the tape.
  func timeMajor(_ steps: Range<Int>) -> UntypedTensor {
    let view = TimeMajor(self, steps)
    return UntypedTensor(viewing: self, view.shape, view.strides, offset: view.offset)
  }
}
