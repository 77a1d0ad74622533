package import Kernels

/// For the floors above, which know no kernels.
package typealias RecurrentCellKind = Kernels.RecurrentCellKind

/// A recurrent cell over all steps of a batch of sequences, as one operation. Where there is something
/// to attend to (`Attention`), it is a decoder: for each step t
///
///     weights_t = softmax over keys of v · tanh(queryWeight h_(t-1) + key)
///     context_t = weights_t values
///     h_t       = cell([input_t, context_t], h_(t-1))
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
/// after the end is not looked at; what it attends to is what its state attends to. In reverse, a
/// row's state starts at its own last step.
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
    view.layOut(x, to: target)
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

  /// Lays them out one after the other.
  func layOut<Scalar: FloatingPointScalar>(
    _ x: borrowing UntypedTensor, to target: UnsafeMutablePointer<Scalar>
  ) {
    Compute.layOut(x.pointer(Scalar.self) + offset, x.type, shape, strides, to: target)
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
