import Autograd

/// `tapestry_tensor` of the header, field by field.
package struct CTensor {
  package var name: UnsafePointer<CChar>?
  package var type: Int32
  package var rank: Int32
  package var shape: UnsafePointer<Int64>?
  package var data: UnsafeRawPointer?

  package init(
    name: UnsafePointer<CChar>?, type: Int32, rank: Int32, shape: UnsafePointer<Int64>?,
    data: UnsafeRawPointer?
  ) {
    self.name = name
    self.type = type
    self.rank = rank
    self.shape = shape
    self.data = data
  }
}

extension GivenTensor {
  /// - Throws: `CallError` where the fields cannot be those of a tensor.
  init(_ tensor: CTensor, number: Int) throws(CallError) {
    guard let pointer = tensor.name, let name = String(validatingCString: pointer) else {
      throw CallError("tensor \(number) has no name in UTF-8")
    }
    guard let type = ElementType(rawValue: tensor.type) else {
      throw CallError("'\(name)' has elements of type \(tensor.type), which is none")
    }
    guard (0...Int32(Shape.maximumRank)).contains(tensor.rank) else {
      throw CallError(
        "'\(name)' has \(tensor.rank) axes; from 0 to \(Shape.maximumRank) is expected")
    }
    var shape: [Int] = []
    var count = 1
    for axis in 0..<Int(tensor.rank) {
      guard let extents = tensor.shape else { throw CallError("'\(name)' has no shape") }
      let extent = Int(extents[axis])
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      // A tensor counts its elements along an axis in 32 bits, and bytes in 64.
      if extent < 0 || extent > Int32.max || overflow || product > Int.max / 8 {
        throw CallError("'\(name)' has an axis of \(extent) elements, \(product) in all")
      }
      shape.append(extent)
      count = product
    }
    guard let data = tensor.data else { throw CallError("'\(name)' has no data") }
    if Int(bitPattern: data) % type.size != 0 {
      throw CallError("'\(name)' begins at an address that is no multiple of \(type.size)")
    }
    self.init(name: name, type: type, shape: shape, data: data)
  }

  /// - Parameters:
  ///   - tensors: so many `tapestry_tensor`s; nil for none.
  static func all(_ tensors: UnsafeRawPointer?, _ count: Int32) throws(CallError) -> [GivenTensor] {
    if count == 0 { return [] }
    guard count > 0, let tensors else { throw CallError("\(count) tensors, and no address") }
    let fields = tensors.assumingMemoryBound(to: CTensor.self)
    var all: [GivenTensor] = []
    all.reserveCapacity(Int(count))
    for number in 0..<Int(count) { all.append(try GivenTensor(fields[number], number: number)) }
    return all
  }
}

extension ElementType {
  /// Bytes of an element.
  var size: Int {
    switch self {
    case .float32, .int32: 4
    case .float64, .int64: 8
    case .bool, .uint8: 1
    }
  }
}

/// What a call has made, kept where it is until the caller lets it go.
///
/// Unchecked, as nothing in it changes from its making to its end.
final class CallResult: @unchecked Sendable {
  /// As many as `count`.
  let tensors: UnsafeMutablePointer<CTensor>
  let count: Int
  private let values: [UntypedTensor]
  /// Names and shapes, one after another.
  private let names: UnsafeMutablePointer<CChar>
  private let shapes: UnsafeMutablePointer<Int64>

  init(_ results: [(name: String, value: UntypedTensor)]) {
    count = results.count
    values = results.map { Compute.contiguous($0.value) }
    tensors = .allocate(capacity: count)
    names = .allocate(capacity: results.reduce(0) { $0 + $1.name.utf8.count + 1 })
    shapes = .allocate(capacity: results.reduce(0) { $0 + $1.value.rank })
    var (name, shape) = (names, shapes)
    for (index, value) in values.enumerated() {
      let text = results[index].name.utf8CString
      text.withUnsafeBufferPointer { name.initialize(from: $0.baseAddress!, count: $0.count) }
      for (axis, extent) in value.shape.enumerated() { shape[axis] = Int64(extent) }
      (tensors + index).initialize(
        to: CTensor(
          name: name, type: ElementType(value.type).rawValue, rank: Int32(value.rank),
          shape: shape, data: UnsafeRawPointer(value.address)))
      name += text.count
      shape += value.rank
    }
  }

  deinit {
    tensors.deallocate()
    names.deallocate()
    shapes.deallocate()
  }
}
