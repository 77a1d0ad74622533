import Autograd
public import Layers

extension Linear: ONNXMapping {
  /// `[batch, time, in]` to `[batch, time, out]`; in a model of one's own, of any rank.
  public var onnxSignature: ONNXSignature {
    let shape = $weight.shape
    return ONNXSignature(
      Scalar.onnxType, ["batch", "time", .size(shape[1])], ["batch", "time", .size(shape[0])])
  }

  /// `x weightᵀ + bias`, `[..., in]` to `[..., out]`.
  public func callAsFunction(_ x: ONNXValue) -> ONNXValue {
    x.graph.inside(self) {
      linear(x, x.graph.parameter($weight), $bias.map { x.graph.parameter($0) })
    }
  }
}

extension Embedding: ONNXMapping {
  /// `[batch, time]` to `[batch, time, size]`; in a model of one's own, of any rank.
  public var onnxSignature: ONNXSignature {
    ONNXSignature(.int64, ["batch", "time"], ["batch", "time", .size($weight.shape[1])])
  }

  /// Rows of the table, at indices of any shape.
  public func callAsFunction(_ indices: ONNXValue) -> ONNXValue {
    indices.graph.inside(self) { indices.graph.parameter($weight).rows(indices) }
  }
}

extension Softmax: ONNXMapping {
  /// `[batch, time, features]`; in a model of one's own, of any rank.
  public var onnxSignature: ONNXSignature { .anything(Scalar.self) }

  /// exp(x) over its sum.
  public func callAsFunction(_ x: ONNXValue) -> ONNXValue { self(x, mask: nil) }

  /// exp(x) over its sum.
  ///
  /// - Parameter mask: true = may have weight; broadcasts to `x`.
  public func callAsFunction(_ x: ONNXValue, mask: ONNXValue?) -> ONNXValue {
    softmax(x, axis: axis, mask: mask)
  }
}

extension Dropout: ONNXMapping {
  /// `[batch, time, features]`; in a model of one's own, of any rank.
  public var onnxSignature: ONNXSignature { .anything(Scalar.self) }

  /// The input itself: nothing is dropped in evaluation.
  public func callAsFunction(_ x: ONNXValue) -> ONNXValue { x }
}

extension GaussianNoise: ONNXMapping {
  /// `[batch, time, features]`; in a model of one's own, of any rank.
  public var onnxSignature: ONNXSignature { .anything(Scalar.self) }

  /// The input itself: there is no noise in evaluation.
  public func callAsFunction(_ x: ONNXValue) -> ONNXValue { x }
}

extension ONNXSignature {
  /// Of a layer that takes any shape and keeps it.
  fileprivate static func anything(_ scalar: (some FloatingPointScalar).Type) -> ONNXSignature {
    ONNXSignature(scalar.onnxType, ["batch", "time", "features"])
  }
}
