import Kernels
import KernelsAVX2
import KernelsAVX512
import KernelsBaseline
import KernelsNEON
import Platform

/// The kernels of one instruction set that this machine has.
struct Machine: Sendable, CustomStringConvertible {
  let description: String
  let float: any KernelSet<Float>.Type
  let double: any KernelSet<Double>.Type

  /// All that this machine has, the baseline first.
  static let all: [Machine] = {
    var machines = [
      Machine(
        description: "baseline", float: BaselineKernels.float, double: BaselineKernels.double)
    ]
    #if arch(x86_64)
      let flags = Processors.features
      if flags.contains("avx2") && flags.contains("fma") {
        machines.append(
          Machine(description: "AVX2", float: AVX2Kernels.float, double: AVX2Kernels.double))
      }
      if flags.contains("avx512f") && flags.contains("avx512dq") && flags.contains("avx512vl")
        && flags.contains("avx512bw") && flags.contains("avx512cd")
      {
        machines.append(
          Machine(
            description: "AVX-512", float: AVX512Kernels.float, double: AVX512Kernels.double))
      }
    #elseif arch(arm64)
      machines.append(
        Machine(description: "NEON", float: NEONKernels.float, double: NEONKernels.double))
    #endif
    return machines
  }()
}

/// A scalar type whose table a machine has.
protocol TestedScalar: KernelScalar {
  static func table(_ machine: Machine) -> any KernelSet<Self>.Type
  static func notANumber(payload: UInt16) -> Self
}

extension Float: TestedScalar {
  static func table(_ machine: Machine) -> any KernelSet<Float>.Type { machine.float }
  static func notANumber(payload: UInt16) -> Float {
    Float(nan: UInt32(payload), signaling: false)
  }
}

extension Double: TestedScalar {
  static func table(_ machine: Machine) -> any KernelSet<Double>.Type { machine.double }
  static func notANumber(payload: UInt16) -> Double {
    Double(nan: UInt64(payload), signaling: false)
  }
}

/// The kernels on arrays.
extension KernelSet {
  static func unary(_ function: UnaryFunction, _ x: [Stored]) -> [Stored] {
    var result = [Stored](repeating: Stored(storing: -1), count: x.count)
    unary(function, x, to: &result, count: x.count)
    return result
  }

  static func binary(_ function: BinaryFunction, _ a: [Stored], _ b: [Stored]) -> [Stored] {
    let count = Swift.max(a.count, b.count)
    var result = [Stored](repeating: Stored(storing: -1), count: count)
    binary(
      function, a, stride: a.count == count ? 1 : 0, b, stride: b.count == count ? 1 : 0,
      to: &result, count: count)
    return result
  }

  static func compare(_ comparison: Comparison, _ a: [Stored], _ b: [Stored]) -> [Bool] {
    let count = Swift.max(a.count, b.count)
    var result = [Bool](repeating: false, count: count)
    compare(
      comparison, a, stride: a.count == count ? 1 : 0, b, stride: b.count == count ? 1 : 0,
      to: &result, count: count)
    return result
  }

  static func reduce(_ reduction: Reduction, _ x: [Stored], _ extents: Extents) -> [Stored] {
    var result = [Stored](repeating: Stored(storing: -1), count: extents.outer * extents.inner)
    reduce(reduction, x, to: &result, extents)
    return result
  }

  static func softmax(
    _ x: [Stored], mask: [Bool]? = nil, _ extents: Extents, logarithm: Bool = false
  ) -> [Stored] {
    var result = [Stored](repeating: Stored(storing: -1), count: x.count)
    if let mask {
      softmax(x, mask: mask, to: &result, extents, logarithm: logarithm)
    } else {
      softmax(x, mask: nil, to: &result, extents, logarithm: logarithm)
    }
    return result
  }
}

/// A small generator, so that every run tests the same numbers.
struct Numbers: RandomNumberGenerator {
  var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Numbers between the bounds, evenly spread.
  mutating func uniform<Scalar: TestedScalar>(_ count: Int, _ low: Double, _ high: Double)
    -> [Scalar]
  {
    (0..<count).map { _ in Scalar(Double.random(in: low...high, using: &self)) }
  }

  /// Numbers of either sign whose exponents are evenly spread, subnormal ones included.
  mutating func ofAllSizes<Scalar: TestedScalar>(_ count: Int) -> [Scalar] {
    let low = Int(Scalar.leastNonzeroMagnitude.exponent)
    let high = Int(Scalar.greatestFiniteMagnitude.exponent)
    return (0..<count).map { _ in
      let exponent = Scalar.Exponent(Int.random(in: low...high, using: &self))
      let significand = Scalar(Double.random(in: 1..<2, using: &self))
      let sign: FloatingPointSign = Bool.random(using: &self) ? .plus : .minus
      return Scalar(sign: sign, exponent: exponent, significand: significand)
    }
  }
}

/// Distance between a result and the exact value in units in the last place of the exact one;
/// infinite where one is NaN or infinite and the other is not.
func unitsInLastPlace<Scalar: TestedScalar>(_ result: Scalar, _ exact: Double) -> Double {
  unitsInLastPlace(result, Float80(exact))
}

func unitsInLastPlace<Scalar: TestedScalar>(_ result: Scalar, _ exact: Float80) -> Double {
  let nearest = Scalar(exact)
  if nearest.isNaN || result.isNaN { return nearest.isNaN && result.isNaN ? 0 : .infinity }
  if result == nearest { return 0 }
  if result.isInfinite || nearest.isInfinite {
    // One step from the largest finite number to infinity.
    let largest = Scalar.greatestFiniteMagnitude
    return result.magnitude >= largest && nearest.magnitude >= largest
      && (result < 0) == (nearest < 0) ? 1 : .infinity
  }
  return Double((Float80(result) - exact).magnitude / Float80(nearest.ulp))
}
