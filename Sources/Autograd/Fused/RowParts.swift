import Kernels

/// A division of rows among the threads, in ranges of one length, of which the last may be shorter.
package struct RowParts {
  private let rows: Int
  private let length: Int

  var count: Int { (rows + length - 1) / length }
  package var isDivided: Bool { count > 1 }

  /// - Parameter length: rows of a part, at least one.
  init(_ rows: Int, length: Int) {
    self.rows = rows
    self.length = length
  }

  /// - Parameter most: the number of parts, or fewer; less than one counts as one.
  init(_ rows: Int, most: Int) {
    let parts = Swift.max(most, 1)
    self.init(rows, length: Swift.max((rows + parts - 1) / parts, 1))
  }

  /// The rows of a batch: whole tiles of eight, and enough work for each thread.
  ///
  /// All that is done with a stretch of steps and does not add rows up is divided in the same way, so
  /// a thread finds what it wrote for its rows in its own caches. Processors that do not share a cache
  /// otherwise spend more time on a small cell's gates than on its arithmetic.
  ///
  /// - Parameter work: multiply-adds for a row of the batch.
  package init(batch: Int, work: Int) {
    let parts = Swift.min(Threads.count, batch * work / (1 << 17), (batch + 7) / 8)
    self.init(
      batch, length: parts > 1 ? ((batch + parts - 1) / parts + 7) / 8 * 8 : Swift.max(batch, 1))
  }

  subscript(_ part: Int) -> Range<Int> { part * length..<Swift.min((part + 1) * length, rows) }

  /// Calls `body` with the rows of each part, several at a time.
  func forEach(_ body: (Range<Int>) -> Void) {
    guard isDivided else { return body(0..<rows) }
    Threads.parallel(count) { body(self[$0]) }
  }
}
