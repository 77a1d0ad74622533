/// Masks of softmax.
extension InstructionSet {
  /// `x` where the mask is true, elsewhere an infinitely low score.
  @inlinable @inline(__always)
  static func fillMasked(
    _ x: UnsafePointer<Scalar>, _ mask: UnsafePointer<Bool>,
    _ result: UnsafeMutablePointer<Scalar>, _ count: Int
  ) {
    var i = 0
    while i < count {
      let value = x[i]
      result[i] = mask[i] ? value : -.infinity
      i &+= 1
    }
  }

  /// Sets the masked-out entries of one row whose sum is not finite: one without any entry, or
  /// with an infinite or NaN score among those that count.
  @inlinable @inline(never)
  static func clearMasked(
    _ mask: UnsafePointer<Bool>, _ result: UnsafeMutablePointer<Scalar>, _ axis: Int,
    _ stride: Int, _ logarithm: Bool
  ) {
    var i = 0
    while i < axis {
      if !mask[i &* stride] { result[i &* stride] = logarithm ? -.infinity : 0 }
      i &+= 1
    }
  }

  /// The same for those columns, from `column` on, whose sum is not finite.
  @inlinable @inline(__always)
  static func clearMasked(
    _ mask: UnsafePointer<Bool>, _ result: UnsafeMutablePointer<Scalar>, _ axis: Int,
    _ inner: Int, _ column: Int, _ sum: Vector, _ lanes: Int, _ logarithm: Bool
  ) {
    let finite = select(less(sum, splat(.infinity)), splat(1), zero)
    guard anyTrue(equal(finite, zero)) else { return }
    var lane = 0
    while lane < lanes {
      if !sum[lane].isFinite {
        clearMasked(mask + (column &+ lane), result + (column &+ lane), axis, inner, logarithm)
      }
      lane &+= 1
    }
  }
}
