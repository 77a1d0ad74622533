import Autograd

/// A tensor as it stands in a file: type, shape, and the bytes of its elements, row by row.
public struct StoredTensor: Equatable, Sendable {
  /// The type of the elements.
  public let dtype: DType
  /// The length of each axis; empty for a single number.
  public let shape: [Int]
  /// The elements, little-endian. They share the storage of the file that was read.
  public let bytes: StoredBytes
  /// Where it was read, for errors.
  package let origin: TensorFileError.Location?

  /// A tensor whose bytes are as many as type and shape say.
  package init(
    dtype: DType, shape: [Int], bytes: StoredBytes, origin: TensorFileError.Location? = nil
  ) {
    self.dtype = dtype
    self.shape = shape
    self.bytes = bytes
    self.origin = origin
  }

  /// The number of elements.
  public var count: Int { shape.reduce(1, *) }

  /// The product of a shape's lengths, which are not negative, and a number; nil where it does not fit.
  ///
  /// That of the lengths other than 0 has to fit as well: whoever multiplies some of them, in whatever order, is safe.
  package static func product(_ shape: [Int], times factor: Int) -> Int? {
    var product = factor
    for length in shape where length != 0 {
      let (next, overflow) = product.multipliedReportingOverflow(by: length)
      if overflow { return nil }
      product = next
    }
    return shape.contains(0) ? 0 : product
  }

  /// Whether type, shape and bytes are equal (so a NaN equals the same NaN).
  public static func == (first: StoredTensor, second: StoredTensor) -> Bool {
    first.dtype == second.dtype && first.shape == second.shape && first.bytes == second.bytes
  }
}

// MARK: - From values

extension StoredTensor {
  /// A tensor of `F32`. The product of `shape` is the number of values.
  public init(_ values: [Float], shape: [Int]) {
    self.init(.float32, shape, values.map { $0.bitPattern.littleEndian })
  }

  /// A tensor of `F64`. The product of `shape` is the number of values.
  public init(_ values: [Double], shape: [Int]) {
    self.init(.float64, shape, values.map { $0.bitPattern.littleEndian })
  }

  /// A tensor of `I32`. The product of `shape` is the number of values.
  public init(_ values: [Int32], shape: [Int]) {
    self.init(.int32, shape, values.map { $0.littleEndian })
  }

  /// A tensor of `I64`. The product of `shape` is the number of values.
  public init(_ values: [Int64], shape: [Int]) {
    self.init(.int64, shape, values.map { $0.littleEndian })
  }

  /// A tensor of `U8`. The product of `shape` is the number of values.
  public init(_ values: [UInt8], shape: [Int]) {
    self.init(.uint8, shape, values)
  }

  /// A tensor of `BOOL`. The product of `shape` is the number of values.
  public init(_ values: [Bool], shape: [Int]) {
    self.init(.bool, shape, values.map { $0 ? UInt8(1) : 0 })
  }

  /// A tensor of values that are already little-endian.
  private init<Word: BitwiseCopyable>(
    _ dtype: StoredTensor.DType, _ shape: [Int], _ words: [Word]
  ) {
    guard shape.reduce(1, *) == words.count && shape.allSatisfy({ $0 >= 0 }) else {
      trap("StoredTensor: shape \(shape) does not hold \(words.count) values")
    }
    self.init(dtype: dtype, shape: shape, bytes: StoredBytes(words.withUnsafeBytes { Array($0) }))
  }
}

// MARK: - As values

extension StoredTensor {
  /// The values of a floating tensor; `F64` is rounded to the nearest `Float`.
  ///
  /// - Throws: `TensorFileError` if the type is not a floating one.
  public func floats() throws(TensorFileError) -> [Float] {
    switch dtype {
    case .float64: words(UInt64.self) { Float(Double(bitPattern: $0)) }
    case .float32: words(UInt32.self) { Float(bitPattern: $0) }
    case .float16: words(UInt16.self, Self.half)
    case .bfloat16: words(UInt16.self, Self.brain)
    default: throw unexpectedType("floating elements (F64, F32, F16 or BF16)")
    }
  }

