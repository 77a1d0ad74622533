public import Autograd
public import Training

extension ProcessGroup: TrainingGroup {
  /// Replaces each element by its sum over all ranks' tensors.
  public func sum<Scalar: FloatingPointScalar>(_ tensor: inout Tensor<Scalar>) throws {
    try tensor.withUnsafeMutableScalars { values in
      switch Scalar.scalarType {
      case .float: try allReduce(cast(values, to: Float.self), .sum)
      case .double: try allReduce(cast(values, to: Double.self), .sum)
      case .int32, .bool, .uint8: trap("ProcessGroup.sum: a tensor of \(Scalar.scalarType)")
      }
    }
  }

  /// Begins to sum up the elements of all ranks' tensors.
  public func beginSum<Scalar: FloatingPointScalar>(
    _ numbers: consuming Tensor<Scalar>, as format: GradientFormat
  ) throws -> any PendingSum<Scalar> {
    let untyped = (consume numbers).untyped
    let pending: any OrderedSum =
      switch (Scalar.scalarType, format) {
      case (.float, .full): PendingTensorSum<Float>(self, Tensor(untyped))
      case (.float, .bfloat16): PendingTensorSum<BFloat16>(self, Tensor(untyped))
      case (.double, _): PendingTensorSum<Double>(self, Tensor(untyped))
      case (.int32, _), (.bool, _), (.uint8, _):
        trap("ProcessGroup.beginSum: a tensor of \(Scalar.scalarType)")
      }
    try pending.begin()
    sums.append(pending)
    guard let sum = pending as? any PendingSum<Scalar> else {
      trap("ProcessGroup.beginSum: no sum of \(Scalar.self)")
    }
    return sum
  }

  /// Goes on with sums of which something has come.
  public func advanceSums() throws {
    for sum in sums where try !sum.distribute(waits: false) { return }
  }

  /// Has a sum, and all that were begun before it, come so far that the end need only be waited for.
  func endSum(_ sum: any OrderedSum) throws(MPIError) {
    guard let place = sums.firstIndex(where: { $0 === sum }) else { return }
    for sum in sums[...place] { _ = try sum.distribute(waits: true) }
    sums.remove(at: place)
  }

  /// Replaces the elements by those of rank 0's tensor.
  public func broadcast<Scalar: FloatingPointScalar>(_ tensor: inout Tensor<Scalar>) throws {
    try tensor.withUnsafeMutableScalars { values in
      switch Scalar.scalarType {
      case .float: try broadcast(cast(values, to: Float.self))
      case .double: try broadcast(cast(values, to: Double.self))
      case .int32, .bool, .uint8: trap("ProcessGroup.broadcast: a tensor of \(Scalar.scalarType)")
      }
    }
  }

  /// The bytes that one rank has given, any number of them.
  public func broadcast(_ bytes: [UInt8], from root: Int) throws(MPIError) -> [UInt8] {
    // Two halves of 31 bits.
    var count = [Int32(bytes.count >> 31), Int32(bytes.count & 0x7fff_ffff)]
    try broadcast(&count, from: root)
    var result = bytes
    if rank != root {
      result = [UInt8](repeating: 0, count: Int(count[0]) << 31 | Int(count[1]))
    }
    try broadcast(&result, from: root)
    return result
  }

  /// The same memory, once it is known of which type it is.
  private func cast<From, To>(
    _ values: UnsafeMutableBufferPointer<From>, to: To.Type
  ) -> UnsafeMutableBufferPointer<To> {
    UnsafeMutableRawBufferPointer(values).assumingMemoryBound(to: To.self)
  }
}
