import Autograd
import Foundation
import Layers
import Testing

/// Losses of infinite and of confident logits, and what does not count in them.
@Suite struct LossEdgesTests {
  private func second<Scalar: FloatingPointScalar>(
    at x: Tensor<Scalar>, _ loss: (Tensor<Scalar>) -> Tensor<Scalar>
  ) -> [Scalar] {
    gradient(at: x) { x in square(gradient(at: x) { loss($0).sum() }).sum() }.scalars
  }

  private func close<Scalar: FloatingPointScalar>(_ a: Scalar, _ b: Double) -> Bool {
    (Double(a) - b).magnitude <= 20 * Double(Scalar.ulpOfOne) * b.magnitude
  }

  // MARK: Left out

  private func checkImpossible<Scalar: FloatingPointScalar>(_: Scalar.Type) {
    let never = -Scalar.infinity
    let logits = Tensor<Scalar>([[0, never, 1], [2, 1, never]])
    let targets = Tensor<Scalar>([[1, 0, 0], [0.25, 0.75, 0]])
    let soft = { (x: Tensor<Scalar>) in crossEntropyLoss(x, probabilities: targets, reduction: .sum)
    }
    func logSum(_ a: Double, _ b: Double) -> Double {
      Foundation.log(Foundation.exp(a) + Foundation.exp(b))
    }
    let exact = logSum(0, 1) + logSum(2, 1) - 0.5 - 0.75
    let (value, slope) = valueWithGradient(at: logits, of: soft)
    #expect(close(value.scalar, exact))
    let share = [1 / (1 + Foundation.exp(1.0)), 1 / (1 + Foundation.exp(-1.0))]
    for (ours, exact) in zip(
      slope.scalars, [share[0] - 1, 0, share[1], share[1] - 0.25, share[0] - 0.75, 0])
    {
      #expect((Double(ours) - exact).magnitude < 1e-6)
    }
    #expect(second(at: logits, soft).allSatisfy { $0.isFinite })
    let both = valueWithGradient(at: logits, targets) { crossEntropyLoss($0, probabilities: $1) }
      .gradients
    #expect(both.1.scalars.allSatisfy { $0.isFinite })
    // A class without weight.
    let weighted = valueWithGradient(at: logits) {
      crossEntropyLoss(
        $0, Tensor<Int32>([1, 0]), weights: Tensor([1, 0, 1]), reduction: .sum)
    }
    #expect(close(weighted.value.scalar, logSum(2, 1) - 2))
    #expect(weighted.gradient.scalars[..<3] == [0, 0, 0])
    #expect(weighted.gradient.scalars.allSatisfy { $0.isFinite })
    let smooth = crossEntropyLoss(
      logits, Tensor<Int32>([0, 0]), weights: Tensor([1, 0, 0]), smoothing: 0.1)
    #expect(smooth.scalar.isFinite)
    let chosen = negativeLogLikelihoodLoss(
      logits, Tensor<Int32>([1, 0]), weights: Tensor([1, 0, 1]), reduction: .sum)
    #expect(chosen.scalar == -2)
  }

  @Test func `soft labels 0, and classes without weight, at logits of minus infinity`() {
    checkImpossible(Float.self)
    checkImpossible(Double.self)
  }

  private func checkDivergence<Scalar: FloatingPointScalar>(_: Scalar.Type) {
    let x = Tensor<Scalar>([0, -.infinity])
    let target = Tensor<Scalar>([1, 0])
    let loss = { (x: Tensor<Scalar>) in klDivergenceLoss(x, target) }
    #expect(loss(x).scalar == 0)
    #expect(gradient(at: x, of: loss).scalars == [-0.5, 0])
    #expect(second(at: x, loss) == [0, 0])
    let slopes = valueWithGradient(at: x, target) { klDivergenceLoss($0, $1) }.gradients
    #expect(slopes.1.scalars == [0.5, 0])
    let logarithms = Tensor<Scalar>([0, -.infinity])
    let (value, both) = valueWithGradient(at: x, logarithms) {
      klDivergenceLoss($0, $1, isLogarithmic: true)
    }
    #expect(value.scalar == 0)
    #expect(both.0.scalars == [-0.5, 0] && both.1.scalars == [0.5, 0])
    #expect(klDivergenceLoss(x, Tensor([0.5, 0.5])).scalar == .infinity)
    let tangents = jacobianVectorProduct(at: [x], along: [.ones([2])]) { [loss($0[0])] }.tangents
    #expect(tangents[0].scalar == -0.5)
  }

