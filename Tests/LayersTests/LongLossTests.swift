import Autograd
import Foundation
import Layers
import Testing

/// Means of up to ten million losses in `Float`, beside the same in `Double`.
@Suite struct LongLossTests {
  static let counts = [10, 1000, 100_000, 10_000_000]

  /// Whether a number is exact up to four roundings.
  private func isExact(_ result: Float, _ exact: Double) -> Bool {
    abs(Double(result) - exact) <= 4 * 0x1p-24 * abs(exact)
  }

  @Test(arguments: [10, 1000, 100_000, 1_000_000])
  func `weighted and ignoring means of cross-entropies, and their gradients`(_ count: Int) {
    let logits = Tensor<Float>.zeros([count, 2])
    let labels = Tensor<Int32>((0..<count).map { Int32($0 % 5 == 4 ? 7 : $0 % 2) })
    let kept = Double(count - count / 5)
    let log2 = Foundation.log(2.0)
    let losses: [(name: String, loss: (Tensor<Float>) -> Tensor<Float>, sum: Double)] = [
      ("plain", { crossEntropyLoss($0, labels, ignoring: 7) }, kept),
      (
        "weighted", { crossEntropyLoss($0, labels, weights: Tensor([0.1, 0.1]), ignoring: 7) }, kept
      ),
      (
        "smoothed",
        { crossEntropyLoss($0, labels, weights: Tensor([0.1, 0.1]), ignoring: 7, smoothing: 0.1) },
        kept
      ),
      (
        "of logarithms",
        {
          negativeLogLikelihoodLoss(
            logSoftmax($0, axis: 1), labels, weights: Tensor([0.1, 0.1]), ignoring: 7)
        }, kept
      ),
      (
        "sum",
        {
          crossEntropyLoss($0, labels, weights: Tensor([0.1, 0.1]), ignoring: 7, reduction: .sum)
            * 10
        },
        1
      ),
    ]
    for (name, loss, divisor) in losses {
      let (value, slope) = valueWithGradient(at: logits, of: loss)
      let exact = log2 * (kept / divisor) * (name == "sum" ? Double(Float(0.1)) * 10 : 1)
      #expect(isExact(value.scalar, exact), "\(name): \(value.scalar), not \(exact)")
      var each = 0.5 / divisor * (name == "sum" ? Double(Float(0.1)) * 10 : 1)
      if name == "smoothed" { each *= 0.9 }
      let slopes = slope.scalars
      for row in [0, 1, 4, count - 2] {
        let sign = row % 5 == 4 ? 0.0 : row % 2 == 0 ? -1 : 1
        #expect(
          abs(Double(slopes[2 * row]) - sign * each) <= 8 * 0x1p-24 * each, "\(name)")
      }
    }
  }

  @Test func `a million labels that count a tenth each`() {
    let labels = Tensor<Int32>(repeating: 1, shape: [1_000_000])
    let loss = crossEntropyLoss(
      Tensor<Float>.zeros([1_000_000, 2]), labels, weights: Tensor([0.1, 0.1]))
    #expect(abs(loss.scalar - 0.693147) < 1e-6)
  }

  @Test(arguments: counts)
  func `means of losses of numbers and of probabilities`(_ count: Int) {
    let x = Tensor<Float>(repeating: 0.3, shape: [count])
    let y = Tensor<Float>(repeating: 0.1, shape: [count])
    let difference = Double(Float(0.3) - Float(0.1))
    let (p, t) = (Double(Float(0.3)), Double(Float(0.1)))
    let entropy =
      -(t * Foundation.log(1 / (1 + Foundation.exp(-p)))
      + (1 - t) * Foundation.log(1 / (1 + Foundation.exp(p))))
    let losses: [(Tensor<Float>, Double)] = [
      (squaredErrorLoss(x, y), difference * difference),
      (absoluteErrorLoss(x, y), difference),
      (smoothL1Loss(x, y), difference * difference / 2),
      (huberLoss(x, y, delta: 0.1), t * (difference - t / 2)),
      (binaryCrossEntropyLoss(logits: x, y), entropy),
      (klDivergenceLoss(x, y, reduction: .mean), t * (Foundation.log(t) - p)),
    ]
    for (place, (loss, exact)) in losses.enumerated() {
      // The terms have a few roundings of their own.
      #expect(
        abs(Double(loss.scalar) - exact) <= 12 * 0x1p-24 * abs(exact),
        "\(place): \(loss.scalar), not \(exact)")
    }
  }

  @Test func `the mean of many examples' gradients`() throws {
    struct Model: Layer {
      @Parameter var weight = Tensor<Float>.ones([3])
    }
    let model = Model()
    let result = perExampleGradients(at: model, count: 10_000) { model, _ in
      (model.weight * 0.1).sum()
    }
    let mean = try #require(result.mean[model.$weight])
    #expect(mean.scalars.allSatisfy { isExact($0, Double(Float(0.1))) })
  }

  @Test func `gradients of a recurrent layer's biases over many steps`() throws {
    var generator = Generator(seed: 8)
    let layer = RNN<Float>(inputSize: 1, hiddenSize: 1, using: &generator)
    let time = 20_000
    for (_, parameter) in layer.parameters {
      let box = try #require(parameter as? Parameter<Float>)
      box.tensor = .zeros(box.shape)
    }
    // With weights 0 each step's gradient reaches the bias as it is.
    let x = Tensor<Float>.zeros([1, time, 1])
    let gradients = valueWithGradient(at: layer) { ($0(x).outputs * 0.1).sum() }.gradients
    for case let bias as Parameter<Float> in gradients.parameters where bias.shape == [1] {
      let slope = try #require(gradients[bias]).scalar
      #expect(isExact(slope, Double(Float(0.1)) * Double(time)), "\(slope)")
    }
  }
}
