/// Columns of equally many values, each with a name and a type, such as a CSV file holds.
///
/// ```swift
/// let table = try Table(contentsOf: "iris.csv")
/// print(table)  // 150 rows: width (number), height (number), species (text)
/// let widths = try table["width"].numbers()
/// let (labels, names) = try table["species"].classes()
/// ```
public struct Table: Sendable, CustomStringConvertible {
  /// What the values of a column are.
  public enum Kind: String, Sendable {
    /// Whole numbers of 64 bits; none is missing.
    case integer
    /// Numbers.
    case number
    /// `true` and `false`, also in the spelling of Python (`True`) and R (`TRUE`).
    case truth
    /// Anything else.
    case text

    /// Values of it in an error's words.
    package var phrase: String {
      switch self {
      case .integer: "whole numbers"
      case .number: "numbers"
      case .truth: "truth values"
      case .text: "texts"
      }
    }
  }

  /// The values of a column.
  public enum Values: Sendable {
    /// Whole numbers.
    case integers([Int])
    /// Numbers; NaN is a missing one.
    case numbers([Double])
    /// Truth values; nil is a missing one.
    case truths([Bool?])
    /// Texts; nil is a missing one.
    case texts([String?])

    /// How many there are.
    public var count: Int {
      switch self {
      case .integers(let values): values.count
      case .numbers(let values): values.count
      case .truths(let values): values.count
      case .texts(let values): values.count
      }
    }

    /// What they are.
    public var kind: Kind {
      switch self {
      case .integers: .integer
      case .numbers: .number
      case .truths: .truth
      case .texts: .text
      }
    }
  }

  /// A name with its values.
  public struct Column: Sendable {
    /// What stands in the header.
    public let name: String
    /// One for each row.
    public let values: Values
    /// How errors name the file that the column was read from.
    let file: String

    /// A column that is at hand.
    public init(_ name: String, _ values: Values) { self.init(name, values, file: "table") }

    package init(_ name: String, _ values: Values, file: String) {
      self.name = name
      self.values = values
      self.file = file
    }

    /// The error that a value is not what somebody expects of it.
    package func error(_ problem: String) -> DataFileError {
      .invalid(file: file, problem: problem)
    }
  }

  /// The columns in the order of the file.
  public let columns: [Column]
  /// Values of each column.
  public let rowCount: Int
  /// How errors name the file.
  let file: String

  /// Columns that are at hand; such of different lengths, or two of one name, are a programming error
  /// and trap.
  public init(_ columns: [Column]) { self.init(columns, file: "table") }

  package init(_ columns: [Column], file: String) {
    let count = columns.first?.values.count ?? 0
    for column in columns where column.values.count != count {
      fatalError(
        "Table: \(column.values.count) values of '\(column.name)', and \(count) of "
          + "'\(columns[0].name)'")
    }
    var names: Set<String> = []
    for column in columns {
      require(
        names.insert(column.name).inserted, "Table: two columns are called '\(column.name)'")
    }
    self.columns = columns
    self.file = file
    rowCount = count
  }

  /// The names of the columns.
  public var names: [String] { columns.map(\.name) }

  /// The column of a name.
  ///
  /// - Throws: `DataFileError` where the file has none of that name.
  public subscript(_ name: String) -> Column {
    get throws(DataFileError) {
      if let column = columns.first(where: { $0.name == name }) { return column }
      throw Self.missingColumn(name, among: names, file: file)
    }
  }

  static func missingColumn(_ name: String, among names: [String], file: String) -> DataFileError {
    let found = names.prefix(20).map { "'\($0)'" }.joined(separator: ", ")
    return .invalid(
      file: file, problem: "expected a column '\(name)', found \(names.isEmpty ? "none" : found)")
  }

  /// As in `150 rows: width (number), species (text)`.
  public var description: String {
    let columns = columns.map { "\($0.name) (\($0.values.kind))" }
    return "\(rowCount) rows: \(columns.joined(separator: ", "))"
  }
}
