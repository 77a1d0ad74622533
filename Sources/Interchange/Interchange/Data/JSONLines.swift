public import DataFiles
import FoundationEssentials
import Training

/// Files in which each line is a value of JSON.
///
/// ```swift
/// struct Review: Codable { var text: String; var stars: Int }
/// let reviews: [Review] = try JSONLines.read("reviews.jsonl")
/// ```
public enum JSONLines {
  /// The values of a file; blank lines are passed over, and so are keys that the type does not know.
  ///
  /// - Parameters:
  ///   - path: the file, UTF-8.
  ///   - limit: bytes that it may have.
  /// - Throws: `DataFileError` for a file that cannot be read, and for the first line that is no value,
  ///   with its number and the key.
  public static func read<Value: Decodable>(
    _ path: String, limit: Int = usualFileLimit
  ) throws(DataFileError) -> [Value] {
    try parse(readBytes(path, limit: limit), file: path)
  }

  /// The values of the bytes of a file.
  ///
  /// - Parameter file: how errors name it.
  /// - Throws: `DataFileError` as `read`.
  public static func parse<Value: Decodable>(
    _ bytes: [UInt8], file: String
  ) throws(DataFileError) -> [Value] {
    var values: [Value] = []
    try forEachLine(bytes, file: file) { (value: Value, _) throws(DataFileError) in
      values.append(value)
    }
    return values
  }

  /// Calls the body with each value, and with the reader that has read its line.
  static func forEachLine<Value: Decodable>(
    _ bytes: [UInt8], file: String,
    _ body: (Value, LineReader) throws(DataFileError) -> Void
  ) throws(DataFileError) {
    var lines = LineReader(bytes, name: file)
    while let line = try lines.next() {
      if line.utf8.allSatisfy({ $0 == 32 || $0 == 9 }) { continue }
      let value: Value
      do throws(StrictJSON.Failure) {
        value = try StrictJSON.decoded(line)
      } catch { throw lines.error("expected a value of JSON, found \(error)") }
      try body(value, lines)
    }
  }

  /// Values as lines, the keys of each in alphabetical order.
  ///
  /// - Throws: what the values throw when they are encoded.
  public static func text(_ values: some Sequence<some Encodable>) throws -> String {
    try values.map { try StrictJSON.text($0) + "\n" }.joined()
  }

  /// Writes values, each as a line.
  ///
  /// - Throws: `FileError`, and what the values throw when they are encoded.
  public static func write(_ values: some Sequence<some Encodable>, to path: String) throws {
    try AtomicFile.write(text(values), to: path)
  }
}
