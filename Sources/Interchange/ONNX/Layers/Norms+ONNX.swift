import Autograd
public import Layers

extension LayerNorm: ONNXMapping {
  /// `[batch, time, *shape]`; in a model of one's own, any axes before the shape.
  public var onnxSignature: ONNXSignature {
    ONNXSignature(Scalar.onnxType, ["batch", "time"] + shape.map { .size($0) })
  }

  /// `(x - mean) / sqrt(variance + epsilon) * weight + bias` over the last axes. ONNX keeps epsilon in
  /// single precision.
  public func callAsFunction(_ x: ONNXValue) -> ONNXValue {
    x.graph.inside(self) {
      // The operator has no form without a scale.
      let scale =
        $weight.map { x.graph.parameter($0) }
        ?? x.graph.initializer("constant/ones \(shape)", Tensor<Scalar>.ones(shape))
      return x.graph.node(
        "LayerNormalization", [x, scale, $bias.map { x.graph.parameter($0) }],
        ["axis": .integer(-shape.rank), "epsilon": .number(Float(epsilon))])
    }
  }
}

extension BatchNorm: ONNXMapping {
  /// `[batch, channels, time]`; in a model of one's own, any axes after the channels.
  public var onnxSignature: ONNXSignature {
    ONNXSignature(Scalar.onnxType, ["batch", .size(channels), "time"])
  }

  /// With the running statistics; without any, with those of the batch, of `[batch, channels, time]`.
  public func callAsFunction(_ x: ONNXValue) -> ONNXValue {
    x.graph.inside(self) {
      func vector(_ box: Parameter<Scalar>?, _ number: Scalar) -> ONNXValue {
        box.map { x.graph.parameter($0) }
          ?? x.graph.initializer(
            "constant/\(number) [\(channels)]", Tensor(repeating: number, shape: [channels]))
      }
      let (mean, variance) =
        if $runningMean != nil {
          (vector($runningMean, 0), vector($runningVariance, 1))
        } else { statistics(of: x) }
      return x.graph.node(
        "BatchNormalization", [x, vector($weight, 1), vector($bias, 0), mean, variance],
        ["epsilon": .number(Float(epsilon))])
    }
  }

  /// Mean and variance of each channel, `[channels]`.
  private func statistics(of x: ONNXValue) -> (mean: ONNXValue, variance: ONNXValue) {
    let mean = x.mean(axes: [0, 2], keepsAxes: true)
    return (mean.squeezed([0, 2]), square(x - mean).mean(axes: [0, 2]))
  }
}
