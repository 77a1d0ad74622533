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

  /// As `sum`, with numbers and sums sent as bfloat16.
  ///
  /// Each rank makes the sums of a part of the positions: it gets all ranks' numbers there, adds them
  /// up in the ranks' order, as `Float`, and sends the sums to all. So each number is rounded once,
  /// each sum once, and all ranks have the same bits.
  public func sum(
    _ tensor: inout Tensor<Float>, keeping error: inout RoundingError
  ) throws {
    let part = (tensor.count + size - 1) / size
    guard let bytes = CInt(exactly: part * MemoryLayout<BFloat16>.size) else {
      trap("ProcessGroup.sum: \(tensor.count) numbers are more than MPI sends at once")
    }
    try tensor.withUnsafeMutableScalars { values in
      var sent = [BFloat16](repeating: .zero, count: part * size)
      var received = sent
      BFloat16.round(values, into: &sent, keeping: &error.own)
      try waiting("Alltoall") { functions, handles in
        functions.allToAll(
          &sent, bytes, handles.byte, &received, bytes, handles.byte, handles.world)
      }
      var sums = [Float](repeating: 0, count: part)
      for rank in 0..<size { BFloat16.add(received[rank * part..<(rank + 1) * part], to: &sums) }
      var rounded = [BFloat16](repeating: .zero, count: part)
      sums.withUnsafeMutableBufferPointer {
        BFloat16.round($0, into: &rounded, keeping: &error.sums)
      }
      try waiting("Allgather") { functions, handles in
        functions.allGather(
          &rounded, bytes, handles.byte, &received, bytes, handles.byte, handles.world)
      }
      for index in values.indices { values[index] = received[index].value }
    }
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
