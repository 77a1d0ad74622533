extension Table {
  /// The table as the bytes of a file of comma-separated values, or of another format. What is read back
  /// is the same table: numbers have as many digits as tell them apart from all others, a missing value
  /// is written as the first of the format's, and a text that looks like one stands in quotation marks.
  /// Only a column of texts that all are numbers, such as `007`, has to be told by `kinds`.
  public func csv(_ format: Format = .csv) -> [UInt8] {
    let writer = FieldWriter(format, isAlone: columns.count == 1)
    var bytes: [UInt8] = []
    let separator = UInt8(format.separator.value)
    func row(_ write: (Column) -> Void) {
      for (index, column) in columns.enumerated() {
        if index > 0 { bytes.append(separator) }
        write(column)
      }
      bytes.append(FieldReader.newline)
    }
    if format.hasHeader { row { writer.write(text: $0.name, to: &bytes, isHeader: true) } }
    for index in 0..<rowCount { row { writer.write($0.values, index, to: &bytes) } }
    return bytes
  }
}

/// Writes fields.
private struct FieldWriter {
  private let format: Table.Format
  private let missing: MissingFields
  private let missingText: [UInt8]

  /// - Parameter isAlone: whether a row is one field, which may not be empty: nothing is no row.
  init(_ format: Table.Format, isAlone: Bool) {
    self.format = format
    missing = MissingFields(format.missing)
    let texts = isAlone ? format.missing.filter { !$0.isEmpty } : format.missing
    missingText = Array((texts.first ?? (isAlone ? "NA" : "")).utf8)
  }

  func write(_ values: Table.Values, _ index: Int, to bytes: inout [UInt8]) {
    switch values {
    case .integers(let values): bytes += values[index].description.utf8
    case .numbers(let values):
      bytes += values[index].isNaN ? missingText : Array(values[index].description.utf8)
    case .truths(let values):
      bytes += values[index].map { Array($0.description.utf8) } ?? missingText
    case .texts(let values):
      if let text = values[index] {
        write(text: text, to: &bytes, isHeader: false)
      } else {
        bytes += missingText
      }
    }
  }

  func write(text: String, to bytes: inout [UInt8], isHeader: Bool) {
    let utf8 = Array(text.utf8)
    // A reader takes a mark of the byte order away from a file's beginning: one that is the text's stays.
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    if bytes.isEmpty && utf8.starts(with: mark) { bytes += mark }
    let separator = UInt8(format.separator.value)
    let hasSpecial = utf8.contains { [separator, 34, 10, 13].contains($0) }
    if !format.hasQuotes {
      require(
        !hasSpecial,
        "Table.csv: the text \(quoted(text)) has a separator or a line end, and the "
          + "format has no quotation marks")
      bytes += utf8
      return
    }
    // Nothing but spaces would be no row.
    let isBlank = utf8.allSatisfy { $0 == 32 || $0 == 9 }
    guard hasSpecial || isBlank || !isHeader && looksMissing(utf8) else {
      bytes += utf8
      return
    }
    bytes.append(34)
    for byte in utf8 { bytes += byte == 34 ? [34, 34] : [byte] }
    bytes.append(34)
  }

  private func looksMissing(_ text: [UInt8]) -> Bool {
    text.withUnsafeBufferPointer { missing.contains($0) }
  }
}