  @Test func `targets 0 of a divergence are left out`() {
    checkDivergence(Float.self)
    checkDivergence(Double.self)
  }

  private func checkBinary<Scalar: FloatingPointScalar>(_: Scalar.Type) {
    let x = Tensor<Scalar>([.infinity, -.infinity, .infinity, -.infinity])
    let right = Tensor<Scalar>([1, 0, 1, 0])
    let loss = { (x: Tensor<Scalar>) in binaryCrossEntropyLoss(logits: x, right, reduction: .none) }
    #expect(loss(x).scalars == [0, 0, 0, 0])
    #expect(gradient(at: x) { loss($0).sum() }.scalars == [0, 0, 0, 0])
    #expect(second(at: x, loss) == [0, 0, 0, 0])
    let wrong = binaryCrossEntropyLoss(logits: x, 1 - right, reduction: .none)
    #expect(wrong.scalars == Array(repeating: .infinity, count: 4))
    // Weights of 0 leave out what is wrong.
    let weights = Tensor<Scalar>([0, 0, 0, 0])
    let (left, slope) = valueWithGradient(at: x) {
      binaryCrossEntropyLoss(logits: $0, 1 - right, weights: weights, reduction: .sum)
    }
    #expect(left.scalar == 0 && slope.scalars == [0, 0, 0, 0])
    let no = valueWithGradient(at: Tensor<Scalar>([-.infinity])) {
      binaryCrossEntropyLoss(logits: $0, .ones([1]), positiveWeight: Tensor([0]))
    }
    #expect(no.value.scalar == 0 && no.gradient.scalars == [0])
  }

