import Kernels
import Testing

/// A number of 16 bits: the upper half of a `Float`.
private struct BrainFloat: StoredScalar, Equatable {
  var bits: UInt16

  init(storing number: Float) {
    let bits = number.bitPattern
    // Halves to the even one; what rounds up past the largest number becomes infinite.
    let rounded = bits &+ 0x7FFF &+ (bits >> 16 & 1)
    self.bits = number.isNaN ? 0x7FC0 : UInt16(truncatingIfNeeded: rounded >> 16)
  }

  var computed: Float { Float(bitPattern: UInt32(bits) << 16) }
}

/// The baseline's arithmetic on numbers that are stored as `BrainFloat`: a format of 16 bits is its
/// conversions in loads and stores, and nothing else.
private enum BrainFloatSet: VectorInstructions, KernelSet {
  typealias Stored = BrainFloat
  typealias Scalar = Float
  typealias Vector = SIMD4<Float>
  typealias Tile = Twice<Twice<Row<BrainFloatSet>>>

  static func fma(_ a: Vector, _ b: Vector, _ c: Vector) -> Vector { c + a * b }
  static func anyTrue(_ comparison: Bits) -> Bool {
    Lanes.anyBit(unsafeBitCast(comparison, to: SIMD2<UInt64>.self))
  }
  static func fold<J: Joining>(_: J.Type, _ a: Vector) -> Float where J.Set == Self {
    let two = J.join(a, Lanes.swapped(a))
    return J.join(two, Vector(repeating: two[1]))[0]
  }
  static func load(_ address: UnsafePointer<BrainFloat>) -> Vector {
    load(address, first: 4, else: 0)
  }
  static func store(_ value: Vector, _ address: UnsafeMutablePointer<BrainFloat>) {
    store(value, address, first: 4)
  }
  static func load(
    _ address: UnsafePointer<BrainFloat>, first count: Int, else filler: Float
  ) -> Vector {
    var vector = Vector(repeating: filler)
    for lane in 0..<count { vector[lane] = address[lane].computed }
    return vector
  }
  static func store(
    _ value: Vector, _ address: UnsafeMutablePointer<BrainFloat>, first count: Int
  ) {
    for lane in 0..<count { address[lane] = BrainFloat(storing: value[lane]) }
  }
}

/// Kernels on numbers of 16 bits against the same kernels on the same numbers as `Float`, rounded
/// afterwards.
@Suite struct StoredScalarTests {
  /// The machine's baseline, whose arithmetic `BrainFloatSet` has.
  private var floats: any KernelSet<Float>.Type { Machine.all[0].float }

  private func numbers(_ count: Int, seed: UInt64, _ low: Double = -2, _ high: Double = 2)
    -> [BrainFloat]
  {
    var numbers = Numbers(seed)
    let all: [Float] = numbers.uniform(count, low, high)
    return all.map(BrainFloat.init(storing:))
  }

  private func widened(_ x: [BrainFloat]) -> [Float] { x.map(\.computed) }
  private func rounded(_ x: [Float]) -> [BrainFloat] { x.map(BrainFloat.init(storing:)) }

  @Test func aNumberIsRoundedToTheNearest() {
    let cases: [(Float, Float)] = [
      (1, 1), (1.00390625, 1), (1.01171875, 1.015625), (-3.1415927, -3.140625), (0, 0),
      (.infinity, .infinity), (.greatestFiniteMagnitude, .infinity),
    ]
    for (number, expected) in cases {
      #expect(BrainFloat(storing: number).computed == expected)
    }
    #expect(BrainFloat(storing: .nan).computed.isNaN)
  }

  @Test(arguments: UnaryFunction.allCases)
  func functionsRoundOnce(_ function: UnaryFunction) {
    let x = numbers(37, seed: 1, 0.1, 3)
    #expect(BrainFloatSet.unary(function, x) == rounded(floats.unary(function, widened(x))))
  }

