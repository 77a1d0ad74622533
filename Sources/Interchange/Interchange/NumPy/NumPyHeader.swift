import Training

/// The header of an `.npy` file (NumPy's format versions 1 to 3): a dictionary as Python writes it, with
/// exactly the keys `descr`, `fortran_order` and `shape`.
///
/// It is described at https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
struct NumPyHeader {
  /// The type of the elements, such as `<f4`.
  var descr = ""
  /// Whether the first axis is the one whose neighbours are neighbours in memory.
  var isFortranOrder = false
  var shape: [Int] = []
  /// Where the elements begin.
  private(set) var count = 0

  static let signature: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// - Throws: `TensorFileError`
  init(_ bytes: ArraySlice<UInt8>, at location: TensorFileError.Location) throws(TensorFileError) {
    func error(_ expected: String, _ found: String) -> TensorFileError {
      TensorFileError(expected, found: found, at: location)
    }
    guard bytes.count >= 10, bytes.starts(with: Self.signature) else {
      throw error("a NumPy array", "\(bytes.count) bytes that begin otherwise")
    }
    let start = bytes.startIndex
    let version = bytes[start + 6]
    guard (1...3).contains(version) else {
      throw error("version 1, 2 or 3 of the NumPy format", "version \(version)")
    }
    let width = version == 1 ? 2 : 4
    guard bytes.count >= 8 + width else { throw error("a header", "the end of the file") }
    let length = LittleEndian(bytes).number(start + 8, width)
    guard length <= bytes.count - 8 - width, length <= Self.longest else {
      throw error(
        "a header of at most \(Swift.min(bytes.count - 8 - width, Self.longest)) bytes",
        "length \(length)")
    }
    count = 8 + width + length
    var literal = PythonLiteral(bytes[(start + 8 + width)..<(start + count)])
    guard let fields = literal.dictionary() else {
      throw error("a dictionary of three keys", "another header")
    }
    guard fields.keys.sorted() == ["descr", "fortran_order", "shape"] else {
      throw error("the keys descr, fortran_order and shape", "\(fields.keys.sorted())")
    }
    guard case .text(let descr) = fields["descr"] else {
      throw error("elements of one type", "structured elements")
    }
    guard case .truth(let isFortranOrder) = fields["fortran_order"] else {
      throw error("True or False for fortran_order", "something else")
    }
    guard case .numbers(let shape) = fields["shape"] else {
      throw error("a tuple of lengths for shape", "something else")
    }
    (self.descr, self.isFortranOrder, self.shape) = (descr, isFortranOrder, shape)
  }

  /// NumPy itself refuses longer ones, which take it long to read.
  static let longest = 10_000

  /// The header of an array, padded so that the elements begin at a multiple of 64 bytes.
  static func bytes(descr: String, shape: [Int]) -> [UInt8] {
    let lengths =
      shape.count == 1 ? "\(shape[0])," : shape.map(String.init).joined(separator: ", ")
    let text = "{'descr': '\(descr)', 'fortran_order': False, 'shape': (\(lengths)), }"
    // As NumPy: room for the first axis to grow, then blanks and the end of the line.
    let blanks = 63 - (10 + text.utf8.count) % 64
    let header = text + String(repeating: " ", count: blanks) + "\n"
    let count = header.utf8.count
    return signature + [1, 0, UInt8(count & 0xFF), UInt8(count >> 8)] + Array(header.utf8)
  }
}

/// As much of Python's notation as such a header needs.
private struct PythonLiteral {
  enum Term {
    case text(String)
    case truth(Bool)
    case numbers([Int])
    /// A list, which describes structured elements.
    case structure
  }

  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  /// A dictionary, and nothing after it but blanks; nil where it is none, or a key is there twice.
  mutating func dictionary() -> [String: Term]? {
    guard take("{") else { return nil }
    var fields: [String: Term] = [:]
    while !take("}") {
      guard let key = text(), take(":"), let term = term(), fields[key] == nil else { return nil }
      fields[key] = term
      if !take(",") {
        guard take("}") else { return nil }
        break
      }
    }
    skipBlanks()
    return rest.isEmpty ? fields : nil
  }

  private mutating func skipBlanks() {
    rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
  }

  /// Whether this comes next, in which case it is taken.
  private mutating func take(_ text: String) -> Bool {
    skipBlanks()
    guard rest.starts(with: text.utf8) else { return false }
    rest = rest.dropFirst(text.utf8.count)
    return true
  }

  private mutating func text() -> String? {
    skipBlanks()
    guard let quote = rest.first, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\""),
      let end = rest.dropFirst().firstIndex(of: quote)
    else { return nil }
    let content = rest[(rest.startIndex + 1)..<end]
    rest = rest[(end + 1)...]
    return content.contains(UInt8(ascii: "\\")) ? nil : String(validating: content, as: UTF8.self)
  }

  private mutating func term() -> Term? {
    if take("True") { return .truth(true) }
    if take("False") { return .truth(false) }
    if take("(") { return numbers() }
    if take("[") { return structure() }
    return text().map { .text($0) }
  }

  /// All up to the bracket that ends a list.
  private mutating func structure() -> Term? {
    var depth = 1
    while depth > 0, let byte = rest.popFirst() {
      if byte == UInt8(ascii: "[") { depth += 1 }
      if byte == UInt8(ascii: "]") { depth -= 1 }
    }
    return depth == 0 ? .structure : nil
  }

  /// Lengths up to the closing bracket, with a comma after each but the last.
  private mutating func numbers() -> Term? {
    var numbers: [Int] = []
    while !take(")") {
      guard let number = number() else { return nil }
      numbers.append(number)
      if !take(",") { return take(")") ? .numbers(numbers) : nil }
    }
    return .numbers(numbers)
  }

  private mutating func number() -> Int? {
    skipBlanks()
    let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    rest = rest.dropFirst(digits.count)
    // Python 2 wrote long numbers so.
    _ = rest.first == UInt8(ascii: "L") && take("L")
    return Int(String(decoding: digits, as: UTF8.self))
  }
}
