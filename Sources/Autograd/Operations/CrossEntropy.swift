import Kernels

/// The cross-entropy of each row of logits and the class that a label names, softmax and logarithm
/// in one: `-logSoftmax(logits)[label]`.
///
/// - Parameters:
///   - logits: `[rows, classes]`
///   - labels: `[rows, 1]`, each below the number of classes, which is not checked.
/// - Returns: `[rows]`
package func softmaxCrossEntropy<Scalar: FloatingPointScalar>(
  _ logits: Tensor<Scalar>, _ labels: Tensor<Int32>
) -> Tensor<Scalar> {
  Tensor(softmaxCrossEntropy(logits.value, labels.value))
}

package func softmaxCrossEntropy(_ logits: Value, _ labels: Value) -> Value {
  let labels = Compute.contiguous(labels)
  let logarithms = Compute.softmax(logits, mask: nil, axis: 1, logarithm: true)
  let losses = Compute.negated(logarithms, at: labels)
  recording(logits)?.record("crossEntropy", losses, logits) { gradient in
    if recording(logits, gradient) != nil {
      return composedGradients([logits], [gradient]) {
        [composedCrossEntropy($0[0]!, labels)]
      }[0]!
    }
    return Compute.crossEntropyGradient(gradient, logarithms, labels)
  }
  return losses
}

/// The same in ordinary operations.
private func composedCrossEntropy(_ logits: Value, _ labels: Value) -> Value {
  -reshaped(gathered(logSoftmax(logits, 1), 1, labels), [logits.shape[0]])
}

extension Compute {
  /// Minus the element of each row that an index names.
  fileprivate static func negated(_ x: Value, at indices: Value) -> Value {
    let y = Value(x.type, [x.shape[0]])
    let places = indices.pointer(Int32.self)
    func run<Scalar: FloatingPointScalar>(_: Scalar.Type) {
      let (from, to) = (x.pointer(Scalar.self), y.pointer(Scalar.self))
      let classes = x.shape[1]
      for row in 0..<y.count { to[row] = -from[row * classes + Int(places[row])] }
    }
    x.type == .float ? run(Float.self) : run(Double.self)
    return y
  }

  /// `gradient (softmax - 1 at the label)` of each row. A row whose loss does not count gets zeros,
  /// be its logits NaN.
  fileprivate static func crossEntropyGradient(
    _ gradient: Value, _ logarithms: Value, _ labels: Value
  ) -> Value {
    let gradient = contiguous(gradient)
    let result = Value(logarithms.type, logarithms.shape)
    let (rows, classes) = (logarithms.shape[0], logarithms.shape[1])
    let places = labels.pointer(Int32.self)
    func run<Scalar: FloatingPointScalar>(_: Scalar.Type) {
      let kernels = Scalar.kernels
      let weights = gradient.pointer(Scalar.self)
      Threads.split(rows, grain: Swift.max(elementwiseGrain / Swift.max(classes, 1), 1)) { part in
        for row in part {
          let to = result.pointer(Scalar.self) + row * classes
          if weights[row] == 0 {
            to.update(repeating: 0, count: classes)
            continue
          }
          kernels.unary(.exp, logarithms.pointer(Scalar.self) + row * classes, to, classes)
          kernels.binary(.multiply, to, 1, weights + row, 0, to, classes)
          to[Int(places[row])] -= weights[row]
        }
      }
    }
    logarithms.type == .float ? run(Float.self) : run(Double.self)
    withExtendedLifetime((gradient, labels)) {}
    return result
  }
}

extension Operation {
  static let crossEntropy: [Operation] = [
    .init("softmaxCrossEntropy", [[3, 4]]) {
      softmaxCrossEntropy($0[0], Tensor<Int32>([2, 0, 3], shape: [3, 1]))
    }
  ]
}
