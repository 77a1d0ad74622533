extension VectorInstructions {
  /// `KernelSet.rowProducts`: four rows at a time, whose sums do not wait for each other; a row's
  /// sum is made in the same order wherever it stands, in blocks as other products' are.
  @inlinable
  public static func rowProducts(
    _ a: UnsafePointer<Stored>, row aRow: Int, _ x: UnsafePointer<Stored>,
    to result: UnsafeMutablePointer<Stored>, rows: Int, count: Int
  ) {
    var row = 0
    while row &+ 4 <= rows {
      let first = a + row &* aRow
      var (t0, t1, t2, t3) = (zero, zero, zero, zero)
      var (e0, e1, e2, e3) = (zero, zero, zero, zero)
      var start = 0
      while start < count {
        let end = Swift.min(start &+ BlockSize.depth, count)
        var (s0, s1, s2, s3) = (zero, zero, zero, zero)
        var offset = start
        while offset < end {
          let lanes = Swift.min(end &- offset, width)
          let factor = loadFeatures(x + offset, lanes)
          let place = first + offset
          s0 = fma(factor, loadFeatures(place, lanes), s0)
          s1 = fma(factor, loadFeatures(place + aRow, lanes), s1)
          s2 = fma(factor, loadFeatures(place + 2 &* aRow, lanes), s2)
          s3 = fma(factor, loadFeatures(place + 3 &* aRow, lanes), s3)
          offset &+= width
        }
        if start == 0 {
          (t0, t1, t2, t3) = (s0, s1, s2, s3)
        } else {
          Join<Self>.Sum.joinBlock(&t0, &e0, s0)
          Join<Self>.Sum.joinBlock(&t1, &e1, s1)
          Join<Self>.Sum.joinBlock(&t2, &e2, s2)
          Join<Self>.Sum.joinBlock(&t3, &e3, s3)
        }
        start = end
      }
      result[row] = Stored(storing: fold(Join<Self>.Sum.self, t0))
      result[row &+ 1] = Stored(storing: fold(Join<Self>.Sum.self, t1))
      result[row &+ 2] = Stored(storing: fold(Join<Self>.Sum.self, t2))
      result[row &+ 3] = Stored(storing: fold(Join<Self>.Sum.self, t3))
      row &+= 4
    }
    while row < rows {
      let first = a + row &* aRow
      var (total, excess) = (zero, zero)
      var start = 0
      while start < count {
        let end = Swift.min(start &+ BlockSize.depth, count)
        var sum = zero
        var offset = start
        while offset < end {
          let lanes = Swift.min(end &- offset, width)
          sum = fma(loadFeatures(x + offset, lanes), loadFeatures(first + offset, lanes), sum)
          offset &+= width
        }
        if start == 0 {
          total = sum
        } else {
          Join<Self>.Sum.joinBlock(&total, &excess, sum)
        }
        start = end
      }
      result[row] = Stored(storing: fold(Join<Self>.Sum.self, total))
      row &+= 1
    }
  }
}
