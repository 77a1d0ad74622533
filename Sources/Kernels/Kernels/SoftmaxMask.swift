/// Masks of softmax.
extension VectorInstructions {
  /// `x` where the mask is true, elsewhere an infinitely low score.
  @inlinable @inline(never)
  static func fillMasked(
    _ x: UnsafePointer<Stored>, _ mask: UnsafePointer<Bool>,
    _ result: UnsafeMutablePointer<Stored>, _ count: Int
  ) {
    var i = 0
    while i < count {
      let value = x[i]
      result[i] = mask[i] ? value : Stored(storing: -.infinity)
      i &+= 1
    }
  }

  /// Sets the masked-out entries once more: where a sum is not finite, because a row has no entry
  /// at all or an infinite or NaN score among those that count, they have become NaN.
  @inlinable @inline(never)
  static func clearMasked(
    _ mask: UnsafePointer<Bool>, _ result: UnsafeMutablePointer<Stored>, _ count: Int,
    _ logarithm: Bool
  ) {
    let absent = Stored(storing: logarithm ? -.infinity : 0)
    var i = 0
    while i < count {
      let value = result[i]
      result[i] = mask[i] ? value : absent
      i &+= 1
    }
  }
}
