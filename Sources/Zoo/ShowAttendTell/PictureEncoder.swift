public import Autograd
public import Layers

/// A convolutional network that makes a grid of annotations of a picture: stages of convolutions,
/// and between two stages the largest of each 2 x 2 places.
public struct PictureEncoder<Scalar: FloatingPointScalar>: Layer, Sendable {
  /// `relu(norm(convolution(x)))`, with as many rows and columns as `x`.
  public struct Block: Layer, Sendable {
    /// Of 3 x 3.
    public let convolution: Conv2d<Scalar>
    /// Over the channels.
    public let norm: BatchNorm<Scalar>

    init(inputs: Int, outputs: Int, using generator: inout some RandomNumberGenerator) {
      // The norm's shift makes a bias.
      convolution = Conv2d(
        inputs: inputs, outputs: outputs, size: [3, 3], padding: .same, bias: false,
        using: &generator)
      norm = BatchNorm(outputs)
    }

    /// `[batch, inputs, height, width]` to `[batch, outputs, height, width]`.
    public func callAsFunction(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
      relu(norm(convolution(x)))
    }
  }

  /// The blocks of each stage.
  public let stages: [[Block]]

  package init(
    inputs: Int = 3, stages sizes: [[Int]], using generator: inout some RandomNumberGenerator
  ) {
    var (inputs, stages) = (inputs, [[Block]]())
    for outputs in sizes {
      var blocks: [Block] = []
      for size in outputs {
        blocks.append(Block(inputs: inputs, outputs: size, using: &generator))
        inputs = size
      }
      stages.append(blocks)
    }
    self.stages = stages
  }

  /// - Parameter pictures: `[batch, 3, height, width]`
  /// - Returns: `[batch, features, rows, columns]`, half as many of both after each stage but the
  ///   last.
  public func callAsFunction(_ pictures: Tensor<Scalar>) -> Tensor<Scalar> {
    var x = pictures
    for (number, blocks) in stages.enumerated() {
      if number > 0 { x = maxPool2d(x, PoolingWindow([2, 2])) }
      for block in blocks { x = block(x) }
    }
    return x
  }
}
