import Foundation
import Kernels
import Testing

/// The kernels of `featureAttention` against plain loops in `Double`.
@Suite struct FeatureAttentionTests {
  /// What a position after the last element holds, before and after.
  private static let untouched = 77.0

  /// Counts around the widths of all vectors.
  static let counts = [0, 1, 3, 4, 5, 8, 15, 16, 17, 33]

  private func check<Scalar: TestedScalar>(_: Scalar.Type, _ count: Int, _ machine: Machine) {
    let table = Scalar.table(machine)
    var numbers = Numbers(21)
    let scores: [Scalar] = numbers.uniform(count, -6, 6)
    let states: [Scalar] = numbers.uniform(count, -2, 2)
    // The sums of the steps before.
    let oldTotal: [Scalar] = numbers.uniform(count, 1, 3)
    let oldSum: [Scalar] = numbers.uniform(count, -3, 3)
    let rest = [Scalar(Self.untouched)]
    var squashed = [Scalar](repeating: 0, count: count) + rest
    var (total, sum) = (oldTotal + rest, oldSum + rest)
    table.featureAttention(
      scores: scores, states: states, squashed: &squashed, total: &total, sum: &sum, count: count)
    // Tanh and exponential err by a few units in the last place, of numbers up to 9.
    let bound = 64 * Double(Scalar.ulpOfOne)
    for i in 0..<count {
      let t = tanh(Double(scores[i]))
      let weight = exp(t)
      #expect(abs(Double(squashed[i]) - t) <= bound)
      #expect(abs(Double(total[i]) - (Double(oldTotal[i]) + weight)) <= bound)
      #expect(abs(Double(sum[i]) - (Double(oldSum[i]) + weight * Double(states[i]))) <= bound)
    }
    for result in [squashed, total, sum] { #expect(result[count] == rest[0]) }
  }

  @Test(arguments: counts, Machine.all)
  func `sums grow by the weight and by the weighted state`(count: Int, machine: Machine) {
    check(Float.self, count, machine)
    check(Double.self, count, machine)
  }

  private func checkGradient<Scalar: TestedScalar>(
    _: Scalar.Type, _ count: Int, _ machine: Machine
  ) {
    let table = Scalar.table(machine)
    var numbers = Numbers(22)
    let gradient: [Scalar] = numbers.uniform(count, -2, 2)
    let squashed: [Scalar] = numbers.uniform(count, -1, 1)
    let states: [Scalar] = numbers.uniform(count, -2, 2)
    let total: [Scalar] = numbers.uniform(count, 3, 9)
    let context: [Scalar] = numbers.uniform(count, -1, 1)
    let rest = [Scalar(Self.untouched)]
    var ofScores = [Scalar](repeating: 0, count: count) + rest
    var ofStates = ofScores
    table.featureAttentionGradient(
      gradient, squashed: squashed, states: states, total: total, context: context,
      toScores: &ofScores, toStates: &ofStates, count: count)
    // Some ten roundings of numbers below 6.
    let bound = 64 * Double(Scalar.ulpOfOne)
    for i in 0..<count {
      let t = Double(squashed[i])
      let flow = exp(t) / Double(total[i]) * Double(gradient[i])
      let slope = flow * (Double(states[i]) - Double(context[i])) * (1 - t * t)
      #expect(abs(Double(ofStates[i]) - flow) <= bound)
      #expect(abs(Double(ofScores[i]) - slope) <= bound)
    }
    for result in [ofScores, ofStates] { #expect(result[count] == rest[0]) }
  }

  @Test(arguments: counts, Machine.all)
  func `gradients of scores and states follow their formulas`(count: Int, machine: Machine) {
    checkGradient(Float.self, count, machine)
    checkGradient(Double.self, count, machine)
  }
}
