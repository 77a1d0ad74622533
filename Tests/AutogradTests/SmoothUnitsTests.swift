import Autograd
import Foundation
import Testing

/// Values and derivatives of smooth nonlinearities far from 0, where a difference from 1 would leave
/// nothing and 0 would meet an infinity.
@Suite struct SmoothUnitsTests {
  /// A function with its derivatives of orders 0, 1 and 2 in closed form.
  struct Unit: Sendable, CustomTestStringConvertible {
    let name: String
    let float: @Sendable (Tensor<Float>) -> Tensor<Float>
    let double: @Sendable (Tensor<Double>) -> Tensor<Double>
    let exact: @Sendable (Double) -> [Double]
    /// Of orders 0, 1 and 2 at minus infinity and at infinity.
    let limits: [[Double]]
    /// Relative error in units of rounding.
    let units: Double
    var testDescription: String { name }
  }

  private static func sigmoidOf(_ x: Double) -> Double {
    x < 0 ? Foundation.exp(x) / (1 + Foundation.exp(x)) : 1 / (1 + Foundation.exp(-x))
  }

  static let units: [Unit] = [
    Unit(
      name: "gelu", float: { gelu($0) }, double: { gelu($0) },
      exact: { x in
        let density = Foundation.exp(-x * x / 2) / (2 * Double.pi).squareRoot()
        let share = erfc(-x / 2.0.squareRoot()) / 2
        return [x * share, share + x * density, density * (2 - x * x)]
      }, limits: [[0, 0, 0], [.infinity, 1, 0]], units: 60),
    Unit(
      name: "gelu by tanh", float: { gelu($0, form: .tanh) },
      double: { gelu($0, form: .tanh) },
      exact: { x in
        let c = (8 / Double.pi).squareRoot()
        let (u, u1, u2) = (
          c * (x + 0.044715 * x * x * x), c * (1 + 0.134145 * x * x), c * 0.26829 * x
        )
        let (s, r) = (sigmoidOf(u), sigmoidOf(-u))
        return [x * s, s + x * s * r * u1, s * r * (2 * u1 + x * ((r - s) * u1 * u1 + u2))]
      }, limits: [[0, 0, 0], [.infinity, 1, 0]],
      // The argument of the exponential, some hundred, is rounded.
      units: 10_000),
    Unit(
      name: "silu", float: silu, double: silu,
      exact: { x in
        let (s, r) = (sigmoidOf(x), sigmoidOf(-x))
        return [x * s, s + x * s * r, s * r * (2 + x * (r - s))]
      }, limits: [[0, 0, 0], [.infinity, 1, 0]], units: 60),
    Unit(
      name: "softplus", float: { softplus($0, threshold: 1000) },
      double: { softplus($0, threshold: 1000) },
      exact: { x in
        let (s, r) = (sigmoidOf(x), sigmoidOf(-x))
        return [max(x, 0) + Foundation.log1p(Foundation.exp(-x.magnitude)), s, s * r]
      }, limits: [[0, 0, 0], [.infinity, 1, 0]], units: 20),
    Unit(
      name: "logSigmoid", float: logSigmoid, double: logSigmoid,
      exact: { x in
        let (s, r) = (sigmoidOf(x), sigmoidOf(-x))
        return [min(x, 0) - Foundation.log1p(Foundation.exp(-x.magnitude)), r, -s * r]
      }, limits: [[-.infinity, 1, 0], [0, 0, 0]], units: 20),
    Unit(
      name: "elu", float: { elu($0) }, double: { elu($0) },
      exact: { x in
        x > 0 ? [x, 1, 0] : [Foundation.expm1(x), Foundation.exp(x), Foundation.exp(x)]
      }, limits: [[-1, 0, 0], [.infinity, 1, 0]], units: 20),
    Unit(
      name: "erf", float: erf, double: erf,
      exact: { x in
        let slope = 2 / Double.pi.squareRoot() * Foundation.exp(-x * x)
        return [Foundation.erf(x), slope, -2 * x * slope]
      }, limits: [[-1, 0, 0], [1, 0, 0]], units: 60),
    Unit(
      name: "expm1", float: expm1, double: expm1,
      exact: { [Foundation.expm1($0), Foundation.exp($0), Foundation.exp($0)] },
      limits: [[-1, 0, 0], [.infinity, .infinity, .infinity]], units: 20),
  ]

  /// Value, first and second derivative at each number.
  private func derivatives<Scalar: FloatingPointScalar>(
    at x: [Scalar], _ function: (Tensor<Scalar>) -> Tensor<Scalar>
  ) -> [[Scalar]] {
    let x = Tensor(x)
    let first = gradient(at: x) { function($0).sum() }
    let second = gradient(at: x) { x in gradient(at: x) { function($0).sum() }.sum() }
    return [function(x).scalars, first.scalars, second.scalars]
  }

