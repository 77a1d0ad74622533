extension Tape {
  /// Whether anybody needs a record that takes the long way; ends the program on a wrong thread.
  @inline(never)
  func isOfInterest(_ name: StaticString) -> Bool {
    checkThread(name)
    // What computes a tangent is often of no further interest.
    return forward?.isIdle != true
  }

  /// The long way of recording, which forward mode and observers need, for up to three operands.
  @inline(never)
  func recordWatched(
    _ name: StaticString, _ result: UntypedTensor, _ a: UntypedTensor, _ b: UntypedTensor?,
    _ c: UntypedTensor?, _ rule: DerivativeRule
  ) {
    recordWatched(name, [result], [a, b, c], rule)
  }

  /// The long way for any number of operands and results.
  @inline(never)
  func recordWatched(
    _ name: StaticString, _ results: [UntypedTensor], _ operands: [UntypedTensor?],
    _ rule: DerivativeRule
  ) {
    let target = forward?.tape ?? self
    let indices = operands.map { target.index(of: $0) }
    var index: Int?
    if target.isReversing, indices.contains(where: { $0 >= 0 }) {
      index = target.records.count
      if rule.pullback.isOfAll {
        target.append(name, results, indices, rule.pullback)
      } else {
        target.append(
          Record(
            name: name, first: indices[0], second: indices[1], third: indices[2],
            pullback: rule.pullback), results[0])
      }
    }
    forward?.push(results, operands, rule)
    // What is computed for a transpose may well be infinite where it does not matter.
    if forward?.isTransposing == true { return }
    target.observers?.computed(
      name, results, operands.compactMap { $0 }, on: target, at: index)
  }
}

/// The sum of two tangents, nil standing for zeros.
package func sumOfTangents(_ a: UntypedTensor?, _ b: UntypedTensor?) -> UntypedTensor? {
  guard let a, let b else { return a ?? b }
  return a + b
}
