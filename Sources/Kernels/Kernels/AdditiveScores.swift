/// The scores of additive attention, `v · tanh(query + key)`, and their derivatives.
///
/// The tanh of every pair of query and key is computed where it is needed, in both directions,
/// and never stored: computing it is as fast as reading it back from beyond the cache would be.
extension InstructionSet {
  /// `KernelTable.additiveScores`. Four keys at a time, whose tanh do not wait for each other; a
  /// key's sum is made in the same order wherever it stands.
  @inlinable
  public static func additiveScores(
    _ queries: UnsafePointer<Scalar>, _ keys: UnsafePointer<Scalar>, _ v: UnsafePointer<Scalar>,
    _ result: UnsafeMutablePointer<Scalar>, _ queryCount: Int, _ keyCount: Int, _ size: Int
  ) {
    var query = 0
    while query < queryCount {
      let q = queries + query &* size
      let scores = result + query &* keyCount
      var key = 0
      while key &+ 4 <= keyCount {
        let k = keys + key &* size
        var (a, b, c, d) = (zero, zero, zero, zero)
        var offset = 0
        while offset < size {
          let lanes = Swift.min(size &- offset, width)
          let weight = loadFeatures(v + offset, lanes)
          let features = loadFeatures(q + offset, lanes)
          let first = k + offset
          a = fma(weight, tanh(features + loadFeatures(first, lanes)), a)
          b = fma(weight, tanh(features + loadFeatures(first + size, lanes)), b)
          c = fma(weight, tanh(features + loadFeatures(first + 2 &* size, lanes)), c)
          d = fma(weight, tanh(features + loadFeatures(first + 3 &* size, lanes)), d)
          offset &+= width
        }
        scores[key] = fold(Join<Self>.Sum.self, a)
        scores[key &+ 1] = fold(Join<Self>.Sum.self, b)
        scores[key &+ 2] = fold(Join<Self>.Sum.self, c)
        scores[key &+ 3] = fold(Join<Self>.Sum.self, d)
        key &+= 4
      }
      while key < keyCount {
        let k = keys + key &* size
        var total = zero
        var offset = 0
        while offset < size {
          let lanes = Swift.min(size &- offset, width)
          let sum = loadFeatures(q + offset, lanes) + loadFeatures(k + offset, lanes)
          total = fma(loadFeatures(v + offset, lanes), tanh(sum), total)
          offset &+= width
        }
        scores[key] = fold(Join<Self>.Sum.self, total)
        key &+= 1
      }
      query &+= 1
    }
  }

  /// `KernelTable.additiveScoresGradient`. A vector of features at a time, so that the sums over
  /// the keys stay in registers.
  @inlinable
  public static func additiveScoresGradient(
    _ gradient: UnsafePointer<Scalar>, _ queries: UnsafePointer<Scalar>,
    _ keys: UnsafePointer<Scalar>, _ v: UnsafePointer<Scalar>,
    _ queryResult: UnsafeMutablePointer<Scalar>, _ keyResult: UnsafeMutablePointer<Scalar>,
    _ vResult: UnsafeMutablePointer<Scalar>, _ queryCount: Int, _ keyCount: Int, _ size: Int
  ) {
    // Of whole vectors and of the last lanes apart: with calls for lanes in the loop, the compiler
    // takes its vectors apart.
    @inline(__always) func pass(_ offset: Int, _ lanes: Int) {
      let weight = loadFeatures(v + offset, lanes)
      var vTotal = zero
      var query = 0
      while query < queryCount {
        let row = gradient + query &* keyCount
        let features = loadFeatures(queries + (query &* size &+ offset), lanes)
        var queryTotal = zero
        var key = 0
        while key < keyCount {
          let g = row[key]
          // Where it is 0, most often at a masked key, nothing flows, whatever the key is.
          if g != 0 {
            let place = key &* size &+ offset
            let t = tanh(features + loadFeatures(keys + place, lanes))
            let scaled = splat(g) * t
            vTotal = vTotal + scaled
            let slope = weight * fma(negated(scaled), t, splat(g))
            queryTotal = queryTotal + slope
            let target = keyResult + place
            storeFeatures(loadFeatures(target, lanes) + slope, target, lanes)
          }
          key &+= 1
        }
        storeFeatures(queryTotal, queryResult + (query &* size &+ offset), lanes)
        query &+= 1
      }
      storeFeatures(loadFeatures(vResult + offset, lanes) + vTotal, vResult + offset, lanes)
    }
    var offset = 0
    while offset &+ width <= size {
      pass(offset, width)
      offset &+= width
    }
    if offset < size { pass(offset, size &- offset) }
  }

  /// A vector, or the first lanes of one with zeros behind them: they add nothing to any sum.
  @inlinable @inline(__always)
  static func loadFeatures(_ address: UnsafePointer<Scalar>, _ lanes: Int) -> Vector {
    lanes == width ? load(address) : load(address, first: lanes)
  }

  @inlinable @inline(__always)
  static func storeFeatures(
    _ value: Vector, _ address: UnsafeMutablePointer<Scalar>, _ lanes: Int
  ) {
    if lanes == width { store(value, address) } else { store(value, address, first: lanes) }
  }
}
