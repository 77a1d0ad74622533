import Autograd
import Distributed
import Platform
import Training

/// Every function of the group, in every type, with lengths that are not multiples of anything.
struct Collectives {
  let group: ProcessGroup
  private let lengths = [0, 1, 7, 1000, 100_003]

  init(_ group: ProcessGroup) { self.group = group }

  func run() throws {
    var count = 0
    count += try all(Float.self)
    count += try all(Double.self)
    count += try all(Int32.self)
    count += try bytes()
    for format in GradientFormat.allCases {
      count += try sums(Float.self, as: format)
      count += try sums(Double.self, as: format)
    }
    count += try rounded()
    count += try divided()
    try group.barrier()
    try pendingTogether()
    count += 1
    if group.rank == 0 {
      try StandardStream.output.write(
        "\(group.libraryName), \(group.size) ranks: \(count) comparisons\n")
    }
  }

  /// A rank's numbers: whole and small, so that their sums are exact in each type.
  private func numbers<Scalar: Numeric>(_ rank: Int, _ length: Int) -> [Scalar] {
    (0..<length).map { position in
      let value = (position * 31 + rank * 17) % 101 - 50
      return Scalar(exactly: value)!
    }
  }

  private func expect<Value: Equatable>(
    _ found: Value, _ expected: Value, _ what: @autoclosure () -> String
  ) throws {
    if found != expected { throw Difference("\(what()) is not what a loop over all ranks gives") }
  }

  private func all<Scalar: ReducibleScalar & Numeric & Comparable>(
    _ type: Scalar.Type
  ) throws -> Int {
    let ranks = 0..<group.size
    var count = 0
    for length in lengths {
      let own: [Scalar] = numbers(group.rank, length)
      let every: [[Scalar]] = ranks.map { numbers($0, length) }
      let results: [(Reduction, [Scalar])] = [
        (.sum, (0..<length).map { i in every.reduce(0) { $0 + $1[i] } }),
        (.maximum, (0..<length).map { i in every.map { $0[i] }.max()! }),
      ]
      for (reduction, expected) in results {
        var values = own
        try group.allReduce(&values, reduction)
        try expect(values, expected, "allReduce \(reduction) of \(length) \(type)")
        let pending = try group.beginAllReduce(own, reduction)
        try expect(pending.wait(), expected, "beginAllReduce \(reduction) of \(length) \(type)")
        count += 2
      }
      for root in ranks {
        var values = own
        try group.broadcast(&values, from: root)
        try expect(values, every[root], "broadcast of \(length) \(type) from \(root)")
        let pending = try group.beginBroadcast(own, from: root)
        try expect(pending.wait(), every[root], "beginBroadcast of \(length) \(type)")
        let gathered = try group.gather(own, to: root)
        try expect(gathered, group.rank == root ? every : nil, "gather of \(length) \(type)")
        let coming = try group.beginGather(own, to: root)
        let expected = group.rank == root ? every.flatMap { $0 } : []
        try expect(coming.wait(), expected, "beginGather of \(length) \(type)")
        count += 4
      }
    }
    return count
  }

  /// Bytes, of which each rank has another number.
  private func bytes() throws -> Int {
    func own(_ rank: Int) -> [UInt8] { (0..<rank * 3).map { UInt8($0 + rank) } }
    let gathered = try group.gather(own(group.rank))
    try expect(
      gathered, group.rank == 0 ? (0..<group.size).map(own) : nil, "gather of unequal bytes")
    for root in 0..<group.size {
      try expect(
        group.broadcast(own(group.rank), from: root), own(root), "broadcast of any bytes")
    }
    return 1 + group.size
  }

  /// Work of which each rank does a part.
  private func divided() throws -> Int {
    for length in lengths.dropLast() {
      var own = 0
      let squares = try group.divided(Array(0..<length)) { inputs in
        own = inputs.count
        return inputs.map { $0 * $0 }
      }
      try expect(squares, (0..<length).map { $0 * $0 }, "divided work of \(length)")
      let shares = (length / group.size)...((length + group.size - 1) / group.size)
      if !shares.contains(own) { throw Difference("a rank has done \(own) of \(length)") }
    }
    try expect(group.broadcast(["rank": group.rank]), ["rank": 0], "broadcast of a value")
    return lengths.count
  }