  /// The values of a floating tensor, exactly.
  ///
  /// - Throws: `TensorFileError` if the type is not a floating one.
  public func doubles() throws(TensorFileError) -> [Double] {
    switch dtype {
    case .float64: words(UInt64.self) { Double(bitPattern: $0) }
    case .float32: words(UInt32.self) { Double(Float(bitPattern: $0)) }
    case .float16: words(UInt16.self) { Double(Self.half($0)) }
    case .bfloat16: words(UInt16.self) { Double(Self.brain($0)) }
    default: throw unexpectedType("floating elements (F64, F32, F16 or BF16)")
    }
  }

  /// The values of a tensor of whole numbers.
  ///
  /// - Throws: `TensorFileError` if the type is none of `I8` to `I64` and `U8` to `U64`, or a value
  ///   does not fit.
  public func int64s() throws(TensorFileError) -> [Int64] {
    switch dtype {
    case .int64: return words(UInt64.self) { Int64(bitPattern: $0) }
    case .int32: return words(UInt32.self) { Int64(Int32(bitPattern: $0)) }
    case .int16: return words(UInt16.self) { Int64(Int16(bitPattern: $0)) }
    case .int8: return words(UInt8.self) { Int64(Int8(bitPattern: $0)) }
    case .uint32: return words(UInt32.self) { Int64($0) }
    case .uint16: return words(UInt16.self) { Int64($0) }
    case .uint8: return words(UInt8.self) { Int64($0) }
    case .uint64:
      let values = words(UInt64.self) { $0 }
      if let index = values.firstIndex(where: { $0 > Int64.max }) {
        throw error("whole numbers below 2^63", found: "\(values[index])", element: index)
      }
      return values.map { Int64($0) }
    default: throw unexpectedType("whole numbers (I8 to I64 or U8 to U64)")
    }
  }

  /// The values of a tensor of whole numbers, as the indices that tensors take.
  ///
  /// - Throws: `TensorFileError` if the type is not one of whole numbers, or a value does not fit.
  public func int32s() throws(TensorFileError) -> [Int32] {
    let values = try int64s()
    if let index = values.firstIndex(where: { Int32(exactly: $0) == nil }) {
      throw error("whole numbers of 32 bits", found: "\(values[index])", element: index)
    }
    return values.map { Int32(truncatingIfNeeded: $0) }
  }

  /// The values of a mask.
  ///
  /// - Throws: `TensorFileError` if the type is not `BOOL` or a byte is neither 0 nor 1.
  public func bools() throws(TensorFileError) -> [Bool] {
    guard dtype == .bool else { throw unexpectedType("BOOL elements") }
    if let index = bytes.firstIndex(where: { $0 > 1 }) {
      throw error("0 or 1", found: "\(bytes[index])", element: index - bytes.startIndex)
    }
    return words(UInt8.self) { $0 != 0 }
  }

  fileprivate static func half(_ bits: UInt16) -> Float { Float(Float16(bitPattern: bits)) }

  fileprivate static func brain(_ bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }

  /// Each element's bits, converted. The bytes need not be aligned.
  private func words<Word: FixedWidthInteger, Value>(
    _: Word.Type, _ convert: (Word) -> Value
  ) -> [Value] {
    let size = MemoryLayout<Word>.size
    let count = count
    return bytes.withUnsafeBytes { buffer in
      [Value](unsafeUninitializedCapacity: count) { values, initialized in
        for index in 0..<count {
          let word = buffer.loadUnaligned(fromByteOffset: index * size, as: Word.self)
          values.initializeElement(at: index, to: convert(Word(littleEndian: word)))
        }
        initialized = count
      }
    }
  }

  private func unexpectedType(_ expected: String) -> TensorFileError {
    error(expected, found: "\(dtype.name) elements", element: 0)
  }

