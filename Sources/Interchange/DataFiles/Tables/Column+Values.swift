extension Table.Column {
  /// The values as numbers: whole numbers are rounded to the nearest, truth is 1, what is missing NaN.
  ///
  /// - Throws: `DataFileError` for a column of texts.
  public func numbers() throws(DataFileError) -> [Double] {
    switch values {
    case .integers(let values): return values.map { Double($0) }
    case .numbers(let values): return values
    case .truths(let values): return values.map { $0.map { $0 ? 1 : 0 } ?? .nan }
    case .texts: throw unexpected("numbers")
    }
  }

  /// The values as whole numbers.
  ///
  /// - Throws: `DataFileError` for a column with others, or with missing ones.
  public func integers() throws(DataFileError) -> [Int] {
    guard case .integers(let values) = values else { throw unexpected("whole numbers") }
    return values
  }

  /// The values as truth values, of which none is missing.
  ///
  /// - Throws: `DataFileError` for a column with others, or with missing ones.
  public func truths() throws(DataFileError) -> [Bool] {
    guard case .truths(let values) = values else { throw unexpected("truth values") }
    return try present(values)
  }

  /// The values as texts, of which none is missing.
  ///
  /// - Throws: `DataFileError` for a column with others, or with missing ones.
  public func texts() throws(DataFileError) -> [String] {
    guard case .texts(let values) = values else { throw unexpected("texts") }
    return try present(values)
  }

  /// The values as numbers of classes: for each row the place of its value among all different ones, in
  /// the order of texts, numbers or truth values.
  ///
  /// - Returns: for each row, the place of its value in `names`; and the values as texts.
  /// - Throws: `DataFileError` for a column of numbers that are not whole, or with missing values.
  public func classes() throws(DataFileError) -> (labels: [Int32], names: [String]) {
    switch values {
    case .integers(let values): return Self.classes(values)
    case .texts(let values): return Self.classes(try present(values))
    case .truths(let values):
      let (labels, names) = Self.classes(try present(values).map { $0 ? 1 : 0 })
      return (labels, names.map { $0 == "1" ? "true" : "false" })
    case .numbers: throw unexpected("texts or whole numbers")
    }
  }

  private static func classes<Value: Hashable & Comparable & CustomStringConvertible>(
    _ values: [Value]
  ) -> ([Int32], [String]) {
    let names = Set(values).sorted()
    let places = Dictionary(uniqueKeysWithValues: zip(names, 0..<Int32(clamping: names.count)))
    return (values.map { places[$0]! }, names.map(\.description))
  }

  private func present<Value>(_ values: [Value?]) throws(DataFileError) -> [Value] {
    if let row = values.firstIndex(where: { $0 == nil }) {
      throw error("expected a value in row \(row + 1) of column '\(name)', found none")
    }
    return values.map { $0! }
  }

  private func unexpected(_ expected: String) -> DataFileError {
    error("expected \(expected) in column '\(name)', found \(values.kind.phrase)")
  }
}
