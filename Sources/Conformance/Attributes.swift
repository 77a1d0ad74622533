import FoundationEssentials

/// A value of JSON, as far as the cases use it.
package enum JSON: Decodable, Sendable {
  case null
  case flag(Bool)
  case number(Double)
  case text(String)
  case list([JSON])

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let flag = try? container.decode(Bool.self) {
      self = .flag(flag)
    } else if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else if let text = try? container.decode(String.self) {
      self = .text(text)
    } else {
      self = .list(try container.decode([JSON].self))
    }
  }

  /// A number; what JSON cannot write as one stands as text.
  var double: Double? {
    switch self {
    case .number(let number): number
    case .text("inf"): .infinity
    case .text("-inf"): -.infinity
    case .text("nan"): .nan
    default: nil
    }
  }

  var integer: Int? { if case .number(let number) = self { Int(exactly: number) } else { nil } }
}

/// The arguments of a case that are no tensors, by PyTorch's names.
package struct Attributes: Sendable {
  private let values: [String: JSON]
  private let place: String

  init(_ values: [String: JSON], place: String) {
    self.values = values
    self.place = place
  }

  /// Whether the attribute is there and not null.
  func has(_ name: String) -> Bool {
    if case .null = values[name] ?? .null { false } else { true }
  }

  func number(_ name: String) throws(CaseError) -> Double {
    guard let number = try value(name).double else { throw wrong(name, "a number") }
    return number
  }

  func integer(_ name: String) throws(CaseError) -> Int {
    guard let number = try value(name).integer else { throw wrong(name, "a whole number") }
    return number
  }

  func flag(_ name: String) throws(CaseError) -> Bool {
    guard case .flag(let flag) = try value(name) else { throw wrong(name, "true or false") }
    return flag
  }

  func text(_ name: String) throws(CaseError) -> String {
    guard case .text(let text) = try value(name) else { throw wrong(name, "text") }
    return text
  }

  /// A list of whole numbers; a single one stands for a list of one.
  func integers(_ name: String) throws(CaseError) -> [Int] {
    switch try value(name) {
    case .number(let number):
      if let integer = Int(exactly: number) { return [integer] }
    case .list(let list):
      let numbers = list.compactMap(\.integer)
      if numbers.count == list.count { return numbers }
    default: break
    }
    throw wrong(name, "a list of whole numbers")
  }

  /// A list of numbers.
  func numbers(_ name: String) throws(CaseError) -> [Double] {
    guard case .list(let list) = try value(name) else { throw wrong(name, "a list of numbers") }
    let numbers = list.compactMap(\.double)
    if numbers.count != list.count { throw wrong(name, "a list of numbers") }
    return numbers
  }

  /// A list of whole numbers, of which any may be null.
  func optionalIntegers(_ name: String) throws(CaseError) -> [Int?] {
    guard case .list(let list) = try value(name) else { throw wrong(name, "a list") }
    return list.map(\.integer)
  }

  func optionalNumber(_ name: String) throws(CaseError) -> Double? {
    has(name) ? try number(name) : nil
  }

  func optionalInteger(_ name: String) throws(CaseError) -> Int? {
    has(name) ? try integer(name) : nil
  }

  /// Whether the attribute is a list.
  func isList(_ name: String) -> Bool { if case .list = values[name] { true } else { false } }

  private func value(_ name: String) throws(CaseError) -> JSON {
    guard let value = values[name] else {
      let names = values.keys.sorted().joined(separator: ", ")
      throw CaseError(
        "\(place): expected an attribute '\(name)', found \(names.isEmpty ? "none" : "only \(names)")"
      )
    }
    return value
  }

  private func wrong(_ name: String, _ expected: String) -> CaseError {
    CaseError(
      "\(place): expected \(expected) as attribute '\(name)', found \(values[name] ?? .null)")
  }
}

/// A case that is not as the format says: one sentence.
package struct CaseError: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}
