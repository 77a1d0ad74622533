import Kernels

/// A division of a batch among the threads: whole tiles of eight rows, and enough work for each.
///
/// All that is done with a stretch of steps and does not add rows up is divided in the same way, so
/// a thread finds what it wrote for its rows in its own caches. Processors that do not share a cache
/// otherwise spend more time on a small cell's gates than on its arithmetic.
struct BatchParts {
  private let batch: Int
  /// Rows of each part but the last, which may have fewer.
  private let rows: Int

  var count: Int { (batch + rows - 1) / rows }
  var isDivided: Bool { count > 1 }

  /// - Parameter work: multiply-adds for a row of the batch.
  init(_ batch: Int, work: Int) {
    self.batch = batch
    let parts = Swift.min(Threads.count, batch * work / (1 << 17), (batch + 7) / 8)
    rows = parts > 1 ? ((batch + parts - 1) / parts + 7) / 8 * 8 : Swift.max(batch, 1)
  }

  subscript(_ part: Int) -> Range<Int> { part * rows..<Swift.min((part + 1) * rows, batch) }

  /// Calls `body` with the rows of each part, several at a time.
  func forEach(_ body: (Range<Int>) -> Void) {
    guard isDivided else { return body(0..<batch) }
    Threads.parallel(count) { body(self[$0]) }
  }
}

/// A product whose rows are those of several steps, a batch for each.
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
