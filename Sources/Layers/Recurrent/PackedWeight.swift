import Autograd
import Kernels

/// Divides a batch among the threads: whole tiles of eight rows, and enough work for each.
///
/// - Parameter work: multiply-adds for a row of the batch.
func forEachPartOfBatch(_ batch: Int, work: Int, _ body: (Range<Int>) -> Void) {
  let parts = Swift.min(Threads.count, batch * work / (1 << 17), (batch + 7) / 8)
  guard parts > 1 else { return body(0..<batch) }
  let rows = ((batch + parts - 1) / parts + 7) / 8 * 8
  Threads.parallel((batch + rows - 1) / rows) { part in
    body(part * rows..<Swift.min((part + 1) * rows, batch))
  }
}

/// The right operand of a product that every step repeats.
final class PackedWeight<Scalar: FloatingPointScalar> {
  private let weight: Value
  private let packed: Value?

  /// Numbers that take a thread some ten microseconds to lay out.
  private static var worthAThread: Int { 1 << 15 }

  init(_ weight: Value, isPacked: Bool) {
    self.weight = weight
    guard isPacked else {
      packed = nil
      return
    }
    let (rows, columns) = (weight.shape[0], weight.shape[1])
    let table = Scalar.kernels
    let target = Value(Scalar.scalarType, [table.packedCount(rows, columns)])
    let stride = weight.strides[1]
    let unit = MatrixProduct<Scalar>.columnUnit
    let parts = Swift.max(Swift.min(Threads.count, rows * columns / Self.worthAThread), 1)
    let width = (columns + parts * unit - 1) / (parts * unit) * unit
    Threads.parallel(parts) { index in
      let first = index * width
      let count = Swift.min(width, columns - first)
      guard count > 0 else { return }
      table.pack(
        weight.pointer() + first * stride, weight.strides[0], stride, rows, count,
        target.pointer() + first * rows)
    }
    packed = target
  }

  /// `[rows, k] x weight`, for contiguous rows unless they are `stride` apart.
  func product(
    rows: Int, _ a: UnsafePointer<Scalar>, stride: Int? = nil,
    into c: UnsafeMutablePointer<Scalar>, accumulate: Bool, bias: UnsafePointer<Scalar>?
  ) -> MatrixProduct<Scalar> {
    let (k, n) = (weight.shape[0], weight.shape[1])
    return MatrixProduct(
      m: rows, n: n, k: k, a: a, aRow: stride ?? k, aColumn: 1,
      b: weight.pointer(), bRow: weight.strides[0], bColumn: weight.strides[1], c: c, cRow: n,
      accumulate: accumulate, bias: bias,
      packed: packed.map { UnsafePointer($0.pointer(Scalar.self)) })
  }
}
