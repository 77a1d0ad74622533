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
///   - keyMask: true = may attend: `[batch, time]`. Elsewhere neither scores nor states are looked
///     at; a row with nothing to attend to gives zeros.
/// - Returns: `[batch, features]`
public func featureAttention<Scalar: FloatingPointScalar>(
  scores: Tensor<Scalar>, states: Tensor<Scalar>, keyMask: Tensor<Bool>? = nil
) -> Tensor<Scalar> {
  if scores.rank != 3 || scores.shape != states.shape {
    trap(
      "featureAttention: scores \(scores.shape) and states \(states.shape): both are expected to "
        + "be [batch, time, features]" + Compute.layerPath(scores.untyped, states.untyped))
  }
  if let keyMask, keyMask.shape != [states.shape[0], states.shape[1]] {
    trap(
      "featureAttention: a mask of shape \(keyMask.shape) for states of shape \(states.shape): "
        + "[batch, time] is expected")
  }
  return Tensor(featureAttention(scores.untyped, states.untyped, keyMask?.untyped))
}

package func featureAttention(
  _ scores: UntypedTensor, _ states: UntypedTensor, _ mask: UntypedTensor?
) -> UntypedTensor {
  FeatureAttentionOfScores(scores, states, mask).run()[0]
}

package struct FeatureAttentionOfScores: FusedOperation {
  let scores: UntypedTensor
  let states: UntypedTensor
  private let pass: FeatureAttention
  private var saved: FeatureAttention.Saved?

  package init(_ scores: UntypedTensor, _ states: UntypedTensor, _ mask: UntypedTensor?) {
    self.scores = scores
    self.states = states
    pass = FeatureAttention(states, mask, isTimeMajor: scores.stride(1) > scores.stride(0))
  }

  package var name: StaticString { "featureAttention" }
  package var operands: [UntypedTensor?] { [scores, states] }

  package func composed(_ operands: [UntypedTensor?]) -> [UntypedTensor] {
    [composedFeatureAttention(operands[0]!, operands[1]!, pass.mask)]
  }

  package mutating func forward() -> [UntypedTensor] {
    let ordered = FeatureAttention.ordered(scores.detached, pass.isTimeMajor)
    let found = pass.forward(ordered, UntypedTensor(like: ordered))
    saved = found
    return [found.context]
  }

  package func backward(_ gradients: [UntypedTensor?], needed: [Bool], usesUp: Bool)
    -> [UntypedTensor?]?
  {
    let (dScores, dStates) = pass.backward(gradients[0]!, saved!)
    return [pass.restored(dScores), pass.restored(dStates)]
  }
}

/// Feature-wise attention whose scores are a linear function of the states,
/// `scores = states weightᵀ + bias`, as one operation.
///
/// - Parameters:
///   - states: `[batch, time, features]`; where the mask is false, finite.
///   - weight: `[features, features]`
///   - bias: `[features]`
package func featureAttention<Scalar: FloatingPointScalar>(
  states: Tensor<Scalar>, weight: Tensor<Scalar>, bias: Tensor<Scalar>?, keyMask: Tensor<Bool>?
) -> Tensor<Scalar> {
  checkLinear(states.untyped, weight.untyped, bias?.untyped)
  return Tensor(featureAttention(states.untyped, weight.untyped, bias?.untyped, keyMask?.untyped))
}

package func featureAttention(
  _ states: UntypedTensor, _ weight: UntypedTensor, _ bias: UntypedTensor?, _ mask: UntypedTensor?
) -> UntypedTensor {
  ProjectedFeatureAttention(states, weight, bias, mask).run()[0]
}

package struct ProjectedFeatureAttention: FusedOperation {
  let states: UntypedTensor
  let weight: UntypedTensor
  let bias: UntypedTensor?
  private let pass: FeatureAttention
  private var saved: FeatureAttention.Saved?

  package init(
    _ states: UntypedTensor, _ weight: UntypedTensor, _ bias: UntypedTensor?, _ mask: UntypedTensor?
  ) {
    self.states = states
    self.weight = weight
    self.bias = bias
    pass = FeatureAttention(states, mask, isTimeMajor: states.stride(1) > states.stride(0))
  }

  package var name: StaticString { "featureAttention" }
  package var operands: [UntypedTensor?] { [states, weight, bias] }

  package func composed(_ operands: [UntypedTensor?]) -> [UntypedTensor] {
    let states = operands[0]!
    return [
      composedFeatureAttention(linear(states, operands[1]!, operands[2]), states, pass.mask)
    ]
  }

  /// The states' features by row.
  private var rows: UntypedTensor {
    Compute.reshaped(pass.states, Shape(pass.batch * pass.time, pass.size))
  }

  package mutating func forward() -> [UntypedTensor] {
    // The scores are made in the memory where their tanh is kept.
    let scores = Compute.matrixProduct(
      rows, weight.transposedView, bias: bias.map { Compute.contiguous($0) })
    let found = pass.forward(scores, scores)
    saved = found
    return [found.context]
  }

  package func backward(_ gradients: [UntypedTensor?], needed: [Bool], usesUp: Bool)
    -> [UntypedTensor?]?
  {
    let (dScores, dStates) = pass.backward(gradients[0]!, saved!)
    if needed[0] { Compute.product(dScores, weight, into: dStates, adds: true) }
    return [
      needed[0] ? pass.restored(dStates) : nil,
      needed[1] ? Compute.matrixProduct(dScores.transposedView, rows) : nil,
      needed[2] ? Compute.reduce(.sum, dScores, axis: 0) : nil,
    ]
  }
}

