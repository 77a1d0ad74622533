public import Autograd
public import DataFiles

extension Tensor where Scalar: FloatingPointScalar {
  /// Columns of a table, `[rows, columns]`, each number rounded to the nearest; truth is 1.
  ///
  /// - Parameters:
  ///   - table: the table.
  ///   - names: the columns, in the order in which they are wanted; all of them unless told.
  ///   - missing: what stands for a missing value; nil where none may be missing.
  /// - Throws: `DataFileError` for a column that is not there or has texts, and for the first missing
  ///   value, with its row and column.
  public init(
    _ table: Table, columns names: [String]? = nil, missing: Scalar? = nil
  ) throws(DataFileError) {
    let names = names ?? table.names
    var columns: [[Double]] = []
    for name in names { columns.append(try table[name].numbers()) }
    var scalars = [Scalar](repeating: 0, count: table.rowCount * names.count)
    for (column, values) in columns.enumerated() {
      for (row, value) in values.enumerated() {
        if value.isNaN, missing == nil {
          throw try table[names[column]].error(
            "expected a value in row \(row + 1) of column '\(names[column])', found none")
        }
        scalars[row * names.count + column] = value.isNaN ? missing! : Scalar(value)
      }
    }
    self.init(scalars, shape: [table.rowCount, names.count])
  }
}

extension Tensor where Scalar == Int32 {
  /// A column of whole numbers, `[rows]`.
  ///
  /// - Throws: `DataFileError` for a column of others, with missing ones, or with one that has more than
  ///   32 bits.
  public init(_ column: Table.Column) throws(DataFileError) {
    let values = try column.integers()
    if let row = values.firstIndex(where: { Int32(exactly: $0) == nil }) {
      throw column.error(
        "expected whole numbers of 32 bits in column '\(column.name)', found \(values[row]) in "
          + "row \(row + 1)")
    }
    self.init(values.map { Int32(truncatingIfNeeded: $0) })
  }
}

extension Table {
  /// A matrix as a table.
  ///
  /// - Parameters:
  ///   - tensor: `[rows, columns]`
  ///   - names: of the columns.
  public init(_ tensor: Tensor<some FloatingPointScalar>, names: [String]) {
    guard tensor.rank == 2, tensor.shape[1] == names.count else {
      trap("Table: \(names.count) names for a tensor of shape \(tensor.shape)")
    }
    let scalars = tensor.scalars
    self.init(
      names.enumerated().map { column, name in
        Column(
          name,
          .numbers(
            stride(from: column, to: scalars.count, by: names.count).map { Double(scalars[$0]) }))
      })
  }
}
