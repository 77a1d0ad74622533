import Autograd
import Foundation
import Testing

/// Random programs: their values, gradients, second derivatives and tangents.
///
/// Some thousand in an ordinary run; a million by
/// `TAPESTRY_PROGRAMS=1000000 swift test -c release --filter RandomProgramTests`, which tells the
/// figures. `TAPESTRY_FIRST_PROGRAM` is the seed of the first.
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
