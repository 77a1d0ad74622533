extension Table {
  /// Reads a file of comma-separated values, or of another format.
  ///
  /// The type of a column is the narrowest that holds all its fields: whole numbers, numbers, truth
  /// values, texts. Rows of nothing but spaces are passed over; a row with more or fewer fields than the
  /// header is an error.
  ///
  /// - Parameters:
  ///   - path: the file, UTF-8.
  ///   - format: its separator, whether it has a header, and what is missing.
  ///   - kinds: the types of columns for which it is not found out; a field that does not have it is an
  ///     error.
  ///   - limit: bytes that the file may have. The table takes a small multiple of these, at most 16.
  /// - Throws: `DataFileError` for a file that cannot be read or has no header, and for the first field
  ///   or row that is not as expected, with its line and column.
  public init(
    contentsOf path: String, _ format: Format = .csv, kinds: [String: Kind] = [:],
    limit: Int = usualFileLimit
  ) throws(DataFileError) {
    let columns = try withBytes(of: path, limit: limit) { bytes throws(DataFileError) in
      try TableReader.columns(bytes, format, file: path) { _, name in kinds[name] }
    }
    try self.init(columns, file: path, knowing: kinds)
  }

  /// Parses the bytes of a file.
  ///
  /// - Parameter file: how errors name it.
  /// - Throws: `DataFileError` as `init(contentsOf:_:kinds:limit:)`.
  public init(
    parsing bytes: [UInt8], file: String, _ format: Format = .csv, kinds: [String: Kind] = [:]
  ) throws(DataFileError) {
    try self.init(parsing: bytes, file: file, format) { _, name in kinds[name] }
    try self.init(columns, file: file, knowing: kinds)
  }

  /// Parses the bytes of a file.
  ///
  /// - Parameter kind: the type of a column by its place and name; nil to find it out.
  package init(
    parsing bytes: [UInt8], file: String, _ format: Format,
    kind: (Int, String) -> Kind?
  ) throws(DataFileError) {
    let columns = try bytes.withBuffer { bytes throws(DataFileError) in
      try TableReader.columns(bytes, format, file: file, kind)
    }
    self.init(columns, file: file)
  }

  /// Columns that are all that somebody told the types of.
  private init(
    _ columns: [Column], file: String, knowing kinds: [String: Kind]
  ) throws(DataFileError) {
    self.init(columns, file: file)
    let names = Set(names)
    if let name = kinds.keys.sorted().first(where: { !names.contains($0) }) {
      throw Self.missingColumn(name, among: self.names, file: file)
    }
  }
}

/// Reads all columns of a table, once or twice.
private struct TableReader {
  private var fields: FieldReader
  private let format: Table.Format
  private let missing: MissingFields

  /// The columns of a file's bytes.
  ///
  /// - Parameter kind: the type of a column by its place and name; nil to find it out.
  static func columns(
    _ bytes: UnsafeBufferPointer<UInt8>, _ format: Table.Format, file: String,
    _ kind: (Int, String) -> Table.Kind?
  ) throws(DataFileError) -> [Table.Column] {
    var reader = TableReader(bytes, format, file: file)
    return try reader.columns(kind)
  }

  private init(_ bytes: UnsafeBufferPointer<UInt8>, _ format: Table.Format, file: String) {
    fields = FieldReader(bytes, format, file: file)
    self.format = format
    missing = MissingFields(format.missing)
  }

  private mutating func columns(_ kind: (Int, String) -> Table.Kind?) throws(DataFileError)
    -> [Table
    .Column]
  {
    let names = try header()
    // A row has as many separators and line ends as there are columns.
    let capacity = min(fields.rowEstimate, fields.bytes.count / names.count + 1)
    var builders = names.enumerated().map {
      ColumnBuilder($1, kind($0, $1), capacity: capacity)
    }
    let beginning = fields
    try rows(&builders)
    let incomplete = builders.indices.filter { builders[$0].isIncomplete }
    if !incomplete.isEmpty {
      var again = names.map { ColumnBuilder(passing: $0) }
      for index in incomplete {
        again[index] = ColumnBuilder(names[index], .text, capacity: capacity)
      }
      fields = beginning
      try rows(&again)
      for index in incomplete { builders[index] = again[index] }
    }
    return builders.map { Table.Column($0.name, $0.finish(), file: fields.file) }
  }

  /// The names of the columns.
  private mutating func header() throws(DataFileError) -> [String] {
    let beginning = fields
    guard fields.beginRow() else {
      throw .empty(file: fields.file, expected: format.hasHeader ? "a header" : "rows")
    }
    var names: [String] = []
    while true {
      let field = try fields.field()
      guard let name = fields.text(field) else { throw fields.error("the header is not UTF-8") }
      names.append(format.hasHeader ? name : "column \(names.count + 1)")
      if fields.isAtRowEnd { break }
      if names.count == format.columnLimit {
        throw fields.error(
          "expected at most the \(names.count) columns of `columnLimit`, found more")
      }
      fields.passSeparator()
    }
    if format.hasHeader { fields.endRow() } else { fields = beginning }
    var known: Set<String> = []
    for name in names where !known.insert(name).inserted {
      throw fields.error("expected different names, found two columns \(quoted(name))")
    }
    return names
  }

  private mutating func rows(_ builders: inout [ColumnBuilder]) throws(DataFileError) {
    // A local one stays in registers.
    var fields = fields
    while fields.beginRow() {
      for index in builders.indices {
        if index > 0 {
          if fields.isAtRowEnd { throw fieldCount(index, builders.count, fields) }
          fields.passSeparator()
        }
        try builders[index].take(&fields, missing)
      }
      if !fields.isAtRowEnd { throw try surplus(builders.count, &fields) }
      fields.endRow()
    }
  }

  private func surplus(
    _ expected: Int, _ fields: inout FieldReader
  ) throws(DataFileError) -> DataFileError {
    var count = expected
    while !fields.isAtRowEnd {
      fields.passSeparator()
      _ = try fields.field()
      count += 1
    }
    return fieldCount(count, expected, fields)
  }

  private func fieldCount(_ found: Int, _ expected: Int, _ fields: FieldReader) -> DataFileError {
    fields.error(
      "expected \(expected) fields as in the \(format.hasHeader ? "header" : "first row"), "
        + "found \(found)")
  }
}
