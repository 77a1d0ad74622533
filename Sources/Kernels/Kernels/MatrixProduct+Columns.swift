extension MatrixProduct {
  /// A multiple of the panel width of every instruction set, for `Float` and `Double`.
  @inlinable public static var columnUnit: Int { 48 }

  /// Numbers of a right operand that stay in a second-level cache from product to product.
  @inlinable public static var mostNearby: Int { 1 << 18 }

  /// A division of the columns into ranges of one width, the last of what is left.
  ///
  /// Those of a packed right operand begin where panels of every instruction set do: at multiples of
  /// `columnUnit`, but for a last one of a vector or less, whose columns share two panels with those
  /// before (see `VectorInstructions.columnsOfPanel`); so they belong to the range before.
  public struct ColumnRanges {
    /// Number of ranges; at least one.
    public let count: Int
    private let columns: Int
    private let width: Int

    /// - Parameters:
    ///   - columns: number of all columns.
    ///   - width: number of columns of a range; for a packed operand a multiple of `columnUnit`,
    ///     or all.
    public init(_ columns: Int, width: Int, isPacked: Bool) {
      self.columns = columns
      self.width = width
      let shared = isPacked ? MatrixProduct.columnUnit / 3 : 0
      count = max((columns - shared + width - 1) / width, 1)
    }

    /// The columns of a range; `index` counts from 0.
    public subscript(index: Int) -> Range<Int> {
      index * width..<(index == count - 1 ? columns : (index + 1) * width)
    }

    /// Columns of the longest.
    var longest: Int { max(self[0].count, self[count - 1].count) }
  }
}
