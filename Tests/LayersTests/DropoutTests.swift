import Autograd
import Layers
import Testing

/// What dropout drops, and how often.
@Suite struct DropoutTests {
  struct Model: Layer {
    let dropout: Dropout<Float>
    @Parameter var x: Tensor<Float>
  }

  /// The share of elements that are kept is within five deviations of what the rate says.
  @Test(arguments: [0.9999, 0.99999, 0.999999, 0.5 + 1.0 / 262_144, 1.0 / 262_144, 1e-5])
  func `a rate is not rounded`(rate: Double) {
    var generator = Generator(seed: 3)
    let (pieces, size) = (40, 1_000_000)
    var count = 0
    for _ in 0..<pieces {
      let mask: Tensor<Float> = randomMask([size], rate: rate, kept: 1, using: &generator)
      count += Int(mask.sum().scalar)
    }
    let all = Double(pieces * size)
    let deviation = (all * rate * (1 - rate)).squareRoot()
    #expect((Double(count) - all * (1 - rate)).magnitude < 5 * deviation, "\(count) kept")
  }

  @Test func `the mean of ones stays 1`() {
    var generator = Generator(seed: 5)
    let model = Model(dropout: Dropout(0.9999), x: .ones([1_000_000]))
    var sum = 0.0
    for _ in 0..<20 {
      let (value, _) = valueWithGradient(at: model, using: &generator) { $0.dropout($0.x).mean() }
      sum += Double(value.scalar) / 20
    }
    // Of 2,000 that are kept, 5 deviations.
    #expect((sum - 1).magnitude < 5 / Double(2000).squareRoot())
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func `what is dropped is 0, and gets no gradient`(odd: Float) {
    var generator = Generator(seed: 6)
    let model = Model(dropout: Dropout(0.5), x: Tensor(repeating: odd, shape: [64]))
    var results: [Float] = []
    let (_, gradients) = valueWithGradient(at: model, using: &generator) { model in
      let y = model.dropout(model.x)
      results = y.detached.scalars
      // Infinite gradients come to what is dropped.
      return (y * Tensor(results.map { $0 == 0 ? odd : 1 })).sum()
    }
    #expect(results.contains(0) && results.contains { $0 != 0 })
    #expect(results.allSatisfy { $0 == 0 || !$0.isFinite })
    #expect(gradients[model.$x]!.scalars == results.map { $0 == 0 ? 0 : 2 })
  }

  @Test(arguments: [FeedForward<Float>.Activation.relu, .gelu])
  func `a feed-forward network drops infinities`(activation: FeedForward<Float>.Activation) {
    var generator = Generator(seed: 7)
    let model = FeedForward<Float>(
      1, innerSize: 64, activation: activation, dropout: 0.5, using: &generator)
    for (_, parameter) in model.parameters {
      parameter.scalars = Array(repeating: 1, count: parameter.scalars.count)
    }
    model.first.$weight.tensor = Tensor(repeating: .infinity, shape: [64, 1])
    let (value, _) = valueWithGradient(at: model, using: &generator) { $0(Tensor([[1]])).sum() }
    #expect(value.scalar == .infinity)
  }
}
