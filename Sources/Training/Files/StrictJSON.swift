import FoundationEssentials

/// JSON of which every key is read: one that the type does not know is an error, where a decoder
/// would pass over it and the program would do something else than the text says.
package enum StrictJSON {
  /// Why a text is not what is expected: half a sentence.
  package struct Failure: Error, Equatable, CustomStringConvertible {
    package let description: String
  }

  /// A value as text; equal values give equal texts.
  package static func text(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  /// The value of a text.
  package static func value<Value: Codable>(
    _: Value.Type, of text: String
  ) throws(Failure) -> Value {
    let value: Value = try decoded(text)
    // What comes back when the value is written is what has been read.
    guard let read = try? Self.text(value) else { return value }
    let (given, known): (Tree, Tree) = (try decoded(text), try decoded(read))
    if let key = given.unknownKey(beside: known) {
      throw Failure(description: "a key '\(key)' that is not known")
    }
    return value
  }

  /// The value of a text in which other keys may stand as well: of a file that others have written.
  package static func decoded<Value: Decodable>(_ text: String) throws(Failure) -> Value {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    do {
      return try decoder.decode(Value.self, from: Data(text.utf8))
    } catch {
      throw Failure(description: phrase(error))
    }
  }

  private static func phrase(_ error: any Error) -> String {
    func path(_ keys: [any CodingKey]) -> String {
      keys.map { $0.intValue.map { "\($0)" } ?? $0.stringValue }.joined(separator: ".")
    }
    switch error {
    case DecodingError.keyNotFound(let key, let context):
      return "no key '\(path(context.codingPath + [key]))'"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      return "another value at '\(path(context.codingPath))'"
    case DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty:
      return "a wrong value at '\(path(context.codingPath))'"
    case DecodingError.dataCorrupted: return "no JSON"
    default: return "\(error)"
    }
  }
}

/// The keys of a JSON text.
private indirect enum Tree: Decodable {
  case object([String: Tree])
  case list([Tree])
  case leaf(isNull: Bool)

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .leaf(isNull: true)
    } else if let object = try? container.decode([String: Tree].self) {
      self = .object(object)
    } else if let list = try? container.decode([Tree].self) {
      self = .list(list)
    } else {
      self = .leaf(isNull: false)
    }
  }

  /// The path of the first key that the other has not; one without a value says nothing.
  func unknownKey(beside other: Tree, path: String = "") -> String? {
    switch (self, other) {
    case (.object(let mine), .object(let theirs)):
      for (key, value) in mine.sorted(by: { $0.key < $1.key }) {
        if case .leaf(isNull: true) = value { continue }
        let place = path.isEmpty ? key : "\(path).\(key)"
        guard let known = theirs[key] else { return place }
        if let unknown = value.unknownKey(beside: known, path: place) { return unknown }
      }
      return nil
    case (.list(let mine), .list(let theirs)):
      for (index, (value, known)) in zip(mine, theirs).enumerated() {
        let place = path.isEmpty ? "\(index)" : "\(path).\(index)"
        if let unknown = value.unknownKey(beside: known, path: place) { return unknown }
      }
      return nil
    default: return nil
    }
  }
}
