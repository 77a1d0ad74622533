import Autograd
import Foundation
import Training

/// Ranks that are threads of this process: a group without MPI.
final class ThreadGroup: TrainingGroup {
  let rank: Int
  private let meeting: Meeting
  /// Whether this rank was told that all know of a failure.
  private(set) var knowsOfFailure = false

  private init(_ rank: Int, _ meeting: Meeting) {
    self.rank = rank
    self.meeting = meeting
  }

  var size: Int { meeting.size }

  func sum<Scalar: FloatingPointScalar>(_ tensor: inout Tensor<Scalar>) throws {
    let own = tensor.scalars.map { Double($0) }
    let sums = meeting.meet(rank, own) { all in
      all[0].indices.map { i in all.reduce(0) { $0 + $1[i] } }
    }
    tensor = Tensor(sums.map { Scalar($0) }, shape: tensor.shape)
  }

  func beginSum<Scalar: FloatingPointScalar>(
    _ numbers: consuming Tensor<Scalar>, as format: GradientFormat
  ) throws -> any PendingSum<Scalar> {
    var sums = numbers
    if format == .full || Scalar.scalarType != .float {
      try sum(&sums)
      return Sum(sums, nil)
    }
    // As bfloat16: numbers are rounded, and the sums on rank 0.
    let sent = sums.scalars.map(Self.rounded)
    var error = zip(sums.scalars, sent).map { $0 - $1 }
    sums = Tensor(sent, shape: sums.shape)
    try sum(&sums)
    let exact = sums.scalars
    sums = Tensor(exact.map(Self.rounded), shape: sums.shape)
    if rank == 0 { for i in exact.indices { error[i] += exact[i] - sums.scalars[i] } }
    return Sum(sums, Tensor(error, shape: sums.shape))
  }

  private static func rounded<Scalar: FloatingPointScalar>(_ number: Scalar) -> Scalar {
    Scalar(Float(bitPattern: Float(Double(number)).bitPattern & 0xffff_0000))
  }

  /// Sums are over when they are begun.
  func advanceSums() throws {}

  private final class Sum<Scalar: FloatingPointScalar>: PendingSum {
    private let sum: Tensor<Scalar>
    let roundingError: Tensor<Scalar>?

    init(_ sum: Tensor<Scalar>, _ roundingError: Tensor<Scalar>?) {
      (self.sum, self.roundingError) = (sum, roundingError)
    }

    func wait() throws -> Tensor<Scalar> { sum }
  }

  func broadcast<Scalar: FloatingPointScalar>(_ tensor: inout Tensor<Scalar>) throws {
    let first = meeting.meet(rank, tensor.scalars.map { Double($0) }) { $0[0] }
    tensor = Tensor(first.map { Scalar($0) }, shape: tensor.shape)
  }

  func broadcast(_ bytes: [UInt8], from root: Int) throws -> [UInt8] {
    meeting.meet(rank, bytes.map { Double($0) }) { $0[root] }.map { UInt8($0) }
  }

  func allKnowOfFailure() { knowsOfFailure = true }

  /// Calls the body on so many threads at once, each with its rank.
  static func run<Value: Sendable>(
    _ size: Int, _ body: @Sendable @escaping (ThreadGroup) throws -> Value
  ) -> [Result<Value, any Error>] {
    let meeting = Meeting(size)
    let results = Results<Value>(size)
    let threads = (0..<size).map { rank in
      let thread = Thread { results.set(rank, Result { try body(ThreadGroup(rank, meeting)) }) }
      // Backward passes of small models need little, but the compiler's debug code more.
      thread.stackSize = 8 << 20
      return thread
    }
    threads.forEach { $0.start() }
    return results.wait()
  }

  /// Where the ranks meet: each brings numbers, and takes what comes of all.
  private final class Meeting: @unchecked Sendable {
    // Unchecked: all is touched under the condition's lock.
    let size: Int
    private let condition = NSCondition()
    private var brought: [Int: [Double]] = [:]
    private var result: [Double] = []
    private var round = 0

    init(_ size: Int) { self.size = size }

    func meet(
      _ rank: Int, _ numbers: [Double], _ combine: ([[Double]]) -> [Double]
    ) -> [Double] {
      condition.lock()
      defer { condition.unlock() }
      brought[rank] = numbers
      let own = round
      if brought.count == size {
        result = combine((0..<size).map { brought[$0]! })
        brought = [:]
        round += 1
        condition.broadcast()
      }
      while round == own { condition.wait() }
      return result
    }
  }

  private final class Results<Value: Sendable>: @unchecked Sendable {
    // Unchecked: all is touched under the condition's lock.
    private let condition = NSCondition()
    private var results: [Result<Value, any Error>?]

    init(_ size: Int) { results = Array(repeating: nil, count: size) }

    func set(_ rank: Int, _ result: Result<Value, any Error>) {
      condition.withLock {
        results[rank] = result
        condition.signal()
      }
    }

    func wait() -> [Result<Value, any Error>] {
      condition.withLock {
        while results.contains(where: { $0 == nil }) { condition.wait() }
        return results.map { $0! }
      }
    }
  }
}
