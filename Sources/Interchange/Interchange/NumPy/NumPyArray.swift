package import Training

/// An array in NumPy's `.npy` form.
package enum NumPyArray {
  /// Reads an array; in Fortran's order, or of the other order of bytes, it is rearranged.
  package static func tensor(
    _ bytes: StoredBytes, at location: TensorFileError.Location
  ) throws(TensorFileError) -> StoredTensor {
    let header = try NumPyHeader(Array(bytes.prefix(NumPyHeader.longest + 12))[...], at: location)
    func error(_ expected: String, _ found: String) -> TensorFileError {
      TensorFileError(expected, found: found, at: location)
    }
    guard let element = Element(header.descr) else {
      throw error("numbers or truth values", "elements of type '\(header.descr)'")
    }
    guard let size = StoredTensor.size(header.shape, of: element.size) else {
      throw error("a size below 2^60 bytes", "shape \(header.shape)")
    }
    let content = bytes.dropFirst(header.count)
    guard content.count == size else {
      throw error("\(size) bytes for \(header.descr) \(header.shape)", "\(content.count) bytes")
    }
    var elements = content
    if header.isFortranOrder, header.shape.count > 1 {
      elements = StoredBytes(rowMajor(elements, header.shape, element.size))
    }
    if element.isBigEndian { elements = StoredBytes(swapped(elements, element.wordSize)) }
    var place = location
    place.offset = (location.offset ?? 0) + header.count
    return StoredTensor(
      dtype: element.dtype, shape: header.shape, bytes: elements, origin: place)
  }

  /// An array's header and elements.
  ///
  /// - Throws: `TensorFileError` for a type that NumPy does not have.
  package static func pieces(
    _ tensor: StoredTensor, named name: String
  ) throws(TensorFileError) -> [StoredBytes] {
    guard let descr = Element.descr(of: tensor.dtype) else {
      throw TensorFileError(
        "a type that NumPy has", found: "\(tensor.dtype.name) elements",
        at: .init(file: nil, tensor: name))
    }
    return [StoredBytes(NumPyHeader.bytes(descr: descr, shape: tensor.shape)), tensor.bytes]
  }

  /// The type of an array's elements.
  struct Element {
    let dtype: StoredTensor.DType
    /// Bytes of an element.
    let size: Int
    let isBigEndian: Bool

    /// Bytes of what is swapped: a complex number is two.
    var wordSize: Int { isComplex ? size / 2 : size }
    private let isComplex: Bool

    /// - Parameter descr: the order of bytes, a letter and the size, such as `<f4`.
    init?(_ descr: String) {
      guard let order = descr.first, "<>=|".contains(order), let size = Int(descr.dropFirst(2)),
        let dtype = Self.types[String(descr.dropFirst())]
      else { return nil }
      self.dtype = dtype
      self.size = size
      isComplex = descr.dropFirst().first == "c"
      isBigEndian = order == ">" && size > 1
    }

    /// What NumPy calls a type; nil where it has none such.
    static func descr(of dtype: StoredTensor.DType) -> String? {
      guard let name = types.first(where: { $0.value == dtype })?.key else { return nil }
      return (name.hasSuffix("1") ? "|" : "<") + name
    }

    /// The wide ones have no name in safetensors, and stay what they are.
    private static let types: [String: StoredTensor.DType] = [
      "b1": .bool, "i1": .int8, "i2": .int16, "i4": .int32, "i8": .int64, "u1": .uint8,
      "u2": .uint16, "u4": .uint32, "u8": .uint64, "f2": .float16, "f4": .float32,
      "f8": .float64, "c8": .complex64, "c16": .unknown("C128"), "f16": .unknown("F128"),
      "c32": .unknown("C256"),
    ]
  }

  /// The elements row by row, of such that lie column by column.
  private static func rowMajor(
    _ source: StoredBytes, _ shape: [Int], _ size: Int
  ) -> [UInt8] {
    var strides: [Int] = []
    var step = size
    for length in shape {
      strides.append(step)
      step *= length
    }
    return StoredTensor.gathered(source, shape, strides: strides, size: size)
  }

  /// Every word with its bytes in the other order.
  private static func swapped(_ source: StoredBytes, _ size: Int) -> [UInt8] {
    var result = Array(source)
    for start in stride(from: 0, to: result.count, by: size) {
      result[start..<(start + size)].reverse()
    }
    return result
  }
}

extension StoredTensor {
  /// Bytes of a tensor; nil where that is no number that an `Int` can safely be multiplied to.
  static func size(_ shape: [Int], of element: Int) -> Int? {
    guard let size = product(shape, times: element), size < 1 << 60 else { return nil }
    return size
  }

  /// The elements row by row, of such that lie at distances.
  ///
  /// - Parameters:
  ///   - source: holds each element.
  ///   - strides: in bytes, one for each axis.
  ///   - size: bytes of an element.
  static func gathered(
    _ source: StoredBytes, _ shape: [Int], strides: [Int], size: Int
  ) -> [UInt8] {
    let count = shape.reduce(size, *)
    return [UInt8](unsafeUninitializedCapacity: count) { result, initialized in
      source.withUnsafeBytes { source in
        let result = UnsafeMutableRawBufferPointer(result)
        var index = [Int](repeating: 0, count: shape.count)
        var (from, to) = (0, 0)
        while to < count {
          result.baseAddress!.advanced(by: to)
            .copyMemory(from: source.baseAddress! + from, byteCount: size)
          to += size
          // The next element, as an odometer counts.
          var axis = shape.count - 1
          while axis >= 0 {
            index[axis] += 1
            from += strides[axis]
            if index[axis] < shape[axis] { break }
            from -= index[axis] * strides[axis]
            index[axis] = 0
            axis -= 1
          }
          if axis < 0 { break }
        }
      }
      initialized = count
    }
  }
}
