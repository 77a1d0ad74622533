import Autograd

/// Something that all ranks do together, while this one does something else: begun by one of the
/// group's functions `begin...`.
///
/// Its memory is its own until `wait` hands it over. One that is let go is waited for.
public final class PendingCollective<Scalar: GroupScalar> {
  private let values: UnsafeMutableBufferPointer<Scalar>
  private let others: UnsafeMutableBufferPointer<Scalar>?
  private let request: PendingRequest

  /// - Parameters:
  ///   - values: what is sent, or changed in place.
  ///   - capacity: numbers of a second place, for what comes from others; nil for none.
  fileprivate init(
    _ group: ProcessGroup, _ name: String, _ values: [Scalar], receiving capacity: Int? = nil,
    _ begin: (
      MPIFunctions, MPIHandles, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?,
      UnsafeMutablePointer<Int>
    ) -> CInt
  ) throws(MPIError) {
    let (own, others): (UnsafeMutableBufferPointer<Scalar>, UnsafeMutableBufferPointer<Scalar>?) = (
      .allocate(capacity: values.count), capacity.map { .allocate(capacity: $0) }
    )
    _ = own.initialize(from: values)
    do {
      request = try PendingRequest(group, name) { functions, handles, request in
        begin(functions, handles, own.baseAddress, others?.baseAddress, request)
      }
    } catch {
      own.deallocate()
      others?.deallocate()
      throw error
    }
    (self.values, self.others) = (own, others)
  }

  deinit {
    // MPI writes into the memory until it is over.
    try? request.wait()
    values.deallocate()
    others?.deallocate()
  }

  /// Whether it is over. Asking gives MPI the occasion to go on with it.
  public func isFinished() throws(MPIError) -> Bool { try request.isFinished() }

  /// Waits for its end.
  ///
  /// - Returns: what has come of this rank's numbers: of a gather what all ranks sent, one after
  ///   another, on the rank that gets it, and nothing on others.
  public func wait() throws(MPIError) -> [Scalar] {
    try request.wait()
    return Array(others ?? values)
  }
}

extension ProcessGroup {
  /// Begins a barrier: it is over when all ranks have begun it.
  public func beginBarrier() throws(MPIError) -> PendingCollective<UInt8> {
    try PendingCollective(self, "Ibarrier", []) { functions, handles, _, _, request in
      functions.beginBarrier(handles.world, request)
    }
  }

  /// Begins to give all ranks the numbers of one, of which there are equally many on all.
  public func beginBroadcast<Scalar: GroupScalar>(
    _ values: [Scalar], from root: Int = 0
  ) throws(MPIError) -> PendingCollective<Scalar> {
    let (count, datatype) = (self.count(values), datatype(Scalar.self))
    return try PendingCollective(self, "Ibcast", values) { functions, handles, own, _, request in
      functions.beginBroadcast(own, count, datatype, CInt(root), handles.world, request)
    }
  }

  /// Begins to take, for each position, the sum or the largest of all ranks' numbers.
  public func beginAllReduce<Scalar: ReducibleScalar>(
    _ values: [Scalar], _ reduction: Reduction
  ) throws(MPIError) -> PendingCollective<Scalar> {
    let (count, datatype) = (self.count(values), datatype(Scalar.self))
    return try PendingCollective(self, "Iallreduce", values) {
      functions, handles, own, _, request in
      functions.beginAllReduce(
        UnsafeMutableRawPointer(bitPattern: handles.inPlace), own, count, datatype,
        reduction.handle(in: handles), handles.world, request)
    }
  }

  /// Begins to bring the numbers of all ranks, of which there are equally many on all, to one.
  public func beginGather<Scalar: GroupScalar>(
    _ values: [Scalar], to root: Int = 0
  ) throws(MPIError) -> PendingCollective<Scalar> {
    let (count, datatype) = (self.count(values), datatype(Scalar.self))
    let capacity = rank == root ? values.count * size : 0
    return try PendingCollective(self, "Igather", values, receiving: capacity) {
      functions, handles, own, all, request in
      functions.beginGather(
        own, count, datatype, all, count, datatype, CInt(root), handles.world, request)
    }
  }

  private func count<Scalar>(_ values: [Scalar]) -> CInt {
    guard let count = CInt(exactly: values.count) else {
      trap("ProcessGroup: \(values.count) numbers are more than MPI takes in the background")
    }
    return count
  }
}
