import Autograd

/// The header of a safetensors file: where each tensor lies, checked against the file's size.
struct SafeTensorsHeader {
  /// A tensor's line in the header; `begin` and `end` count from the first byte after the header.
  struct Tensor {
    var name: String
    var dtype: StoredTensor.DType
    var shape: [Int]
    var begin: Int
    var end: Int
    /// Where in the file its description starts.
    var offset: Int
  }

  var metadata: [String: String] = [:]
  var tensors: [Tensor] = []
  /// The first byte after the header.
  let dataStart: Int

  /// The reference implementation refuses longer headers, too.
  static let lengthLimit = 100_000_000

  /// Reads and checks the header of a whole file.
  init(file bytes: StoredBytes, name: String?) throws(TensorFileError) {
    guard bytes.count >= 8 else {
      throw TensorFileError(
        "8 bytes with the length of the header", found: "a file of \(bytes.count) bytes",
        at: .init(file: name, offset: 0))
    }
    let length = (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[$1]) << (8 * $1) }
    guard length <= UInt64(Self.lengthLimit) && length <= UInt64(bytes.count - 8) else {
      throw TensorFileError(
        "a header of at most \(min(Self.lengthLimit, bytes.count - 8)) bytes",
        found: "length \(length)", at: .init(file: name, offset: 0))
    }
    dataStart = 8 + Int(length)
    var parser = SafeTensorsHeaderParser(bytes: Array(bytes[..<dataStart])[8...], file: name)
    (metadata, tensors) = try parser.header()
    try checkRanges(fileSize: bytes.count, name: name)
  }

  /// Every range has the size of its tensor, and together they are the data without gap or overlap.
  private func checkRanges(fileSize: Int, name: String?) throws(TensorFileError) {
    var position = 0
    // Empty tensors sort before the tensor that begins where they do.
    for tensor in tensors.sorted(by: { ($0.begin, $0.end) < ($1.begin, $1.end) }) {
      let place = TensorFileError.Location(file: name, tensor: tensor.name, offset: tensor.offset)
      let range = "data_offsets [\(tensor.begin), \(tensor.end)]"
      try checkSize(of: tensor, range, at: place)
      guard tensor.end <= fileSize - dataStart else {
        throw TensorFileError(
          "a range within \(fileSize - dataStart) bytes of data", found: range, at: place)
      }
      guard tensor.begin == position else {
        throw TensorFileError(
          "data that begin at \(position), where the tensor before ends", found: range, at: place)
      }
      position = tensor.end
    }
    guard position == fileSize - dataStart else {
      throw TensorFileError(
        "the end of the file after \(position) bytes of data",
        found: "\(fileSize - dataStart) bytes of data",
        at: .init(file: name, offset: dataStart + position))
    }
  }

  /// A range has the size that type and shape ask for; of a type that is not known, one that can be.
  private func checkSize(
    of tensor: Tensor, _ range: String, at place: TensorFileError.Location
  ) throws(TensorFileError) {
    func wrong(_ expected: String, _ found: String) -> TensorFileError {
      TensorFileError(expected, found: found, at: place)
    }
    let (name, shape) = (tensor.dtype.name, tensor.shape)
    // Whoever multiplies the numbers later is safe.
    let (found, overflow) = tensor.end.subtractingReportingOverflow(tensor.begin)
    guard let count = StoredTensor.product(shape, times: tensor.dtype.bits ?? 1), !overflow,
      found <= Int.max / 8
    else { throw wrong("a size below 2^60 bytes", "shape \(shape)") }
    if tensor.dtype.bits == nil {
      // An element has at least a bit, and no element has no bits.
      if found < 0 || found * 8 < count || (count == 0 && found != 0) {
        throw wrong("at least a bit for each element of \(name) \(shape)", range)
      }
      return
    }
    if count % 8 != 0 {
      throw wrong("whole bytes", "\(count) bits for \(name) \(shape)")
    }
    if found != count / 8 { throw wrong("\(count / 8) bytes for \(name) \(shape)", range) }
  }
}

// MARK: - Writing

extension SafeTensorsHeader {
  /// The header's text for tensors that lie one after the other, padded to 8 bytes.
  static func text(
    metadata: [String: String], tensors: [(name: String, entry: StoredTensor)]
  ) -> [UInt8] {
    var fields: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      let texts = pairs.map { "\(quoted($0.key)):\(quoted($0.value))" }
      fields.append("\"__metadata__\":{\(texts.joined(separator: ","))}")
    }
    var position = 0
    for (name, entry) in tensors {
      guard name != "__metadata__" else {
        trap("SafeTensors: a tensor cannot have the name __metadata__")
      }
      let shape = entry.shape.map(String.init).joined(separator: ",")
      let end = position + entry.bytes.count
      fields.append(
        "\(quoted(name)):{\"dtype\":\(quoted(entry.dtype.name)),\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(position),\(end)]}")
      position = end
    }
    var bytes = Array("{\(fields.joined(separator: ","))}".utf8)
    while bytes.count % 8 != 0 { bytes.append(UInt8(ascii: " ")) }
    return bytes
  }

  /// A string of JSON.
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\u{8}": result += "\\b"
      case "\u{C}": result += "\\f"
      case "\0"..<" ":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
