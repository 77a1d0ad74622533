/// The bytes of a file that is no text, one part after the other.
struct ByteReader {
  private let bytes: [UInt8]
  /// How errors name the file.
  let file: String
  /// Where the next part begins.
  private(set) var place = 0

  init(_ bytes: [UInt8], file: String) {
    (self.bytes, self.file) = (bytes, file)
  }

  /// Bytes that were not read yet.
  var remaining: Int { bytes.count - place }

  /// The error that something at a byte, the next one unless told, is not as it must be.
  func error(_ problem: String, at byte: Int? = nil) -> DataFileError {
    .invalid(file: file, byte: byte ?? place, problem: problem)
  }

  /// The next bytes.
  ///
  /// - Parameter what: what they are, for the error that they are not there.
  mutating func take(
    _ count: Int, _ what: @autoclosure () -> String
  ) throws(DataFileError) -> ArraySlice<UInt8> {
    guard count <= remaining else {
      throw error("the file is cut off: expected \(what()), found \(remaining) bytes")
    }
    defer { place += count }
    return bytes[place..<place + count]
  }

  /// Passes over bytes, as far as they are there.
  mutating func skip(_ count: Int) { place += min(count, remaining) }

  /// Four letters.
  mutating func name(_ what: String) throws(DataFileError) -> String {
    String(decoding: try take(4, what), as: UTF8.self)
  }

  /// A number of at most four bytes, the lowest first unless told.
  mutating func number(
    _ size: Int, _ what: String, highestFirst: Bool = false
  ) throws(DataFileError) -> Int {
    let bytes = try take(size, what)
    return highestFirst
      ? bytes.reduce(0) { $0 << 8 | Int($1) } : bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
  }
}
