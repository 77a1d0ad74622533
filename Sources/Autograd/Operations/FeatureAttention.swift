import Kernels

/// Attention to each feature by itself with a tanh score (article 000), pooled over time:
///
///     weight[b, t, f] = softmax over t of tanh(scores[b, t, f])
///     context[b, f]   = sum over t of weight[b, t, f] * states[b, t, f]
///
/// Neither the weights nor the weighted states are stored.
///
/// - Parameters:
///   - scores: `[batch, time, features]`, what the tanh is taken of.
///   - states: `[batch, time, features]`
///   - mask: true = may attend: `[batch, time]`. Elsewhere neither scores nor states are looked
///     at; a row with nothing to attend to gives zeros.
/// - Returns: `[batch, features]`
public func featureAttention<Scalar: FloatingPointScalar>(
  scores: Tensor<Scalar>, states: Tensor<Scalar>, mask: Tensor<Bool>? = nil
) -> Tensor<Scalar> {
  if scores.rank != 3 || scores.shape != states.shape {
    trap(
      "featureAttention: scores \(scores.shape) and states \(states.shape): both are expected to "
        + "be [batch, time, features]" + Compute.place(scores.value, states.value))
  }
  if let mask, mask.shape != [states.shape[0], states.shape[1]] {
    trap(
      "featureAttention: a mask of shape \(mask.shape) for states of shape \(states.shape): "
        + "[batch, time] is expected")
  }
  return Tensor(featureAttention(scores.value, states.value, mask?.value))
}

package func featureAttention(_ scores: Value, _ states: Value, _ mask: Value?) -> Value {
  let pass = FeatureAttention(scores, states, mask)
  let (context, squashed, total) = pass.forward()
  let operands = [scores, states]
  recording(operands)?.record("featureAttention", results: [context], operands: operands) {
    gradients, _ in
    if recording(operands + gradients.compactMap { $0 }) != nil {
      return composedGradients(operands, gradients) {
        [composedFeatureAttention($0[0]!, $0[1]!, mask)]
      }
    }
    return pass.backward(gradients[0]!, squashed, total, context)
  }
  return context
}

/// The same in ordinary operations.
private func composedFeatureAttention(_ scores: Value, _ states: Value, _ mask: Value?) -> Value {
  var allowed: Value?
  var states = states
  if let mask {
    let column = Compute.reshaped(mask, [mask.shape[0], mask.shape[1], 1])
    let excluded = Value(.bool, column.shape)
    for place in 0..<column.count {
      excluded.pointer(Bool.self)[place] = !column.pointer(Bool.self)[place]
    }
    allowed = Compute.expanded(column, states.shape)
    states = masked(states, where: excluded, with: 0)
  }
  return sum(softmax(tanh(scores), 1, allowed) * states, axis: 1)
}

/// The loops over batch and time. Whatever order batch and time have in memory, that of the scores
/// is that of all arrays here, so that those of a recurrent layer need not be turned.
private struct FeatureAttention {
  let scores: Value
  let states: Value
  /// `[batch, time]`
  let mask: Value?
  let isTimeMajor: Bool

  /// Features of neighbouring rows that a thread takes through all steps: sums of this length stay
  /// in the first-level cache.
  private static let featuresAtATime = 2048

  init(_ scores: Value, _ states: Value, _ mask: Value?) {
    self.mask = mask.map { Compute.contiguous($0) }
    isTimeMajor = scores.strides[1] > scores.strides[0]
    self.scores = Self.ordered(scores.detached, isTimeMajor)
    self.states = Self.ordered(states.detached, isTimeMajor)
  }

  var batch: Int { mask?.shape[0] ?? scores.shape[isTimeMajor ? 1 : 0] }
  var time: Int { mask?.shape[1] ?? scores.shape[isTimeMajor ? 0 : 1] }
  var size: Int { scores.shape[2] }

  /// Contiguous, `[time, batch, features]` or `[batch, time, features]`.
  private static func ordered(_ x: Value, _ isTimeMajor: Bool) -> Value {
    Compute.contiguous(isTimeMajor ? permuted(x, [1, 0, 2]) : x)
  }

  /// The opposite.
  private func restored(_ x: Value) -> Value { isTimeMajor ? permuted(x, [1, 0, 2]) : x }

  private func place(_ row: Int, _ t: Int) -> Int {
    (isTimeMajor ? t * batch + row : row * time + t) * size
  }

