/// What the calls of `jacobianVectorProduct` that run on a thread share.
///
/// A tensor's tangent is its derivative along the direction of a call. It is computed as soon as
/// the tensor is, from the operands' tangents, and freed with the tensor: no record is kept, so
/// memory does not grow with the length of the computation.
///
/// Calls nest, in each other and in gradients, by one rule: a tangent belongs to its own call and
/// is, with all that computes it, an ordinary tensor to the calls around it and a constant to those
/// inside. So whatever computes a tangent of some level runs as if the call had just begun
/// (`within`): with the levels that were active then, on the tape that was in use then.
final class ForwardMode {
  /// One call of `jacobianVectorProduct`. Tangents are told apart by the level's identity: what a
  /// call leaves behind means nothing to a later one.
  final class Level {
    /// The levels around it, outermost first.
    let outer: [Level]
    let isReversing: Bool
    let tape: Tape

    init(in mode: ForwardMode) {
      outer = mode.active
      isReversing = mode.isReversing
      tape = mode.tape
    }
  }

  /// The levels whose tangents are computed now, outermost first.
  var active: [Level] = []
  /// Whether operations are recorded for a backward pass too.
  var isReversing: Bool
  /// The tape for that.
  var tape: Tape
  /// Whether a pullback runs for the sake of its transpose.
  private(set) var isTransposing = false
  /// Number of calls that run.
  var depth = 0
  /// The tape that tensors refer to which have a tangent and no record. It has no records.
  private(set) var markTape: Tape!

  init(_ tape: Tape, isReversing: Bool) {
    self.tape = tape
    self.isReversing = isReversing
    markTape = Tape.begin(self)
  }

  /// Whether an operation is neither recorded nor has a tangent, and nobody looks on.
  var isIdle: Bool { !isReversing && active.isEmpty && tape.observers == nil }

  /// Lets go of the tensors that outlive the calls: they are constants now.
  func finish() {
    markTape.finish()
    markTape = nil
  }

  /// A copy of `x`, on its memory, with a tangent.
  func leaf(_ x: UntypedTensor, along tangent: UntypedTensor, _ level: Level) -> UntypedTensor {
    if tangent.shape != x.shape {
      trap("a tangent of shape \(tangent.shape) for an input of shape \(x.shape)")
    }
    let result: UntypedTensor
    if isReversing && x.isOn(tape) {
      result = tape.leaf(x)
    } else {
      result = UntypedTensor(viewing: x, x.shape, x.strides)
      result.takeNotes(of: x)
    }
    add(tangent, level, to: result)
    return result
  }

  /// Gives a tensor its tangent, and with it a tape, so that operations on it come to notice.
  func add(_ tangent: UntypedTensor, _ level: Level, to tensor: UntypedTensor) {
    tensor.add(.init(level: level, tensor: tangent))
    if tensor.tape == nil { tensor.join(markTape, at: 0) }
  }

  /// Runs the body as if the level had not begun.
  private func within<Result>(_ level: Level, _ body: () -> Result) -> Result {
    let outside = (active, isReversing, tape)
    (active, isReversing, tape) = (level.outer, level.isReversing, level.tape)
    defer { (active, isReversing, tape) = outside }
    return body()
  }

  /// Computes the tangents of an operation's results at all active levels, the outermost first:
  /// those of the inner ones are computed from tensors that have them.
  func push(
    _ results: [UntypedTensor], _ operands: [UntypedTensor?], _ rule: DerivativeRule
  ) {
    for level in active {
      let tangents = operands.map { $0?.tangent(at: level) }
      if tangents.allSatisfy({ $0 == nil }) { continue }
      let found = within(level) {
        self.tangents(of: results, operands, along: tangents, rule)
      }
      for (result, tangent) in zip(results, found) {
        if let tangent { add(tangent, level, to: result) }
      }
    }
  }

  private func tangents(
    of results: [UntypedTensor], _ operands: [UntypedTensor?], along tangents: [UntypedTensor?],
    _ rule: DerivativeRule
  ) -> [UntypedTensor?] {
    switch rule.tangent {
    case .transpose: return transposed(results, tangents, rule.pullback)
    case .given(let function): return function(tangents)
    case .pullback:
      var direct: UntypedTensor?
      var rest = tangents
      for (number, tangent) in tangents.enumerated() {
        // An operand that is expanded to the result's shape goes the long way.
        guard let tangent, operands[number]!.shape == results[0].shape else { continue }
        let part = rule.pullback.gradient(tangent, number)
        direct = direct.map { $0 + part } ?? part
        rest[number] = nil
      }
      if rest.allSatisfy({ $0 == nil }) { return [direct] }
      let others = transposed(results, rest, rule.pullback)[0]
      guard let direct, let others else { return [direct ?? others] }
      return [direct + others]
    }
  }

  /// The tangents by way of the pullback. It is linear in the gradients that it is given, u: if it
  /// is A u, then the tangents are the transpose of A times the operands' tangents, which is the
  /// gradient of the product of the latter with A u. What u is does not matter; it is 0.
  private func transposed(
    _ results: [UntypedTensor], _ tangents: [UntypedTensor?], _ pullback: Pullback
  ) -> [UntypedTensor?] {
    onOwnTape { tape, isDifferentiable in
      let start = tape.records.count
      let seeds = results.map { result in
        tape.leaf(Compute.expanded(Compute.filled(result.type, [], 0), result.shape))
      }
      let wasTransposing = isTransposing
      isTransposing = true
      let parts = pullback.gradients(seeds, needed: tangents.map { $0 != nil })
      isTransposing = wasTransposing
      var pairs: [(value: UntypedTensor, gradient: UntypedTensor)] = []
      for (part, tangent) in zip(parts, tangents) {
        if let part, let tangent { pairs.append((part, tangent)) }
      }
      return tape.gradients(
        of: pairs, at: seeds.map { $0.index }, from: start, isDifferentiable: isDifferentiable)
    }
  }

  /// The tangents of a function's results along those of its operands, nil standing for zeros.
  func tangents(
    at operands: [UntypedTensor?], along tangents: [UntypedTensor?],
    of function: ([UntypedTensor?]) -> [UntypedTensor]
  ) -> [UntypedTensor?] {
    let level = Level(in: self)
    let leaves = zip(operands, tangents).map { operand, tangent in
      guard let operand, let tangent else { return operand }
      return leaf(operand, along: tangent, level)
    }
    active.append(level)
    defer { active.removeLast() }
    return function(leaves).map { $0.tangent(at: level) }
  }

  /// Runs the body with a tape on which it may record operations and take them back: at the end of
  /// the one in use, if that records, or else a new one that ends with the body, and that nobody
  /// looks at.
  func onOwnTape<Result>(_ body: (_ tape: Tape, _ isDifferentiable: Bool) -> Result) -> Result {
    if isReversing { return body(tape, true) }
    let outside = tape
    let own = Tape.begin(self)
    tape = own
    isReversing = true
    defer {
      isReversing = false
      tape = outside
      own.finish()
    }
    return body(own, false)
  }
}

extension Tape {
  /// Runs the body with a tape on which it may record operations and take them back, and which
  /// says whether that is to be recorded in turn.
  func onOwnTape<Result>(_ body: (_ tape: Tape, _ isDifferentiable: Bool) -> Result) -> Result {
    if let forward { return forward.onOwnTape(body) }
    return body(self, true)
  }
}
