extension VectorInstructions {
  /// `KernelTable.rowProducts`: four rows at a time, whose sums do not wait for each other; a row's
  /// sum is made in the same order wherever it stands.
  @inlinable
  public static func rowProducts(
    _ a: UnsafePointer<Scalar>, _ aRow: Int, _ x: UnsafePointer<Scalar>,
    _ result: UnsafeMutablePointer<Scalar>, _ rows: Int, _ count: Int
  ) {
    var row = 0
    while row &+ 4 <= rows {
      let first = a + row &* aRow
      var (s0, s1, s2, s3) = (zero, zero, zero, zero)
      var offset = 0
      while offset < count {
        let lanes = Swift.min(count &- offset, width)
        let factor = loadFeatures(x + offset, lanes)
        let place = first + offset
        s0 = fma(factor, loadFeatures(place, lanes), s0)
        s1 = fma(factor, loadFeatures(place + aRow, lanes), s1)
        s2 = fma(factor, loadFeatures(place + 2 &* aRow, lanes), s2)
        s3 = fma(factor, loadFeatures(place + 3 &* aRow, lanes), s3)
        offset &+= width
      }
      result[row] = fold(Join<Self>.Sum.self, s0)
      result[row &+ 1] = fold(Join<Self>.Sum.self, s1)
      result[row &+ 2] = fold(Join<Self>.Sum.self, s2)
      result[row &+ 3] = fold(Join<Self>.Sum.self, s3)
      row &+= 4
    }
    while row < rows {
      let first = a + row &* aRow
      var sum = zero
      var offset = 0
      while offset < count {
        let lanes = Swift.min(count &- offset, width)
        sum = fma(loadFeatures(x + offset, lanes), loadFeatures(first + offset, lanes), sum)
        offset &+= width
      }
      result[row] = fold(Join<Self>.Sum.self, sum)
      row &+= 1
    }
  }
}
