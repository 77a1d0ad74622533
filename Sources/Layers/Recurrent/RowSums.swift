import Autograd
import Kernels

/// The gradient of a weight, a sum over the rows of all steps, grown stretch by stretch: the sum of
/// `gatesᵀ x`.
struct WeightSum<Scalar: FloatingPointScalar> {
  /// `[gates, width]`
  let value: Value

  /// - Parameter isEmpty: whether nothing will be added.
  init(_ shape: Shape, isEmpty: Bool) {
    value =
      isEmpty ? Compute.filled(Scalar.scalarType, shape, 0) : Value(Scalar.scalarType, shape)
  }

  /// Adds what some rows contribute to some columns.
  ///
  /// - Parameters:
  ///   - gates: `[rows, gates]`
  ///   - x: `[rows, size]`
  ///   - column: the first of the columns.
  ///   - isFirst: whether nothing has been added yet.
  func add(
    _ gates: UnsafeMutablePointer<Scalar>, _ x: UnsafeMutablePointer<Scalar>, rows: Int,
    size: Int, column: Int = 0, isFirst: Bool
  ) {
    let (count, width) = (value.shape[0], value.shape[1])
    MatrixProduct<Scalar>(
      m: count, n: size, k: rows, a: UnsafePointer(gates), aRow: 1, aColumn: count,
      b: UnsafePointer(x), bRow: size, bColumn: 1, c: value.pointer() + column, cRow: width,
      accumulate: !isFirst
    )
    .parallel(using: Scalar.kernels.matrixProduct)
  }
}

/// The gradients of a cell's biases: sums of the gates' gradients over the rows of all steps.
struct BiasSums {
  let kind: RecurrentCellKind
  let needed: (input: Bool, hidden: Bool)
  private var sum: Value?
  private var hiddenSum: Value?

  init(_ kind: RecurrentCellKind, _ type: ScalarType, gates: Int, input: Bool, hidden: Bool) {
    self.kind = kind
    needed = (input, hidden)
    if input || hidden && kind != .gru { sum = Compute.filled(type, [gates], 0) }
    if hidden && kind == .gru { hiddenSum = Compute.filled(type, [gates], 0) }
  }

  /// Adds some rows of both sides' gates, which differ for a GRU only.
  func add(_ gates: Value, _ hiddenGates: Value, rows: Int) {
    for (side, sum) in [(gates, sum), (hiddenGates, hiddenSum)] {
      guard let sum else { continue }
      let part = Compute.reduce(.sum, side.viewed(as: [rows, side.shape[1]]), axis: 0)
      Compute.add(part, into: sum)
    }
  }

  var input: Value? { needed.input ? sum : nil }
  var hidden: Value? { needed.hidden ? kind == .gru ? hiddenSum : sum : nil }
}
