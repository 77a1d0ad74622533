import Autograd
import Layers
import Testing

@Suite struct BatchNormTests {
  private let x = Tensor<Double>([[1, 10], [3, 30]])

  @Test func `training normalises by the batch, and running statistics follow`() {
    let layer = BatchNorm<Double>(2, epsilon: 0)
    var generator = Generator(seed: 1)
    var y = x
    _ = valueWithGradient(at: layer, using: &generator) { layer in
      y = layer(x).detached
      return y.sum()
    }
    // Deviations of ±1 and ±10 over their own roots, up to the rounding of a few operations.
    #expect(zip(y.scalars, [-1, -1, 1, 1]).allSatisfy { abs($0 - $1) < 1e-14 })
    // A tenth of the way from 0 and 1 to the mean and the variance with n - 1.
    let mean = layer.runningMean!.scalars
    let variance = layer.runningVariance!.scalars
    #expect(zip(mean, [0.2, 2]).allSatisfy { abs($0 - $1) < 1e-14 })
    #expect(zip(variance, [0.9 + 0.2, 0.9 + 20]).allSatisfy { abs($0 - $1) < 1e-13 })
    #expect(layer.batchCount!.scalar == 1)
  }

  @Test func `outside of training the running statistics are used, and stay`() {
    let layer = BatchNorm<Double>(2, epsilon: 0)
    #expect(layer(x) == x)
    #expect(layer.runningMean!.scalars == [0, 0])
  }

  @Test func `running statistics are saved with the weights, and get no gradient`() {
    let layer = BatchNorm<Double>(2)
    #expect(
      layer.parameters.map(\.name) == [
        "weight", "bias", "runningMean", "runningVariance", "batchCount",
      ])
    let gradients = valueWithGradient(evaluating: layer) { $0(x).sum() }.gradients
    #expect(gradients.count == 2)
  }
}
