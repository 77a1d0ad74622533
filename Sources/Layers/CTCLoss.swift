public import Autograd

/// Connectionist temporal classification (Graves et al., 2006): the negative logarithm of the
/// probability that a sequence of frames spells a target, summed over all alignments. Between
/// labels, and in place of a repetition's second half, there may be blanks.
///
/// The mean is that of PyTorch: each loss over its target's length (at least 1), then the mean
/// over the batch. An alignment that is impossible, as a target longer than its frames, has an
/// infinite loss, `-log 0`, whose gradient is infinite, and NaN after a `logSoftmax`; where
/// infinities are replaced it sends none.
///
/// - Parameters:
///   - logProbabilities: `[time, batch, classes]`, each row a `logSoftmax`.
///   - targets: a list of classes for each sequence, blanks excluded; may be empty.
///   - lengths: number of frames of each sequence, at least 1; nil where all have all.
///   - blank: the class of the blank.
///   - replacesInfinity: whether an impossible alignment counts 0.
/// - Returns: one number, or `[batch]` with the reduction `none`.
public func ctcLoss<Scalar: FloatingPointScalar>(
  _ logProbabilities: Tensor<Scalar>, _ targets: [[Int]], lengths: [Int]? = nil, blank: Int = 0,
  replacesInfinity: Bool = false, reduction: LossReduction = .mean
) -> Tensor<Scalar> {
  let lattice = CTCLattice(logProbabilities.shape, targets, lengths, blank)
  // Logarithms of 0 are a finite number here, far below all others, so that no difference of
  // infinities appears on the way back.
  let never = Tensor<Scalar>(-1e30)
  let emissions = logProbabilities.gathered(axis: 2, at: lattice.labels).clamped(to: (-1e30)...)
    .unstacked(axis: 0)
  var alphas = select(lattice.starts, emissions[0], never)
  for time in 1..<max(emissions.count, 1) {
    let next = logSum([
      alphas, shifted(alphas, by: 1, never),
      select(lattice.skips, shifted(alphas, by: 2, never), never),
    ])
    let isActive = Tensor<Bool>(
      lattice.lengths.map { time < $0 }, shape: [lattice.lengths.count, 1])
    alphas = select(isActive, next + emissions[time], alphas)
  }
  let ends = select(lattice.hasEnd, alphas.gathered(axis: 1, at: lattice.ends), never)
  let likelihood = logSum([ends.selected(axis: 1, at: 0), ends.selected(axis: 1, at: 1)])
  let isImpossible = likelihood .< Tensor(-1e29)
  var losses = (-likelihood).filled(where: isImpossible, with: 0)
  if !replacesInfinity, isImpossible.any().scalar {
    losses = losses - log(select(isImpossible, lattice.nothing(of: logProbabilities), Tensor(1)))
  }
  if case .mean = reduction {
    return (losses / Tensor(targets.map { Scalar(max($0.count, 1)) })).mean()
  }
  return losses.reduced(reduction)
}

/// The columns moved to the right, `never` coming in.
private func shifted<Scalar: FloatingPointScalar>(
  _ x: Tensor<Scalar>, by count: Int, _ never: Tensor<Scalar>
) -> Tensor<Scalar> {
  let (rows, columns) = (x.shape[0], x.shape[1])
  let width = min(count, columns)
  let front = Tensor<Scalar>(repeating: never.scalar, shape: [rows, width])
  return .concatenated([front, x.narrowed(axis: 1, to: 0..<(columns - width))], axis: 1)
}

/// The logarithm of the sum of exponentials, element by element.
private func logSum<Scalar: FloatingPointScalar>(_ terms: [Tensor<Scalar>]) -> Tensor<Scalar> {
  Tensor.stacked(terms, axis: 0).logSumExp(axes: 0)
}

/// The states of all alignments: blank, label, blank, label, ..., blank for each sequence.
private struct CTCLattice {
  /// The class of each state, `[time, batch, states]`.
  let labels: Tensor<Int32>
  /// States in which an alignment may start, `[batch, states]`.
  let starts: Tensor<Bool>
  /// States that may be reached over the blank before them, `[batch, states]`.
  let skips: Tensor<Bool>
  /// The two states in which an alignment may end, `[batch, 2]`; the second may not be there.
  let ends: Tensor<Int32>
  let hasEnd: Tensor<Bool>
  let lengths: [Int]

  init(_ shape: Shape, _ targets: [[Int]], _ lengths: [Int]?, _ blank: Int) {
    if shape.rank != 3 || shape[0] == 0 || shape[1] != targets.count {
      trap(
        "ctcLoss: [time, batch, classes] is expected for \(targets.count) targets, not \(shape)")
    }
    let (time, batch, classes) = (shape[0], shape[1], shape[2])
    let lengths = lengths ?? Array(repeating: time, count: batch)
    if lengths.count != batch || lengths.contains(where: { $0 < 1 || $0 > time }) {
      trap("ctcLoss: lengths \(lengths) of \(batch) sequences with at most \(time) frames")
    }
    for label in targets.joined() + [blank] where label < 0 || label >= classes {
      trap("ctcLoss: label \(label), with \(classes) classes")
    }
    if targets.joined().contains(blank) {
      trap("ctcLoss: a target holds the blank, class \(blank)")
    }
    let states = 2 * (targets.map(\.count).max() ?? 0) + 1
    var classOfState = [Int32](repeating: Int32(blank), count: batch * states)
    var starts = [Bool](repeating: false, count: batch * states)
    var skips = starts
    var ends: [Int32] = []
    var hasEnd: [Bool] = []
    for (row, target) in targets.enumerated() {
      let first = row * states
      starts[first] = true
      for (position, label) in target.enumerated() {
        let state = first + 2 * position + 1
        classOfState[state] = Int32(label)
        if position == 0 { starts[state] = true }
        if position > 0 { skips[state] = label != target[position - 1] }
      }
      ends += [Int32(2 * target.count), Int32(max(2 * target.count - 1, 0))]
      hasEnd += [true, !target.isEmpty]
    }
    let all = (0..<time).flatMap { _ in classOfState }
    labels = Tensor(all, shape: [time, batch, states])
    self.starts = Tensor(starts, shape: [batch, states])
    self.skips = Tensor(skips, shape: [batch, states])
    self.ends = Tensor(ends, shape: [batch, 2])
    self.hasEnd = Tensor(hasEnd, shape: [batch, 2])
    self.lengths = lengths
  }

  /// The number 0 for each sequence, as if the probability of no path were made of all its frames:
  /// whatever it is made into has a gradient at all of them.
  func nothing<Scalar: FloatingPointScalar>(
    of logProbabilities: Tensor<Scalar>
  ) -> Tensor<Scalar> {
    let time = logProbabilities.shape[0]
    let isAfterEnd = !sequenceMask(lengths: lengths, time: time).transposed(axes: 0, 1).unsqueezed(
      axis: 2)
    let present = logProbabilities.filled(where: isAfterEnd, with: 0).clamped(to: (-1e30)...)
    return (present - present.detached).sum(axes: 0, 2)
  }
}
