import Kernels
import Synchronization

/// A parameter laid out as the right operand of products, kept from one call to the next.
///
/// Outside of a gradient a linear function has the same weight each time, and to lay it out takes as long
/// as the product with some thirty rows: a third of the time, where a sentence has 64 words. So what is
/// seen a second time with the same elements is laid out beside them, as large as they are, until they
/// change. Where a gradient is taken they will change soon, and nothing is kept.
struct KeptLayout: ~Copyable, Sendable {
  /// Numbers in the order in which a product reads them, as long as somebody has this.
  final class Layout: Sendable {
    private let memory: Workspace

    init<Scalar: FloatingPointScalar>(_ product: MatrixProduct<Scalar>) {
      memory = Workspace(
        Scalar.self, Scalar.kernels.packedCount(rows: product.k, columns: product.n))
      product.packRight(into: memory.pointer())
    }

    func pointer<Scalar>(_: Scalar.Type = Scalar.self) -> UnsafePointer<Scalar> {
      UnsafePointer(memory.pointer())
    }
  }

  /// How the elements are read as a matrix.
  private struct Reading: Equatable {
    let rows: Int
    let columns: Int
    let row: Int
    let column: Int
  }

  private struct State {
    /// How they were read last; nil before that.
    var reading: Reading?
    var layout: Layout?
  }

  /// Rows of a product for which its right operand is worth a layout of its own: fewer read it as it
  /// lies, for more its making is next to nothing.
  private static var rows: ClosedRange<Int> { 5...512 }

  private let state = Mutex(State())

  /// Whether a product is one whose right operand may be kept; of most products a few comparisons say
  /// that it is not.
  @inline(__always)
  static func mayServe<Scalar: FloatingPointScalar>(_ product: MatrixProduct<Scalar>) -> Bool {
    rows.contains(product.m) && product.k <= Compute.termsInPart && Tape.current == nil
      && !Scalar.kernels.readsInPlace(product)
  }

  /// The layout of the elements for a product; nil where they are seen so for the first time.
  func layout<Scalar: FloatingPointScalar>(for product: MatrixProduct<Scalar>) -> Layout? {
    let reading = Reading(
      rows: product.k, columns: product.n, row: product.bRow, column: product.bColumn)
    return state.withLock { state in
      guard state.reading == reading else {
        state = State(reading: reading)
        return nil
      }
      if let layout = state.layout { return layout }
      let layout = Layout(product)
      state.layout = layout
      return layout
    }
  }

  /// To be called before the elements change.
  func forget() { state.withLock { $0 = State() } }
}

extension MatrixProduct where Stored: FloatingPointScalar {
  /// Numbers that take a thread some ten microseconds to lay out.
  private static var worthAThread: Int { 1 << 15 }

  /// Lays out the right operand, by several threads if it is large enough.
  ///
  /// - Parameter target: room for `KernelSet.packedCount` numbers.
  func packRight(into target: UnsafeMutablePointer<Stored>) {
    let (rows, columns) = (k, n)
    let table = Stored.kernels
    let parts = Swift.max(Swift.min(Threads.count, rows * columns / Self.worthAThread), 1)
    if parts == 1 {
      return table.pack(b, row: bRow, column: bColumn, rows: rows, columns: columns, to: target)
    }
    let unit = Self.columnUnit
    let ranges = ColumnRanges(
      columns, width: Swift.max((columns + parts * unit - 1) / (parts * unit), 1) * unit,
      isPacked: true)
    Threads.parallel(ranges.count) { index in
      let range = ranges[index]
      table.pack(
        b + range.lowerBound * bColumn, row: bRow, column: bColumn, rows: rows,
        columns: range.count, to: target + range.lowerBound * rows)
    }
  }
}
