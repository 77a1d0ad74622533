import Autograd

/// A tensor as it stands in a file: type, shape, and the bytes of its elements, row by row.
public struct StoredTensor: Equatable, Sendable {
  /// The type of the elements.
  public let dtype: DType
  /// The length of each axis; empty for a single number.
  public let shape: [Int]
  /// The elements, little-endian. The slice shares the storage of the file that was read.
  public let bytes: ArraySlice<UInt8>
  /// Where it was read, for errors.
  package let origin: TensorFileError.Location?

  /// A tensor whose bytes are as many as type and shape say.
  package init(
    dtype: DType, shape: [Int], bytes: ArraySlice<UInt8>, origin: TensorFileError.Location? = nil
  ) {
    self.dtype = dtype
    self.shape = shape
    self.bytes = bytes
    self.origin = origin
  }

  /// The number of elements.
  public var count: Int { shape.reduce(1, *) }

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
    self.init(dtype: dtype, shape: shape, bytes: words.withUnsafeBytes { ArraySlice($0) })
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

  private static func half(_ bits: UInt16) -> Float { Float(Float16(bitPattern: bits)) }

  private static func brain(_ bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }

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
