extension StoredTensor {
  /// The same numbers in another floating type, each rounded to the nearest, ties to even; what is too
  /// large becomes infinite.
  ///
  /// - Parameter dtype: F64, F32, F16 or BF16.
  /// - Throws: `TensorFileError` where the elements are not floating ones, or the type is not.
  public func converted(to dtype: DType) throws(TensorFileError) -> StoredTensor {
    if dtype == self.dtype { return self }
    switch dtype {
    case .float64: return StoredTensor(try doubles(), shape: shape)
    case .float32: return StoredTensor(try floats(), shape: shape)
    case .float16: return packed(dtype, try doubles().map { Float16($0).bitPattern })
    case .bfloat16: return packed(dtype, try doubles().map(Self.bfloat16))
    default:
      throw TensorFileError(
        "F64, F32, F16 or BF16 to convert to", found: dtype.name, at: origin ?? .init())
    }
  }

  private func packed(_ dtype: DType, _ words: [UInt16]) -> StoredTensor {
    StoredTensor(
      dtype: dtype, shape: shape,
      bytes: StoredBytes(words.map(\.littleEndian).withUnsafeBytes { Array($0) }), origin: origin)
  }

  /// The nearest number of 8 bits of exponent and 7 of significand. It is rounded once, also from
  /// `Double`: a `Float` in between that is halfway only by its own rounding would be rounded again.
  static func bfloat16(_ number: Double) -> UInt16 {
    if number.isNaN { return 0x7FC0 | (number.sign == .minus ? 0x8000 : 0) }
    // Rounded to odd: the last bit tells that something was left.
    let nearest = Float(number)
    var bits = nearest.bitPattern
    if Double(nearest) != number, nearest.isFinite || number.isFinite {
      if abs(Double(nearest)) > abs(number) { bits -= 1 }
      bits |= 1
    }
    return UInt16(truncatingIfNeeded: (bits + 0x7FFF + (bits >> 16 & 1)) >> 16)
  }
}