  @Test(arguments: BinaryFunction.allCases)
  func functionsOfTwoRoundOnce(_ function: BinaryFunction) {
    let (a, b) = (numbers(37, seed: 2, 0.1, 3), numbers(37, seed: 3, 0.1, 3))
    for (a, b) in [(a, b), (a, [b[0]]), ([a[0]], b)] {
      let exact = floats.binary(function, widened(a), widened(b))
      #expect(BrainFloatSet.binary(function, a, b) == rounded(exact))
    }
  }

  @Test(arguments: Reduction.allCases)
  func reductionsRoundOnce(_ reduction: Reduction) {
    for extents in [
      Extents(outer: 3, axis: 19, inner: 1), Extents(outer: 2, axis: 5, inner: 23),
      Extents(outer: 1, axis: 300, inner: 3),
    ] {
      let x = numbers(extents.outer * extents.axis * extents.inner, seed: 4, 0.9, 1.1)
      let exact = floats.reduce(reduction, widened(x), extents)
      #expect(BrainFloatSet.reduce(reduction, x, extents) == rounded(exact))
    }
  }

  /// Two roundings at most beside what is exact: of the result, and of a sum that passes through
  /// memory before its bias is added.
  @Test(arguments: [(1, 7, 40), (1, 64, 100), (3, 9, 21), (4, 12, 50), (33, 29, 64), (130, 30, 40)])
  func productsSumInFloat(_ m: Int, _ n: Int, _ k: Int) {
    let (a, b, bias) = (numbers(m * k, seed: 6), numbers(k * n, seed: 7), numbers(n, seed: 8))
    for isTurned in [false, true] {
      let result = product(BrainFloatSet.self, a, b, bias, m: m, n: n, k: k, isTurned: isTurned)
      let exact = product(
        floats, widened(a), widened(b), widened(bias), m: m, n: n, k: k, isTurned: isTurned)
      for i in 0..<m * n {
        let largest = max(exact[i].magnitude, 2 * Float(k).squareRoot())
        #expect((result[i].computed - exact[i]).magnitude <= largest / 128)
      }
    }
  }

  /// `a b + bias` of `[m, k]` and `[k, n]`, the latter stored by columns where it is turned.
  private func product<Stored: StoredScalar>(
    _ set: any KernelSet<Stored>.Type, _ a: [Stored], _ b: [Stored], _ bias: [Stored],
    m: Int, n: Int, k: Int, isTurned: Bool
  ) -> [Stored] {
    var result = [Stored](repeating: bias[0], count: m * n)
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        bias.withUnsafeBufferPointer { bias in
          result.withUnsafeMutableBufferPointer { c in
            set.matrixProduct(
              MatrixProduct(
                m: m, n: n, k: k, a: a.baseAddress!, aRow: k, aColumn: 1, b: b.baseAddress!,
                bRow: isTurned ? 1 : n, bColumn: isTurned ? k : 1, c: c.baseAddress!, cRow: n,
                bias: bias.baseAddress!))
          }
        }
      }
    }
    return result
  }

  @Test(arguments: [true, false])
  func softmaxAndNormalisationAreAsCloseAsTheirNumbers(_ logarithm: Bool) {
    let extents = Extents(outer: 5, axis: 21, inner: 1)
    let x = numbers(extents.outer * extents.axis, seed: 9)
    var result = BrainFloatSet.softmax(x, extents, logarithm: logarithm)
    var exact = floats.softmax(widened(x), extents, logarithm: logarithm)
    // A weight passes through memory before it is divided by the sum: two roundings.
    for (result, exact) in zip(result, exact) {
      #expect((result.computed - exact).magnitude <= exact.magnitude / 100)
    }

    var (means, deviations) = (numbers(5, seed: 10), numbers(5, seed: 11))
    var (exactMeans, exactDeviations) = (widened(means), widened(deviations))
    BrainFloatSet.layerNorm(
      x, weight: nil, bias: nil, to: &result, means: &means, inverseDeviations: &deviations,
      rows: 5, count: 21, epsilon: 1e-5)
    floats.layerNorm(
      widened(x), weight: nil, bias: nil, to: &exact, means: &exactMeans,
      inverseDeviations: &exactDeviations, rows: 5, count: 21, epsilon: 1e-5)
    #expect(result == rounded(exact))
    #expect(means == rounded(exactMeans) && deviations == rounded(exactDeviations))
  }
}
