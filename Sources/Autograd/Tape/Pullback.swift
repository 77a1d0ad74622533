/// What takes a gradient back to the operands of an operation, as a record keeps it.
package enum Pullback {
  /// `(gradient, operand)`: the gradient of the operand with the given number, asked for only where it
  /// is needed.
  package typealias OfEach = (UntypedTensor, Int) -> UntypedTensor
  /// `(gradient, operand, saved, saved)`: the same of what the record has saved.
  package typealias OfSaved = (UntypedTensor, Int, Kept, UntypedTensor) -> UntypedTensor
  /// `(gradients, needed)`: the gradients of all operands, from those of all results; a result that
  /// nothing depends on has none, and so has an operand for which none is needed.
  package typealias OfAll = ([UntypedTensor?], [Bool]) -> [UntypedTensor?]

  /// A leaf, or a record whose pullback has been used up.
  case none
  case each(OfEach)
  case saving(Kept, UntypedTensor, OfSaved)
  /// Adds to the operand's gradient in place of returning one: `(gradient, operand's so far)`.
  case part(OfEach, (UntypedTensor, UntypedTensor) -> Void)
  case all(Places, OfAll)
  /// With a result that can be computed once more from what the pullback keeps.
  case renewable(Renewal, OfAll)

  /// Where the operands stand, and how many results there are.
  package struct Places {
    var operands: [Int32] = []
    var results = 0
  }

  /// Whether it is of all operands at once.
  var isOfAll: Bool {
    switch self {
    case .all, .renewable: true
    case .none, .each, .saving, .part: false
    }
  }

  /// Takes note of the place on a tape of the operation that it is of.
  @inline(__always)
  mutating func takePlace(
    on tape: Tape, at index: Int, _ results: [UntypedTensor], _ operands: consuming [Int32]
  ) {
    switch self {
    case .renewable(let renewal, _) where tape.forward == nil:
      renewal.take(results[0], at: index, of: tape, operands)
    // What is computed once more would be without its tangents.
    case .all(_, let pullback), .renewable(_, let pullback):
      self = .all(Places(operands: operands, results: results.count), pullback)
    case .none, .each, .saving, .part: trap("a pullback of each operand for a list of them")
    }
  }

  /// The gradients of the operands, nil for those that are not needed.
  func gradients(_ results: [UntypedTensor], needed: [Bool]) -> [UntypedTensor?] {
    switch self {
    case .all(_, let pullback), .renewable(_, let pullback): pullback(results, needed)
    default: needed.indices.map { needed[$0] ? gradient(results[0], $0) : nil }
    }
  }

  /// The gradient of one operand of an operation with one result.
  func gradient(_ result: UntypedTensor, _ operand: Int) -> UntypedTensor {
    switch self {
    case .each(let pullback), .part(let pullback, _): return pullback(result, operand)
    case .saving(let first, let second, let pullback):
      return pullback(result, operand, first, second)
    case .none, .all, .renewable:
      trap("an operation of many operands is not its own transpose")
    }
  }
}
