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

  init(_ weight: Value, isPacked: Bool) {
    self.weight = weight
    guard isPacked else {
      packed = nil
      return
    }
    let (rows, columns) = (weight.shape[0], weight.shape[1])
    let table = Scalar.kernels
    let target = Value(Scalar.scalarType, [table.packedCount(rows, columns)])
    table.pack(
      weight.pointer(), weight.strides[0], weight.strides[1], rows, columns, target.pointer())
    packed = target
  }

  /// `[rows, k] x weight` for contiguous rows.
  func product(
    rows: Int, _ a: UnsafePointer<Scalar>, into c: UnsafeMutablePointer<Scalar>,
    accumulate: Bool, bias: UnsafePointer<Scalar>?
  ) -> MatrixProduct<Scalar> {
    let (k, n) = (weight.shape[0], weight.shape[1])
    return MatrixProduct(
      m: rows, n: n, k: k, a: a, aRow: k, aColumn: 1,
      b: weight.pointer(), bRow: weight.strides[0], bColumn: weight.strides[1], c: c, cRow: n,
      accumulate: accumulate, bias: bias,
      packed: packed.map { UnsafePointer($0.pointer(Scalar.self)) })
  }
}
