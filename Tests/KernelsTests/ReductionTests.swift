import Kernels
import Testing

@Suite struct ReductionTests {
  static let extents = [
    (1, 1, 1), (3, 5, 1), (2, 100, 1), (1, 3000, 1), (2, 0, 1), (2, 0, 3), (1, 7, 2), (2, 9, 16),
    (1, 300, 5), (3, 20, 70), (1, 130, 131),
  ].map { Extents(outer: $0.0, axis: $0.1, inner: $0.2) }

  /// Joins along the axis in `Double`, one element after the other.
  static func naive(
    _ x: [Float], _ extents: Extents, _ start: Double, _ join: (Double, Double) -> Double
  ) -> [Double] {
    var result: [Double] = []
    for outer in 0..<extents.outer {
      for inner in 0..<extents.inner {
        result.append(
          (0..<extents.axis).reduce(start) {
            join($0, Double(x[(outer * extents.axis + $1) * extents.inner + inner]))
          })
      }
    }
    return result
  }

  @Test(arguments: extents, Machine.all)
  func reductionsAgreeWithOneElementAfterTheOther(_ extents: Extents, _ machine: Machine) {
    var numbers = Numbers(1)
    let count = extents.outer * extents.axis * extents.inner
    let x: [Float] = numbers.uniform(count, -1, 1)
    let sums = machine.float.reduce(.sum, x, extents)
    for (sum, exact) in zip(sums, Self.naive(x, extents, 0, +)) {
      // At most 64 + count / 64 roundings of partial sums that are no larger than the count.
      let bound = Double(Float.ulpOfOne) * Double(max(64, extents.axis))
      #expect((Double(sum) - exact).magnitude <= bound)
    }
    let near = x.map { 1 + $0 / 100 }
    for (product, exact) in zip(
      machine.float.reduce(.product, near, extents), Self.naive(near, extents, 1, *))
    {
      // One rounding a factor.
      let bound = Double(Float.ulpOfOne) * Double(extents.axis + 1)
      #expect(
        (Double(product) - exact).magnitude <= exact * bound)
    }
    #expect(
      machine.float.reduce(.maximum, x, extents).map(Double.init)
        == Self.naive(x, extents, -.infinity) { Swift.max($0, $1) })
    #expect(
      machine.float.reduce(.minimum, x, extents).map(Double.init)
        == Self.naive(x, extents, .infinity) { Swift.min($0, $1) })
  }

  @Test(arguments: Machine.all)
  func extremesOfNaNAreNaN(_ machine: Machine) {
    for place in [0, 3, 16, 40, 99] {
      var x = [Float](repeating: 1, count: 100)
      x[place] = .nan
      for extents in [
        Extents(outer: 1, axis: 100, inner: 1), Extents(outer: 1, axis: 10, inner: 10),
      ] {
        #expect(machine.float.reduce(.maximum, x, extents).contains { $0.isNaN })
        #expect(machine.float.reduce(.minimum, x, extents).contains { $0.isNaN })
      }
    }
  }

  @Test(arguments: Machine.all)
  func theErrorOfALongSumStaysSmall(_ machine: Machine) {
    let count = 1_000_000
    let x = [Float](repeating: 0.1, count: count)
    let exact = Double(Float(0.1)) * Double(count)
    for extents in [
      Extents(outer: 1, axis: count, inner: 1), Extents(outer: 1, axis: count / 4, inner: 4),
      Extents(outer: 1, axis: count / 64, inner: 64),
    ] {
      let columns = Double(extents.inner)
      for sum in machine.float.reduce(.sum, x, extents) {
        // One by one the error would be about 1e-2. Blocks of 256 leave at most about 1000
        // roundings that all go in one direction: 1000 * 2^-24 = 6e-5.
        #expect((Double(sum) * columns / exact - 1).magnitude < 6e-5)
      }
    }
  }
}
