import Autograd
import Layers

extension ModuleTable {
  /// Conv1d, Conv2d, BatchNorm1d, BatchNorm2d.
  static var convolutions: [String: Builder] {
    ["Conv1d": conv1d, "Conv2d": conv2d, "BatchNorm1d": batchNorm, "BatchNorm2d": batchNorm]
  }

  private static func conv1d(_ weights: Weights<Scalar>) throws -> Module<Scalar> {
    let attributes = weights.attributes
    var generator = Generator(seed: 0)
    let layer = Conv1d<Scalar>(
      inputs: try attributes.integer("in_channels"),
      outputs: try attributes.integer("out_channels"),
      width: try attributes.integers("kernel_size")[0],
      stride: try attributes.integers("stride")[0],
      padding: try attributes.padding(), dilation: try attributes.integers("dilation")[0],
      groups: try attributes.integer("groups"), bias: try attributes.flag("bias"),
      using: &generator)
    return .single(layer) { try layer($0[0]) }
  }

  private static func conv2d(_ weights: Weights<Scalar>) throws -> Module<Scalar> {
    let attributes = weights.attributes
    var generator = Generator(seed: 0)
    let layer = Conv2d<Scalar>(
      inputs: try attributes.integer("in_channels"),
      outputs: try attributes.integer("out_channels"),
      size: try attributes.integers("kernel_size"), stride: try attributes.integers("stride"),
      padding: try attributes.padding(), dilation: try attributes.integers("dilation"),
      groups: try attributes.integer("groups"), bias: try attributes.flag("bias"),
      using: &generator)
    return .single(layer) { try layer($0[0]) }
  }

  private static func batchNorm(_ weights: Weights<Scalar>) throws -> Module<Scalar> {
    let attributes = weights.attributes
    let momentum = try attributes.optionalNumber("momentum")
    let layer = BatchNorm<Scalar>(
      try attributes.integer("num_features"), epsilon: Scalar(try attributes.number("eps")),
      momentum: momentum.map { .constant($0) } ?? .cumulative,
      affine: try attributes.flag("affine"),
      tracksStatistics: try attributes.flag("track_running_stats"))
    return Module(layer) { call in
      var results = Results<Scalar>(outputs: [.numbers(layer(try call[0]))])
      if let mean = layer.runningMean, let variance = layer.runningVariance,
        let count = layer.batchCount
      {
        results.extras = [
          "running_mean": .numbers(mean), "running_var": .numbers(variance),
          "num_batches_tracked": .indices(Tensor(Int32(count.scalar))),
        ]
      }
      return results
    }
  }
}
