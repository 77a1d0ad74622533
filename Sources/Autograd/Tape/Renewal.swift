/// How the result of an operation is computed once more from what its record keeps in any case, as
/// that of a norm is from its input: whoever needs it as an operand for a derivative need not keep
/// it as well (`Kept`). Worth it where that takes one pass over memory rather than a product
/// (Chen et al., 2016, section 4.3).
package final class Renewal {
  let operands: [Int32]
  /// Computes the result, off the tape.
  private let make: () -> UntypedTensor
  /// The result as long as anyone has it.
  private weak var result: UntypedTensor?
  /// The result computed anew, for those that ask for it next; it is freed with the record, which
  /// the backward pass comes to after all of them.
  private var renewed: UntypedTensor?
  private let record: (tape: Tape.Identity, index: Int)

  init(
    _ result: UntypedTensor, operands: [Int32], at index: Int, of tape: Tape,
    _ make: @escaping () -> UntypedTensor
  ) {
    self.result = result
    self.operands = operands
    self.make = make
    record = (tape.identity, index)
  }

  /// Whether it is for this very value.
  fileprivate func isOf(_ x: UntypedTensor) -> Bool { result === x || renewed === x }

  /// The result, at its place on the tape.
  fileprivate func value() -> UntypedTensor {
    if let result = result ?? renewed { return result }
    let value = make()
    if record.tape.tape.identity == record.tape { value.join(record.tape.tape, at: record.index) }
    renewed = value
    return value
  }
}

/// An operand as a pullback keeps it: the value itself, or the way to compute it once more.
package struct Kept {
  private enum Form {
    case value(UntypedTensor)
    case renewal(Renewal)
  }

  private let form: Form

  package init(_ x: UntypedTensor) {
    // What is small is no gain.
    if x.count &* x.type.size >= BufferPool.large, let tape = recording(x),
      Int(x.index) < tape.records.count,
      case .renewable(let renewal, _) = tape.records[Int(x.index)].pullback, renewal.isOf(x)
    {
      form = .renewal(renewal)
    } else {
      form = .value(x)
    }
  }

  /// The value itself, however large.
  package init(itself x: UntypedTensor) { form = .value(x) }

  package var value: UntypedTensor { withValue { $0 } }

  /// The body's result for the value, which is lent to it.
  @inline(__always)
  package func withValue<Result>(_ body: (UntypedTensor) -> Result) -> Result {
    switch form {
    case .value(let value): body(value)
    case .renewal(let renewal): body(renewal.value())
    }
  }
}

extension Tape {
  /// Appends the record of an operation whose only result can be had again: `renewal` computes it,
  /// off the tape, from what the pullback keeps. An operand that is lacking keeps its position, as in
  /// `record(_:results:operands:at:tangents:_:)`.
  package func record(
    _ name: StaticString, renewable result: UntypedTensor, operands: [UntypedTensor?],
    at indices: [Int32],
    renewal: @escaping () -> UntypedTensor, tangents: ([UntypedTensor?]) -> [UntypedTensor?],
    _ pullback: @escaping ([UntypedTensor?], [Bool]) -> [UntypedTensor?]
  ) {
    if isWatched {
      return recordWatched(
        name, [result], present: operands, tangents: tangents, renewal: renewal, pullback)
    }
    append(name, result, indices, renewal, pullback)
  }

  func append(
    _ name: StaticString, _ result: UntypedTensor, _ operands: [Int32],
    _ renewal: @escaping () -> UntypedTensor,
    _ pullback: @escaping ([UntypedTensor?], [Bool]) -> [UntypedTensor?]
  ) {
    let renewal = Renewal(
      result, operands: operands, at: records.count, of: self, renewal)
    append(
      Record(name: name, first: -1, second: -1, pullback: .renewable(renewal, pullback)), result)
  }
}
