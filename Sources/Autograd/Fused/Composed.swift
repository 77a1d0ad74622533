/// The gradients of a fused operation by way of its composed form, so that they can be
/// differentiated in turn: the composed form is recorded after what is on the tape, and taken
/// back to copies of its operands.
///
/// - Parameters:
///   - operands: of the fused operation; nil is an operand that is not there.
///   - gradients: of its results.
///   - function: the composed form, from the operands' copies to the results.
/// - Returns: a gradient for each operand, nil where there is none.
package func composedGradients(
  _ operands: [UntypedTensor?], _ gradients: [UntypedTensor?],
  _ function: ([UntypedTensor?]) -> [UntypedTensor]
) -> [UntypedTensor?] {
  guard let found = recording((operands + gradients).compactMap { $0 }) else {
    trap("composedGradients needs a tape that records")
  }
  return found.onOwnTape { tape, isDifferentiable in
    let start = tape.records.count
    let leaves = operands.map { operand in
      operand.map { recording($0) != nil ? tape.leaf($0) : $0 }
    }
    let results = function(leaves)
    var seeds: [(value: UntypedTensor, gradient: UntypedTensor)] = []
    for (result, gradient) in zip(results, gradients) {
      if let gradient { seeds.append((result, gradient)) }
    }
    let wanted = leaves.compactMap { $0 }.filter { $0.isOn(tape) }
    var found = tape.gradients(
      of: seeds, at: wanted.map { $0.index }, from: start, isDifferentiable: isDifferentiable)[...]
    return leaves.map { leaf in
      guard let leaf, leaf.isOn(tape) else { return nil }
      return found.removeFirst()
    }
  }
}

/// The gradients of a fused operation by way of its composed form, in a backward pass that nothing
/// records: for operands that the fused derivative is not for.
package func composedGradients(
  unrecorded operands: [UntypedTensor?], _ gradients: [UntypedTensor?],
  _ function: ([UntypedTensor?]) -> [UntypedTensor]
) -> [UntypedTensor?] {
  guard let current = Tape.current else { trap("composedGradients is for backward passes") }
  func found(on tape: Tape) -> [UntypedTensor?] {
    let start = tape.records.count
    let leaves = operands.map { $0.map { tape.leaf($0.detached) } }
    let seeds = zip(function(leaves), gradients).compactMap { result, gradient in
      gradient.map { (value: result, gradient: $0) }
    }
    var found = tape.gradients(
      of: seeds, at: leaves.compactMap { $0?.index }, from: start, isDifferentiable: false)[...]
    tape.drop(from: start)
    return leaves.map { $0 == nil ? nil : found.removeFirst() }
  }
  if let forward = current.forward { return forward.onOwnTape { tape, _ in found(on: tape) } }
  current.isReversing = true
  defer { current.isReversing = false }
  return found(on: current)
}

/// The tangents of a fused operation's results by way of its composed form.
///
/// - Parameters:
///   - operands: of the fused operation; nil is an operand that is not there.
///   - tangents: theirs; nil stands for zeros.
///   - function: the composed form.
package func composedTangents(
  _ operands: [UntypedTensor?], _ tangents: [UntypedTensor?],
  _ function: ([UntypedTensor?]) -> [UntypedTensor]
) -> [UntypedTensor?] {
  guard let forward = Tape.current?.forward else { trap("composedTangents is for forward mode") }
  return forward.tangents(at: operands, along: tangents, of: function)
}
