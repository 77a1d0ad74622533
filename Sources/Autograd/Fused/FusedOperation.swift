/// One use of an operation that is defined by others and has a faster form of its own: its operands,
/// and after the forward pass what the backward pass needs.
///
/// `composed` says what the operation means. Tangents, and gradients that are differentiated in turn,
/// are made of it; `forward` and `backward` compute the same, and are all that a conformer adds.
/// `run` decides between the two.
package protocol FusedOperation {
  /// What the tape calls it.
  var name: StaticString { get }

  /// In the order of `composed`; nil is one that is not there.
  var operands: [UntypedTensor?] { get }

  /// The definition, in operations that are themselves differentiable.
  ///
  /// - Parameter operands: in the order of the operation's own.
  func composed(_ operands: [UntypedTensor?]) -> [UntypedTensor]

  /// Whether the operands are none for the faster form.
  var needsDefinition: Bool { get }

  /// The results of the definition, off the tape.
  mutating func forward() -> [UntypedTensor]

  /// Called once between the passes, where there will be a derivative: lets go of what the backward
  /// pass does not need.
  mutating func settle()

  /// How the only result is computed once more from what is kept anyway; nil where that is not worth
  /// it. See `Renewal`.
  var renewal: (() -> UntypedTensor)? { get }

  /// The gradients of the operands, off the tape.
  ///
  /// - Parameters:
  ///   - gradients: of the results; nil is one that nothing depends on.
  ///   - needed: by operand; a gradient that is not needed may be nil.
  ///   - usesUp: whether nothing comes after, so that what is kept may be overwritten.
  /// - Returns: in the order of the operands; nil where the faster form is not for these gradients.
  func backward(_ gradients: [UntypedTensor?], needed: [Bool], usesUp: Bool) -> [UntypedTensor?]?

  // What follows is found of `operands`. `CrossEntropy` and `SequenceRun`, which are in the smallest of
  // train steps, answer without a list.

  /// The tape to record on.
  var tape: Tape? { get }

  /// Where the operands stand on a tape.
  func indices(on tape: Tape) -> [Int32]

  /// Whether some operand is recorded.
  var isRecorded: Bool { get }
}

extension FusedOperation {
  package var needsDefinition: Bool { false }
  package mutating func settle() {}
  package var renewal: (() -> UntypedTensor)? { nil }
  package var tape: Tape? { recording(operands) }
  package func indices(on tape: Tape) -> [Int32] { operands.map { tape.index(of: $0) } }
  package var isRecorded: Bool { recording(operands) != nil }

  /// The results, recorded with their derivative.
  package consuming func run() -> [UntypedTensor] {
    if needsDefinition { return composed(operands) }
    var operation = self
    let results = operation.forward()
    guard let tape = operation.tape else { return results }
    operation.settle()
    operation.record(results, on: tape)
    return results
  }

  @inline(__always)
  private func record(_ results: [UntypedTensor], on tape: Tape) {
    tape.record(name, results, of: operands, at: indices(on: tape), by: .fused(self, on: tape))
  }

  func tangents(_ tangents: [UntypedTensor?]) -> [UntypedTensor?] {
    composedTangents(operands, tangents) { composed($0) }
  }

  /// The gradients of the operands: by way of the definition where they are differentiated in turn.
  func gradients(_ gradients: [UntypedTensor?], _ needed: [Bool], usesUp: Bool)
    -> [UntypedTensor?]
  {
    if isRecorded || recording(gradients) != nil {
      return composedGradients(operands, gradients) { composed($0) }
    }
    return backward(gradients, needed: needed, usesUp: usesUp)
      ?? composedGradients(unrecorded: operands, gradients) { composed($0) }
  }
}
