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

  @Test(arguments: [1000, 100_000, 2_000_000], Machine.all)
  func theErrorOfASumIsThatOfItsTermsHoweverManyThereAre(_ count: Int, _ machine: Machine) {
    var numbers = Numbers(2)
    let positive: [Float] = numbers.uniform(count, 0, 1)
    for x in [[Float](repeating: 0.1, count: count), positive, positive.map { $0 - 0.5 }] {
      for (outer, inner) in [(1, 1), (2, 1), (1, 4), (1, 64), (1, 100), (2, 3)] {
        let extents = Extents(outer: outer, axis: count / (outer * inner), inner: inner)
        let sizes = Self.naive(x.map(\.magnitude), extents, 0, +)
        let exact = Self.naive(x, extents, 0, +)
        for (sum, (exact, size)) in zip(machine.float.reduce(.sum, x, extents), zip(exact, sizes)) {
          // Of equal numbers all roundings go in one direction: those in a block, of its lanes, and
          // of the result.
          #expect((Double(sum) - exact).magnitude <= 4 * 0x1p-24 * size)
        }
      }
    }
  }

  @Test(arguments: Machine.all)
  func zerosAtTheEndChangeNoBit(_ machine: Machine) {
    var numbers = Numbers(3)
    for count in [5, 40, 300, 1000, 5000] {
      let x: [Float] = numbers.ofAllSizes(count).map { $0 * 0x1p-20 }
      let sums = [x, x + [Float](repeating: 0, count: 3000)].map {
        machine.float.reduce(.sum, $0, Extents(outer: 1, axis: $0.count, inner: 1))[0]
      }
      #expect(sums[0].bitPattern == sums[1].bitPattern)
      for inner in [3, 64] {
        let rows = x.flatMap { [Float](repeating: $0, count: inner) }
        let sums = [rows, rows + [Float](repeating: 0, count: 3000 * inner)].map {
          machine.float.reduce(
            .sum, $0, Extents(outer: 1, axis: $0.count / inner, inner: inner))[0]
        }
        #expect(sums[0].bitPattern == sums[1].bitPattern)
      }
    }
  }

  @Test(arguments: Machine.all)
  func infinitiesStayInLongSums(_ machine: Machine) {
    for place in [0, 5, 300, 4999] {
      for inner in [1, 5, 100] {
        var x = [Float](repeating: 1, count: 5000)
        x[place] = -.infinity
        let extents = Extents(outer: 1, axis: 5000 / inner, inner: inner)
        let sums = machine.float.reduce(.sum, x, extents)
        #expect(sums[place % inner] == -.infinity)
        #expect(sums.count { $0.isFinite } == inner - 1)
      }
    }
    let large = [Float](repeating: .greatestFiniteMagnitude, count: 3000)
    #expect(
      machine.float.reduce(.sum, large, Extents(outer: 1, axis: 3000, inner: 1)) == [.infinity])
  }

  @Test(arguments: Machine.all)
  func blocksAreAddedWithAccountOfRounding(_ machine: Machine) {
    let count = 37
    var total = [Float](repeating: 0, count: count)
    var excess = total
    let terms = (0..<count).map { 0.1 + Float($0) / 100 }
    for _ in 0..<100_000 {
      var block = terms
      machine.float.addBlock(&block, to: &total, excess: &excess, count: count)
      #expect(block.allSatisfy { $0 == 0 })
    }
    for (sum, term) in zip(total, terms) {
      #expect((Double(sum) / (Double(term) * 100_000) - 1).magnitude <= 2 * 0x1p-24)
    }
  }
}
