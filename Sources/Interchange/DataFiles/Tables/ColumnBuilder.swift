/// A column while its fields are read: the narrowest type that holds all of them, and the values.
///
/// Whole numbers become numbers where one is not whole or is missing, and everything becomes text where
/// a field is nothing else. What its earlier fields looked like is then gone: the column is not
/// complete, and has to be read a second time, as text.
struct ColumnBuilder {
  /// What the fields so far have in common.
  private enum State {
    /// All are missing.
    case missing
    case integers, numbers, truths, texts
    /// Texts of which some were read as something else.
    case incomplete
    /// Nobody asks for the fields.
    case passed
  }

  let name: String
  private var state: State
  /// Whether the type is not to be found out, but was told.
  private let isTold: Bool
  /// About how many rows there are.
  private let capacity: Int
  // One of them has a value for each row.
  private var integers: [Int] = []
  private var numbers: [Double] = []
  private var truths: [Bool?] = []
  private var texts: [String?] = []
  /// Rows of which all values are missing.
  private var missingCount = 0

  /// A column without values.
  ///
  /// - Parameters:
  ///   - kind: its type; nil to find it out.
  ///   - capacity: about how many rows there are.
  init(_ name: String, _ kind: Table.Kind?, capacity: Int) {
    self.name = name
    self.capacity = capacity
    isTold = kind != nil
    state = .missing
    switch kind {
    case .integer: begin(.integers)
    case .number: begin(.numbers)
    case .truth: begin(.truths)
    case .text: begin(.texts)
    case nil: break
    }
  }

  /// One whose fields are passed over.
  init(passing name: String) {
    self.init(name, nil, capacity: 0)
    state = .passed
  }

  /// Whether the column has to be read a second time, as text.
  var isIncomplete: Bool { state == .incomplete }

  /// The values; a column in which all are missing is one of numbers.
  consuming func finish() -> Table.Values {
    switch state {
    case .integers: .integers(integers)
    case .truths: .truths(truths)
    case .texts: .texts(texts)
    case .numbers: .numbers(numbers)
    case .missing, .incomplete, .passed:
      .numbers(Array(repeating: .nan, count: missingCount))
    }
  }

  /// Takes the next field.
  @inline(__always)
  mutating func take(
    _ reader: inout FieldReader, _ missing: MissingFields
  ) throws(DataFileError) {
    switch state {
    case .integers:
      if let integer = reader.integer() { return integers.append(integer) }
    case .numbers:
      if let number = reader.number() { return numbers.append(number) }
    case .missing, .truths, .texts, .incomplete, .passed: break
    }
    try takeField(&reader, missing)
  }

  /// Takes a field that is not, without looking twice, what the column has.
  @inline(never)
  private mutating func takeField(
    _ reader: inout FieldReader, _ missing: MissingFields
  ) throws(DataFileError) {
    let field = try reader.field()
    switch state {
    case .passed, .incomplete: return
    case .texts: return try takeText(field, reader, missing)
    case .missing, .integers, .numbers, .truths: break
    }
    let value = FieldValue(field, reader, missing)
    if !take(value) { try widen(by: value, field, reader, missing) }
  }

  private mutating func takeText(
    _ field: Field, _ reader: FieldReader, _ missing: MissingFields
  ) throws(DataFileError) {
    if !field.isQuoted, missing.contains(reader.content(field)) { return texts.append(nil) }
    guard let text = reader.text(field) else {
      throw reader.error("the text is not UTF-8", column: name)
    }
    texts.append(text)
  }

  /// Takes a value that the column's type holds; false where it does not.
  private mutating func take(_ value: FieldValue) -> Bool {
    switch (state, value) {
    case (.missing, .missing): missingCount += 1
    case (.integers, .integer(let integer)): integers.append(integer)
    case (.numbers, .integer(let integer)): numbers.append(Double(integer))
    case (.numbers, .number(let number)): numbers.append(number)
    case (.numbers, .missing): numbers.append(.nan)
    case (.truths, .truth(let truth)): truths.append(truth)
    case (.truths, .missing): truths.append(nil)
    default: return false
    }
    return true
  }

  /// Takes a value that asks for a wider type.
  private mutating func widen(
    by value: FieldValue, _ field: Field, _ reader: FieldReader, _ missing: MissingFields
  ) throws(DataFileError) {
    if isTold {
      throw reader.error("expected \(expected), found \(reader.quoted(field))", column: name)
    }
    switch (state, value) {
    case (.missing, .text) where missingCount == 0:
      begin(.texts)
      return try takeText(field, reader, missing)
    case (.missing, .integer) where missingCount == 0: begin(.integers)
    case (.missing, .integer), (.missing, .number):
      begin(.numbers)
      numbers.append(contentsOf: repeatElement(.nan, count: missingCount))
    case (.missing, .truth):
      begin(.truths)
      truths.append(contentsOf: repeatElement(nil, count: missingCount))
    case (.integers, .number), (.integers, .missing):
      begin(.numbers)
      numbers.append(contentsOf: integers.lazy.map { Double($0) })
      integers = []
    default:
      (integers, numbers, truths) = ([], [], [])
      state = .incomplete
      return
    }
    _ = take(value)
  }

  private mutating func begin(_ state: State) {
    self.state = state
    switch state {
    case .integers: integers.reserveCapacity(capacity)
    case .numbers: numbers.reserveCapacity(capacity)
    case .truths: truths.reserveCapacity(capacity)
    case .texts: texts.reserveCapacity(capacity)
    case .missing, .incomplete, .passed: break
    }
  }

  /// The column's type in an error's words.
  private var expected: String {
    switch state {
    case .integers: "a whole number"
    case .numbers: "a number"
    case .truths: "true or false"
    case .texts, .missing, .incomplete, .passed: "a text"
    }
  }
}
