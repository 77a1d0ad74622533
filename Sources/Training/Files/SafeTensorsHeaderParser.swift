/// Reads the JSON of a safetensors header, and only that: an object of objects.
///
/// A general JSON decoder hides what matters here: names that occur twice, and the byte at which
/// something is wrong. The grammar has a fixed depth, so there is no recursion that a malicious
/// file could drive to the end of the stack.
struct SafeTensorsHeaderParser {
  /// The header; its indices are offsets in the file.
  let bytes: ArraySlice<UInt8>
  let file: String?
  private var position: Int
  private var tensor: String?

  init(bytes: ArraySlice<UInt8>, file: String?) {
    self.bytes = bytes
    self.file = file
    position = bytes.startIndex
  }

  /// The whole header: metadata, and the tensors in the order of the text.
  mutating func header() throws(TensorFileError) -> (
    metadata: [String: String], tensors: [SafeTensorsHeader.Tensor]
  ) {
    var metadata: [String: String] = [:]
    var tensors: [SafeTensorsHeader.Tensor] = []
    guard peek == UInt8(ascii: "{") else { throw unexpected("'{' at the start of the header") }
    try object { parser, name, offset throws(TensorFileError) in
      if name == "__metadata__" {
        // Some writers say `null` for none.
        if !(try parser.takeNull()) { metadata = try parser.strings() }
      } else {
        parser.tensor = name
        tensors.append(try parser.description(of: name, at: offset))
        parser.tensor = nil
      }
    }
    skipSpace()
    if position < bytes.endIndex { throw unexpected("the end of the header") }
    return (metadata, tensors)
  }

  /// `{"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}`, in any order.
  private mutating func description(of name: String, at offset: Int) throws(TensorFileError)
    -> SafeTensorsHeader.Tensor
  {
    var dtype: StoredTensor.DType?
    var shape: [Int]?
    var range: [Int]?
    try object { parser, field, fieldOffset throws(TensorFileError) in
      switch field {
      case "dtype": dtype = .init(name: try parser.string())
      case "shape": shape = try parser.integers()
      case "data_offsets":
        let start = parser.position
        let pair = try parser.integers()
        guard pair.count == 2 else {
          throw parser.error("two data_offsets", found: "\(pair.count)", at: start)
        }
        range = pair
      default:
        throw parser.error(
          "one of the fields dtype, shape, data_offsets", found: "'\(field)'", at: fieldOffset)
      }
    }
    guard let dtype, let shape, let range else {
      let missing = dtype == nil ? "dtype" : shape == nil ? "shape" : "data_offsets"
      throw error("a field \(missing)", found: "none", at: offset)
    }
    return .init(
      name: name, dtype: dtype, shape: shape, begin: range[0], end: range[1], offset: offset)
  }
}

// MARK: - JSON

extension SafeTensorsHeaderParser {
  /// An object; `member` reads the value of each name, which may occur only once.
  ///
  /// Names that Unicode calls equivalent (a letter with an accent as one or as two scalars) count
  /// as the same name, as they are the same key of a Swift dictionary.
  private mutating func object(
    _ member: (inout Self, String, Int) throws(TensorFileError) -> Void
  ) throws(TensorFileError) {
    try expect("{")
    var names: Set<String> = []
    if take("}") { return }
    repeat {
      skipSpace()
      let start = position
      let name = try string()
      guard names.insert(name).inserted else {
        throw error("each name once", found: "'\(name)' again", at: start)
      }
      try expect(":")
      try member(&self, name, start)
    } while take(",")
    try expect("}")
  }

  /// An object of strings.
  private mutating func strings() throws(TensorFileError) -> [String: String] {
    var result: [String: String] = [:]
    try object { parser, name, _ throws(TensorFileError) in result[name] = try parser.string() }
    return result
  }

