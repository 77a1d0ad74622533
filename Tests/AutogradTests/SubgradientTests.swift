import Autograd
import Testing

/// The derivative that is chosen where there is none, or more than one. Stated in
/// Documentation/Semantics.md.
@Suite struct SubgradientTests {
  private func slope(
    at x: [Double], _ function: (Tensor<Double>) -> Tensor<Double>
  ) -> [Double] {
    gradient(at: Tensor(x)) { function($0).sum() }.scalars
  }

  @Test func `relu, abs and sign at 0`() {
    #expect(slope(at: [-0.0, 0, 2], relu) == [0, 0, 1])
    #expect(slope(at: [-1, 0, 2], abs) == [-1, 0, 1])
    #expect(slope(at: [-1, 0, 2], sign) == [0, 0, 0])
    #expect(slope(at: [0]) { leakyReLU($0, slope: 0.2) } == [0.2])
    #expect(slope(at: [0]) { elu($0, alpha: 0.7) } == [0.7])
  }

  @Test func `steps have the derivative 0`() {
    for function in [floor, ceil, round] as [(Tensor<Double>) -> Tensor<Double>] {
      #expect(slope(at: [-1.5, 0, 2], { function($0) + $0 * 0 }) == [0, 0, 0])
    }
    #expect(round(Tensor<Double>([0.5, 1.5, -0.5, 2.5])).scalars == [0, 2, 0, 2])
  }

  @Test func `clamping passes the gradient at its bounds`() {
    #expect(slope(at: [-2, -1, 0, 1, 2]) { $0.clamped(to: -1...1) } == [0, 1, 1, 1, 0])
  }

  @Test func `ties of two tensors give each half`() {
    for function in [max, min] as [(Tensor<Double>, Tensor<Double>) -> Tensor<Double>] {
      let (_, (a, b)) = valueWithGradient(at: Tensor<Double>([3]), Tensor([3])) {
        function($0, $1).sum()
      }
      #expect(a.scalars == [0.5] && b.scalars == [0.5])
    }
  }

  @Test func `ties of a reduction share evenly`() {
    #expect(slope(at: [1, 3, 3, 3, 2]) { $0.max() * 3 } == [0, 1, 1, 1, 0])
    #expect(slope(at: [1, 1, 2]) { $0.min() } == [0.5, 0.5, 0])
    #expect(slope(at: [-2, 2]) { $0.norm(.infinity) } == [-0.5, 0.5])
  }

  @Test func `of a window's ties the first gets the gradient`() {
    let x = Tensor<Double>([[1, 1], [1, 1]])
    #expect(
      gradient(at: x) { maxPool2d($0, PoolingWindow([2, 2])).sum() }.scalars == [1, 0, 0, 0])
  }

  @Test func `sorting sends gradients where the numbers came from`() {
    let weights = Tensor<Double>([1, 2, 3])
    #expect(slope(at: [5, 4, 5]) { $0.sorted().values * weights } == [2, 1, 3])
    #expect(slope(at: [5, 4, 5]) { $0.topK(1).values } == [1, 0, 0])
  }

  @Test func `short vectors keep the gradient of their length`() {
    // a / max(|a|, e) has the derivative 1 / e - a (a / |a|) / e², whichever of the two is larger.
    let slopes = slope(at: [0.5, 0]) { a in
      cosineSimilarity(a, Tensor([2, 0]), axis: 0, epsilon: 1)
    }
    #expect(slopes == [0.5, 0])
    let across = slope(at: [0, 0]) { cosineSimilarity($0, Tensor([0, 4]), axis: 0, epsilon: 0.5) }
    #expect(across == [0, 2])
  }

  @Test func `second derivatives where two pieces meet are 0`() {
    func curvature(at x: Double, _ function: (Tensor<Double>) -> Tensor<Double>) -> [Double] {
      gradient(at: Tensor([x])) { x in gradient(at: x) { function($0).sum() }.sum() }.scalars
    }
    #expect(curvature(at: 0) { elu($0) } == [0])
    #expect(curvature(at: -0.0) { elu($0) } == [0])
    #expect(curvature(at: 1) { elu($0) } == [0])
    #expect(curvature(at: 2) { softplus($0, beta: 0.5, threshold: 1) } == [0])
    #expect(curvature(at: 0) { softplus($0, beta: 2) } == [0.5])
    let below = curvature(at: -1) { elu($0, alpha: 2) }
    #expect(below == [2 * exp(Tensor<Double>(-1)).scalar])
  }

  @Test func `norms and deviations at 0`() {
    #expect(slope(at: [0, 0]) { $0.norm() } == [0, 0])
    #expect(slope(at: [0, 0]) { $0.norm(.one) } == [0, 0])
    #expect(slope(at: [0, 0]) { $0.norm(.infinity) } == [0, 0])
    #expect(slope(at: [2, 2]) { $0.standardDeviation() } == [0, 0])
    #expect(slope(at: [0, 0]) { $0.normalized(axis: 0) } == [1e12, 1e12])
  }

  @Test func `square root, logarithm and quotient at 0 are what the formulas say`() {
    #expect(slope(at: [0], sqrt) == [.infinity])
    #expect(slope(at: [0], rsqrt) == [-.infinity])
    #expect(slope(at: [0], log) == [.infinity])
    #expect(slope(at: [0]) { 1 / $0 } == [-.infinity])
    #expect(slope(at: [0]) { pow($0, 0.5) } == [.infinity])
  }

  @Test func `powers at 0`() {
    let zero = Tensor<Double>([0])
    #expect(pow(zero, 0).scalars == [1])
    #expect(slope(at: [0]) { pow($0, 0) } == [0])
    #expect(slope(at: [0]) { pow($0, 1) } == [1])
    let (_, (base, exponent)) = valueWithGradient(at: zero, zero) { pow($0, $1).sum() }
    #expect(base.scalars == [0] && exponent.scalars == [0])
    // 0^-1 is infinite, and so is its derivative.
    let (_, (_, steep)) = valueWithGradient(at: zero, Tensor([-1])) { pow($0, $1).sum() }
    #expect(steep.scalars == [-.infinity])
  }

  @Test func `what is replaced gets no gradient, be it NaN`() {
    let x = Tensor<Double>([.nan, 4])
    let isFirst = Tensor([true, false])
    #expect(gradient(at: x) { sqrt($0).filled(where: isFirst, with: 0).sum() }.scalars[1] == 0.25)
    #expect(gradient(at: x) { $0.filled(where: isFirst, with: 1).sum() }.scalars == [0, 1])
    #expect(gradient(at: x) { select(isFirst, Tensor(2), $0).sum() }.scalars == [0, 1])
  }
}
