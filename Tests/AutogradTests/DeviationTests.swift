import Autograd
import Testing

/// Norms, variances and normalisations of numbers whose squares are out of range, or that lie far
/// from 0.
@Suite struct DeviationTests {
  /// As far as a few roundings of the largest, in the precision of the scalar.
  private func isClose<Scalar: FloatingPointScalar>(
    _ a: Tensor<Scalar>, _ b: [Double], _ tolerance: Double = 8
  ) -> Bool {
    let bound = tolerance * Double(Scalar.ulpOfOne) * b.map { abs($0) }.max()!
    return zip(a.scalars, b).allSatisfy { abs(Double($0) - $1) <= bound } && a.count == b.count
  }

  private func checkNorms<Scalar: FloatingPointScalar>(_ size: Scalar) {
    let x = Tensor([3 * size, -4 * size, 0])
    let length = 5 * Double(size)
    #expect(isClose(x.norm(), [length]))
    #expect(isClose(gradient(at: x) { $0.norm() }, [0.6, -0.8, 0]))
    let rows = Tensor([3 * size, -4 * size, 3, -4, 0, 0], shape: [3, 2])
    #expect(isClose(rows.norm(axes: 1), [length, 5, 0]))
    #expect(isClose(gradient(at: rows) { $0.norm(axes: 1).sum() }, [0.6, -0.8, 0.6, -0.8, 0, 0]))
    #expect(
      isClose(rows.norm(axes: 0, keepsAxes: true), rows.norm(axes: 0).scalars.map(Double.init)))
    #expect(isClose(x.normalized(axis: 0, epsilon: 0), [0.6, -0.8, 0]))
    let other = Tensor([size, 0, 0])
    #expect(isClose(cosineSimilarity(x, other, axis: 0, epsilon: 0), [0.6]))
    // Across the vector the direction turns by 1 / length.
    let slope =
      gradient(at: Tensor([size, size / 2])) {
        $0.normalized(axis: 0, epsilon: 0).narrowed(axis: 0, to: 1..<2).sum()
      } * size
    let turn = 1 / (1.25 * 1.25.squareRoot())
    #expect(isClose(slope, [-turn / 2, turn], 16))
    #expect(isClose(Tensor([size, 2 * size, 3 * size]).standardDeviation(), [Double(size)]))
    #expect(
      isClose(
        gradient(at: Tensor([size, 2 * size, 3 * size])) { $0.standardDeviation() }, [-0.5, 0, 0.5])
    )
  }

  @Test func `lengths and directions whose squares are out of range`() {
    for size in [3e-38, 1e-36, 1e-30, 1e-20, 1, 1e18, 3e20, 6e37] as [Float] { checkNorms(size) }
    for size in [1e-300, 1e-160, 1, 1e160, 3e307] as [Double] { checkNorms(size) }
  }

  @Test func `directions of vectors whose length is out of range`() {
    let x = Tensor<Float>(repeating: 3e38, shape: [4])
    #expect(x.norm().scalar == .infinity)
    #expect(isClose(x.normalized(axis: 0), [0.5, 0.5, 0.5, 0.5]))
    #expect(isClose(x.normalized(.one, axis: 0), [0.25, 0.25, 0.25, 0.25]))
    #expect(isClose(cosineSimilarity(x, x, axis: 0), [1]))
    #expect(isClose(gradient(at: x) { $0.norm() }, [0.5, 0.5, 0.5, 0.5]))
  }

  @Test func `a norm's second derivative of small and large vectors`() {
    for size in [1e-12, 1, 1e12] as [Float] {
      // |x| has the second derivatives (1 - n nᵀ) / |x|.
      let x = Tensor([3 * size, 4 * size])
      let second = hessian(at: x) { $0.norm() } * (5 * size)
      #expect(isClose(second, [0.64, -0.48, -0.48, 0.36], 16), "\(second)")
    }
  }

  @Test func `infinite lengths, and those of NaN`() {
    #expect(Tensor<Float>([1, -.infinity]).norm().scalar == .infinity)
    #expect(Tensor<Float>([1, .nan, .infinity]).norm().scalar.isNaN)
    #expect(Tensor<Float>([0, 0]).norm().scalar == 0)
    #expect(Tensor<Float>.zeros([3, 0]).norm(axes: 1).scalars == [0, 0, 0])
    #expect(gradient(at: Tensor<Float>([0, 0])) { $0.norm() * 3 }.scalars == [0, 0])
    #expect(Tensor<Float>([1, .nan]).variance().scalar.isNaN)
    #expect(Tensor<Float>([1, .infinity]).standardDeviation().scalar.isNaN)
  }

  @Test func `a mean that is in range though the sum is not`() {
    let x = Tensor<Float>([3e38, 3e38, 1e38, -1e38], shape: [2, 2])
    #expect(isClose(x.mean(), [1.5e38]))
    #expect(isClose(x.mean(axes: 1), [3e38, 0]))
    #expect(isClose(gradient(at: x) { $0.mean() }, [0.25, 0.25, 0.25, 0.25]))
    #expect(Tensor<Float>([1, .infinity]).mean().scalar == .infinity)
    #expect(Tensor<Float>([1, .nan]).mean().scalar.isNaN)
  }

  @Test func `a variance that is in range though a sum of squares is not`() {
    let x = Tensor<Float>([-1e19, 1e19], shape: [2]).expanded(to: [500, 2])
    #expect(isClose(x.variance(correction: 0), [1e38]))
    #expect(Tensor<Float>([-1e20, 1e20]).variance().scalar == .infinity)
    #expect(
      isClose(Tensor<Float>([3e38, 3e38, -3e38, -3e38]).standardDeviation(correction: 0), [3e38]))
  }

  // MARK: Far from 0

  /// Numbers near `offset`, and in `Double` their deviations from the mean.
  private func near(
    _ offset: Float, _ count: Int, spread: Float = 1
  ) -> (x: Tensor<Float>, deviations: [Double]) {
    var generator = Generator(seed: 4)
    let x = Tensor<Float>.normal([count], using: &generator) * spread + offset
    let mean = x.scalars.reduce(0) { $0 + Double($1) } / Double(count)
    return (x, x.scalars.map { Double($0) - mean })
  }

  @Test func `equal numbers do not deviate`() {
    for number in [100000.1, 0.1, -7e8, 1e-20, 3e30] as [Float] {
      for count in [7, 3, 100, 1000] {
        let x = Tensor<Float>(repeating: number, shape: [1, count])
        #expect(layerNorm(x, shape: [count]).scalars.allSatisfy { $0 == 0 }, "\(number) \(count)")
        #expect(x.variance().scalar == 0)
        #expect(x.standardDeviation().scalar == 0)
        #expect(gradient(at: x) { $0.standardDeviation() }.scalars.allSatisfy { $0 == 0 })
        #expect(batchNorm(x.transposed()).output.scalars.allSatisfy { $0 == 0 })
      }
    }
  }

  @Test(arguments: [0, 3, 1e3, -1e6] as [Float], [2, 7, 64, 1000])
  func `normalisations far from 0`(_ offset: Float, _ count: Int) {
    let (x, deviations) = near(offset, count, spread: offset == -1e6 ? 3 : 1)
    let variance = deviations.reduce(0) { $0 + $1 * $1 } / Double(count)
    let exact = deviations.map { $0 / (variance + 1e-5).squareRoot() }
    func expectExact(_ y: Tensor<Float>) {
      let worst = zip(y.scalars, exact).map { abs(Double($0) - $1) }.max()!
      #expect(worst <= 16 * 0x1p-24, "\(worst / 0x1p-24) units")
    }
    expectExact(layerNorm(x.reshaped([1, count] as Shape), shape: [count]))
    expectExact(batchNorm(x.reshaped([count, 1] as Shape)).output)
    let freedom = Double(count) / Double(count - 1)
    #expect(isClose(x.variance(), [variance * freedom]))
    #expect(isClose(x.standardDeviation(), [(variance * freedom).squareRoot()]))
    // With n normalised: (g - mean(g) - n mean(g n)) / deviation.
    var generator = Generator(seed: 6)
    let g = Tensor<Float>.normal([count], using: &generator)
    let mean = g.scalars.reduce(0) { $0 + Double($1) } / Double(count)
    let along = zip(g.scalars, exact).reduce(0) { $0 + Double($1.0) * $1.1 } / Double(count)
    let slopes = zip(g.scalars, exact).map {
      (Double($0) - mean - $1 * along) / (variance + 1e-5).squareRoot()
    }
    for slope in [
      gradient(at: x) { (layerNorm($0.reshaped([1, count] as Shape), shape: [count]) * g).sum() },
      gradient(at: x) {
        (batchNorm($0.reshaped([count, 1] as Shape)).output.reshaped([count] as Shape) * g).sum()
      },
    ] {
      let worst = zip(slope.scalars, slopes).map { abs(Double($0) - $1) }.max()!
      #expect(worst <= 64 * 0x1p-24 / variance.squareRoot(), "\(worst / 0x1p-24) units")
    }
  }

  @Test(arguments: [1e-30, 1e-12, 1e15, 3e20, 1e37] as [Float])
  func `normalisations of numbers whose squares are out of range`(_ size: Float) {
    let x = Tensor<Float>([-2, 1, 0, 1], shape: [1, 4])
    let exact = [-2, 1, 0, 1].map { $0 / 1.5.squareRoot() }
    let column = x.reshaped([4, 1] as Shape)
    #expect(isClose(layerNorm(x * size, shape: [4], epsilon: 0), exact))
    #expect(isClose(batchNorm(column * size, epsilon: 0).output, exact))
    #expect(isClose(rmsNorm(x * size, shape: [4], epsilon: 0), exact))
    // Scaled with the numbers, the gradients are those of numbers of size 1.
    let g = Tensor<Float>([1, 2, -1, 3])
    for function in [
      { layerNorm($0, shape: [4], epsilon: 0) },
      { batchNorm($0.reshaped([4, 1] as Shape), epsilon: 0).output.reshaped([1, 4] as Shape) },
      { rmsNorm($0, shape: [4], epsilon: 0) },
    ] as [(Tensor<Float>) -> Tensor<Float>] {
      let slope = gradient(at: x) { (function($0) * g).sum() }
      let scaled = gradient(at: x * size) { (function($0) * g).sum() } * size
      let worst = zip(slope.scalars, scaled.scalars).map { abs($0 - $1) }.max()!
      #expect(worst <= 1e-6, "\(slope), \(scaled)")
    }
  }

  @Test func `a bound in place of a vanishing deviation`() {
    for size in [1e-22, 1e-15] as [Float] {
      // Beside epsilon the variance is nothing.
      let x = Tensor<Float>([-size, size, 3 * size, 5 * size], shape: [1, 4])
      let exact = [-3, -1, 1, 3].map { $0 * Double(size) / 1e-10 }
      #expect(
        isClose(
          layerNorm(x, shape: [4], epsilon: 1e-20),
          exact.map { $0 / (1 + (size > 1e-20 ? 5e-10 : 0)) }, 16))
    }
  }

  @Test func `second derivatives of normalisations of large and small numbers`() {
    let x = Tensor<Float>([-2, 1, 0.5, 1], shape: [1, 4])
    let g = Tensor<Float>([1, 2, -1, 3])
    func curvature(_ size: Float) -> Tensor<Float> {
      hessian(at: x * size) { (layerNorm($0, shape: [4], epsilon: 0) * g).sum() } * size * size
    }
    let exact = curvature(1)
    for size in [1e-9, 1e9, 1e15] as [Float] {
      let worst = zip(curvature(size).scalars, exact.scalars).map { abs($0 - $1) }.max()!
      #expect(worst <= 1e-5, "\(size): \(worst)")
    }
  }
}