  /// Calls the body with each run of rows of a step that may be attended to and lie together:
  /// `(offset of the features, offset in [batch, features], count)`.
  private func forEachRun(_ rows: Range<Int>, _ body: (Int, Int, Int) -> Void) {
    if mask == nil, isTimeMajor {
      for t in 0..<time {
        body(place(rows.lowerBound, t), rows.lowerBound * size, rows.count * size)
      }
      return
    }
    let allowed = mask?.pointer(Bool.self)
    for row in rows {
      for t in 0..<time where allowed?[row * time + t] ?? true {
        body(place(row, t), row * size, size)
      }
    }
  }

  private func forEachPart(_ body: (Range<Int>) -> Void) {
    let rows = Swift.max(Self.featuresAtATime / Swift.max(size, 1), 1)
    let count = (batch + rows - 1) / rows
    func run(_ part: Int) { body(part * rows..<Swift.min((part + 1) * rows, batch)) }
    if batch * time * size < Compute.elementwiseGrain {
      for part in 0..<count { run(part) }
    } else {
      Threads.parallel(count) { run($0) }
    }
  }

  func forward() -> (context: Value, squashed: Value, total: Value) {
    switch scores.type {
    case .float: forward(Float.self)
    case .double: forward(Double.self)
    default: Compute.wrongType("featureAttention", scores.type)
    }
  }

  private func forward<Scalar: FloatingPointScalar>(
    _: Scalar.Type
  ) -> (context: Value, squashed: Value, total: Value) {
    let squashed = Value(like: scores)
    let total = Compute.filled(scores.type, [batch, size], 0)
    let context = Compute.zeros(like: total)
    let table = Scalar.kernels
    let (from, with) = (scores.pointer(Scalar.self), states.pointer(Scalar.self))
    let (kept, sums) = (squashed.pointer(Scalar.self), total.pointer(Scalar.self))
    let target = context.pointer(Scalar.self)
    forEachPart { rows in
      forEachRun(rows) { at, row, count in
        table.featureAttention(from + at, with + at, kept + at, sums + row, target + row, count)
      }
      let (first, count) = (rows.lowerBound * size, rows.count * size)
      // A row with nothing to attend to is 0 over 1.
      for i in first..<(first + count) where sums[i] == 0 { sums[i] = 1 }
      table.binary(.divide, target + first, 1, sums + first, 1, target + first, count)
    }
    return (context, squashed, total)
  }

  func backward(
    _ gradient: Value, _ squashed: Value, _ total: Value, _ context: Value
  ) -> [Value?] {
    scores.type == .float
      ? backward(Float.self, gradient, squashed, total, context)
      : backward(Double.self, gradient, squashed, total, context)
  }

  private func backward<Scalar: FloatingPointScalar>(
    _: Scalar.Type, _ gradient: Value, _ squashed: Value, _ total: Value, _ context: Value
  ) -> [Value?] {
    let gradient = Compute.contiguous(gradient)
    let dScores = mask == nil ? Value(like: scores) : Compute.zeros(like: scores)
    let dStates = mask == nil ? Value(like: scores) : Compute.zeros(like: scores)
    let kernel = Scalar.kernels.featureAttentionGradient
    let (flow, kept) = (gradient.pointer(Scalar.self), squashed.pointer(Scalar.self))
    let (with, sums) = (states.pointer(Scalar.self), total.pointer(Scalar.self))
    let mean = context.pointer(Scalar.self)
    let (first, second) = (dScores.pointer(Scalar.self), dStates.pointer(Scalar.self))
    forEachPart { rows in
      forEachRun(rows) { at, row, count in
        kernel(
          flow + row, kept + at, with + at, sums + row, mean + row, first + at, second + at, count)
      }
    }
    return [restored(dScores), restored(dStates)]
  }
}

extension Operation {
  static let featureAttention: [Operation] = [
    .init("featureAttention", [[2, 3, 5], [2, 3, 5]]) {
      Autograd.featureAttention(scores: $0[0], states: $0[1])
    },
    .init("featureAttention, masked", [[2, 3, 5], [2, 3, 5]]) {
      Autograd.featureAttention(
        scores: $0[0], states: $0[1],
        mask: Tensor([true, false, true, false, false, false], shape: [2, 3]))
    },
    .init("featureAttention, time-major", [[3, 2, 5], [3, 2, 5]]) {
      Autograd.featureAttention(
        scores: $0[0].transposed(0, 1), states: $0[1].transposed(0, 1))
    },
  ]
}
