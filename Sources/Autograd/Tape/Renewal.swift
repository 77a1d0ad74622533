/// How the result of an operation is computed once more from what its record keeps in any case, as
/// that of a norm is from its input: whoever needs it as an operand for a derivative need not keep
/// it as well (`Kept`). Worth it where that takes one pass over memory rather than a product
/// (Chen et al., 2016, section 4.3).
package final class Renewal {
  /// Computes the result, off the tape.
  private let make: () -> UntypedTensor
  /// Where the operation's operands stand on its tape.
  private(set) var operands: [Int32] = []
  /// The result as long as anyone has it.
  private weak var result: UntypedTensor?
  /// The result computed anew, for those that ask for it next; it is freed with the record, which
  /// the backward pass comes to after all of them.
  private var renewed: UntypedTensor?
  private var record: (tape: Tape.Identity, index: Int)?

  init(_ make: @escaping () -> UntypedTensor) { self.make = make }

  /// Takes note of the result and of its place on a tape.
  func take(_ result: UntypedTensor, at index: Int, of tape: Tape, _ operands: [Int32]) {
    self.result = result
    self.operands = operands
    record = (tape.identity, index)
  }

  /// Whether it is for this very tensor.
  fileprivate func isOf(_ x: UntypedTensor) -> Bool { result === x || renewed === x }

  /// The result, at its place on the tape.
  fileprivate func tensor() -> UntypedTensor {
    if let result = result ?? renewed { return result }
    let tensor = make()
    if let record, record.tape.tape.identity == record.tape {
      tensor.join(record.tape.tape, at: record.index)
    }
    renewed = tensor
    return tensor
  }
}

/// An operand as a pullback keeps it: the tensor itself, or the way to compute it once more.
package struct Kept {
  private enum Form {
    case tensor(UntypedTensor)
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
      form = .tensor(x)
    }
  }

  /// The tensor itself, however large.
  package init(itself x: UntypedTensor) { form = .tensor(x) }

  package var tensor: UntypedTensor { withTensor { $0 } }

  /// The body's result for the tensor, which is lent to it.
  @inline(__always)
  package func withTensor<Result>(_ body: (UntypedTensor) -> Result) -> Result {
    switch form {
    case .tensor(let tensor): body(tensor)
    case .renewal(let renewal): body(renewal.tensor())
    }
  }
}
