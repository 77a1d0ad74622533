import Kernels
import Testing

@Suite struct OptimizerStepsTests {
  // Counts below, at and above every register width, with and without a rest.
  private static let counts = [0, 1, 3, 8, 16, 37]

  @Test(arguments: counts, Machine.all)
  func gradientDescentFollowsItsFormula(_ count: Int, _ machine: Machine) {
    var numbers = Numbers(1)
    let start: [Double] = numbers.uniform(count, -1, 1)
    let gradient: [Double] = numbers.uniform(count, -1, 1)
    let velocity: [Double] = numbers.uniform(count, -1, 1)
    for (momentum, isNesterov) in [(0.0, false), (0.9, false), (0.9, true)] {
      let step = SGDStep<Double>(
        learningRate: 0.1, sign: -1, weightDecay: 0.25, momentum: momentum, gain: 0.5,
        isNesterov: isNesterov)
      // One element more, which must stay.
      var (p, b) = (start + [7], velocity + [7])
      if momentum == 0 {
        machine.double.sgd(step, parameter: &p, gradient: gradient, velocity: nil, count: count)
      } else {
        machine.double.sgd(step, parameter: &p, gradient: gradient, velocity: &b, count: count)
      }
      for i in 0..<count {
        let g = 0.25 * start[i] - gradient[i]
        let new = momentum * velocity[i] + 0.5 * g
        let change = momentum == 0 ? g : isNesterov ? g + momentum * new : new
        // A few roundings of numbers of size 1, 1e-16 each.
        #expect(abs(p[i] - (start[i] - 0.1 * change)) < 1e-15)
        if momentum != 0 { #expect(abs(b[i] - new) < 1e-15) }
      }
      #expect(p[count] == 7 && b[count] == 7)
    }
  }

  @Test(arguments: counts, Machine.all)
  func adamFollowsItsFormula(_ count: Int, _ machine: Machine) {
    var numbers = Numbers(2)
    let start: [Double] = numbers.uniform(count, -1, 1)
    let gradient: [Double] = numbers.uniform(count, -1, 1)
    let moment: [Double] = numbers.uniform(count, -1, 1)
    let second: [Double] = numbers.uniform(count, 0, 1)
    let bound: [Double] = numbers.uniform(count, 0, 1)
    let step = AdamStep<Double>(
      stepSize: 0.1, sign: 1, weightDecay: 0.25, shrinkage: 0.75, beta1: 0.9, gain1: 0.1,
      beta2: 0.8, gain2: 0.2, rootFactor: 2, epsilon: 0.01)
    for usesLargest in [false, true] {
      var (p, m, v, largest) = (start + [7], moment + [7], second + [7], bound + [7])
      if usesLargest {
        machine.double.adam(
          step, parameter: &p, gradient: gradient, first: &m, second: &v, largest: &largest,
          count: count)
      } else {
        machine.double.adam(
          step, parameter: &p, gradient: gradient, first: &m, second: &v, largest: nil, count: count
        )
      }
      for i in 0..<count {
        let g = gradient[i] + 0.25 * start[i]
        let first = 0.9 * moment[i] + 0.1 * g
        let square = 0.8 * second[i] + 0.2 * g * g
        let divisor = usesLargest ? max(square, bound[i]) : square
        let moved = 0.75 * start[i] - 0.1 * first / (2 * divisor.squareRoot() + 0.01)
        // The quotient is at most 10, and its roundings count by 0.1.
        #expect(abs(p[i] - moved) < 4e-15)
        #expect(abs(m[i] - first) < 1e-15 && abs(v[i] - square) < 1e-15)
        if usesLargest { #expect(abs(largest[i] - divisor) < 1e-15) }
      }
      #expect(p[count] == 7 && m[count] == 7 && v[count] == 7 && largest[count] == 7)
    }
  }

  @Test(arguments: Machine.all)
  func aGradientThatIsNotANumberIsNotHidden(_ machine: Machine) {
    let step = AdamStep<Float>(
      stepSize: 0.1, sign: 1, weightDecay: 0, shrinkage: 1, beta1: 0.9, gain1: 0.1, beta2: 0.8,
      gain2: 0.2, rootFactor: 1, epsilon: 0.01)
    var (p, m, v, largest) = ([Float(1)], [Float(0)], [Float(0)], [Float(0)])
    machine.float.adam(
      step, parameter: &p, gradient: [.nan], first: &m, second: &v, largest: &largest, count: 1)
    #expect(p[0].isNaN && m[0].isNaN && v[0].isNaN)
  }
}
