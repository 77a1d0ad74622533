import DataFiles

/// A value of JSON that is neither a list nor an object.
enum JSONScalar: Decodable {
  case null
  case truth(Bool)
  case integer(Int)
  case number(Double)
  case text(String)

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let text = try? container.decode(String.self) {
      // Before numbers, of which some may be written as texts.
      self = .text(text)
    } else if let number = try? container.decode(Double.self) {
      let integer = number == number.rounded() ? try? container.decode(Int.self) : nil
      self = integer.map { .integer($0) } ?? .number(number)
    } else {
      self = .truth(try container.decode(Bool.self))
    }
  }

  /// The type of a column with the value; nil for one of any type.
  var kind: Table.Kind? {
    switch self {
    case .null: nil
    case .truth: .truth
    case .integer: .integer
    case .number: .number
    case .text: .text
    }
  }
}

/// The values of one key.
struct JSONColumn {
  private var kind: Table.Kind?
  /// Those of the first rows; what follows is missing.
  private var scalars: [JSONScalar] = []
  private var hasMissing = false

  /// Adds the value of a row; those of rows that were passed over are missing.
  ///
  /// - Returns: the type of the values before, if the value does not have it.
  mutating func add(_ value: JSONScalar, row: Int) -> Table.Kind? {
    if row > scalars.count || value.kind == nil { hasMissing = true }
    scalars.append(contentsOf: repeatElement(.null, count: row - scalars.count))
    scalars.append(value)
    switch (kind, value.kind) {
    case (let known, nil): kind = known
    case (nil, let new): kind = new
    case (.integer, .number): kind = .number
    case (.number, .integer): break
    case (let known, let new): return known == new ? nil : known
    }
    return nil
  }

  /// The values of so many rows, at least those that were added.
  func values(rows: Int) -> Table.Values {
    let all = scalars + repeatElement(.null, count: rows - scalars.count)
    switch kind {
    case .truth: return .truths(all.map { if case .truth(let value) = $0 { value } else { nil } })
    case .text: return .texts(all.map { if case .text(let value) = $0 { value } else { nil } })
    case .integer where !hasMissing && scalars.count == rows:
      return .integers(all.map { if case .integer(let value) = $0 { value } else { 0 } })
    case .integer, .number, nil:
      return .numbers(
        all.map {
          switch $0 {
          case .integer(let value): Double(value)
          case .number(let value): value
          case .null, .truth, .text: .nan
          }
        })
    }
  }
}
