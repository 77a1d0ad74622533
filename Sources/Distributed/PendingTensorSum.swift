import Autograd
import Training

/// The sum over all ranks of a tensor, on its way.
///
/// Each rank makes the sums of a part of the positions: it gets all ranks' numbers there, adds them up in
/// the ranks' order, and sends the sums to all. So every number is sent about twice, as in a ring, and the
/// bits depend neither on time, nor on the library, nor on what else is summed up with it.
final class PendingTensorSum<Number: SentNumber>: PendingSum, OrderedSum {
  typealias Scalar = Number.Full

  private let group: ProcessGroup
  /// This rank's numbers, and at the end the sums.
  private var tensor: Tensor<Scalar>
  private(set) var roundingError: Tensor<Scalar>?
  /// The numbers of all positions as they are sent: in the tensor's own memory, where that is the same.
  private let sent: UnsafeMutablePointer<Number>
  /// The numbers of this rank's positions, rank by rank.
  private let received: UnsafeMutablePointer<Number>
  /// For MPI, which looks at them until it is over: units to or from each rank, and where they begin; first
  /// those of all positions, then those of this rank's.
  private let lists: UnsafeMutablePointer<CInt>
  private let own: Range<Int>
  private var collection: PendingRequest?
  private var distribution: PendingRequest?

  init(_ group: ProcessGroup, _ numbers: consuming Tensor<Scalar>) {
    self.group = group
    let count = numbers.count
    guard CInt(exactly: (count + group.size) * Number.units) != nil else {
      trap("ProcessGroup.beginSum: \(count) numbers are more than MPI sends at once")
    }
    own = Self.part(of: count, group.rank, group.size)
    lists = .allocate(capacity: 4 * group.size)
    received = .allocate(capacity: max(own.count * group.size, 1))
    tensor = numbers
    sent =
      Number.isExact ? Self.memory(of: &tensor) : .allocate(capacity: max(count, 1))
  }

  /// A rank's positions.
  private static func part(of count: Int, _ rank: Int, _ size: Int) -> Range<Int> {
    count * rank / size..<count * (rank + 1) / size
  }

  /// Where a tensor's numbers are, of which nobody else has the tensor.
  private static func memory(of tensor: inout Tensor<Scalar>) -> UnsafeMutablePointer<Number> {
    tensor.withUnsafeMutableScalars {
      UnsafeMutableRawPointer($0.baseAddress!)
        .assumingMemoryBound(to: Number.self)
    }
  }

  /// Begins to bring numbers to the ranks that add them up.
  func begin() throws {
    let (size, count) = (group.size, tensor.count)
    for rank in 0..<size {
      let part = Self.part(of: count, rank, size)
      lists[rank] = CInt(part.count * Number.units)
      lists[size + rank] = CInt(part.lowerBound * Number.units)
      lists[2 * size + rank] = CInt(own.count * Number.units)
      lists[3 * size + rank] = CInt(rank * own.count * Number.units)
    }
    if !Number.isExact {
      roundingError = .zeros(tensor.shape)
      tensor.withUnsafeMutableScalars { numbers in
        if let start = numbers.baseAddress { round(start, 0..<numbers.count) }
      }
    }
    let datatype = Number.datatype(group.library.handles)
    collection = try PendingRequest(group, "Ialltoallv") { functions, handles, request in
      functions.beginAllToAll(
        sent, lists, lists + size, datatype, received, lists + 2 * size, lists + 3 * size,
        datatype, handles.world, request)
    }
  }

  deinit {
    // MPI writes into the memory until it is over.
    (collection, distribution) = (nil, nil)
    if !Number.isExact { sent.deallocate() }
    received.deallocate()
    lists.deallocate()
  }

  /// Adds up what has come, and begins to send the sums.
  ///
  /// - Parameter waits: whether it waits for what has not come.
  /// - Returns: whether it has begun, now or before.
  func distribute(waits: Bool) throws(MPIError) -> Bool {
    if let distribution {
      _ = try distribution.isFinished()
      return true
    }
    guard let collection else { return true }
    if waits { try collection.wait() } else if try !collection.isFinished() { return false }
    addUp()
    let datatype = Number.datatype(group.library.handles)
    distribution = try PendingRequest(group, "Iallgatherv") { functions, handles, request in
      functions.beginAllGather(
        UnsafeMutableRawPointer(bitPattern: handles.inPlace), 0, datatype, sent, lists,
        lists + group.size, datatype, group.distribution, request)
    }
    self.collection = nil
    return true
  }