  private func check<Scalar: FloatingPointScalar>(
    _ unit: Unit, _ x: [Scalar], _ function: (Tensor<Scalar>) -> Tensor<Scalar>
  ) {
    for (order, numbers) in derivatives(at: x, function).enumerated() {
      for (x, y) in zip(x, numbers) {
        let all = unit.exact(Double(x))
        let exact = all[order]
        // Where terms cancel, the error is that of the terms.
        let scale = order == 0 ? exact.magnitude : all.map(\.magnitude).max()!
        let size = Double(x) < -3 || Double(x) > 3 ? exact.magnitude : max(scale, 1e-3)
        // Numbers below the normal ones have fewer digits.
        let bound =
          unit.units * size * Double(Scalar.ulpOfOne) + 4 * Double(Scalar.leastNormalMagnitude)
        let isFinite = Double(Scalar.greatestFiniteMagnitude) > exact.magnitude
        #expect(
          !isFinite || (Double(y) - exact).magnitude <= bound,
          "\(unit.name) of \(x), order \(order): \(y) for \(exact)")
      }
    }
  }

  @Test(arguments: units)
  func `tails keep their digits`(unit: Unit) {
    let x = [
      -12, -10, -9.3, -8, -6.5, -5, -4, -3.1, -1.5, -0.5, -1e-3, 1e-3, 0.3, 1, 2.5, 3.2, 5, 8, 11,
      13, 20, 40, 60, 100,
    ]
    check(unit, x.map { Float($0) }, unit.float)
    check(unit, x + [-30, -25, -20], unit.double)
  }

  @Test(arguments: units)
  func `limits at infinity`(unit: Unit) {
    func check<Scalar: FloatingPointScalar>(_ function: (Tensor<Scalar>) -> Tensor<Scalar>) {
      let found = derivatives(at: [-.infinity, .infinity], function)
      for (side, limits) in unit.limits.enumerated() {
        for order in 0..<3 {
          #expect(
            Double(found[order][side]) == limits[order],
            "\(unit.name) \(Scalar.self), side \(side), order \(order): \(found[order][side])")
        }
      }
      let x = Tensor<Scalar>([-.infinity, .infinity])
      let tangents = jacobianVectorProduct(at: [x], along: [.ones([2])]) { [function($0[0])] }
        .tangents[0].scalars
      #expect(tangents.map { Double($0) } == unit.limits.map { $0[1] }, "\(unit.name)")
    }
    check(unit.float)
    check(unit.double)
  }

  @Test func `derivatives of higher order vanish far from 0 and agree near it`() {
    for unit in Self.units where unit.name != "expm1" && unit.name != "elu" {
      for x in [-1e30, -2000, 2000, 1e30] {
        let fourth = gradient(at: Tensor<Double>([x])) { x in
          gradient(at: x) { x in
            gradient(at: x) { x in gradient(at: x) { unit.double($0).sum() }.sum() }.sum()
          }.sum()
        }
        #expect(fourth.scalars == [0], "\(unit.name) of \(x)")
      }
      let check = GradientCheck(at: [Tensor([-6, -1.2, 0.4, 3])], order: 2) { x in
        gradient(at: x[0]) { unit.double($0).sum() }
      }
      #expect(check.passes, "\(unit.name): \(check)")
    }
  }

  @Test func `examples in Float`() {
    func close(_ a: Float, _ b: Double) -> Bool {
      (Double(a) - b).magnitude <= 1e-6 * b.magnitude
    }
    let tails = gelu(Tensor<Float>([-5, -10])).scalars
    #expect(close(tails[0], -5 * erfc(5 / 2.0.squareRoot()) / 2))
    #expect(close(tails[1], -10 * erfc(10 / 2.0.squareRoot()) / 2))
    #expect(softplus(Tensor<Float>([100, 1e38]), threshold: 1000).scalars == [100, 1e38])
    #expect(softplus(Tensor<Float>([-2000]), beta: -1, threshold: 3000).scalars == [-2000])
    #expect(softplus(Tensor<Float>([1e38]), beta: 100).scalars == [1e38])
  }

  @Test func `the slope 0 of a leaky relu leaves out infinities`() {
    let x = Tensor<Float>([-.infinity, -1, 2, .infinity])
    let (_, slope) = valueWithGradient(at: x) { leakyReLU($0, slope: 0).sum() }
    #expect(leakyReLU(x, slope: 0).scalars == [0, 0, 2, .infinity])
    #expect(slope.scalars == [0, 0, 1, 1])
  }
}