  /// Sums of tensors, several on their way at once, of which all ranks go on with others first.
  private func sums<Scalar: FloatingPointScalar>(
    _ type: Scalar.Type, as format: GradientFormat
  ) throws -> Int {
    func numbers(_ rank: Int, _ length: Int) -> [Scalar] {
      (0..<length).map { Scalar(Float(($0 * 31 + rank * 17) % 101 - 50)) }
    }
    let pending = try lengths.map { length in
      defer { if length % (group.rank + 2) == 0 { try? group.advanceSums() } }
      // bfloat16 has whole numbers up to 256: five ranks' are below.
      return try group.beginSum(
        Tensor<Scalar>(numbers(group.rank, length), shape: [length]), as: format)
    }
    for (length, pending) in zip(lengths, pending).reversed() {
      let every = (0..<group.size).map { numbers($0, length) }
      let expected = (0..<length).map { i in every.reduce(Scalar(0)) { $0 + $1[i] } }
      try expect(pending.wait().scalars, expected, "a sum of \(length) \(type) as \(format)")
      let isRounded = format == .bfloat16 && Scalar.self == Float.self
      try expect(
        pending.roundingError?.scalars, isRounded ? expected.map { _ in 0 } : nil,
        "the rounding error of \(length) \(type)")
    }
    return lengths.count
  }

  /// Sums by way of bfloat16 of numbers that it hasn't: what is lost in one call comes in the next.
  private func rounded() throws -> Int {
    var error = Tensor<Float>.zeros([3])
    var totals = [0.0, 0, 0]
    for _ in 0..<100 {
      let number = Tensor<Float>.ones([3]) * (1 + 0x1p-10 * Float(group.rank + 1))
      let pending = try group.beginSum(number + error, as: .bfloat16)
      let sums = try pending.wait()
      error = pending.roundingError!
      totals = zip(totals, sums.scalars).map { $0 + Double($1) }
    }
    let ranks = Double(group.size)
    let exact = 100 * (ranks + 0x1p-10 * ranks * (ranks + 1) / 2)
    // One rounding of each rank's number and one of the sum, which is below 8.
    if totals.contains(where: { abs($0 - exact) > ranks * 0x1p-7 + 0x1p-5 }) {
      throw Difference("100 sums as bfloat16 are \(totals), not \(exact)")
    }
    return 1
  }

  /// Several that are on their way at once, and are waited for out of order.
  private func pendingTogether() throws {
    let all = try (1...4).map { factor in
      try group.beginAllReduce(
        [Double](repeating: Double(factor * (group.rank + 1)), count: 1000), .sum)
    }
    let barrier = try group.beginBarrier()
    let sum = Double(group.size * (group.size + 1) / 2)
    for factor in (1...4).reversed() {
      try expect(
        all[factor - 1].wait(), [Double](repeating: Double(factor) * sum, count: 1000),
        "one of four sums")
    }
    while try !barrier.isFinished() {}
  }
}

/// What MPI refuses is an error with MPI's own text: a broadcast from a rank that there is none of.
func refusals(_ group: ProcessGroup) throws {
  var values = [1.0]
  var refused = 0
  do throws(MPIError) {
    try group.broadcast(&values, from: group.size)
  } catch {
    refused += try check(error, "MPI_Bcast", group)
  }
  do throws(MPIError) {
    _ = try group.beginBroadcast(values, from: group.size)
  } catch {
    refused += try check(error, "MPI_Ibcast", group)
  }
  if refused != 2 { throw Difference("MPI has refused \(refused) of 2 calls") }
}

private func check(_ error: MPIError, _ function: String, _ group: ProcessGroup) throws -> Int {
  guard case .call(function, let code, let text) = error, code != 0, text.contains("root") else {
    throw Difference("expected an error of \(function) about the root, found: \(error)")
  }
  if group.rank == 0 { try StandardStream.output.write("\(error)\n") }
  return 1
}
