import Foundation
import Kernels
import Testing

/// A function with its better reference and the bound that its documentation states.
struct Reference: Sendable, CustomTestStringConvertible {
  let function: UnaryFunction
  /// Evaluated with 64 bits of significand: a thousand times finer than what is tested.
  let exact: @Sendable (Float80) -> Float80
  /// Largest error in units in the last place.
  let bound: Double
  /// The arguments between which most happens.
  let range: ClosedRange<Double>
  var testDescription: String { "\(function)" }

  static let all: [Reference] = [
    Reference(function: .exp, exact: { exp($0) }, bound: 1.6, range: -110...90),
    Reference(function: .expm1, exact: { expm1($0) }, bound: 3, range: -20...90),
    Reference(function: .log, exact: { log($0) }, bound: 1, range: 0...4),
    Reference(function: .log1p, exact: { log1p($0) }, bound: 1, range: -1...4),
    Reference(function: .sin, exact: { sin($0) }, bound: 1.6, range: -100...100),
    Reference(function: .cos, exact: { cos($0) }, bound: 1.6, range: -100...100),
    Reference(function: .tanh, exact: { tanh($0) }, bound: 3, range: -10...10),
    Reference(
      function: .sigmoid,
      // Below 0 the form that does not overflow.
      exact: { $0 < 0 ? exp($0) / (1 + exp($0)) : 1 / (1 + exp(-$0)) }, bound: 2.6,
      range: -110...40),
    Reference(function: .erf, exact: { erf($0) }, bound: 1.3, range: -4...4),
    Reference(
      function: .gelu,
      exact: { $0 == -.infinity ? 0 : $0 / 2 * erfc(-$0 * (Float80(1) / 2).squareRoot()) },
      bound: 8, range: -15...5),
    Reference(
      function: .silu,
      exact: {
        $0 == -.infinity ? 0 : $0 < 0 ? $0 * exp($0) / (1 + exp($0)) : $0 / (1 + exp(-$0))
      }, bound: 4, range: -110...20),
    Reference(
      function: .softplus, exact: { max($0, 0) + log1p(exp(-$0.magnitude)) }, bound: 3,
      range: -110...20),
    Reference(function: .squareRoot, exact: { $0.squareRoot() }, bound: 0.51, range: 0...4),
    Reference(
      function: .reciprocalSquareRoot, exact: { 1 / $0.squareRoot() }, bound: 1.51, range: 0...4),
    Reference(function: .reciprocal, exact: { 1 / $0 }, bound: 0.51, range: -4...4),
  ]
}

@Suite struct VectorMathTests {
  /// Where the special cases of one or the other function are.
  static func edges<Scalar: TestedScalar>(_: Scalar.Type) -> [Scalar] {
    let numbers: [Scalar] = [
      0, .leastNonzeroMagnitude, .leastNormalMagnitude, .ulpOfOne, 0.1, 0.3465735, 0.5, 0.6931472,
      0.9, 0.92, 0.925, 0.93, 1, 1.5, 2, 3, 9, 17.3, 19, 37, 86.9, 87.3, 87.34, 88, 88.72, 88.73,
      89, 100, 103.9, 104, 105, 708.3, 708.5, 709.7, 709.79, 710, 744, 745.1, 746, 9999, 10_001,
      999_999, 1_000_001, .greatestFiniteMagnitude, .infinity,
    ]
    let notNumbers: [Scalar] = [.nan, -.nan, .notANumber(payload: 1), .notANumber(payload: 0x1234)]
    return (numbers + numbers.map(\.nextUp) + numbers.map(\.nextDown)).flatMap { [$0, -$0] }
      + notNumbers
  }

  static func samples<Scalar: TestedScalar>(_ reference: Reference, _ type: Scalar.Type)
    -> [Scalar]
  {
    var numbers = Numbers(7)
    let (low, high) = (reference.range.lowerBound, reference.range.upperBound)
    var x: [Scalar] = numbers.uniform(20_000, low, high)
    x += numbers.uniform(10_000, -1.2, 1.2) + numbers.ofAllSizes(10_000)
    x += numbers.uniform(4_000, 0.99, 1.01) + numbers.uniform(4_000, -800, 800)
    // The neighbours of the multiples of a quarter turn, where a sine or cosine cancels.
    x += (1...4_000).map { Scalar(Double($0) * (Double.pi / 2)) }
    return x + edges(type)
  }

  func check<Scalar: TestedScalar>(_ reference: Reference, _ machine: Machine, _: Scalar.Type) {
    let x = Self.samples(reference, Scalar.self)
    let y = Scalar.table(machine).unary(reference.function, x)
    var worst = 0.0
    var at: Scalar = 0
    for (x, y) in zip(x, y) {
      let error = unitsInLastPlace(y, reference.exact(Float80(x)))
      if error > worst { (worst, at) = (error, x) }
    }
    // Without a fused multiply-add, half a unit more.
    let bound = reference.bound + (machine.description == "baseline" ? 0.5 : 0)
    #expect(worst <= bound, "\(reference.function) on \(machine): \(worst) units at \(at)")
    if ProcessInfo.processInfo.environment["KERNELS_REPORT"] != nil {
      print("\(Scalar.self) \(reference.function) on \(machine): \(worst) units at \(at)")
    }
  }

  @Test(arguments: Reference.all, Machine.all)
  func functionsStayWithinTheirStatedErrors(_ reference: Reference, _ machine: Machine) {
    check(reference, machine, Float.self)
    check(reference, machine, Double.self)
  }

