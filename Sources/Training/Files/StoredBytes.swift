package import Platform

/// Bytes of a file, or such as could be: an array's, or a file's that is mapped into memory, whose bytes
/// are read when somebody looks at them. A part shares them with the whole.
///
/// An index is the byte's place in the array or the file.
public struct StoredBytes: RandomAccessCollection, Sendable {
  private enum Storage: Sendable {
    case array([UInt8])
    case file(FileMapping)
  }

  private let storage: Storage
  private let range: Range<Int>

  /// All bytes of an array.
  public init(_ bytes: [UInt8]) {
    storage = .array(bytes)
    range = 0..<bytes.count
  }

  /// The bytes of a part of an array.
  package init(_ bytes: ArraySlice<UInt8>) { self.init(Array(bytes)) }

  /// All bytes of a file.
  package init(_ file: FileMapping) {
    storage = .file(file)
    range = 0..<file.count
  }

  private init(_ storage: Storage, _ range: Range<Int>) {
    self.storage = storage
    self.range = range
  }

  /// Where the bytes begin.
  public var startIndex: Int { range.lowerBound }
  /// Where they end.
  public var endIndex: Int { range.upperBound }

  /// One of the bytes.
  public subscript(position: Int) -> UInt8 {
    precondition(range.contains(position), "StoredBytes: a byte that is not there")
    return switch storage {
    case .array(let bytes): bytes[position]
    case .file(let file): file.bytes[position]
    }
  }

  /// A part of the bytes.
  public subscript(bounds: Range<Int>) -> StoredBytes {
    precondition(
      bounds.lowerBound >= range.lowerBound && bounds.upperBound <= range.upperBound,
      "StoredBytes: a part that is not there")
    return StoredBytes(storage, bounds)
  }

  /// Calls the body with the bytes in memory.
  public func withUnsafeBytes<Result>(
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    switch storage {
    case .array(let bytes):
      return try bytes.withUnsafeBytes { try body(.init(rebasing: $0[range])) }
    case .file(let file):
      // The bytes are there as long as their mapping is.
      defer { withExtendedLifetime(file) {} }
      return try body(.init(rebasing: file.bytes[range]))
    }
  }

  /// The bytes, without a check for each.
  public func withContiguousStorageIfAvailable<Result>(
    _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
  ) rethrows -> Result? {
    switch storage {
    case .array(let bytes):
      return try bytes.withUnsafeBufferPointer { try body(.init(rebasing: $0[range])) }
    case .file(let file):
      defer { withExtendedLifetime(file) {} }
      return try file.bytes[range].withContiguousStorageIfAvailable(body)
    }
  }

  /// Lets the memory go into which bytes of a file were read. They can be looked at as before.
  package func release() {
    if case .file(let file) = storage { file.release(range) }
  }
}

extension StoredBytes: Equatable {
  /// Whether the bytes are equal, wherever they lie.
  public static func == (first: StoredBytes, second: StoredBytes) -> Bool {
    first.count == second.count
      && first.withUnsafeBytes { mine in second.withUnsafeBytes { mine.elementsEqual($0) } }
  }
}

extension StoredBytes: ExpressibleByArrayLiteral {
  /// The given bytes.
  public init(arrayLiteral bytes: UInt8...) { self.init(bytes) }
}
