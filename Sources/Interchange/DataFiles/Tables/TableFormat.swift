extension Table {
  /// How a table lies in a text file (RFC 4180): a row a line, fields with a separator between them; a
  /// field that has a separator, a quotation mark or a line end stands in quotation marks, its own ones
  /// doubled.
  public struct Format: Sendable {
    /// What stands between two fields: one ASCII character that is neither a quotation mark nor a line
    /// end.
    public var separator: Unicode.Scalar
    /// Whether quotation marks around a field do not belong to it.
    public var hasQuotes: Bool
    /// Whether the first row names the columns. Without, they are called `column 1`, `column 2`, ...
    public var hasHeader: Bool
    /// What stands for a missing value where it is not quoted. A quoted one is a text, or missing in a
    /// column of numbers.
    public var missing: [String]

    /// How many columns there may be.
    public var columnLimit = 100_000

    /// What pandas and R write for a missing value, or nothing.
    public static let usualMissing = [
      "", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None", "<NA>",
    ]

    /// A form of one's own.
    public init(
      separator: Unicode.Scalar, hasQuotes: Bool = true, hasHeader: Bool = true,
      missing: [String] = usualMissing
    ) {
      require(
        separator.isASCII && !["\"", "\n", "\r"].contains(separator),
        "Table.Format: a separator \(String(separator).debugDescription)")
      self.separator = separator
      self.hasQuotes = hasQuotes
      self.hasHeader = hasHeader
      self.missing = missing
    }

    /// Fields with commas between them.
    public static let csv = Format(separator: ",")
    /// Fields with tabs between them.
    public static let tsv = Format(separator: "\t")
  }
}