/// Feature-wise attention in ordinary operations, to be differentiated in turn.
private func composedFeatureAttention(
  _ scores: UntypedTensor, _ states: UntypedTensor, _ mask: UntypedTensor?
) -> UntypedTensor {
  var allowed: UntypedTensor?
  var (scores, states) = (scores, states)
  if let mask {
    let column = Compute.reshaped(mask, [mask.shape[0], mask.shape[1], 1])
    let excluded = UntypedTensor(.bool, column.shape)
    for place in 0..<column.count {
      excluded.pointer(Bool.self)[place] = !column.pointer(Bool.self)[place]
    }
    allowed = Compute.expanded(column, states.shape)
    // Weights and their derivatives are 0 there, but 0 times NaN is NaN.
    scores = masked(scores, where: excluded, with: 0)
    states = masked(states, where: excluded, with: 0)
  }
  return sum(softmax(tanh(scores), 1, allowed) * states, axis: 1)
}

/// The loops over batch and time. Whatever order batch and time have in memory is that of all arrays
/// here, so that those of a recurrent layer need not be turned.
private struct FeatureAttention {
  let states: UntypedTensor
  /// `[batch, time]`
  let mask: UntypedTensor?
  let isTimeMajor: Bool

  /// Features of neighbouring rows that a thread takes through all steps: sums of this length stay
  /// in the first-level cache.
  private static let featuresAtATime = 2048
  /// Steps that are added up one after the other.
  private static let stepsInBlock = 16

  init(_ states: UntypedTensor, _ mask: UntypedTensor?, isTimeMajor: Bool) {
    self.mask = mask.map { Compute.contiguous($0) }
    self.isTimeMajor = isTimeMajor
    self.states = Self.ordered(states.detached, isTimeMajor)
  }

  var batch: Int { states.shape[isTimeMajor ? 1 : 0] }
  var time: Int { states.shape[isTimeMajor ? 0 : 1] }
  var size: Int { states.shape[2] }

  /// Contiguous, `[time, batch, features]` or `[batch, time, features]`.
  static func ordered(_ x: UntypedTensor, _ isTimeMajor: Bool) -> UntypedTensor {
    Compute.contiguous(isTimeMajor ? permuted(x, [1, 0, 2]) : x)
  }

  /// The opposite.
  func restored(_ x: UntypedTensor) -> UntypedTensor { isTimeMajor ? permuted(x, [1, 0, 2]) : x }

  private func offset(_ row: Int, _ t: Int) -> Int {
    (isTimeMajor ? t * batch + row : row * time + t) * size
  }

  /// Calls the body with each run of rows of a step that may be attended to and lie together:
  /// `(offset of the features, offset in [batch, features], count)`.
  private func forEachRun(_ rows: Range<Int>, _ body: (Int, Int, Int) -> Void) {
    if mask == nil, isTimeMajor {
      for t in 0..<time {
        body(offset(rows.lowerBound, t), rows.lowerBound * size, rows.count * size)
      }
      return
    }
    let allowed = mask?.pointer(Bool.self)
    for row in rows {
      for t in 0..<time where allowed?[row * time + t] ?? true {
        body(offset(row, t), row * size, size)
      }
    }
  }

  private func forEachPart(_ body: (Range<Int>) -> Void) {
    // So few rows that their sums stay in the cache, and a part at least for each thread.
    let rows = Swift.min(
      Swift.max(Self.featuresAtATime / Swift.max(size, 1), 1),
      Swift.max((batch + Threads.count - 1) / Threads.count, 1))
    let parts = RowParts(batch, length: rows)
    if batch * time * size < Compute.elementwiseGrain {
      for part in 0..<parts.count { body(parts[part]) }
    } else {
      parts.forEach(body)
    }
  }

  /// What the backward pass needs of the forward one.
  struct Saved {
    /// The tanh of the scores, in the order of the states.
    let squashed: UntypedTensor
    /// The sums over time of its exponentials, `[batch, features]`.
    let total: UntypedTensor
    /// The result.
    let context: UntypedTensor
  }