  /// A slope's two terms cancel where it is 0; far from there each of them is the slope.
  private func checkSlope<Scalar: TestedScalar>(
    _ function: UnaryFunction, _ machine: Machine, _: Scalar.Type,
    _ terms: (Float80) -> (Float80, Float80)
  ) {
    var numbers = Numbers(8)
    let x: [Scalar] =
      numbers.uniform(20_000, -15, 15) + numbers.uniform(5_000, -110, 110)
      + Self.edges(Scalar.self).filter { $0.isFinite }
    for (x, y) in zip(x, Scalar.table(machine).unary(function, x)) {
      let (first, second) = terms(Float80(x))
      let larger = Scalar(max(first.magnitude, second.magnitude))
      let error = (Float80(y) - (first + second)).magnitude / Float80(larger.ulp)
      // Without a fused multiply-add, half a unit more.
      #expect(error <= (machine.description == "baseline" ? 8.5 : 8), "\(function) at \(x)")
    }
    let table = Scalar.table(machine)
    #expect(table.unary(function, [-.infinity, .infinity, 0]) == [0, 1, 0.5])
  }

  @Test(arguments: Machine.all)
  func slopesOfSmoothUnitsStayWithinTheirStatedErrors(_ machine: Machine) {
    func gelu(_ x: Float80) -> (Float80, Float80) {
      let root = (Float80(1) / 2).squareRoot()
      return (erfc(-x * root) / 2, x * exp(-x * x / 2) / (2 * Float80.pi).squareRoot())
    }
    func silu(_ x: Float80) -> (Float80, Float80) {
      let share = x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x))
      let rest = x > 0 ? exp(-x) / (1 + exp(-x)) : 1 / (1 + exp(x))
      return (share, x * share * rest)
    }
    checkSlope(.geluSlope, machine, Float.self, gelu)
    checkSlope(.geluSlope, machine, Double.self, gelu)
    checkSlope(.siluSlope, machine, Float.self, silu)
    checkSlope(.siluSlope, machine, Double.self, silu)
  }

  @Test(arguments: Machine.all)
  func smoothUnitsHaveTheirLimitsAtInfinity(_ machine: Machine) {
    for function in [UnaryFunction.gelu, .silu, .softplus] {
      let limits = machine.float.unary(function, [-.infinity, .infinity])
      #expect(limits == [0, .infinity])
      #expect(machine.double.unary(function, [-.infinity, .infinity]) == [0, .infinity])
    }
  }

  @Test(arguments: [UnaryFunction.sin, .tanh, .erf, .expm1, .log1p, .negate], Machine.all)
  func oddFunctionsKeepTheSignOfZero(_ function: UnaryFunction, _ machine: Machine) {
    let signs = machine.double.unary(function, [0.0, -0.0]).map(\.sign)
    #expect(signs == (function == .negate ? [.minus, .plus] : [.plus, .minus]))
    let signsOfFloats = machine.float.unary(function, [0.0, -0.0]).map(\.sign)
    #expect(signsOfFloats == signs)
  }

  @Test(arguments: UnaryFunction.allCases, Machine.all)
  func nanStaysNaNButForItsSign(_ function: UnaryFunction, _ machine: Machine) {
    let float = machine.float.unary(function, [.nan])[0]
    let double = machine.double.unary(function, [.nan])[0]
    #expect(function == .sign ? float == 0 : float.isNaN)
    #expect(function == .sign ? double == 0 : double.isNaN)
  }

  @Test(arguments: UnaryFunction.allCases, Machine.all)
  func aResultDoesNotDependOnThePlaceInTheArray(_ function: UnaryFunction, _ machine: Machine) {
    var numbers = Numbers(3)
    let x: [Float] = numbers.uniform(150, -5, 5)
    let whole = machine.float.unary(function, x)
    for start in [0, 1, 7, 16, 100] {
      for count in [1, 3, 4, 9, 17, 33, 50] {
        let part = machine.float.unary(function, Array(x[start..<start + count]))
        #expect(part.map(\.bitPattern) == whole[start..<start + count].map(\.bitPattern))
      }
    }
  }

  @Test(arguments: Machine.all)
  func aFunctionMayOverwriteItsArgument(_ machine: Machine) {
    var x = (0..<77).map { Double($0) / 10 }
    let expected = machine.double.unary(.tanh, x)
    x.withUnsafeMutableBufferPointer { x in
      machine.double.unary(.tanh, UnsafePointer(x.baseAddress!), to: x.baseAddress!, count: x.count)
    }
    #expect(x == expected)
  }

  @Test(arguments: Machine.all)
  func roundingIsThatOfTheLanguage(_ machine: Machine) {
    var numbers = Numbers(5)
    let x: [Float] =
      [0, -0.0, 0.5, -0.5, 1.5, 2.5, -2.5, 0.3, -0.3, -0.7, 8_388_607.5, 1e30, -1e30, .infinity]
      + numbers.uniform(1000, -100, 100) + numbers.ofAllSizes(1000)
    #expect(machine.float.unary(.floor, x) == x.map { $0.rounded(.down) })
    #expect(machine.float.unary(.ceiling, x) == x.map { $0.rounded(.up) })
    #expect(machine.float.unary(.rounded, x) == x.map { $0.rounded(.toNearestOrEven) })
    let d = x.map(Double.init) + [4_503_599_627_370_495.5, 2_251_799_813_685_248.5]
    #expect(machine.double.unary(.floor, d) == d.map { $0.rounded(.down) })
    #expect(machine.double.unary(.ceiling, d) == d.map { $0.rounded(.up) })
    #expect(machine.double.unary(.rounded, d) == d.map { $0.rounded(.toNearestOrEven) })
  }
}
