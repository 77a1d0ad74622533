/// A field of a table: where in the file it stands.
struct Field {
  /// Without the quotation marks around it.
  let range: Range<Int>
  let isQuoted: Bool
  /// Whether each quotation mark within is written twice.
  let hasDoubledQuotes: Bool
}

/// The fields of a table one after the other.
struct FieldReader {
  let bytes: UnsafeBufferPointer<UInt8>
  /// How errors name the file.
  let file: String
  private let separator: UInt8
  /// No byte where marks have no meaning.
  private let quote: UInt8?
  /// Where the next field begins, or the separator or line end before it.
  private(set) var place: Int
  /// The line of the place, counted from 1.
  private var line = 1
  /// The line in which the row began.
  private(set) var rowLine = 1

  init(_ bytes: UnsafeBufferPointer<UInt8>, _ format: Table.Format, file: String) {
    self.bytes = bytes
    self.file = file
    separator = UInt8(format.separator.value)
    quote = format.hasQuotes ? UInt8(ascii: "\"") : nil
    place = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
  }

  /// The error that the row, or its field of a column, is not what was expected there.
  func error(_ problem: String, column: String? = nil) -> DataFileError {
    .malformed(TextError(file: file, line: rowLine, column: column, problem: problem))
  }

  // MARK: Rows

  /// About how many rows there are, as the first lines of a large file have it.
  var rowEstimate: Int {
    let sample = bytes.prefix(1 << 16)
    let lines = sample.count(where: { $0 == Self.newline }) + 1
    if sample.count == bytes.count { return lines }
    let (count, isTooLarge) = (lines + lines / 16).multipliedReportingOverflow(by: bytes.count)
    return isTooLarge ? bytes.count : count / sample.count
  }

  /// Goes to the next row that has more than spaces; false at the end.
  mutating func beginRow() -> Bool {
    while place < bytes.count {
      var end = place
      while end < bytes.count, isBlank(bytes[end]) { end += 1 }
      if end < bytes.count, bytes[end] != Self.newline {
        rowLine = line
        return true
      }
      place = end
      endRow()
    }
    return false
  }

  /// A space, a carriage return or a tab that separates nothing.
  private func isBlank(_ byte: UInt8) -> Bool {
    byte != separator && (byte == 32 || byte == 13 || byte == 9)
  }

  /// Passes over a line end.
  @inline(__always)
  mutating func endRow() {
    if place < bytes.count { place += 1 }
    line += 1
  }

  /// Whether the row has no more fields.
  @inline(__always)
  var isAtRowEnd: Bool { place >= bytes.count || bytes[place] == Self.newline }

  /// Passes over a separator. Only where the row does not end.
  @inline(__always)
  mutating func passSeparator() { place += 1 }

  // MARK: Fields

  /// The number that the next field is; nil, without passing over it, where it is none that can be told
  /// at once: it is quoted, or has spaces, or too many digits.
  @inline(never)
  mutating func number() -> Double? {
    guard let decimal = DecimalText(bytes, at: place), let end = fieldEnd(decimal.end),
      let number = decimal.double
    else { return nil }
    place = end
    return number
  }

  /// The whole number that the next field is; nil, without passing over it, where it is none, as above.
  @inline(never)
  mutating func integer() -> Int? {
    guard let decimal = DecimalText(bytes, at: place), let end = fieldEnd(decimal.end),
      let integer = decimal.integer
    else { return nil }
    place = end
    return integer
  }

  /// Where the separator or line end stands if a field ends at a place; nil where it goes on.
  @inline(__always)
  private func fieldEnd(_ end: Int) -> Int? {
    if end >= bytes.count || bytes[end] == separator || bytes[end] == Self.newline { return end }
    return isReturn(end) ? end + 1 : nil
  }

  /// The next field.
  mutating func field() throws(DataFileError) -> Field {
    if let quote, place < bytes.count, bytes[place] == quote { return try quotedField(quote) }
    let start = place
    while place < bytes.count, bytes[place] != separator, bytes[place] != Self.newline {
      place += 1
    }
    let end = isAtRowEnd && place > start && bytes[place - 1] == 13 ? place - 1 : place
    return Field(range: start..<end, isQuoted: false, hasDoubledQuotes: false)
  }

  private mutating func quotedField(_ quote: UInt8) throws(DataFileError) -> Field {
    place += 1
    let start = place
    var hasDoubled = false
    while place < bytes.count {
      if bytes[place] == Self.newline { line += 1 }
      guard bytes[place] == quote else {
        place += 1
        continue
      }
      if place + 1 < bytes.count, bytes[place + 1] == quote {
        hasDoubled = true
        place += 2
        continue
      }
      let field = Field(range: start..<place, isQuoted: true, hasDoubledQuotes: hasDoubled)
      place += 1
      if isReturn(place) { place += 1 }
      guard isAtRowEnd || bytes[place] == separator else {
        throw error("expected a separator after the quotation mark that ends \(quoted(field))")
      }
      return field
    }
    throw error("expected a quotation mark at the end of a field, found the end of the file")
  }

  /// Whether a carriage return is part of a line end.
  @inline(__always)
  private func isReturn(_ place: Int) -> Bool {
    place < bytes.count && bytes[place] == 13
      && (place + 1 == bytes.count || bytes[place + 1] == Self.newline)
  }

  static let newline = UInt8(ascii: "\n")

  // MARK: What a field says

  /// The field's bytes.
  func content(_ field: Field) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(rebasing: bytes[field.range])
  }

  /// The field as a text; nil where it is not UTF-8.
  func text(_ field: Field) -> String? {
    if !field.hasDoubledQuotes { return String(validating: content(field), as: UTF8.self) }
    var single: [UInt8] = []
    single.reserveCapacity(field.range.count)
    var isSecond = false
    for byte in content(field) {
      isSecond = byte == quote && !isSecond
      if !isSecond || byte != quote { single.append(byte) }
    }
    return String(validating: single, as: UTF8.self)
  }

  /// The field for a sentence.
  func quoted(_ field: Field) -> String {
    DataFiles.quoted(text(field) ?? String(decoding: content(field), as: UTF8.self))
  }
}