  /// - Parameters:
  ///   - scores: in the order of the states.
  ///   - squashed: where their tanh is kept; may be the scores.
  func forward(_ scores: UntypedTensor, _ squashed: UntypedTensor) -> Saved {
    states.type.floatingPoint(
      "featureAttention", forward(Float.self, scores, squashed),
      forward(Double.self, scores, squashed))
  }

  private func forward<Scalar: FloatingPointScalar>(
    _: Scalar.Type, _ scores: UntypedTensor, _ squashed: UntypedTensor
  ) -> Saved {
    let total = Compute.filled(states.type, Shape(batch, size), 0)
    let context = Compute.zeros(like: total)
    let table = Scalar.kernels
    let (from, with) = (scores.pointer(Scalar.self), states.pointer(Scalar.self))
    let (kept, sums) = (squashed.pointer(Scalar.self), total.pointer(Scalar.self))
    let target = context.pointer(Scalar.self)
    // Of many steps, so many at a time are added up by themselves.
    let blocks = time > 2 * Self.stepsInBlock ? StepBlocks<Scalar>(batch * size) : nil
    forEachPart { rows in
      var (current, steps) = (rows.lowerBound * size, 0)
      func finish(_ count: Int) {
        if steps > 0 { blocks?.add(current, count, sums: sums, target) }
        steps = 0
      }
      var last = 0
      forEachRun(rows) { at, row, count in
        if row != current || steps == Self.stepsInBlock { finish(last) }
        table.featureAttention(
          scores: from + at, states: with + at, squashed: kept + at,
          total: (blocks?.totals ?? sums) + row,
          sum: (blocks?.contexts ?? target) + row, count: count)
        (current, last) = (row, count)
        steps += 1
      }
      finish(last)
      let (first, count) = (rows.lowerBound * size, rows.count * size)
      // A row with nothing to attend to is 0 over 1.
      for i in first..<(first + count) where sums[i] == 0 { sums[i] = 1 }
      table.binary(
        .divide, target + first, stride: 1, sums + first, stride: 1, to: target + first,
        count: count)
    }
    return Saved(squashed: squashed, total: total, context: context)
  }

  /// Sums over some steps, and what rounding has done to those over all.
  private final class StepBlocks<Scalar: FloatingPointScalar> {
    private let memory: UntypedTensor
    let totals: UnsafeMutablePointer<Scalar>
    let contexts: UnsafeMutablePointer<Scalar>
    private let totalExcess: UnsafeMutablePointer<Scalar>
    private let contextExcess: UnsafeMutablePointer<Scalar>

    init(_ count: Int) {
      memory = Compute.filled(Scalar.scalarType, [4, count], 0)
      totals = memory.pointer()
      contexts = totals + count
      totalExcess = totals + 2 * count
      contextExcess = totals + 3 * count
    }

    /// Adds those of `count` features from `start` on.
    func add(
      _ start: Int, _ count: Int, sums: UnsafeMutablePointer<Scalar>,
      _ target: UnsafeMutablePointer<Scalar>
    ) {
      let table = Scalar.kernels
      table.addBlock(totals + start, to: sums + start, excess: totalExcess + start, count: count)
      table.addBlock(
        contexts + start, to: target + start, excess: contextExcess + start, count: count)
    }
  }

  /// Gradients in the order of the states: of the scores `[batch * time, features]`, and of the
  /// states, not counting what the scores are made of.
  func backward(_ gradient: UntypedTensor, _ saved: Saved) -> (
    scores: UntypedTensor, states: UntypedTensor
  ) {
    let dStates = mask == nil ? UntypedTensor(like: states) : Compute.zeros(like: states)
    let dScores =
      mask == nil ? UntypedTensor(like: saved.squashed) : Compute.zeros(like: saved.squashed)
    states.type.floatingPoint(
      "featureAttention", backward(Float.self, gradient, saved, dScores, dStates),
      backward(Double.self, gradient, saved, dScores, dStates))
    return (dScores, dStates)
  }

  private func backward<Scalar: FloatingPointScalar>(
    _: Scalar.Type, _ gradient: UntypedTensor, _ saved: Saved, _ dScores: UntypedTensor,
    _ dStates: UntypedTensor
  ) {
    let gradient = Compute.contiguous(gradient)
    let kernels = Scalar.kernels
    let (flow, kept) = (gradient.pointer(Scalar.self), saved.squashed.pointer(Scalar.self))
    let (with, sums) = (states.pointer(Scalar.self), saved.total.pointer(Scalar.self))
    let mean = saved.context.pointer(Scalar.self)
    let (first, second) = (dScores.pointer(Scalar.self), dStates.pointer(Scalar.self))
    forEachPart { rows in
      forEachRun(rows) { at, row, count in
        kernels.featureAttentionGradient(
          flow + row, squashed: kept + at, states: with + at, total: sums + row,
          context: mean + row, toScores: first + at, toStates: second + at, count: count)
      }
    }
    withExtendedLifetime(gradient) {}
  }
}
