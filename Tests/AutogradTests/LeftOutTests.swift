import Autograd
import Foundation
import Testing

/// What does not count is left out: 0 times an infinity or NaN is not NaN, in no derivative.
@Suite struct LeftOutTests {
  private let odd: [Double] = [.nan, .infinity, -.infinity]

  @Test func `weights of 0 leave out what they meet`() {
    for odd in odd {
      let x = Tensor<Double>([odd, 2, odd])
      let weights = Tensor<Double>([0, 3, 0])
      func twice(_ x: Tensor<Double>) -> Tensor<Double> {
        gradient(at: x) { square($0.weighted(byConstant: weights)).sum() }.sum()
      }
      #expect(x.weighted(byConstant: weights).scalars == [0, 6, 0])
      #expect(gradient(at: x) { $0.weighted(byConstant: weights).sum() }.scalars == [0, 3, 0])
      #expect(gradient(at: x, of: twice).scalars == [0, 18, 0])
      let (_, both) = valueWithGradient(at: x, weights) { $0.weighted(by: $1).sum() }
      #expect(both.0.scalars == [0, 3, 0] && both.1.scalars == [0, 2, 0])
      let tangents = jacobianVectorProduct(at: [x, weights], along: [.ones([3]), .ones([3])]) {
        [$0[0].weighted(by: $0[1])]
      }.tangents[0]
      #expect(tangents.scalars == [0, 5, 0])
    }
  }

  @Test func `the loser of a pair or row gets no gradient, be it infinite`() {
    for odd in odd {
      let (_, (a, b)) = valueWithGradient(at: Tensor<Double>([1, 5]), Tensor([2, 3])) {
        (max($0, $1) * odd).sum()
      }
      #expect(a.scalars[0] == 0 && b.scalars[1] == 0)
      #expect(!a.scalars[1].isFinite && !b.scalars[0].isFinite)
      let slope = gradient(at: Tensor<Double>([1, 2, 0])) { $0.max() * odd }
      #expect(slope.scalars[0] == 0 && slope.scalars[2] == 0 && !slope.scalars[1].isFinite)
    }
    #expect(gradient(at: Tensor<Double>([1, .nan])) { $0.max() }.scalars.allSatisfy { $0.isNaN })
  }

  @Test func `what has no weight in a softmax does not reach its second derivative`() {
    let x = Tensor<Double>([[0.5, .nan, -1], [1, 2, 0]])
    let mask = Tensor([[true, false, true], [true, true, true]])
    for odd in odd {
      // Infinite gradients at the masked entry.
      let factors = Tensor<Double>([[1, odd, 2], [1, -1, 3]])
      func first(_ x: Tensor<Double>, _ factors: Tensor<Double>) -> Tensor<Double> {
        gradient(at: x) { (softmax($0, axis: 1, mask: mask).weighted(by: factors)).sum() }
      }
      let ours = gradient(at: x) { square(first($0, factors)).sum() }
      let clean = gradient(at: x.filled(where: !mask, with: 0)) {
        square(first($0, factors.filled(where: !mask, with: 0))).sum()
      }
      #expect(ours.scalars == clean.scalars)
      #expect(ours.scalars.allSatisfy { $0.isFinite })
    }
  }

  @Test func `logSumExp of minus infinities, and of an infinity`() {
    func check<Scalar: FloatingPointScalar>(_: Scalar.Type) {
      let x = Tensor<Scalar>([
        [-.infinity, -.infinity], [-.infinity, 3], [.infinity, 1], [.infinity, .infinity],
      ])
      let (value, slope) = valueWithGradient(at: x) { $0.logSumExp(axes: 1).unstacked(axis: 0)[0] }
      #expect(value.scalar == -.infinity)
      #expect(slope.scalars == Array(repeating: 0, count: 8))
      #expect(x.logSumExp(axes: 1).scalars == [-.infinity, 3, .infinity, .infinity])
      let all = gradient(at: x) { $0.logSumExp(axes: 1).sum() }
      #expect(all.scalars == [0, 0, 0, 1, 1, 0, 0.5, 0.5])
      let second = gradient(at: x) { x in
        square(gradient(at: x) { $0.logSumExp(axes: 1).sum() }).sum()
      }
      #expect(second.scalars == Array(repeating: 0, count: 8))
      let tangents = jacobianVectorProduct(at: [x], along: [.ones([4, 2])]) {
        [$0[0].logSumExp(axes: 1)]
      }.tangents[0]
      #expect(tangents.scalars == [0, 1, 1, 1])
    }
    check(Float.self)
    check(Double.self)
  }

  @Test func `a logarithm of a sum keeps its digits near 0`() {
    for distance in [1.0, 5, 20, 50] {
      let exact = Foundation.log1p(Foundation.exp(-distance))
      for axes in [[0], [1], [0, 1]] {
        let x =
          axes == [0] ? Tensor<Float>([[0], [Float(-distance)]]) : Tensor([[0, Float(-distance)]])
        let found = x.logSumExp(axes: axes).scalar
        #expect((Double(found) - exact).magnitude <= 1e-6 * exact)
        let lone = logSoftmax(x, axis: axes == [0] ? 0 : 1).scalars[0]
        #expect((Double(lone) + exact).magnitude <= 1e-6 * exact)
      }
    }
    // Two largest, and a sum of weights far from the origin.
    #expect(Tensor<Float>([7, 7]).logSumExp().scalar == 7 + Float(Foundation.log(2.0)))
    let weights = gradient(at: Tensor<Float>([10_000, 9_999])) { $0.logSumExp() }.scalars
    let share = 1 / (1 + Foundation.exp(-1.0))
    #expect((Double(weights[0]) - share).magnitude < 1e-6)
    #expect((Double(weights[1]) - (1 - share)).magnitude < 1e-6)
  }

  @Test func `minus infinities in a softmax have neither weight nor gradient`() {
    let x = Tensor<Float>([0.5, -.infinity, 1])
    let clean = Tensor<Float>([0.5, 1])
    func functions(_ x: Tensor<Float>) -> Tensor<Float> { square(softmax(x, axis: 0)).sum() }
    let (ours, wanted) = (gradient(at: x, of: functions), gradient(at: clean, of: functions))
    #expect(ours.scalars == [wanted.scalars[0], 0, wanted.scalars[1]])
    func label(_ x: Tensor<Float>) -> Tensor<Float> { logSoftmax(x, axis: 0).unstacked(axis: 0)[0] }
    let slope = gradient(at: x, of: label)
    #expect(slope.scalars[1] == 0 && slope.scalars.allSatisfy { $0.isFinite })
    let second = gradient(at: x) { square(gradient(at: $0, of: label)).sum() }
    #expect(second.scalars[1] == 0 && second.scalars.allSatisfy { $0.isFinite })
  }
}
