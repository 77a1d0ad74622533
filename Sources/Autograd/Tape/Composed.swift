/// The gradients of a fused operation by way of its composed form, so that they can be
/// differentiated in turn: the composed form is recorded behind what is on the tape, and taken
/// back to copies of its operands.
///
/// - Parameters:
///   - operands: of the fused operation; nil is an operand that is not there.
///   - gradients: of its results.
///   - function: the composed form, from the operands' copies to the results.
/// - Returns: a gradient for each operand, nil where there is none.
package func composedGradients(
  _ operands: [Value?], _ gradients: [Value?], _ function: ([Value?]) -> [Value]
) -> [Value?] {
  guard let tape = recording((operands + gradients).compactMap { $0 }) else {
    trap("composedGradients needs a tape that records")
  }
  let start = tape.records.count
  let leaves = operands.map { operand in
    operand.map { $0.tape === tape ? tape.leaf($0) : $0 }
  }
  let results = function(leaves)
  var seeds: [(value: Value, gradient: Value)] = []
  for (result, gradient) in zip(results, gradients) {
    if let gradient { seeds.append((result, gradient)) }
  }
  let wanted = leaves.compactMap { $0 }.filter { $0.tape === tape }
  var found = tape.gradients(of: seeds, at: wanted, from: start, isDifferentiable: true)[...]
  return leaves.map { leaf in
    guard let leaf, leaf.tape === tape else { return nil }
    return found.removeFirst()
  }
}
