import Autograd
import Testing

import Layers

@Suite struct LossesTests {
  private static let labels = Tensor<Int32>([2, 0, 7, 1])

  private static let losses:
    [(name: String, loss: @Sendable (Tensor<Double>, Tensor<Double>) -> Tensor<Double>)] = [
      ("crossEntropyLoss", { x, _ in crossEntropyLoss(x, labels, ignoring: 7) }),
      (
        "crossEntropyLoss, weighted and smoothed",
        { x, _ in
          crossEntropyLoss(
            x, labels, weights: Tensor([1, 2, 0.5]), ignoring: 7, smoothing: 0.2, reduction: .none)
        }
      ),
      (
        "crossEntropyLoss of probabilities",
        { x, y in crossEntropyLoss(x, probabilities: sigmoid(y), smoothing: 0.1) }
      ),
      ("negativeLogLikelihoodLoss", { x, _ in negativeLogLikelihoodLoss(x, labels, ignoring: 7) }),
      ("squaredErrorLoss", { x, y in squaredErrorLoss(x, y) }),
      ("absoluteErrorLoss", { x, y in absoluteErrorLoss(x, y, reduction: .none) }),
      ("smoothL1Loss", { x, y in smoothL1Loss(x, y, beta: 0.5, reduction: .sum) }),
      ("huberLoss", { x, y in huberLoss(x, y, delta: 0.7) }),
      (
        "binaryCrossEntropyLoss",
        { x, y in binaryCrossEntropyLoss(logits: x, y, positiveWeight: Tensor([1, 2, 3])) }
      ),
      ("klDivergenceLoss", { x, y in klDivergenceLoss(x, sigmoid(y)) }),
      ("klDivergenceLoss of logarithms", { x, y in klDivergenceLoss(x, y, isLogarithmic: true) }),
      (
        "ctcLoss",
        { x, _ in
          ctcLoss(logSoftmax(x.reshaped([4, 1, 3] as Shape), axis: 2), [[1, 1]])
        }
      ),
    ]

  @Test(arguments: losses.map(\.name))
  func `first and second derivatives agree with finite differences`(name: String) throws {
    let loss = try #require(Self.losses.first { $0.name == name }).loss
    var generator = Generator(seed: 3)
    let inputs = (0..<2).map { _ in
      Tensor<Double>.uniform([4, 3], in: -2...2, using: &generator)
    }
    // Differences with step 1e-5 of functions whose third derivatives are of size 1 to 10.
    let check = GradientCheck(at: inputs, order: 2, tolerance: 1e-7) { loss($0[0], $0[1]) }
    #expect(check.passes, "\(check)")
  }

  @Test func `an alignment that is impossible is infinite without a gradient, or 0 with none`() {
    // The first sequence has a frame too few: two equal labels need a blank between them.
    let logits = Tensor<Double>(repeating: 0.1, shape: [3, 2, 3])
    func run(_ replaces: Bool) -> (value: Tensor<Double>, gradient: Tensor<Double>) {
      valueWithGradient(at: logits) {
        ctcLoss(
          logSoftmax($0, axis: 2), [[1, 1], [1]], lengths: [2, 3], replacesInfinity: replaces,
          reduction: .sum)
      }
    }
    let (infinite, replaced) = (run(false), run(true))
    #expect(infinite.value.scalar == .infinity && replaced.value.scalar.isFinite)
    let first = infinite.gradient.selected(axis: 1, at: 0)
    #expect(first.narrowed(axis: 0, to: 0..<2).scalars.allSatisfy { $0.isNaN })
    #expect(first.narrowed(axis: 0, to: 2..<3).scalars.allSatisfy { $0 == 0 })
    #expect(replaced.gradient.selected(axis: 1, at: 0).scalars.allSatisfy { $0 == 0 })
    #expect(
      infinite.gradient.selected(axis: 1, at: 1) == replaced.gradient.selected(axis: 1, at: 1))
    #expect(replaced.gradient.selected(axis: 1, at: 1).scalars.contains { $0 != 0 })
  }

  @Test func `the loss of an alignment is that of all its paths`() {
    // Two frames, one label: (label, label), (label, blank), (blank, label), each 1/9.
    let loss = ctcLoss(Tensor<Double>(repeating: 1 / 3, shape: [2, 1, 3]).logarithms, [[2]])
    // A logarithm and a sum of three: a few roundings.
    #expect(abs(loss.scalar - -Double.log(3.0 / 9)) < 1e-14)
  }

  @Test func `a logit of 0 has the derivative of its sigmoid`() {
    let gradient = gradient(at: Tensor<Double>([0, 800, -800])) {
      binaryCrossEntropyLoss(logits: $0, Tensor([1, 1, 1]), reduction: .sum)
    }
    #expect(gradient.scalars == [-0.5, 0, -1])
  }

  @Test func `a Huber loss has no curvature from its delta on`() {
    for (distance, curvature) in [(0.25, 1.0), (0.5, 0), (0.75, 0)] {
      let second = gradient(at: Tensor<Double>([distance])) { x in
        gradient(at: x) { huberLoss($0, Tensor([0]), delta: 0.5, reduction: .sum) }.sum()
      }
      #expect(second.scalars == [curvature])
    }
  }

  @Test func `the mean over a batch is the sum over the extent of the first axis`() {
    var generator = Generator(seed: 4)
    let logits = Tensor<Double>.normal([3, 5, 4], using: &generator)
    let labels = Tensor<Int32>((0..<15).map { Int32($0 % 4) }, shape: [3, 5])
    let other = Tensor<Double>.normal([3, 5, 4], using: &generator)
    let weights = Tensor<Double>([1, 2, 0.5, 3])
    let losses: [(LossReduction) -> Tensor<Double>] = [
      { crossEntropyLoss(logits, labels, reduction: $0) },
      { crossEntropyLoss(logits, labels, weights: weights, ignoring: 2, reduction: $0) },
      { negativeLogLikelihoodLoss(logits, labels, ignoring: 1, reduction: $0) },
      { squaredErrorLoss(logits, other, reduction: $0) },
      { klDivergenceLoss(logits, exp(other), reduction: $0) },
      { binaryCrossEntropyLoss(logits: logits, sigmoid(other), reduction: $0) },
    ]
    for (index, loss) in losses.enumerated() {
      let (sum, elements) = (loss(.sum).scalar, loss(.none).scalars.reduce(0, +))
      #expect(abs(loss(.batchMean).scalar - elements / 3) < 1e-12 * abs(elements), "\(index)")
      #expect(abs(sum - elements) < 1e-12 * abs(elements), "\(index)")
    }
  }

  @Test func `a target of 0 contributes nothing to a divergence`() {
    let loss = klDivergenceLoss(Tensor<Double>([-1, -2]), Tensor([0, 1]), reduction: .none)
    #expect(loss.scalars == [0, 2])
    let slopes = gradient(at: Tensor<Double>([0, 1])) {
      klDivergenceLoss(Tensor([-1, -2]), $0, reduction: .sum)
    }.scalars
    // log t + 1 - log p where t is not 0.
    #expect(slopes == [0, 3])
  }
}

extension Tensor<Double> {
  fileprivate var logarithms: Tensor { log(self) }
}

extension Double {
  fileprivate static func log(_ x: Double) -> Double { Tensor<Double>(x).logarithms.scalar }
}
