import Kernels

/// The cross-entropy of each row of logits and the class that a label names, softmax and logarithm
/// in one: `-logSoftmax(logits)[label]`.
///
/// - Parameters:
///   - logits: `[..., classes]`
///   - labels: `[...]`, as many as rows of logits, each below the number of classes, which is not
///     checked.
///   - divisor: what the sum of all rows is divided by; nil where they are not summed.
/// - Returns: one number, or `[rows]` without a divisor.
package func softmaxCrossEntropy(
  _ logits: UntypedTensor, _ labels: UntypedTensor, sumOver divisor: Double? = nil
) -> UntypedTensor {
  // A call of its own: a constant that is either the tensor or a copy counts a reference.
  if !labels.isContiguous {
    return softmaxCrossEntropy(logits, Compute.copy(labels), sumOver: divisor)
  }
  return CrossEntropy(logits: logits, labels: labels, divisor: divisor).run()[0]
}

package struct CrossEntropy: FusedOperation {
  let logits: UntypedTensor
  let labels: UntypedTensor
  let divisor: Double?
  private var logarithms: UntypedTensor?

  package init(logits: UntypedTensor, labels: UntypedTensor, divisor: Double?) {
    self.logits = logits
    self.labels = labels
    self.divisor = divisor
  }

  package var name: StaticString { "crossEntropy" }
  package var operands: [UntypedTensor?] { [logits] }
  // Without a list: this ends each train step, however small.
  package var tape: Tape? { recording(logits) }
  package var isRecorded: Bool { recording(logits) != nil }
  package func indices(on tape: Tape) -> [Int32] { [tape.index(of: logits)] }

  package func composed(_ operands: [UntypedTensor?]) -> [UntypedTensor] {
    let logits = operands[0]!
    let axis = logits.rank - 1
    let chosen = gathered(
      logSoftmax(logits, axis), axis,
      Compute.reshaped(labels, logits.shape.replacing(axis, with: 1)))
    guard let divisor else { return [-reshaped(chosen, [labels.count])] }
    return [-sum(chosen) / divisor]
  }

  package mutating func forward() -> [UntypedTensor] {
    let found = Compute.softmax(logits, mask: nil, axis: logits.rank - 1, logarithm: true)
    logarithms = found
    return [Compute.negated(found, at: labels, sumOver: divisor)]
  }

  package func backward(_ gradients: [UntypedTensor?], needed: [Bool], usesUp: Bool)
    -> [UntypedTensor?]?
  {
    // Nobody else has the logarithms: the gradient may take their place.
    let result = usesUp ? logarithms! : UntypedTensor(like: logarithms!)
    Compute.crossEntropyGradient(gradients[0]!, logarithms!, labels, divisor, into: result)
    return [result]
  }
}

extension Compute {
  /// Minus the element of each row that an index names, or the sum of these over a number.
  fileprivate static func negated(
    _ x: UntypedTensor, at indices: UntypedTensor, sumOver divisor: Double?
  ) -> UntypedTensor {
    let y = UntypedTensor(x.type, divisor == nil ? [indices.count] : [])
    let places = indices.pointer(Int32.self)
    let classes = x.shape[x.rank - 1]
    func run<Scalar: FloatingPointScalar>(_: Scalar.Type) {
      let (from, to) = (x.pointer(Scalar.self), y.pointer(Scalar.self))
      guard let divisor else {
        for row in 0..<indices.count { to[row] = -from[row * classes + Int(places[row])] }
        return
      }
      var sum = 0.0
      for row in 0..<indices.count { sum -= Double(from[row * classes + Int(places[row])]) }
      to.pointee = Scalar(sum / divisor)
    }
    x.type.floatingPoint("crossEntropy", run(Float.self), run(Double.self))
    return y
  }

  /// `gradient (softmax - 1 at the label)` of each row, the gradient over the divisor where the rows
  /// have been summed. A row whose loss does not count gets zeros, be its logits NaN.
  ///
  /// - Parameter result: may be the logarithms.
  fileprivate static func crossEntropyGradient(
    _ gradient: UntypedTensor, _ logarithms: UntypedTensor, _ labels: UntypedTensor,
    _ divisor: Double?, into result: UntypedTensor
  ) {
    if !gradient.isContiguous {
      return crossEntropyGradient(copy(gradient), logarithms, labels, divisor, into: result)
    }
    let classes = logarithms.shape[logarithms.rank - 1]
    let places = labels.pointer(Int32.self)
    func run<Scalar: FloatingPointScalar>(_: Scalar.Type) {
      let kernels = Scalar.kernels
      let weights = gradient.pointer(Scalar.self)
      /// Of rows that have the same weight.
      func takeBack(_ rows: Range<Int>, _ weight: Scalar) {
        let (start, count) = (rows.lowerBound * classes, rows.count * classes)
        let (from, to) = (
          logarithms.pointer(Scalar.self) + start, result.pointer(Scalar.self) + start
        )
        if weight == 0 { return to.update(repeating: 0, count: count) }
        withUnsafeTemporaryAllocation(of: Scalar.self, capacity: rows.count) { scratch in
          // What the softmax lacks of 1, of which a softmax near 1 tells too little.
          let lacks = scratch.baseAddress!
          for i in 0..<rows.count {
            lacks[i] = from[i * classes + Int(places[rows.lowerBound + i])]
          }
          kernels.unary(.expm1, lacks, to: lacks, count: rows.count)
          kernels.unary(.exp, from, to: to, count: count)
          withUnsafePointer(to: weight) {
            kernels.binary(.multiply, to, stride: 1, $0, stride: 0, to: to, count: count)
          }
          for i in 0..<rows.count {
            to[i * classes + Int(places[rows.lowerBound + i])] = lacks[i] * weight
          }
        }
      }
      // As many rows at once as stay in the first cache.
      let block = Swift.max(1 << 12 / Swift.max(classes, 1), 1)
      Threads.split(labels.count, grain: Swift.max(elementwiseGrain / Swift.max(classes, 1), 1)) {
        part in
        guard let divisor else {
          for row in part { takeBack(row..<row + 1, weights[row]) }
          return
        }
        let weight = weights.pointee / Scalar(divisor)
        for first in stride(from: part.lowerBound, to: part.upperBound, by: block) {
          takeBack(first..<Swift.min(first + block, part.upperBound), weight)
        }
      }
    }
    logarithms.type.floatingPoint("crossEntropy", run(Float.self), run(Double.self))
    withExtendedLifetime((gradient, labels, result)) {}
  }
}
