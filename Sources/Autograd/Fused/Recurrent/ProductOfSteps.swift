import Kernels

/// A product whose rows are those of several steps, a batch for each. Marked as `MatrixProduct` is:
/// threads work on rows of their own.
struct ProductOfSteps<Scalar: FloatingPointScalar>: @unchecked Sendable {
  // Unchecked: threads write rows of their own.
  private let product: MatrixProduct<Scalar>
  private let batch: Int
  /// From a step to the next in the left operand, whose rows of one step are `aRow` apart.
  private let step: Int

  /// - Parameter product: has a packed right operand where a batch is divided.
  init(_ product: MatrixProduct<Scalar>, batch: Int, step: Int? = nil) {
    var product = product
    // The distance of rows that are one, or of steps, means nothing.
    if batch == 1, let step { product.aRow = step }
    self.product = product
    self.batch = batch
    self.step = product.m > batch ? step ?? batch * product.aRow : batch * product.aRow
  }

  /// Computes all rows, on all threads.
  func run() {
    guard step != batch * product.aRow else {
      return product.parallel(using: Scalar.kernels)
    }
    run(0..<batch)
  }

  /// Computes some rows of each step, on this thread.
  func run(_ rows: Range<Int>) {
    let table = Scalar.kernels
    let unit = MatrixProduct<Scalar>.columnUnit
    // So many that their weights stay in a second-level cache while all steps use them.
    let width = Swift.max((1 << 16) / Swift.max(product.k, 1) / unit, 1) * unit
    let ranges = MatrixProduct<Scalar>.ColumnRanges(product.n, width: width, isPacked: true)
    for index in 0..<ranges.count {
      for first in stride(from: 0, to: product.m, by: batch) {
        var part = product.part(
          rows: first + rows.lowerBound..<first + rows.upperBound, columns: ranges[index])
        part.a = product.a + first / batch * step + rows.lowerBound * product.aRow
        table.matrixProduct(part)
      }
    }
  }
}
