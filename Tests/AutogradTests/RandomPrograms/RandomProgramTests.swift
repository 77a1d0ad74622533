import Autograd
import Foundation
import Testing

/// Random programs: their values, gradients, second derivatives and tangents.
///
/// Some thousand in an ordinary run; a million by
/// `TAPESTRY_PROGRAMS=1000000 swift test -c release --disable-testable-imports --filter
/// RandomProgramTests`, which tells the figures. `TAPESTRY_FIRST_PROGRAM` is the seed of the first.
@Suite struct RandomProgramTests {
  @Test func `derivatives of random programs agree with finite differences`() async {
    let environment = ProcessInfo.processInfo.environment
    let count = environment["TAPESTRY_PROGRAMS"].flatMap { Int($0) } ?? 3000
    let first = environment["TAPESTRY_FIRST_PROGRAM"].flatMap { UInt64($0) } ?? 1
    let chunk = 250
    let tally = await withTaskGroup(of: Tally.self) { group in
      let chunks = (count + chunk - 1) / chunk
      var next = 0
      func add() {
        guard next < chunks else { return }
        let start = next * chunk
        next += 1
        group.addTask { Tally(seeds: start..<min(start + chunk, count), first) }
      }
      for _ in 0..<ProcessInfo.processInfo.activeProcessorCount { add() }
      var total = Tally()
      for await tally in group {
        total.add(tally)
        add()
      }
      return total
    }
    if environment["TAPESTRY_PROGRAMS"] != nil { print(tally.summary) }
    #expect(tally.misses.isEmpty, "\(tally.misses.prefix(5).joined(separator: "\n"))")
    // Where an operation has a kink close by, differences tell nothing.
    #expect(tally.unclear * 20 < count, "\(tally.unclear) of \(count) programs tell nothing")
    // Every operation that can be drawn is drawn.
    #expect(count < 3000 || tally.operations.count >= 80, "\(tally.operations.count) operations")
  }

  private func verdict(
    at x: Double, of function: @escaping (Tensor<Double>) -> Tensor<Double>
  ) -> ProgramCheck.Verdict {
    ProgramCheck("f", at: [Tensor([x, 0.5])], along: [Tensor([1, -0.7])]) { function($0[0]).sum() }
      .verdict
  }

  /// x³ whose derivative is off by a part in a million in one of its orders or modes.
  private static func cube(
    _ x: Tensor<Double>, _ factor: Double, _ second: Double, _ forward: Double
  ) -> Tensor<Double> {
    customOperation("cube", [x]) {
      $0[0] * $0[0] * $0[0]
    } pullback: { g, x, _ in
      [
        g
          * (x[0] * x[0] * (3 * factor * second) + (x[0] * x[0]).detached
            * (3 * factor * (1 - second)))
      ]
    } pushforward: { t, x, _ in
      t[0]! * (3 * forward) * x[0] * x[0]
    }
  }

  @Test func `a derivative that is wrong in the sixth digit is a miss`() {
    #expect(verdict(at: 1.2) { Self.cube($0, 1, 1, 1) } == .agrees)
    for (factor, second, forward) in [(1 + 1e-6, 1, 1 + 1e-6), (1, 1 + 1e-6, 1), (1, 1, 1 + 1e-6)] {
      guard case .differs = verdict(at: 1.2, of: { Self.cube($0, factor, second, forward) }) else {
        Issue.record("\(factor), \(second), \(forward) is not found")
        continue
      }
    }
  }

  @Test func `a kink close by tells nothing`() {
    #expect(verdict(at: 5e-5) { relu($0) } == .unclear)
    #expect(verdict(at: 0.1) { relu($0) } == .agrees)
  }

  /// What came out of some programs.
  private struct Tally: Sendable {
    var programs = 0
    var unclear = 0
    var misses: [String] = []
    var operations: [String: Int] = [:]

    init() {}

    init(seeds: Range<Int>, _ first: UInt64) {
      for seed in seeds {
        let program = RandomProgram(seed: first &+ UInt64(seed))
        programs += 1
        for name in program.names { operations[name, default: 0] += 1 }
        switch ProgramCheck(program).verdict {
        case .agrees: break
        case .unclear: unclear += 1
        case .differs(let sentence): misses.append(sentence)
        }
      }
    }

    mutating func add(_ other: Tally) {
      programs += other.programs
      unclear += other.unclear
      misses += other.misses
      operations.merge(other.operations, uniquingKeysWith: +)
    }

    var summary: String {
      "\(programs) programs, \(misses.count) misses, \(unclear) too close to a kink, "
        + "\(operations.count) operations, \(operations.values.reduce(0, +)) calls"
    }
  }
}
