import Foundation
import Kernels
import Testing

@Suite struct SoftmaxTests {
  static let extents = [
    (1, 1, 1), (3, 4, 1), (39, 3, 1), (5, 16, 1), (2, 33, 1), (2, 300, 1), (1, 6, 2), (2, 9, 16),
    (1, 20, 37),
  ].map { Extents(outer: $0.0, axis: $0.1, inner: $0.2) }

  /// Softmax in `Double` by its definition; absent entries get 0 or minus infinity.
  static func naive(_ x: [Float], _ mask: [Bool]?, _ extents: Extents, _ logarithm: Bool)
    -> [Double]
  {
    var result = [Double](repeating: 0, count: x.count)
    for outer in 0..<extents.outer {
      for inner in 0..<extents.inner {
        let places = (0..<extents.axis).map { (outer * extents.axis + $0) * extents.inner + inner }
        let present = places.filter { mask?[$0] ?? true }
        let highest = present.map { Double(x[$0]) }.max() ?? 0
        let sum = present.reduce(0) { $0 + exp(Double(x[$1]) - highest) }
        for place in places {
          let isPresent = mask?[place] ?? true
          let shifted = isPresent ? Double(x[place]) - highest : -.infinity
          result[place] =
            logarithm ? (isPresent ? shifted - log(sum) : -.infinity) : exp(shifted) / max(sum, 1)
        }
      }
    }
    return result
  }

  @Test(arguments: extents, Machine.all)
  func softmaxFollowsItsDefinition(_ extents: Extents, _ machine: Machine) {
    var numbers = Numbers(4)
    let count = extents.outer * extents.axis * extents.inner
    let x: [Float] = numbers.uniform(count, -20, 20)
    let mask = (0..<count).map { _ in Bool.random(using: &numbers) }
    for mask in [nil, mask] {
      for logarithm in [false, true] {
        let result = machine.float.softmax(x, mask: mask, extents, logarithm: logarithm)
        for (y, exact) in zip(result, Self.naive(x, mask, extents, logarithm)) {
          // The shifted score is rounded to half a unit of 40, which the exponential makes a
          // relative error; the logarithm has it as it is.
          let bound = 64 * Double(Float.ulpOfOne) * (logarithm ? 1 : exact)
          #expect(Double(y) == exact || (Double(y) - exact).magnitude <= bound)
        }
      }
    }
  }

  /// The logarithm of a weight near 1 is as small as all others together are.
  @Test(arguments: [
    (1, 2, 1), (20, 3, 1), (1, 50, 1), (2, 300, 1), (1, 3, 2), (2, 9, 16), (1, 20, 37),
  ])
  func theLogarithmOfAWeightNearOneKeepsItsDigits(_ outer: Int, _ axis: Int, _ inner: Int) {
    let extents = Extents(outer: outer, axis: axis, inner: inner)
    let count = outer * axis * inner
    for machine in Machine.all {
      var numbers = Numbers(9)
      for distance in [Float(0), 1, 5, 20, 60, 86] {
        var x: [Float] = numbers.uniform(count, -1, 1)
        // One entry of each row or column stands out.
        for row in 0..<outer {
          for column in 0..<inner {
            x[(row * axis + (row + column) % axis) * inner + column] += distance
          }
        }
        for mask in [nil, [Bool](repeating: true, count: count)] {
          let result = machine.float.softmax(x, mask: mask, extents, logarithm: true)
          for (place, y) in result.enumerated() {
            let first = place / (axis * inner) * axis * inner + place % inner
            let row = (0..<axis).map { Double(x[first + $0 * inner]) - Double(x[place]) }
            let others = row.map { exp($0) }.reduce(0, +) - 1
            // Of the largest the others' sum is what counts; Double has the digits to leave out 1.
            let exact =
              row.max()! == 0
              ? -log1p(row.filter { $0 < 0 }.map { exp($0) }.reduce(0, +))
              : -log1p(others)
            let error = (Double(y) - exact).magnitude / exact.magnitude
            #expect(error < 1e-5, "\(y) for \(exact) on \(machine)")
          }
        }
      }
    }
  }

  /// `g - weight sum` of a weight near 1, with all of the gradient at one entry.
  @Test(arguments: Machine.all)
  func theGradientOfALogarithmNearZeroKeepsItsDigits(_ machine: Machine) {
    for distance in [Float(1), 10, 20, 60] {
      let y = machine.float.softmax(
        [distance, 0, -1], Extents(outer: 1, axis: 3, inner: 1), logarithm: true)
      var result = [Float](repeating: 9, count: 3)
      machine.float.softmaxGradient(
        [1, 0, 0], of: y, to: &result, Extents(outer: 1, axis: 3, inner: 1), logarithm: true)
      let others = [exp(-Double(distance)), exp(-1 - Double(distance))]
      let sum = 1 + others[0] + others[1]
      for (ours, exact) in zip(result, [others[0] + others[1], -others[0], -others[1]]) {
        #expect((Double(ours) / (exact / sum) - 1).magnitude < 2e-5)
      }
    }
  }

