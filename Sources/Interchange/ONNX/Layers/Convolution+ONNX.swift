import Autograd
public import Layers

extension Conv1d: ONNXMapping {
  /// `[batch, in, length]` to `[batch, out, outputLength]`
  public var onnxSignature: ONNXSignature {
    let shape = $weight.shape
    return ONNXSignature(
      Scalar.onnxType, ["batch", .size(groups * shape[1]), "length"],
      ["batch", .size(shape[0]), "outputLength"])
  }

  /// `[batch, in, length]` to `[batch, out, length']`
  public func callAsFunction(_ x: ONNXValue) -> ONNXValue {
    convolution(
      x, self, $weight, $bias, stride: [stride], padding, dilation: [dilation], groups: groups)
  }
}

extension Conv2d: ONNXMapping {
  /// `[batch, in, height, width]` to `[batch, out, outputHeight, outputWidth]`
  public var onnxSignature: ONNXSignature {
    let shape = $weight.shape
    return ONNXSignature(
      Scalar.onnxType, ["batch", .size(groups * shape[1]), "height", "width"],
      ["batch", .size(shape[0]), "outputHeight", "outputWidth"])
  }

  /// `[batch, in, height, width]` to `[batch, out, height', width']`
  public func callAsFunction(_ x: ONNXValue) -> ONNXValue {
    convolution(
      x, self, $weight, $bias, stride: stride, padding, dilation: dilation, groups: groups)
  }
}

/// A convolution with a parameter's windows, of as many axes as there are strides.
private func convolution<Scalar: FloatingPointScalar>(
  _ x: ONNXValue, _ layer: some Layer, _ weight: Parameter<Scalar>, _ bias: Parameter<Scalar>?,
  stride: [Int], _ padding: Padding, dilation: [Int], groups: Int
) -> ONNXValue {
  let widths = stride.indices.map { padding.widths($0, weight.shape[2 + $0], dilation[$0]) }
  return x.graph.inside(layer) {
    convolution(
      x, x.graph.parameter(weight), bias.map { x.graph.parameter($0) },
      [
        "strides": .integers(stride),
        "pads": .integers(widths.map(\.before) + widths.map(\.after)),
        "dilations": .integers(dilation), "group": .integer(groups),
      ])
  }
}

/// ONNX's convolution: `[batch, in, ...]` with `[out, in / groups, ...]`.
func convolution(
  _ x: ONNXValue, _ weight: ONNXValue, _ bias: ONNXValue?,
  _ attributes: KeyValuePairs<String, ONNXAttribute>
) -> ONNXValue {
  x.graph.node("Conv", [x, weight, bias], attributes)
}
