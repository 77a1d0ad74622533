package import Training

/// A piece of memory that tensors of a `.pt` file look at.
package struct PyTorchStorage {
  /// Nil where the tensors say.
  let dtype: StoredTensor.DType?
  let bytes: StoredBytes
  let file: String?
  let name: String

  /// A view of this memory, row by row.
  ///
  /// - Parameters:
  ///   - offset: of its first element, in elements.
  ///   - strides: in elements.
  func tensor(
    _ dtype: StoredTensor.DType, offset: Int, shape: [Int], strides: [Int]
  ) throws(PickleFailure) -> StoredTensor {
    guard let bits = dtype.bits, bits % 8 == 0 else {
      throw PickleFailure(found: "\(dtype.name) elements, which are not whole bytes")
    }
    let size = bits / 8
    guard shape.count == strides.count, offset >= 0, shape.allSatisfy({ $0 >= 0 }),
      strides.allSatisfy({ $0 >= 0 }), let count = StoredTensor.size(shape, of: size)
    else { throw PickleFailure(found: "a tensor with shape \(shape) and strides \(strides)") }
    let origin = TensorFileError.Location(file: file, tensor: name, offset: nil)
    if count == 0 { return StoredTensor(dtype: dtype, shape: shape, bytes: [], origin: origin) }
    // The last element lies within.
    var last = offset
    for (length, stride) in zip(shape, strides) {
      let (distance, overflow) = (length - 1).multipliedReportingOverflow(by: stride)
      let (sum, overflow2) = last.addingReportingOverflow(distance)
      if overflow || overflow2 { throw outside(shape, strides) }
      last = sum
    }
    guard last < bytes.count / size else { throw outside(shape, strides) }
    // Expanded dimensions may stand for far more than the file holds.
    guard count <= Swift.max(bytes.count * 64, 1 << 20) else {
      throw PickleFailure(found: "a tensor that is expanded to shape \(shape)")
    }
    let start = bytes.dropFirst(offset * size)
    let isWhole = strides == StoredTensor.contiguousStrides(shape) || count == size
    let elements =
      isWhole
      ? start.prefix(count)
      : StoredBytes(
        StoredTensor.gathered(start, shape, strides: strides.map { $0 * size }, size: size))
    return StoredTensor(dtype: dtype, shape: shape, bytes: elements, origin: origin)
  }

  private func outside(_ shape: [Int], _ strides: [Int]) -> PickleFailure {
    PickleFailure(
      found:
        "a tensor of shape \(shape) with strides \(strides) outside of its \(bytes.count) bytes")
  }

  /// The type of a storage class; `UntypedStorage` has none.
  static func dtype(ofClass name: String) -> StoredTensor.DType?? { classes[name] }

  /// The storage class of a type; nil where there is none.
  static func className(of dtype: StoredTensor.DType) -> String? {
    classes.first { $0.value == dtype }?.key
  }

  private static let classes: [String: StoredTensor.DType?] = [
    "DoubleStorage": .float64, "FloatStorage": .float32, "HalfStorage": .float16,
    "BFloat16Storage": .bfloat16, "LongStorage": .int64, "IntStorage": .int32,
    "ShortStorage": .int16, "CharStorage": .int8, "ByteStorage": .uint8,
    "BoolStorage": .bool, "ComplexFloatStorage": .complex64, "UntypedStorage": nil,
  ]

  /// The type that PyTorch calls so.
  static func dtype(named name: String) -> StoredTensor.DType? {
    let types: [String: StoredTensor.DType] = [
      "float64": .float64, "float32": .float32, "float16": .float16, "bfloat16": .bfloat16,
      "int64": .int64, "int32": .int32, "int16": .int16, "int8": .int8, "uint64": .uint64,
      "uint32": .uint32, "uint16": .uint16, "uint8": .uint8, "bool": .bool,
      "complex64": .complex64, "float8_e4m3fn": .float8e4m3, "float8_e5m2": .float8e5m2,
      "float8_e4m3fnuz": .float8e4m3fnuz, "float8_e5m2fnuz": .float8e5m2fnuz,
    ]
    return types[name]
  }
}

extension StoredTensor {
  /// The distances, in elements, of row-major order.
  static func contiguousStrides(_ shape: [Int]) -> [Int] {
    var strides: [Int] = []
    var step = 1
    for length in shape.reversed() {
      strides.insert(step, at: 0)
      step *= Swift.max(length, 1)
    }
    return strides
  }
}

/// The pieces of memory of an archive; each is unpacked once, however many tensors look at it.
package final class PyTorchStorages {
  private let archive: ZipArchive
  private let members: [String: ZipArchive.Member]
  private let file: String?
  private var unpacked: [String: StoredBytes] = [:]

  /// - Parameter folder: in which all files of the archive are.
  package init(_ archive: ZipArchive, folder: Substring, file: String?) throws(TensorFileError) {
    self.archive = archive
    self.file = file
    var members: [String: ZipArchive.Member] = [:]
    for member in archive.members where member.name.hasPrefix(folder) {
      members[String(member.name.dropFirst(folder.count))] = member
    }
    if let order = members["byteorder"] {
      let text = String(decoding: try archive.content(of: order), as: UTF8.self)
      if text != "little" {
        throw TensorFileError(
          "bytes in little-endian order", found: "'\(text)'",
          at: .init(file: file, tensor: order.name))
      }
    }
    self.members = members
  }

  /// What a persistent identifier, `('storage', class, key, device, elements)`, stands for.
  package func storage(_ id: PickleValue) throws(PickleFailure) -> PickleValue {
    guard case .tuple(let tuple) = id, tuple.elements.count == 5,
      case .text("storage") = tuple.elements[0], case .name("torch", let name) = tuple.elements[1],
      case .text(let key) = tuple.elements[2]
    else { throw PickleFailure(found: "a reference that is not one to a storage") }
    guard let dtype = PyTorchStorage.dtype(ofClass: name) else {
      throw PickleFailure(found: "torch.\(name), whose elements are not known")
    }
    guard let member = members["data/\(key)"] else {
      throw PickleFailure(found: "a storage '\(key)' that the archive does not have")
    }
    let bytes = try content(of: member)
    return .storage(PyTorchStorage(dtype: dtype, bytes: bytes, file: file, name: member.name))
  }

  private func content(of member: ZipArchive.Member) throws(PickleFailure) -> StoredBytes {
    if let bytes = unpacked[member.name] { return bytes }
    do throws(TensorFileError) {
      let bytes = try archive.content(of: member)
      unpacked[member.name] = bytes
      return bytes
    } catch {
      throw PickleFailure(found: "\(error)")
    }
  }
}
