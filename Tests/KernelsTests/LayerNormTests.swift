import Kernels
import Testing

@Suite struct LayerNormTests {
  /// Layer normalisation by its definition.
  static func naive(
    _ x: [Double], _ weight: [Double]?, _ bias: [Double]?, _ rows: Int, _ epsilon: Double
  ) -> [Double] {
    let count = x.count / rows
    return (0..<rows).flatMap { row in
      let x = x[row * count..<(row + 1) * count]
      let mean = x.reduce(0, +) / Double(count)
      let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
      return x.enumerated().map { i, x in
        (x - mean) / (variance + epsilon).squareRoot() * (weight?[i] ?? 1) + (bias?[i] ?? 0)
      }
    }
  }

  @Test(arguments: [1, 4, 16, 33, 100, 600], Machine.all)
  func rowsAreNormalised(_ count: Int, _ machine: Machine) {
    var numbers = Numbers(8)
    // A mean far from 0, which makes a variance from sums of squares useless.
    let x: [Double] = numbers.uniform(3 * count, 999, 1001)
    let weight: [Double] = numbers.uniform(count, -1, 1)
    let bias: [Double] = numbers.uniform(count, -1, 1)
    var result = [Double](repeating: 9, count: 3 * count)
    var means = [Double](repeating: 9, count: 3)
    var deviations = [Double](repeating: 9, count: 3)
    machine.double.layerNorm(
      x, weight: weight, bias: bias, to: &result, means: &means, inverseDeviations: &deviations,
      rows: 3, count: count, epsilon: 1e-5)
    // Differences of numbers near 1000, of which each is exact to 1000 * 2^-53, divided by a
    // deviation that is above 0.003.
    for (y, exact) in zip(result, Self.naive(x, weight, bias, 3, 1e-5)) {
      #expect((y - exact).magnitude < 1e-9)
    }
    machine.double.layerNorm(
      x, weight: nil, bias: nil, to: &result, means: &means, inverseDeviations: &deviations,
      rows: 3, count: count, epsilon: 1e-5)
    for (y, exact) in zip(result, Self.naive(x, nil, nil, 3, 1e-5)) {
      #expect((y - exact).magnitude < 1e-9)
    }
  }

  @Test(arguments: [2, 5, 16, 37, 64], Machine.all)
  func theGradientIsThatOfTheFunction(_ count: Int, _ machine: Machine) {
    var numbers = Numbers(9)
    let x: [Double] = numbers.uniform(2 * count, -1, 1)
    let weight: [Double] = numbers.uniform(count, -1, 1)
    let gradient: [Double] = numbers.uniform(2 * count, -1, 1)
    var y = x
    var means = [0.0, 0.0]
    var deviations = [0.0, 0.0]
    var result = y
    for weight in [weight, nil] {
      machine.double.layerNorm(
        x, weight: weight, bias: nil, to: &y, means: &means, inverseDeviations: &deviations,
        rows: 2, count: count, epsilon: 1e-3)
      machine.double.layerNormGradient(
        gradient, at: x, weight: weight, means: means, inverseDeviations: deviations, to: &result,
        rows: 2, count: count)
      for i in [0, 1, count - 1, count, 2 * count - 1] {
        let step = 1e-5
        let values = [step, -step].map { step in
          var x = x
          x[i] += step
          return zip(Self.naive(x, weight, nil, 2, 1e-3), gradient).reduce(0) { $0 + $1.0 * $1.1 }
        }
        let slope = (values[0] - values[1]) / (2 * step)
        // A central difference: step squared times a third derivative of at most about 1e3, and
        // rounding of 1e-15 divided by the step.
        #expect((result[i] - slope).magnitude < 1e-6 * max(1, slope.magnitude))
      }
    }
  }

  /// A row's normalised one, and the gradient of its sum weighed with `gradient`, in `Float`.
  private func run(
    _ x: [Float], _ gradient: [Float], _ epsilon: Float, _ machine: Machine
  ) -> (y: [Float], slope: [Float]) {
    var y = x
    var slope = x
    var mean: [Float] = [0]
    var deviation: [Float] = [0]
    machine.float.layerNorm(
      x, weight: nil, bias: nil, to: &y, means: &mean, inverseDeviations: &deviation, rows: 1,
      count: x.count, epsilon: epsilon)
    machine.float.layerNormGradient(
      gradient, at: x, weight: nil, means: mean, inverseDeviations: deviation, to: &slope, rows: 1,
      count: x.count)
    return (y, slope)
  }

  @Test(arguments: [3, 7, 16, 33, 100, 600], Machine.all)
  func whatTheMeanLosesByRoundingIsNoDeviation(_ count: Int, _ machine: Machine) {
    for number in [100000.1, 0.1, -7e8, 1e-20, 3e30] as [Float] {
      let x = [Float](repeating: number, count: count)
      #expect(run(x, x.map { _ in 1 }, 1e-5, machine).y.allSatisfy { $0 == 0 })
    }
    var numbers = Numbers(10)
    let gradient: [Float] = numbers.uniform(count, -1, 1)
    for offset in [3, 1e4, -1e6] {
      let x: [Float] = numbers.uniform(count, offset - 4, offset + 4)
      let (y, slope) = run(x, gradient, 1e-5, machine)
      let exact = Self.naive(x.map(Double.init), nil, nil, 1, 1e-5)
      for (y, exact) in zip(y, exact) {
        // The differences are exact to a rounding of the mean's rest, and the deviation to four.
        #expect((Double(y) - exact).magnitude <= 16 * 0x1p-24)
      }
      let mean = x.reduce(0) { $0 + Double($1) } / Double(count)
      let variance = x.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(count)
      let inverse = 1 / (variance + 1e-5).squareRoot()
      let flow = gradient.reduce(0) { $0 + Double($1) } / Double(count)
      let along = zip(gradient, exact).reduce(0) { $0 + Double($1.0) * $1.1 } / Double(count)
      for (place, slope) in slope.enumerated() {
        let expected = (Double(gradient[place]) - flow - exact[place] * along) * inverse
        #expect((Double(slope) - expected).magnitude <= 32 * 0x1p-24 * inverse)
      }
    }
  }

  @Test(arguments: [4, 16, 40, 600], Machine.all)
  func rowsWhoseSquaresAreOutOfRangeAreNormalised(_ count: Int, _ machine: Machine) {
    var numbers = Numbers(11)
    let x: [Float] = numbers.uniform(count, -1, 1)
    let gradient: [Float] = numbers.uniform(count, -1, 1)
    let exact = Self.naive(x.map(Double.init), nil, nil, 1, 0)
    let slopes = run(x, gradient, 0, machine).slope
    for size in [0x1p-120, 0x1p-70, 0x1p70, 0x1p120] as [Float] {
      let (y, slope) = run(x.map { $0 * size }, gradient, 0, machine)
      for (y, exact) in zip(y, exact) { #expect((Double(y) - exact).magnitude <= 16 * 0x1p-24) }
      for (slope, plain) in zip(slope, slopes) {
        #expect((slope * size - plain).magnitude <= 1e-5)
      }
    }
  }
}
