/// What a field can be read as, other than text.
enum FieldValue {
  case missing
  case integer(Int)
  case number(Double)
  case truth(Bool)
  /// None of these.
  case text

  /// The value of a field. A quoted one may be a number, too: some programs quote all fields.
  init(_ field: Field, _ reader: FieldReader, _ missing: MissingFields) {
    let content = reader.content(field)
    if missing.contains(content) {
      self = .missing
    } else if let number = Self.number(trimmed(content)) {
      self = number
    } else if let truth = Self.truth(content) {
      self = .truth(truth)
    } else {
      self = .text
    }
  }

  private static func number(_ content: UnsafeBufferPointer<UInt8>) -> FieldValue? {
    guard let first = content.first else { return nil }
    if let decimal = DecimalText(content, at: 0), decimal.end == content.count {
      if let integer = decimal.integer { return .integer(integer) }
      // The library counts any number of digits.
      return (decimal.double ?? Double(String(decoding: content, as: UTF8.self))).map {
        .number($0)
      }
    }
    let isSigned = first == UInt8(ascii: "-") || first == UInt8(ascii: "+")
    guard content.count <= 9 else { return nil }
    switch String(decoding: content.dropFirst(isSigned ? 1 : 0), as: UTF8.self).lowercased() {
    case "inf", "infinity": return .number(first == UInt8(ascii: "-") ? -.infinity : .infinity)
    case "nan": return .number(.nan)
    default: return nil
    }
  }

  private static func truth(_ content: UnsafeBufferPointer<UInt8>) -> Bool? {
    guard (4...5).contains(content.count) else { return nil }
    switch String(decoding: content, as: UTF8.self) {
    case "true", "True", "TRUE": return true
    case "false", "False", "FALSE": return false
    default: return nil
    }
  }
}

/// Bytes without the spaces around them.
private func trimmed(_ bytes: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
  let start = bytes.firstIndex { $0 != 32 } ?? bytes.count
  let end = bytes.lastIndex { $0 != 32 }.map { $0 + 1 } ?? start
  return UnsafeBufferPointer(rebasing: bytes[start..<max(start, end)])
}

/// What stands for a missing value.
struct MissingFields {
  private let texts: [[UInt8]]
  private let longest: Int
  private let hasEmpty: Bool

  init(_ texts: [String]) {
    self.texts = texts.filter { !$0.isEmpty }.map { Array($0.utf8) }
    longest = self.texts.map(\.count).max() ?? 0
    hasEmpty = texts.contains("")
  }

  @inline(__always)
  func contains(_ content: UnsafeBufferPointer<UInt8>) -> Bool {
    if content.isEmpty { return hasEmpty }
    if content.count > longest { return false }
    return texts.contains { $0.count == content.count && $0.elementsEqual(content) }
  }
}
