import Foundation
import Kernels
import Platform
import Synchronization
import Testing

/// Serialized because they change the number of threads.
@Suite(.serialized) struct ThreadsTests {
  /// Runs `body` with `count` threads.
  private func with(threads count: Int, _ body: () throws -> Void) rethrows {
    let before = Threads.count
    Threads.count = count
    defer { Threads.count = before }
    try body()
  }

  /// How often each of the chunks has run.
  private func visits(_ chunks: Int, _ run: (Int, (Int) -> Void) -> Void) -> [Int] {
    var counts = [Int](repeating: 0, count: chunks)
    counts.withUnsafeMutableBufferPointer { counts in
      let address = counts.baseAddress
      run(chunks) { address?[$0] += 1 }
    }
    return counts
  }

  @Test(arguments: [1, 2, 3, 8]) func everyChunkRunsOnce(threads: Int) {
    with(threads: threads) {
      for chunks in [0, 1, 2, 3, 7, 100, 70_000] {
        #expect(visits(chunks, Threads.parallel).allSatisfy { $0 == 1 })
      }
    }
  }

  @Test func manySmallJobsLoseNoChunk() {
    with(threads: 4) {
      let sum = Atomic<Int>(0)
      for _ in 0..<20_000 {
        Threads.parallel(3) { sum.add($0, ordering: .relaxed) }
      }
      #expect(sum.load(ordering: .relaxed) == 60_000)
    }
  }

  @Test func jobsAfterASleepFindTheirThreads() {
    with(threads: 3) {
      for _ in 0..<20 {
        usleep(500)
        #expect(visits(50, Threads.parallel).allSatisfy { $0 == 1 })
      }
    }
  }

  @Test func threadsComputeUnderTheCallersEnvironment() {
    let before = FloatingPointEnvironment.current
    defer { FloatingPointEnvironment.current = before }
    with(threads: 3) {
      for isFlushing in [false, true, false] {
        FloatingPointEnvironment.current = isFlushing ? before.flushingDenormals : before
        let zeros = Atomic<Int>(0)
        Threads.parallel(500) { chunk in
          // Unknown to the compiler, which keeps denormals when it computes by itself.
          let small = Float(bitPattern: UInt32(0x0080_0000 + chunk))
          if small / 2 == 0 { zeros.add(1, ordering: .relaxed) }
          usleep(1)
        }
        #expect(zeros.load(ordering: .relaxed) == (isFlushing ? 500 : 0))
      }
    }
  }

  @Test func nestedCallsRunOnTheirThread() {
    with(threads: 3) {
      let sum = Atomic<Int>(0)
      Threads.parallel(10) { outer in
        Threads.parallel(10) { inner in
          Threads.parallel(2) { sum.add(outer * 10 + inner + $0, ordering: .relaxed) }
        }
      }
      #expect(sum.load(ordering: .relaxed) == 2 * 99 * 100 / 2 + 100)
    }
  }

  @Test func severalCallersAtOnceAllFinish() async {
    let sums = await withTaskGroup(of: Int.self) { group in
      for caller in 0..<8 {
        group.addTask {
          let sum = Atomic<Int>(0)
          for _ in 0..<500 {
            Threads.parallel(8) { sum.add($0 + caller, ordering: .relaxed) }
          }
          return sum.load(ordering: .relaxed) - 500 * 8 * caller
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(sums == [Int](repeating: 500 * 28, count: 8))
  }

  @Test func theNumberOfThreadsMayChangeBetweenJobs() {
    for count in [5, 1, 2, 7, 3] {
      with(threads: count) {
        #expect(Threads.count == count)
        for _ in 0..<100 { #expect(visits(20, Threads.parallel).allSatisfy { $0 == 1 }) }
      }
    }
  }

  @Test(arguments: [0, 1, 63, 64, 65, 1000, 100_001])
  func splitCoversEveryElementOnce(count: Int) {
    with(threads: 3) {
      for grain in [0, 1, 64, 100, 5000, 1_000_000] {
        let covered = visits(count) { count, body in
          Threads.split(count, grain: grain) { range in
            #expect(range.lowerBound % 64 == 0 && !range.isEmpty)
            for index in range { body(index) }
          }
        }
        #expect(covered.allSatisfy { $0 == 1 })
      }
    }
  }
}
