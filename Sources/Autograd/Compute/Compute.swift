import Kernels

/// The arithmetic of tensors, without a tape: shapes are resolved here, loops run in the kernels.
///
/// Each function looks at the scalar type once and goes on in a generic function that the compiler
/// specialises for `Float` and `Double`, as both stand in this module.
package enum Compute {
  /// Elements below which an elementwise loop stays on one thread.
  static let elementwiseGrain = 1 << 15

  /// Calls the body for each of `0 ..< count`, several at a time on threads of their own.
  package static func inParallel(_ count: Int, _ body: (Int) -> Void) {
    Threads.parallel(count) { body($0) }
  }

  static func wrongType(_ operation: String, _ type: ScalarType) -> Never {
    trap("\(operation) is for tensors of Float or Double, not of \(type)")
  }

  /// A tensor of one number everywhere; a whole number that does not fit wraps around.
  package static func filled(_ type: ScalarType, _ shape: Shape, _ number: Double) -> UntypedTensor
  {
    if Outline.contains(shape) { return .outline(shape, of: filled(type, [], number)) }
    let result = UntypedTensor(type, shape)
    switch type {
    case .float: result.pointer(Float.self).update(repeating: Float(number), count: result.count)
    case .double: result.pointer(Double.self).update(repeating: number, count: result.count)
    case .int32:
      let number = Int32(truncatingIfNeeded: Int(number))
      result.pointer(Int32.self).update(repeating: number, count: result.count)
    case .uint8:
      let number = UInt8(truncatingIfNeeded: Int(number))
      result.pointer(UInt8.self).update(repeating: number, count: result.count)
    case .bool: result.pointer(Bool.self).update(repeating: number != 0, count: result.count)
    }
    return result
  }

  package static func zeros(like x: UntypedTensor) -> UntypedTensor {
    let result = UntypedTensor(x.type, x.shape)
    let size = result.count * x.type.size
    result.address.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    return result
  }
}

/// A loop over the elements of several strided tensors of one shape: neighbouring axes merged where
/// every operand allows, the innermost axis to be run by a kernel.
struct StridedLoop<let operands: Int> {
  /// Extents from the innermost outwards.
  private(set) var extents = InlineArray<8, Int>(repeating: 1)
  /// Strides of each operand, in the same order.
  private(set) var strides = InlineArray<operands, Strides>(
    repeating: Strides(repeating: 0))
  private(set) var rank = 0

  init(_ shape: Shape, _ operandStrides: InlineArray<operands, Strides>) {
    var axis = shape.rank - 1
    while axis >= 0 {
      defer { axis -= 1 }
      let extent = shape[axis]
      if extent == 1 { continue }
      if rank > 0 {
        var merges = true
        for operand in 0..<operands
        where operandStrides[operand][axis] != strides[operand][rank - 1] * extents[rank - 1] {
          merges = false
        }
        if merges {
          extents[rank - 1] *= extent
          continue
        }
      }
      extents[rank] = extent
      for operand in 0..<operands { strides[operand][rank] = operandStrides[operand][axis] }
      rank += 1
    }
    if rank == 0 { rank = 1 }
  }

  /// Number of elements of the innermost axis.
  var inner: Int { extents[0] }

  /// Number of runs of the innermost axis.
  var outer: Int {
    var count = 1
    for axis in 1..<Swift.max(rank, 1) { count *= extents[axis] }
    return count
  }

  /// Calls the body with the offsets, in elements, at which each operand's run starts.
  @inline(__always)
  func run(_ range: Range<Int>, _ body: (InlineArray<operands, Int>) -> Void) {
    if range.isEmpty || inner == 0 { return }
    var position = Strides(repeating: 0)
    var offsets = InlineArray<operands, Int>(repeating: 0)
    var rest = range.lowerBound
    for axis in 1..<Swift.max(rank, 1) {
      position[axis] = rest % extents[axis]
      rest /= extents[axis]
      for operand in 0..<operands { offsets[operand] += position[axis] * strides[operand][axis] }
    }
    for _ in range {
      body(offsets)
      var axis = 1
      while axis < rank {
        position[axis] += 1
        for operand in 0..<operands { offsets[operand] += strides[operand][axis] }
        if position[axis] < extents[axis] { break }
        for operand in 0..<operands {
          offsets[operand] -= strides[operand][axis] * extents[axis]
        }
        position[axis] = 0
        axis += 1
      }
    }
  }
}
