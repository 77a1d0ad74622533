import Foundation
import Testing
import Training

@Suite struct ScheduleTests {
  @Test(arguments: try! conformanceCases("schedules"))
  func agreesWithPyTorch(path: String) throws {
    let item = try ScheduleCase(path: path)
    let rates = try #require(try item.rates(), "no schedule \(item.name)")
    let expected = try item.expected()
    #expect(rates.count == expected.count)
    for (step, (ours, theirs)) in zip(rates, expected).enumerated() {
      // The tolerance of all conformance cases in double precision.
      #expect(abs(ours - theirs) <= 1e-9 + 1e-9 * abs(theirs), "step \(step): \(ours), \(theirs)")
    }
  }

  @Test func allElevenSchedulesHaveCases() throws {
    #expect(
      Set(try conformanceCases("schedules").map { try ScheduleCase(path: $0).name }).count == 11)
  }

  @Test func warmupsGrowToThePeakAndEndWhereTheyShould() {
    let schedules: [any Schedule] = [
      WarmupLinear(learningRate: 2, warmupSteps: 4, totalSteps: 20, finalFraction: 0.1),
      WarmupCosine(learningRate: 2, warmupSteps: 4, totalSteps: 20, finalFraction: 0.1),
    ]
    for schedule in schedules {
      #expect((0..<4).map(schedule.learningRate) == [0.5, 1, 1.5, 2])
      #expect(schedule.learningRate(step: 4) == 2)
      // Half way down, a line and a cosine are both at the mean of 2 and 0.2, up to rounding.
      #expect(abs(schedule.learningRate(step: 12) - 1.1) < 1e-12)
      #expect(abs(schedule.learningRate(step: 20) - 0.2) < 1e-12)
      #expect(schedule.learningRate(step: 1000) == schedule.learningRate(step: 20))
      let rates = (4...20).map(schedule.learningRate)
      #expect(zip(rates, rates.dropFirst()).allSatisfy { $0 > $1 })
    }
  }

  @Test func theInverseSquareRootHalvesWhenTheStepsQuadruple() {
    let schedule = WarmupInverseSquareRoot(learningRate: 1, warmupSteps: 100, finalFraction: 0.2)
    #expect(schedule.learningRate(step: 49) == 0.5)
    #expect(schedule.learningRate(step: 99) == 1)
    #expect(schedule.learningRate(step: 399) == 0.5)
    #expect(schedule.learningRate(step: 1_000_000) == 0.2)
  }

  @Test func withoutWarmupTheFirstStepHasThePeak() {
    let linear = WarmupLinear(learningRate: 3, warmupSteps: 0, totalSteps: 10)
    #expect(linear.learningRate(step: 0) == 3)
    #expect(WarmupCosine(learningRate: 3, warmupSteps: 0, totalSteps: 0).learningRate(step: 0) == 0)
    let root = WarmupInverseSquareRoot(learningRate: 3, warmupSteps: 0)
    #expect(root.learningRate(step: 0) == 3)
  }

  /// Metrics in the order of updates, of which each is better than those before or not.
  private static let improvements: [(mode: ReduceOnPlateau.Mode, [(Double, Bool)])] = [
    (.minimum, [(-1, true), (-1, false), (-1.05, false), (-1.2, true), (-1.2, false)]),
    (.minimum, [(2, true), (1.9, false), (1.5, true), (0, true), (0, false), (-1e-9, true)]),
    (.maximum, [(-1, true), (-1, false), (-0.95, false), (-0.8, true), (-0.8, false)]),
    (.maximum, [(1, true), (1.05, false), (1.2, true), (1.2, false)]),
    (.maximum, [(-2, true), (0, true), (0, false), (1e-9, true)]),
  ]

  @Test(arguments: improvements.indices)
  func `a part of the best so far is one of its size, whatever its sign`(index: Int) {
    let (mode, metrics) = Self.improvements[index]
    var plateau = ReduceOnPlateau(
      learningRate: 1, mode: mode, patience: 1000, threshold: .relative(0.1))
    for (metric, isBetter) in metrics {
      plateau.update(metric: metric)
      #expect((plateau.badUpdates == 0) == isBetter, "\(metric)")
      #expect(!isBetter || plateau.best == metric, "\(metric)")
    }
  }

  @Test(arguments: [ReduceOnPlateau.Mode.minimum, .maximum])
  func `a difference from the best so far counts alike above and below 0`(
    mode: ReduceOnPlateau.Mode
  ) {
    let sign: Double = mode == .minimum ? 1 : -1
    var plateau = ReduceOnPlateau(
      learningRate: 1, mode: mode, patience: 1000, threshold: .absolute(0.5))
    for (metric, isBetter) in [(1, true), (0.75, false), (0.25, true), (-0.5, true), (-1, false)] {
      plateau.update(metric: sign * metric)
      #expect((plateau.badUpdates == 0) == isBetter, "\(metric)")
    }
  }

  @Test func `the first metric is better than none, whatever the threshold`() {
    for threshold in [ReduceOnPlateau.Threshold.relative(1), .relative(2), .absolute(5)] {
      var plateau = ReduceOnPlateau(learningRate: 1, threshold: threshold)
      plateau.update(metric: 3)
      #expect(plateau.best == 3)
    }
  }

  @Test func aPlateauGoesOnAfterItWasSaved() throws {
    var plateau = ReduceOnPlateau(learningRate: 1, factor: 0.5, patience: 1, cooldown: 1)
    plateau.update(metric: .infinity)
    #expect(plateau.best == nil)
    for metric in [3.0, 3.0] { plateau.update(metric: metric) }
    var restored = try JSONDecoder().decode(
      ReduceOnPlateau.self, from: JSONEncoder().encode(plateau))
    #expect(restored == plateau)
    for metric in [Double.nan, 3, 3, 3, 2, 2, 2] {
      plateau.update(metric: metric)
      restored.update(metric: metric)
      #expect(restored.learningRate == plateau.learningRate)
    }
    #expect(plateau.learningRate == 0.125)
  }
}
