import Kernels

/// The gradient of a weight, a sum over the rows of all steps, grown stretch by stretch: the sum of
/// `gatesᵀ x`. It grows in memory that whoever makes this keeps.
struct WeightSum<Scalar: FloatingPointScalar> {
  private let start: UnsafeMutablePointer<Scalar>
  private let width: Int

  /// - Parameter gradient: where it grows, `[gates, width]`.
  init(_ gradient: borrowing UntypedTensor) {
    start = gradient.pointer()
    width = gradient.shape[1]
  }

  /// Memory for such a gradient.
  ///
  /// - Parameter isEmpty: whether nothing will be added.
  static func memory(_ shape: Shape, isEmpty: Bool) -> UntypedTensor {
    isEmpty ? Compute.filled(Scalar.scalarType, shape, 0) : UntypedTensor(Scalar.scalarType, shape)
  }

  /// The rows of a stretch that go into a sum.
  struct Rows {
    let count: Int
    /// `[count, size]`
    let x: UnsafeMutablePointer<Scalar>
    let size: Int
    /// The first of the weight's columns that they are for.
    var column = 0
    /// Whether nothing has been added yet.
    let isFirst: Bool
  }

  /// Adds what a stretch contributes by the weight of the input's side.
  func add(input gradients: GateGradients<Scalar>, _ rows: Rows) {
    let widths = gradients.widths
    add(gradients.hidden, widths.hidden, firstColumns: widths.common, at: 0, rows)
    if let last = gradients.last {
      add(last, widths.last, firstColumns: widths.last, at: widths.common, rows)
    }
  }

  /// Adds `gatesᵀ x` for `gates` of so many columns.
  func add(_ gates: UnsafeMutablePointer<Scalar>, _ columns: Int, _ rows: Rows) {
    add(gates, columns, firstColumns: columns, at: 0, rows)
  }

  /// Adds `gatesᵀ x` for the first `count` columns of `gates`, which are the weight's rows from `row`
  /// on.
  private func add(
    _ gates: UnsafeMutablePointer<Scalar>, _ columns: Int, firstColumns count: Int, at row: Int,
    _ rows: Rows
  ) {
    MatrixProduct<Scalar>(
      m: count, n: rows.size, k: rows.count, a: UnsafePointer(gates), aRow: 1,
      aColumn: columns, b: UnsafePointer(rows.x), bRow: rows.size, bColumn: 1,
      c: start + row * width + rows.column, cRow: width, accumulate: !rows.isFirst
    )
    .parallel(using: Scalar.kernels)
  }
}

/// The gradients of a cell's biases: sums of the gates' gradients over the rows of all steps.
struct BiasSums<Scalar: FloatingPointScalar>: ~Copyable {
  private let widths: GateWidths
  private let needed: (input: Bool, hidden: Bool)
  /// Nil where none is needed.
  private var sum: UntypedTensor?
  /// By how much rounding has made the sum too large; nil before there is a second stretch.
  private var excess: UntypedTensor?
  /// GRU: of what comes from the input, last block.
  private var last: UntypedTensor?
  private var lastExcess: UntypedTensor?

  /// - Parameter isEmpty: whether nothing will be added.
  init(_ widths: GateWidths, input: Bool, hidden: Bool, isEmpty: Bool) {
    self.widths = widths
    needed = (input, hidden)
    guard isEmpty, input || hidden else { return }
    sum = Compute.filled(Scalar.scalarType, [widths.hidden], 0)
    if widths.last > 0 { last = Compute.filled(Scalar.scalarType, [widths.last], 0) }
  }

  /// Adds the first rows of a stretch's gradients.
  mutating func add(_ gradients: GateGradients<Scalar>, rows: Int) {
    guard needed.input || needed.hidden else { return }
    Self.add(gradients.hidden, rows, widths.hidden, to: &sum, &excess)
    if let gates = gradients.last { Self.add(gates, rows, widths.last, to: &last, &lastExcess) }
  }

  private static func add(
    _ gates: UnsafeMutablePointer<Scalar>, _ rows: Int, _ width: Int, to sum: inout UntypedTensor?,
    _ excess: inout UntypedTensor?
  ) {
    let part = Compute.sumOfRows(UnsafePointer(gates), rows: rows, count: width)
    guard let total = sum else {
      sum = part
      return
    }
    let surplus = excess ?? Compute.zeros(like: part)
    excess = surplus
    Scalar.kernels.addBlock(
      part.pointer(), to: total.pointer(), excess: surplus.pointer(), count: width)
    withExtendedLifetime((part, total, surplus)) {}
  }

  var hidden: UntypedTensor? { needed.hidden ? sum : nil }

  var input: UntypedTensor? {
    guard needed.input, let sum, let last else { return needed.input ? sum : nil }
    let result = Compute.copy(sum)
    result.pointer(Scalar.self).advanced(by: sum.count - last.count)
      .update(from: last.pointer(Scalar.self), count: last.count)
    return result
  }
}
