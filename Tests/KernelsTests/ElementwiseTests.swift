import Foundation
import Kernels
import Testing

@Suite struct ElementwiseTests {
  /// The definitions, one number at a time.
  static func expected(_ function: BinaryFunction, _ a: Double, _ b: Double) -> Double {
    switch function {
    case .add: a + b
    case .subtract: a - b
    case .multiply: a * b
    case .weigh: b == 0 ? 0 : a * b
    case .divide: a / b
    case .maximum: a.isNaN || b.isNaN ? .nan : max(a, b)
    case .minimum: a.isNaN || b.isNaN ? .nan : min(a, b)
    case .power: pow(a, b)
    case .tanhGradient: a * (1 - b * b)
    case .sigmoidGradient: a * b * (1 - b)
    case .reluGradient: b <= 0 ? 0 : a
    }
  }

  @Test(arguments: BinaryFunction.allCases, Machine.all)
  func functionsOfTwoArgumentsFollowTheirDefinitions(
    _ function: BinaryFunction, _ machine: Machine
  ) {
    var numbers = Numbers(11)
    for (countA, countB) in [(1, 1), (4, 4), (5, 1), (1, 40), (100, 100), (131, 1), (1, 67)] {
      let a: [Float] = numbers.uniform(countA, -2, 2)
      let b: [Float] = numbers.uniform(countB, -1, 1)
      let result = machine.float.binary(function, a, b)
      for i in 0..<max(countA, countB) {
        let exact = Self.expected(
          function, Double(a[countA == 1 ? 0 : i]), Double(b[countB == 1 ? 0 : i]))
        // Three roundings at most, of terms that are below 8; the difference from 1 cancels.
        let close = (Double(result[i]) - exact).magnitude <= 3 * 8 * Double(Float.ulpOfOne)
        let relative =
          (Double(result[i]) - exact).magnitude <= Double(Float.ulpOfOne) * exact.magnitude
        #expect(close || relative || (exact.isNaN && result[i].isNaN))
      }
    }
  }

  @Test(arguments: Machine.all)
  func extremesPropagateNaN(_ machine: Machine) {
    let a: [Double] = [.nan, 1, .nan, 2, -.infinity]
    let b: [Double] = [1, .nan, .nan, 3, .infinity]
    for function in [BinaryFunction.maximum, .minimum] {
      let result = machine.double.binary(function, a, b)
      #expect(result.map(\.isNaN) == [true, true, true, false, false])
    }
    #expect(machine.double.binary(.maximum, a, b)[3...] == [3, .infinity])
    #expect(machine.double.binary(.minimum, a, b)[3...] == [2, -.infinity])
  }

  @Test(arguments: Machine.all)
  func whatHasNoWeightIsLeftOut(_ machine: Machine) {
    for odd in [Float.nan, .infinity, -.infinity] {
      let a = [Float](repeating: odd, count: 40)
      let b = (0..<40).map { (i: Int) -> Float in i % 3 == 0 ? -0.0 : Float(i) }
      for (result, weight) in zip(machine.float.binary(.weigh, a, b), b) {
        #expect(weight == 0 ? result == 0 : !result.isFinite)
      }
      #expect(machine.float.binary(.weigh, a, [0]).allSatisfy { $0 == 0 })
    }
  }

  @Test(arguments: Machine.all)
  func powerHasTheUsualEdgeCases(_ machine: Machine) {
    let a: [Float] = [0, .nan, -2, -2, 0, -0.0, .infinity, 1, -8, 2]
    let b: [Float] = [0, 0, 3, 2, -1, -3, -1, .nan, 1 / 3, 0.5]
    let result = machine.float.binary(.power, a, b)
    #expect(result[..<8] == [1, 1, -8, 4, .infinity, -.infinity, 0, 1])
    #expect(result[8].isNaN)
    #expect(result[9] == Float(2).squareRoot())
    #expect(machine.float.binary(.power, [3, -4], [2]) == [9, 16])
  }

  @Test(arguments: Machine.all)
  func signAndReluFollowTheirDefinitions(_ machine: Machine) {
    #expect(machine.float.unary(.sign, [-3, -0.0, 0, 5, .infinity]) == [-1, 0, 0, 1, 1])
    #expect(machine.float.unary(.relu, [-3, -0.0, 0, 5, .infinity]) == [0, 0, 0, 5, .infinity])
    #expect(machine.float.unary(.absolute, [-3, -0.0, 7, -.infinity]) == [3, 0, 7, .infinity])
    #expect(machine.float.unary(.square, [-3, 0.5]) == [9, 0.25])
  }

  @Test(arguments: Machine.all)
  func comparisonsAreThoseOfTheLanguage(_ machine: Machine) {
    var numbers = Numbers(2)
    let a: [Float] = (numbers.uniform(90, -3, 3) as [Float]).map { $0.rounded() } + [.nan]
    let b: [Float] = (numbers.uniform(90, -3, 3) as [Float]).map { $0.rounded() } + [1]
    let cases: [(Comparison, (Float, Float) -> Bool)] = [
      (.equal, { $0 == $1 }), (.notEqual, { $0 != $1 }), (.less, { $0 < $1 }),
      (.lessOrEqual, { $0 <= $1 }), (.greater, { $0 > $1 }), (.greaterOrEqual, { $0 >= $1 }),
    ]
    for (comparison, holds) in cases {
      #expect(machine.float.compare(comparison, a, b) == zip(a, b).map { holds($0, $1) })
      #expect(machine.float.compare(comparison, a, [1]) == a.map { holds($0, 1) })
      #expect(machine.float.compare(comparison, [1], b) == b.map { holds(1, $0) })
    }
  }

  @Test(arguments: Machine.all)
  func addScaledAddsAMultiple(_ machine: Machine) {
    for count in [0, 1, 4, 16, 33, 100] {
      let a = (0..<count).map { Float($0) }
      var result = [Float](repeating: 1, count: count)
      machine.float.addScaled(a, by: 0.5, to: &result, count: count)
      #expect(result == a.map { 1 + 0.5 * $0 })
    }
  }
}