  private func error(_ expected: String, found: String, element: Int) -> TensorFileError {
    var location = origin ?? .init()
    location.offset = location.offset.map { $0 + element * (dtype.bits ?? 0) / 8 }
    return TensorFileError(expected, found: found, at: location)
  }
}

// MARK: - As a parameter's value

extension StoredTensor {
  /// The tensor, converted to `Float` or `Double`.
  ///
  /// The bytes are let go as far as they have been read: of a mapped file there is never more in memory
  /// than a few megabytes.
  ///
  /// - Parameter acceptsWhole: whether whole numbers will do, each rounded to the nearest.
  func value(
    _ type: ScalarType, _ shape: Shape, acceptsWhole: Bool = false
  ) throws(TensorFileError) -> UntypedTensor {
    if !dtype.isReal && !acceptsWhole {
      throw unexpectedType("floating elements (F64, F32, F16 or BF16)")
    }
    return switch type {
    case .float: try value(Float.self, shape)
    case .double: try value(Double.self, shape)
    case .int32, .bool, .uint8: trap("a parameter is of Float or Double, not of \(type)")
    }
  }

  private func value<Scalar: FloatingPointScalar>(
    _: Scalar.Type, _ shape: Shape
  ) throws(TensorFileError) -> UntypedTensor {
    let result = UntypedTensor(Scalar.scalarType, shape)
    switch dtype {
    case .float64: write(to: result) { (bits: UInt64) in Scalar(Double(bitPattern: bits)) }
    case .float32: write(to: result) { (bits: UInt32) in Scalar(Float(bitPattern: bits)) }
    case .float16: write(to: result) { (bits: UInt16) in Scalar(Self.half(bits)) }
    case .bfloat16: write(to: result) { (bits: UInt16) in Scalar(Self.brain(bits)) }
    case .int64: write(to: result) { (bits: UInt64) in Scalar(Int64(bitPattern: bits)) }
    case .int32: write(to: result) { (bits: UInt32) in Scalar(Int32(bitPattern: bits)) }
    case .int16: write(to: result) { (bits: UInt16) in Scalar(Int16(bitPattern: bits)) }
    case .int8: write(to: result) { (bits: UInt8) in Scalar(Int8(bitPattern: bits)) }
    case .uint64: write(to: result) { (bits: UInt64) in Scalar(bits) }
    case .uint32: write(to: result) { (bits: UInt32) in Scalar(bits) }
    case .uint16: write(to: result) { (bits: UInt16) in Scalar(bits) }
    case .uint8: write(to: result) { (bits: UInt8) in Scalar(bits) }
    default: throw unexpectedType("numbers (F16 to F64, BF16, I8 to I64 or U8 to U64)")
    }
    return result
  }

  /// Writes each element, converted, to the memory of a tensor that has as many.
  @inline(__always)
  private func write<Word: FixedWidthInteger, Scalar>(
    to result: UntypedTensor, _ convert: (Word) -> Scalar
  ) {
    let size = MemoryLayout<Word>.size
    let target = result.address.assumingMemoryBound(to: Scalar.self)
    // A megabyte at a time.
    let piece = 1 << 20
    for start in stride(from: 0, to: result.count, by: piece) {
      let count = min(piece, result.count - start)
      let first = bytes.startIndex + start * size
      let part = bytes[first..<(first + count * size)]
      part.withUnsafeBytes { source in
        for index in 0..<count {
          let word = source.loadUnaligned(fromByteOffset: index * size, as: Word.self)
          target[start + index] = convert(Word(littleEndian: word))
        }
      }
      part.release()
    }
  }

  /// A floating-point tensor as it stands in a file.
  init(_ value: UntypedTensor) {
    let shape = Array(value.shape)
    self =
      value.type.floatingPoint(
        "a file of weights", .init(Tensor<Float>(value).scalars, shape: shape),
        .init(Tensor<Double>(value).scalars, shape: shape))
  }
}