  @Test func `infinite logits that are right cost nothing`() {
    checkBinary(Float.self)
    checkBinary(Double.self)
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity])
  func `logits of ignored labels do not reach the second derivative`(junk: Double) {
    var generator = Generator(seed: 4)
    let clean = Tensor<Double>.normal([4, 3], using: &generator)
    let labels = Tensor<Int32>([0, 9, 2, 9])
    let isIgnored = Tensor([[false], [true], [false], [true]])
    let logits = clean.filled(where: isIgnored, with: junk)
    let losses: [(Tensor<Double>) -> Tensor<Double>] = [
      { crossEntropyLoss($0, labels, ignoring: 9) },
      { crossEntropyLoss($0, labels, ignoring: 9, smoothing: 0.1) },
      { crossEntropyLoss($0, labels, weights: Tensor([1, 2, 3]), ignoring: 9, smoothing: 0.1) },
      { crossEntropyLoss($0, labels, ignoring: 9, reduction: .none) },
      {
        crossEntropyLoss(
          $0, Tensor<Int32>([0, 1, 2, 1]), weights: Tensor([1, 0, 3]), reduction: .sum)
      },
    ]
    for (number, loss) in losses.enumerated() {
      #expect(loss(logits) == loss(clean), "loss \(number)")
      let (ours, wanted) = (second(at: logits, loss), second(at: clean, loss))
      #expect(ours == wanted, "loss \(number)")
      let tangent = jacobianVectorProduct(at: [logits], along: [.ones([4, 3])]) {
        [gradient(at: $0[0]) { loss($0).sum() }]
      }.tangents[0]
      #expect(tangent.scalars.allSatisfy { $0.isFinite }, "loss \(number)")
    }
  }

  // MARK: Tails

  private func checkConfident<Scalar: FloatingPointScalar>(_: Scalar.Type) {
    for distance in [5.0, 20, 60] {
      let rest = Foundation.log1p(Foundation.exp(-distance))
      let slope = Foundation.exp(-distance) / (1 + Foundation.exp(-distance))
      let x = Tensor<Scalar>([[Scalar(distance), 0]])
      let labels = Tensor<Int32>([0])
      let losses: [(Tensor<Scalar>) -> Tensor<Scalar>] = [
        { crossEntropyLoss($0, labels) },
        { crossEntropyLoss($0, labels, reduction: .none) },
        { crossEntropyLoss($0, labels, ignoring: 7) },
        { crossEntropyLoss($0, probabilities: Tensor([[1, 0]])) },
        { negativeLogLikelihoodLoss(logSoftmax($0, axis: 1), labels) },
        { binaryCrossEntropyLoss(logits: $0.unstacked(axis: 1)[0], .ones([1])) },
        { binaryCrossEntropyLoss(logits: -$0.unstacked(axis: 1)[0], .zeros([1])) },
        { ctcLoss(logSoftmax($0, axis: 1).unsqueezed(axis: 0), [[]]) },
      ]
      for (number, loss) in losses.enumerated() {
        let (value, gradient) = valueWithGradient(at: x) { loss($0).sum() }
        #expect(close(value.scalar, rest), "loss \(number) of \(distance): \(value) for \(rest)")
        let ours = gradient.scalars
        #expect(close(ours[0], -slope), "loss \(number) of \(distance): \(ours) for \(-slope)")
        let isBinary = number == 5 || number == 6
        #expect(isBinary ? ours[1] == 0 : close(ours[1], slope), "loss \(number): \(ours)")
      }
    }
  }

  @Test func `confident right answers keep their digits, and so do their gradients`() {
    checkConfident(Float.self)
    checkConfident(Double.self)
  }

  // MARK: Pieces

  private func checkPieces<Scalar: FloatingPointScalar>(_: Scalar.Type) {
    let d = Tensor<Scalar>([-.infinity, -3, 0, 0.25, 3, 1e30, .infinity])
    let zero = Tensor<Scalar>.zeros([7])
    let scales: [Scalar] = [.leastNonzeroMagnitude, 1e-40, 1e-38, 1e-20, 1, 1e20, 1e30]
    for scale in scales {
      let smooth = { (x: Tensor<Scalar>) in smoothL1Loss(x, zero, beta: scale, reduction: .none) }
      let huber = { (x: Tensor<Scalar>) in huberLoss(x, zero, delta: scale, reduction: .none) }
      let slopes = gradient(at: d) { smooth($0).sum() }.scalars
      let huberSlopes = gradient(at: d) { huber($0).sum() }.scalars
      let curvatures = second(at: d, smooth)
      for (place, x) in d.scalars.enumerated() {
        let (size, beta) = (Double(x.magnitude), Double(scale))
        let exact = size < beta ? size / beta * size / 2 : size - beta / 2
        let value = smooth(d).scalars[place]
        #expect(
          Double(value) == exact || close(value, exact), "\(x), beta \(scale): \(value) \(exact)")
        let slope = x == 0 ? 0 : size < beta ? Double(x) / beta : x < 0 ? -1 : 1
        #expect(
          close(slopes[place], slope) || slopes[place].magnitude < .leastNormalMagnitude,
          "\(x), beta \(scale): \(slopes[place]) for \(slope)")
        if size >= beta { #expect(curvatures[place] == 0) }
        // Half a square, or what the line is multiplied by.
        let wanted = size < beta ? size * size / 2 : beta * (size - beta / 2)
        let huberValue = huber(d).scalars[place]
        let isRepresented = wanted < Double(Scalar.greatestFiniteMagnitude) || !wanted.isFinite
        let isNormal = wanted == 0 || wanted > 4 * Double(Scalar.leastNormalMagnitude)
        if isRepresented && isNormal {
          #expect(
            Double(huberValue) == wanted || close(huberValue, wanted), "\(x), delta \(scale)")
        }
        let huberSlope = size < beta ? Double(x) : x < 0 ? -beta : beta
        #expect(Double(huberSlopes[place]) == huberSlope, "\(x), delta \(scale)")
      }
    }
  }

  @Test func `the piece that does not count may overflow`() {
    checkPieces(Float.self)
    checkPieces(Double.self)
  }
}
