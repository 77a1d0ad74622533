import Autograd
import Layers
import Testing

/// What does not count in a loss has no influence on it or on a gradient, whatever stands there.
@Suite struct LossPaddingTests {
  @Test(arguments: Junk.all)
  func `logits of ignored labels do not matter`(junk: Double) {
    var generator = Generator(seed: 1)
    let logits = Tensor<Double>.normal([4, 3, 5], using: &generator)
    let labels = Tensor<Int32>([0, 1, -1, 4, -1, -1, 2, 2, 2, -1, -1, -1], shape: [4, 3])
    let isIgnored = Tensor<Bool>(labels.scalars.map { $0 == -1 }, shape: [4, 3, 1])
    let weights = Tensor<Double>([1, 2, 3, 4, 5])
    for smoothing in [0, 0.1] {
      for reduction in [LossReduction.mean, .sum, .none] {
        func run(_ junk: Double) -> (Tensor<Double>, Tensor<Double>) {
          valueWithGradient(at: logits.filled(where: isIgnored, with: junk)) {
            crossEntropyLoss(
              $0, labels, weights: weights, ignoring: -1, smoothing: smoothing,
              reduction: reduction
            ).sum()
          }
        }
        let (clean, ours) = (run(0), run(junk))
        #expect(ours.0.isSame(as: clean.0))
        #expect(ours.1.isSame(as: clean.1))
        #expect(ours.1.scalars == ours.1.filled(where: isIgnored, with: 0).scalars)
      }
    }
  }

  @Test(arguments: Junk.all)
  func `logarithms of ignored labels do not matter`(junk: Double) {
    let x = Tensor<Double>([[-1, -2], [junk, junk], [-3, -0.5]])
    let labels = Tensor<Int32>([1, 9, 0])
    let (value, gradient) = valueWithGradient(at: x) {
      negativeLogLikelihoodLoss($0, labels, ignoring: 9)
    }
    #expect(value.scalar == 2.5)
    #expect(gradient.scalars == [0, -0.5, 0, 0, -0.5, 0])
  }

  @Test func `where every label is ignored the mean is NaN, the gradient 0`() {
    let x = Tensor<Double>([[1, 2], [.nan, 3]])
    let labels = Tensor<Int32>([7, 7])
    for smoothing in [0, 0.2] {
      let (value, gradient) = valueWithGradient(at: x) {
        crossEntropyLoss($0, labels, ignoring: 7, smoothing: smoothing)
      }
      #expect(value.scalar.isNaN)
      #expect(gradient.scalars == [0, 0, 0, 0])
      #expect(crossEntropyLoss(x, labels, ignoring: 7, reduction: .sum).scalar == 0)
    }
    #expect(negativeLogLikelihoodLoss(x, labels, ignoring: 7).scalar.isNaN)
  }

  @Test(arguments: 0..<20)
  func `frames after a sequence's end do not matter to CTC`(seed: UInt64) {
    var generator = Generator(seed: seed)
    let batch = Int.random(in: 1...4, using: &generator)
    let time = Int.random(in: 1...9, using: &generator)
    let lengths = (0..<batch).map { _ in Int.random(in: 1...time, using: &generator) }
    let targets = (0..<batch).map { _ in
      (0..<Int.random(in: 0...3, using: &generator)).map { _ in
        Int.random(in: 1...3, using: &generator)
      }
    }
    let x = Tensor<Double>.normal([time, batch, 4], using: &generator)
    let isAfterEnd = (!sequenceMask(lengths: lengths, time: time)).transposed().unsqueezed(axis: 2)
    func run(_ junk: Double, extra: Int) -> (Tensor<Double>, Tensor<Double>) {
      let padded = x.filled(where: isAfterEnd, with: junk).extended(0, by: extra, with: junk)
      return valueWithGradient(at: padded) {
        ctcLoss(
          logSoftmax($0, axis: 2), targets, lengths: lengths, replacesInfinity: true,
          reduction: .sum)
      }
    }
    let clean = run(0, extra: 0)
    for junk in Junk.all {
      for extra in [0, 2] {
        let ours = run(junk, extra: extra)
        let place = Comment(rawValue: "\(junk), \(extra) more")
        #expect(ours.0.isSame(as: clean.0), place)
        #expect(ours.1.narrowed(axis: 0, to: 0..<time).isSame(as: clean.1), place)
        #expect(
          ours.1.narrowed(axis: 0, to: time..<(time + extra)).scalars.allSatisfy { $0 == 0 }, place)
      }
    }
  }
}