  /// An array of whole numbers from 0 on.
  private mutating func integers() throws(TensorFileError) -> [Int] {
    try expect("[")
    var values: [Int] = []
    if take("]") { return values }
    repeat { values.append(try integer()) } while take(",")
    try expect("]")
    return values
  }

  private mutating func integer() throws(TensorFileError) -> Int {
    skipSpace()
    let start = position
    var value = 0
    while let byte = peek, UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
      guard !overflow && !carry else {
        throw error("a whole number below 2^63", found: "a larger one", at: start)
      }
      value = sum
      position += 1
    }
    let hasLeadingZero = position - start > 1 && bytes[start] == UInt8(ascii: "0")
    guard position > start && !hasLeadingZero else {
      position = start
      throw unexpected("a whole number, not negative")
    }
    return value
  }

  private mutating func string() throws(TensorFileError) -> String {
    try expect("\"")
    let start = position
    var text: [UInt8] = []
    while true {
      guard let byte = peek else { throw unexpected("the end of a string") }
      guard byte >= 0x20 else { throw unexpected("a string without control characters") }
      position += 1
      if byte == UInt8(ascii: "\"") { break }
      if byte == UInt8(ascii: "\\") { text += try escape() } else { text.append(byte) }
    }
    guard let result = String(validating: text, as: UTF8.self) else {
      throw error("text in UTF-8", found: "bytes that are not", at: start)
    }
    return result
  }

  /// What follows a backslash, in UTF-8.
  private mutating func escape() throws(TensorFileError) -> [UInt8] {
    guard let byte = peek else { throw unexpected("the end of an escape") }
    let plain: [UInt8: UInt8] = [
      0x22: 0x22, 0x5C: 0x5C, 0x2F: 0x2F, 0x62: 8, 0x66: 12, 0x6E: 10, 0x72: 13, 0x74: 9,
    ]
    if let character = plain[byte] {
      position += 1
      return [character]
    }
    guard byte == UInt8(ascii: "u") else {
      throw unexpected("one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u")
    }
    let start = position - 1
    position += 1
    var units = [try codeUnit()]
    if UTF16.isLeadSurrogate(units[0]) && bytes[position...].starts(with: [0x5C, 0x75]) {
      position += 2
      units.append(try codeUnit())
    }
    guard let text = String(validating: units, as: UTF16.self) else {
      throw error("a Unicode character", found: "half of a surrogate pair", at: start)
    }
    return Array(text.utf8)
  }

  /// Four hexadecimal digits.
  private mutating func codeUnit() throws(TensorFileError) -> UInt16 {
    var value: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = peek, let digit = Character(UnicodeScalar(byte)).hexDigitValue, byte < 0x80
      else { throw unexpected("a hexadecimal digit") }
      value = value << 4 | UInt16(digit)
      position += 1
    }
    return value
  }

  private var peek: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }

  /// Steps over a character after any space, if it is there.
  private mutating func take(_ character: UnicodeScalar) -> Bool {
    skipSpace()
    guard peek == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  /// Steps over `null`, if it is there.
  private mutating func takeNull() throws(TensorFileError) -> Bool {
    guard take("n") else { return false }
    for character: UnicodeScalar in ["u", "l", "l"] {
      guard peek == UInt8(ascii: character) else { throw unexpected("'null'") }
      position += 1
    }
    return true
  }

  private mutating func expect(_ character: UnicodeScalar) throws(TensorFileError) {
    guard take(character) else { throw unexpected("'\(character)'") }
  }

  private func unexpected(_ expected: String) -> TensorFileError {
    let found =
      switch peek {
      case nil: "the end of the header"
      case let byte? where 0x21...0x7E ~= byte: "'\(Character(UnicodeScalar(byte)))'"
      case let byte?: "byte 0x" + String(byte, radix: 16)
      }
    return error(expected, found: found, at: position)
  }

  private func error(_ expected: String, found: String, at offset: Int) -> TensorFileError {
    TensorFileError(expected, found: found, at: .init(file: file, tensor: tensor, offset: offset))
  }
}
