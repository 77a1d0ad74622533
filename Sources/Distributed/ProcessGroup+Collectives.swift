public import Autograd

/// What all ranks do together, and wait for.
extension ProcessGroup {
  /// Waits until all ranks have come here.
  public func barrier() throws(MPIError) {
    try waiting("Barrier") { functions, handles in functions.barrier(handles.world) }
  }

  // MARK: Broadcast

  /// Gives all ranks the numbers of one.
  ///
  /// - Parameters:
  ///   - values: equally many on all ranks.
  ///   - root: the rank whose numbers they are.
  public func broadcast<Scalar: GroupScalar>(
    _ values: inout [Scalar], from root: Int = 0
  ) throws(MPIError) {
    try values.withUnsafeMutableBufferPointer { values throws(MPIError) in
      try broadcast(values, from: root)
    }
  }

  /// Gives all ranks the elements of one rank's tensor, which has the same shape on all.
  public func broadcast<Scalar: GroupScalar & FloatingPointScalar>(
    _ tensor: inout Tensor<Scalar>, from root: Int = 0
  ) throws(MPIError) {
    try tensor.withUnsafeMutableScalars { values throws(MPIError) in
      try broadcast(values, from: root)
    }
  }

  /// Gives all ranks the numbers of one, in place.
  public func broadcast<Scalar: GroupScalar>(
    _ values: UnsafeMutableBufferPointer<Scalar>, from root: Int = 0
  ) throws(MPIError) {
    for part in parts(of: values) {
      try waiting("Bcast") { functions, handles in
        functions.broadcast(
          part.baseAddress, CInt(part.count), datatype(Scalar.self), CInt(root), handles.world)
      }
    }
  }

  // MARK: All-reduce

  /// Gives all ranks, for each position, the sum or the largest of all ranks' numbers there: the same
  /// bits on each.
  ///
  /// - Parameter values: equally many on all ranks.
  public func allReduce<Scalar: ReducibleScalar>(
    _ values: inout [Scalar], _ reduction: Reduction
  ) throws(MPIError) {
    try values.withUnsafeMutableBufferPointer { values throws(MPIError) in
      try allReduce(values, reduction)
    }
  }

  /// Gives all ranks, for each element, the sum or the largest of all ranks' tensors, which have the
  /// same shape.
  public func allReduce<Scalar: ReducibleScalar & FloatingPointScalar>(
    _ tensor: inout Tensor<Scalar>, _ reduction: Reduction
  ) throws(MPIError) {
    try tensor.withUnsafeMutableScalars { values throws(MPIError) in
      try allReduce(values, reduction)
    }
  }

  /// Gives all ranks, for each position, the sum or the largest of all ranks' numbers, in place.
  public func allReduce<Scalar: ReducibleScalar>(
    _ values: UnsafeMutableBufferPointer<Scalar>, _ reduction: Reduction
  ) throws(MPIError) {
    for part in parts(of: values) {
      try waiting("Allreduce") { functions, handles in
        functions.allReduce(
          UnsafeMutableRawPointer(bitPattern: handles.inPlace), part.baseAddress,
          CInt(part.count), datatype(Scalar.self), reduction.handle(in: handles), handles.world)
      }
    }
  }

  // MARK: Gather

  /// Brings the numbers of all ranks to one.
  ///
  /// - Parameters:
  ///   - values: any number of them, which may differ from rank to rank.
  ///   - root: the rank that gets them.
  /// - Returns: the numbers of each rank on the rank `root`, nil on the others.
  public func gather<Scalar: GroupScalar>(
    _ values: [Scalar], to root: Int = 0
  ) throws(MPIError) -> [[Scalar]]? {
    guard let counts = try gatherCounts(values.count, to: root) else {
      try gatherUnequal(values, counts: [], into: nil, to: root)
      return nil
    }
    let total = counts.reduce(0) { $0 + Int($1) }
    let all = UnsafeMutableBufferPointer<Scalar>.allocate(capacity: max(total, 1))
    defer { all.deallocate() }
    try gatherUnequal(values, counts: counts, into: all.baseAddress, to: root)
    var start = 0
    return counts.map { count in
      defer { start += Int(count) }
      return Array(all[start..<start + Int(count)])
    }
  }

  private func gatherCounts(_ count: Int, to root: Int) throws(MPIError) -> [CInt]? {
    guard let own = CInt(exactly: count) else {
      trap("ProcessGroup.gather: \(count) numbers of one rank are more than MPI sends at once")
    }
    var counts = [CInt](repeating: 0, count: size)
    var mine = own
    try waiting("Gather") { functions, handles in
      functions.gather(
        &mine, 1, handles.int32, &counts, 1, handles.int32, CInt(root), handles.world)
    }
    if rank != root { return nil }
    if counts.reduce(0, { $0 + Int($1) }) > Int(CInt.max) {
      trap("ProcessGroup.gather: the ranks' numbers are more than MPI brings to one at once")
    }
    return counts
  }

  private func gatherUnequal<Scalar: GroupScalar>(
    _ values: [Scalar], counts: [CInt], into all: UnsafeMutablePointer<Scalar>?, to root: Int
  ) throws(MPIError) {
    var starts: [CInt] = []
    var start: CInt = 0
    for count in counts {
      starts.append(start)
      start += count
    }
    var values = values
    let count = CInt(values.count)
    try waiting("Gatherv") { functions, handles in
      values.withUnsafeMutableBytes { bytes in
        functions.gatherUnequal(
          bytes.baseAddress, count, datatype(Scalar.self), all, counts, starts,
          datatype(Scalar.self), CInt(root), handles.world)
      }
    }
  }

  // MARK: Parts

  func datatype<Scalar: GroupScalar>(_: Scalar.Type) -> Int {
    Scalar.datatype(in: MPIDatatypes(handles: library.handles)).handle
  }

  /// What MPI takes at once: it counts in 32 bits. Never none, as all ranks make a call of no
  /// numbers, too.
  private func parts<Scalar>(
    of values: UnsafeMutableBufferPointer<Scalar>
  ) -> [UnsafeMutableBufferPointer<Scalar>] {
    let most = 1 << 30
    if values.count <= most { return [values] }
    return stride(from: 0, to: values.count, by: most).map { start in
      .init(rebasing: values[start..<min(start + most, values.count)])
    }
  }
}
