/// How an operation is differentiated. There are four kinds: `elementwise`, `linear`,
/// `vectorJacobianProduct` and `fused`; the table in `Sources/Autograd/README.md` says when to take
/// which, and where there is one to copy.
///
/// A rule is made in the call of `Tape.record` and taken apart there, by functions that are inlined.
/// Unless the operation takes the long way (`recordWatched`) nothing of it is left but its pullback.
package struct DerivativeRule {
  /// What takes a gradient back to the operands.
  let pullback: Pullback
  let tangent: Tangent

  /// How the tangents of the results come about.
  enum Tangent {
    /// From the pullback; see `ForwardMode.transposed`.
    case transpose
    /// The pullback itself, which is its own transpose.
    case pullback
    /// From the tangents of the operands, nil standing for zeros.
    case given(([UntypedTensor?]) -> [UntypedTensor?])
  }

  // MARK: Elementwise

  /// Of an operation whose Jacobian is symmetric, as that of a function of single elements is: it
  /// takes tangents forward as it takes gradients back. An operand may be expanded to the result's
  /// shape.
  @inline(__always)
  package static func elementwise(_ pullback: consuming @escaping Pullback.OfEach) -> Self {
    Self(pullback: .each(pullback), tangent: .pullback)
  }

  /// The same with a pullback that captures nothing: what it needs of two tensors is saved with the
  /// record, which takes no allocation.
  @inline(__always)
  package static func elementwise(
    saving first: consuming Kept, _ second: UntypedTensor, _ pullback: @escaping Pullback.OfSaved
  ) -> Self {
    Self(pullback: .saving(first, second, pullback), tangent: .pullback)
  }

  // MARK: Linear

  /// Of a linear operation of one operand, which takes the tangent forward itself.
  @inline(__always)
  package static func linear(
    _ operation: @escaping (UntypedTensor) -> UntypedTensor,
    _ pullback: consuming @escaping Pullback.OfEach
  ) -> Self {
    Self(pullback: .each(pullback), tangent: .given { [operation($0[0]!)] })
  }

  /// Of a view of a part. The gradients of many parts would each be as large as the whole; but for the
  /// first they are added in place.
  ///
  /// - Parameters:
  ///   - operation: the view.
  ///   - add: `(gradient, whole)`: adds to the operand's gradient so far.
  ///   - pullback: the gradient as a part of zeros.
  @inline(__always)
  package static func linear(
    _ operation: @escaping (UntypedTensor) -> UntypedTensor,
    addingTo add: @escaping (UntypedTensor, UntypedTensor) -> Void,
    _ pullback: @escaping Pullback.OfEach
  ) -> Self {
    Self(pullback: .part(pullback, add), tangent: .given { [operation($0[0]!)] })
  }

  // MARK: Vector-Jacobian product

  /// Of any operation. Its tangent is found by transposing the pullback.
  @inline(__always)
  package static func vectorJacobianProduct(
    _ pullback: consuming @escaping Pullback.OfEach
  ) -> Self {
    Self(pullback: .each(pullback), tangent: .transpose)
  }

  /// Of any operation that has a shorter way to its tangent.
  ///
  /// - Parameter tangent: from those of the operands, nil standing for zeros.
  @inline(__always)
  package static func vectorJacobianProduct(
    tangent: @escaping ([UntypedTensor?]) -> UntypedTensor?,
    _ pullback: consuming @escaping Pullback.OfEach
  ) -> Self {
    Self(pullback: .each(pullback), tangent: .given { [tangent($0)] })
  }

  /// The same with a pullback that captures nothing; see `elementwise(saving:_:_:)`.
  @inline(__always)
  package static func vectorJacobianProduct(
    tangent: @escaping ([UntypedTensor?]) -> UntypedTensor?,
    saving first: consuming Kept, _ second: UntypedTensor, _ pullback: @escaping Pullback.OfSaved
  ) -> Self {
    Self(pullback: .saving(first, second, pullback), tangent: .given { [tangent($0)] })
  }

  /// Of an operation with any number of operands and results.
  ///
  /// - Parameter tangents: from those of the operands, nil standing for zeros; where it is nil itself,
  ///   they are found by transposing the pullback.
  @inline(__always)
  package static func vectorJacobianProducts(
    tangents: (([UntypedTensor?]) -> [UntypedTensor?])? = nil,
    _ pullback: consuming @escaping Pullback.OfAll
  ) -> Self {
    Self(
      pullback: .all(.init(), pullback), tangent: tangents.map { .given($0) } ?? .transpose)
  }

  // MARK: Fused

  /// Of an operation that has a faster form than its definition, from which its tangents come.
  @inline(__always)
  static func fused<Operation: FusedOperation>(_ operation: Operation, on tape: Tape) -> Self {
    let pullback = { gradients, needed in
      operation.gradients(gradients, needed, usesUp: tape.usesUpRecords)
    }
    return Self(
      pullback: operation.renewal.map { .renewable(Renewal($0), pullback) }
        ?? .all(.init(), pullback),
      tangent: .given(operation.tangents))
  }
}