  /// Makes the sums of this rank's positions.
  private func addUp() {
    if own.isEmpty { return }
    if Number.isExact {
      let sums = UnsafeMutableRawPointer(sent + own.lowerBound).assumingMemoryBound(to: Scalar.self)
      Number.addUp(received, group.size, own.count, into: sums)
    } else {
      tensor.withUnsafeMutableScalars { sums in
        let sums = sums.baseAddress! + own.lowerBound
        Number.addUp(received, group.size, own.count, into: sums)
        round(sums, own)
      }
    }
  }

  /// Rounds the numbers of some positions, and keeps what that takes away: it is added to this rank's next
  /// numbers, be it of its own or of the sums that it makes.
  private func round(_ numbers: UnsafePointer<Scalar>, _ positions: Range<Int>) {
    let first = positions.lowerBound
    roundingError!.withUnsafeMutableScalars {
      Number.round(
        numbers, positions.count, into: sent + first, addingErrorsTo: $0.baseAddress! + first)
    }
  }

  func wait() throws -> Tensor<Scalar> {
    try group.endSum(self)
    try distribution?.wait()
    distribution = nil
    if !Number.isExact {
      tensor.withUnsafeMutableScalars { sums in
        if let start = sums.baseAddress { Number.expand(sent, sums.count, into: start) }
      }
    }
    return tensor
  }
}

/// A sum of which MPI wants that all ranks go on with it, after others, in the same order.
protocol OrderedSum: AnyObject {
  func begin() throws
  func distribute(waits: Bool) throws(MPIError) -> Bool
}

/// As what a number is sent.
protocol SentNumber: BitwiseCopyable {
  /// The number that it stands for.
  associatedtype Full: FloatingPointScalar
  /// Whether it is the number itself.
  static var isExact: Bool { get }
  /// What MPI calls it, and how many of these it is.
  static func datatype(_ handles: MPIHandles) -> Int
  static var units: Int { get }
  /// Rounds numbers, and adds what that takes away from each to its error.
  static func round(
    _ numbers: UnsafePointer<Full>, _ count: Int, into rounded: UnsafeMutablePointer<Self>,
    addingErrorsTo errors: UnsafeMutablePointer<Full>)
  /// The numbers.
  static func expand(
    _ rounded: UnsafePointer<Self>, _ count: Int, into numbers: UnsafeMutablePointer<Full>)
  /// The sums of `rows` rows of `count` numbers, in their order.
  static func addUp(
    _ numbers: UnsafePointer<Self>, _ rows: Int, _ count: Int, into sums: UnsafeMutablePointer<Full>
  )
}

extension SentNumber where Full == Self {
  static var isExact: Bool { true }
  static var units: Int { 1 }

  static func round(
    _ numbers: UnsafePointer<Self>, _ count: Int, into rounded: UnsafeMutablePointer<Self>,
    addingErrorsTo errors: UnsafeMutablePointer<Self>
  ) {
    trap("\(Self.self) is not rounded")
  }

  static func expand(
    _ rounded: UnsafePointer<Self>, _ count: Int, into numbers: UnsafeMutablePointer<Self>
  ) {
    trap("\(Self.self) is not rounded")
  }
}

extension Float: SentNumber {
  typealias Full = Float
  static func datatype(_ handles: MPIHandles) -> Int { handles.float }

  package static func addUp(
    _ numbers: UnsafePointer<Float>, _ rows: Int, _ count: Int,
    into sums: UnsafeMutablePointer<Float>
  ) { addRows(numbers, rows, count, into: sums) }
}

extension Double: SentNumber {
  typealias Full = Double
  static func datatype(_ handles: MPIHandles) -> Int { handles.double }

  static func addUp(
    _ numbers: UnsafePointer<Double>, _ rows: Int, _ count: Int,
    into sums: UnsafeMutablePointer<Double>
  ) { addRows(numbers, rows, count, into: sums) }
}

@_specialize(where Number == Float)
@_specialize(where Number == Double)
private func addRows<Number: FloatingPoint>(
  _ numbers: UnsafePointer<Number>, _ rows: Int, _ count: Int,
  into sums: UnsafeMutablePointer<Number>
) {
  sums.update(from: numbers, count: count)
  for row in 1..<max(rows, 1) {
    let next = numbers + row * count
    for position in 0..<count { sums[position] += next[position] }
  }
}
