public import DataFiles
import FoundationEssentials

extension Table {
  /// Reads a file in which each line is an object of JSON with numbers, texts, truth values or null.
  ///
  /// There is a column for each key, in alphabetical order, as keys of an object have none. A key that a
  /// line has not is missing there.
  ///
  /// - Parameters:
  ///   - path: the file, UTF-8.
  ///   - limit: bytes that it may have.
  ///   - cells: rows times columns that there may be, a million or four times as many as the file
  ///     has bytes unless told: lines that have few keys in common make a table that is much larger than the file.
  /// - Throws: `DataFileError` with the line and the key, also for a key with values of two types.
  public init(
    jsonLines path: String, limit: Int = usualFileLimit, cells: Int? = nil
  ) throws(DataFileError) {
    try self.init(parsingJSONLines: readBytes(path, limit: limit), file: path, cells: cells)
  }

  /// Parses the bytes of a file.
  ///
  /// - Parameter file: how errors name it.
  /// - Throws: as `init(jsonLines:limit:cells:)`.
  public init(
    parsingJSONLines bytes: [UInt8], file: String, cells: Int? = nil
  ) throws(DataFileError) {
    let limit = cells ?? Swift.max(4 * bytes.count, 1 << 20)
    var columns: [String: JSONColumn] = [:]
    var rows = 0
    try JSONLines.forEachLine(bytes, file: file) {
      (object: [String: JSONScalar], lines) throws(DataFileError) in
      for (name, value) in object {
        if let expected = columns[name, default: JSONColumn()].add(value, row: rows) {
          throw lines.error(
            "expected \(expected.phrase) as before, found \(value.kind!.phrase)", column: name)
        }
      }
      rows += 1
      if columns.count > limit / rows {
        throw lines.error(
          "expected at most the \(limit) values of `cells`, found \(columns.count) keys in "
            + "\(rows) lines")
      }
    }
    self.init(
      columns.sorted { $0.key < $1.key }.map { name, column in
        Column(name, column.values(rows: rows), file: file)
      }, file: file)
  }

  /// The table as objects of JSON, each with its line end. A missing value is null, and so is a number
  /// that is not finite, which JSON lacks.
  public func jsonLines() -> String {
    let names = names.map { Self.json($0) }
    var text = ""
    for row in 0..<rowCount {
      let members = zip(names, columns).map { name, column in
        "\(name):\(Self.json(column.values, row))"
      }
      text += "{\(members.joined(separator: ","))}\n"
    }
    return text
  }

  private static func json(_ values: Values, _ row: Int) -> String {
    switch values {
    case .integers(let values): values[row].description
    case .numbers(let values): values[row].isFinite ? values[row].description : "null"
    case .truths(let values): values[row]?.description ?? "null"
    case .texts(let values): values[row].map { json($0) } ?? "null"
    }
  }

  private static func json(_ text: String) -> String {
    guard let bytes = try? JSONEncoder().encode(text) else { fatalError("JSON of a text") }
    return String(decoding: bytes, as: UTF8.self)
  }
}