  /// The logarithms of several short rows are taken at once.
  @Test(arguments: Machine.all)
  func rowsDoNotDependOnTheirNeighbours(_ machine: Machine) {
    var numbers = Numbers(5)
    for count in 1...17 {
      var x: [Float] = numbers.uniform(20 * count, -20, 20)
      x[3 * count] = .nan
      let result = machine.float.softmax(
        x, Extents(outer: 20, axis: count, inner: 1), logarithm: true)
      for row in 0..<20 {
        let places = row * count..<(row + 1) * count
        let alone = machine.float.softmax(
          Array(x[places]), Extents(outer: 1, axis: count, inner: 1), logarithm: true)
        #expect(result[places].map(\.bitPattern) == alone.map(\.bitPattern))
      }
    }
  }

  @Test(arguments: Machine.all)
  func maskedOutEntriesAreNotLookedAt(_ machine: Machine) {
    for (count, inner) in [(3, 1), (40, 1), (3, 2), (3, 20)] {
      let extents = Extents(outer: 1, axis: count, inner: inner)
      for poison in [Float.nan, .infinity, -.infinity] {
        var x = [Float](repeating: 1, count: count * inner)
        var mask = [Bool](repeating: true, count: count * inner)
        for column in 0..<inner {
          x[column] = poison
          mask[column] = false
        }
        let weights = machine.float.softmax(x, mask: mask, extents)
        #expect(weights[..<inner].allSatisfy { $0 == 0 })
        // One division and one multiplication, of equal terms.
        #expect(
          weights[inner...].allSatisfy {
            ($0 - 1 / Float(count - 1)).magnitude <= 2 * Float.ulpOfOne / Float(count - 1)
          })
        let logWeights = machine.float.softmax(x, mask: mask, extents, logarithm: true)
        #expect(logWeights[..<inner].allSatisfy { $0 == -.infinity })
      }
    }
  }

  @Test(arguments: Machine.all)
  func aRowWithNothingToAttendToHasNoWeights(_ machine: Machine) {
    for (axis, inner) in [(5, 1), (50, 1), (5, 3), (5, 40)] {
      let extents = Extents(outer: 2, axis: axis, inner: inner)
      let x = [Float](repeating: .nan, count: 2 * axis * inner)
      let mask = [Bool](repeating: false, count: x.count)
      #expect(machine.float.softmax(x, mask: mask, extents).allSatisfy { $0 == 0 })
      #expect(
        machine.float.softmax(x, mask: mask, extents, logarithm: true).allSatisfy {
          $0 == -.infinity
        })
    }
  }

  @Test(arguments: Machine.all)
  func aRowOfMinusInfinityIsNaN(_ machine: Machine) {
    for count in [4, 50] {
      let x = [Float](repeating: -.infinity, count: count)
      let extents = Extents(outer: 1, axis: count, inner: 1)
      #expect(machine.float.softmax(x, extents).allSatisfy { $0.isNaN })
    }
  }

  @Test(arguments: extents, Machine.all)
  func theGradientFollowsItsDefinition(_ extents: Extents, _ machine: Machine) {
    var numbers = Numbers(6)
    let count = extents.outer * extents.axis * extents.inner
    let x: [Float] = numbers.uniform(count, -2, 2)
    var gradient: [Float] = numbers.uniform(count, -1, 1)
    var mask = [Bool](repeating: true, count: count)
    mask[count - 1] = false
    for logarithm in [false, true] {
      // What leads to an entry without weight does not matter, but to its logarithm it does.
      gradient[count - 1] = logarithm ? 0.5 : .nan
      let y = machine.float.softmax(x, mask: mask, extents, logarithm: logarithm)
      var result = [Float](repeating: 9, count: count)
      machine.float.softmaxGradient(gradient, of: y, to: &result, extents, logarithm: logarithm)
      for outer in 0..<extents.outer {
        for inner in 0..<extents.inner {
          let places = (0..<extents.axis).map {
            (outer * extents.axis + $0) * extents.inner + inner
          }
          let sum = places.filter { logarithm || mask[$0] }.reduce(0.0) {
            $0 + Double(gradient[$1]) * (logarithm ? 1 : Double(y[$1]))
          }
          for place in places where mask[place] {
            let weight = logarithm ? exp(Double(y[place])) : Double(y[place])
            let g = Double(gradient[place])
            let exact = logarithm ? g - weight * sum : weight * (g - sum)
            // The sum has a rounding for each term, all of them at most 1.
            let bound = Double(Float.ulpOfOne) * Double(extents.axis + 8)
            #expect((Double(result[place]) - exact).magnitude <= bound)
          }
        }
      }
      #expect(result[count - 1] == (logarithm ? 0.5 : 0))
    }
  }
}
