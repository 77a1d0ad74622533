/// The scores of additive attention, `v · tanh(query + key)`, and their derivatives.
///
/// The tanh of every pair of query and key is computed where it is needed, in both directions,
/// and never stored: computing it is as fast as reading it back from beyond the cache would be.
extension VectorInstructions {
  /// `KernelSet.additiveScores`. Four keys at a time, whose tanh do not wait for each other; a
  /// key's sum is made in the same order wherever it stands.
  @inlinable
  public static func additiveScores(
    queries: UnsafePointer<Stored>, keys: UnsafePointer<Stored>, v: UnsafePointer<Stored>,
    to result: UnsafeMutablePointer<Stored>,
    queryCount: Int, keyCount: Int, size: Int
  ) {
    var query = 0
    while query < queryCount {
      let q = queries + query &* size
      let scores = result + query &* keyCount
      var key = 0
      while key &+ 4 <= keyCount {
        let k = keys + key &* size
        var (a, b, c, d) = (zero, zero, zero, zero)
        // The last lanes apart, as in the gradient.
        var offset = 0
        while offset &+ width <= size {
          let (weight, features) = (load(v + offset), load(q + offset))
          let first = k + offset
          a = fma(weight, tanh(features + load(first)), a)
          b = fma(weight, tanh(features + load(first + size)), b)
          c = fma(weight, tanh(features + load(first + 2 &* size)), c)
          d = fma(weight, tanh(features + load(first + 3 &* size)), d)
          offset &+= width
        }
        scores[key] = Stored(storing: score(a, q, k, v, offset, size))
        scores[key &+ 1] = Stored(storing: score(b, q, k + size, v, offset, size))
        scores[key &+ 2] = Stored(storing: score(c, q, k + 2 &* size, v, offset, size))
        scores[key &+ 3] = Stored(storing: score(d, q, k + 3 &* size, v, offset, size))
        key &+= 4
      }
      while key < keyCount {
        scores[key] = Stored(storing: score(zero, q, keys + key &* size, v, 0, size))
        key &+= 1
      }
      query &+= 1
    }
  }

  /// The score of one key, of which `sums` has the features before `start`.
  @inlinable @inline(__always)
  static func score(
    _ sums: Vector, _ query: UnsafePointer<Stored>, _ key: UnsafePointer<Stored>,
    _ v: UnsafePointer<Stored>, _ start: Int, _ size: Int
  ) -> Scalar {
    var sums = sums
    var offset = start
    while offset < size {
      let lanes = Swift.min(size &- offset, width)
      let sum = loadFeatures(query + offset, lanes) + loadFeatures(key + offset, lanes)
      sums = fma(loadFeatures(v + offset, lanes), tanh(sum), sums)
      offset &+= width
    }
    return fold(Join<Self>.Sum.self, sums)
  }

  /// Keys whose parts of a sum are added up one after the other.
  @inlinable @inline(__always)
  static var keysInBlock: Int { 16 }

  /// `KernelSet.additiveScoresGradient`. A vector of features at a time, so that the sums over
  /// the keys stay in registers.
  @inlinable
  public static func additiveScoresGradient(
    _ gradient: UnsafePointer<Stored>, queries: UnsafePointer<Stored>, keys: UnsafePointer<Stored>,
    v: UnsafePointer<Stored>,
    toQueries queryResult: UnsafeMutablePointer<Stored>,
    toKeys keyResult: UnsafeMutablePointer<Stored>,
    toV vResult: UnsafeMutablePointer<Stored>, queryCount: Int, keyCount: Int, size: Int
  ) {
    // Of whole vectors and of the last lanes apart: with calls for lanes in the loop, the compiler
    // takes its vectors apart.
    @inline(__always) func pass(_ offset: Int, _ lanes: Int) {
      let weight = loadFeatures(v + offset, lanes)
      var (vTotal, vExcess) = (zero, zero)
      var query = 0
      while query < queryCount {
        let row = gradient + query &* keyCount
        let features = loadFeatures(queries + (query &* size &+ offset), lanes)
        var (queryTotal, queryExcess) = (zero, zero)
        var key = 0
        while key < keyCount {
          let isFirst = key == 0
          let end = Swift.min(key &+ keysInBlock, keyCount)
          var (vSum, querySum) = (zero, zero)
          while key < end {
            let g = row[key].computed
            // Where it is 0, most often at a masked key, nothing flows, whatever the key is.
            if g != 0 {
              let place = key &* size &+ offset
              let t = tanh(features + loadFeatures(keys + place, lanes))
              let scaled = splat(g) * t
              vSum = vSum + scaled
              let slope = weight * fma(negated(scaled), t, splat(g))
              querySum = querySum + slope
              let target = keyResult + place
              storeFeatures(loadFeatures(target, lanes) + slope, target, lanes)
            }
            key &+= 1
          }
          if isFirst {
            queryTotal = querySum
          } else {
            Join<Self>.Sum.joinBlock(&queryTotal, &queryExcess, querySum)
          }
          if isFirst && query == 0 {
            vTotal = vSum
          } else {
            Join<Self>.Sum.joinBlock(&vTotal, &vExcess, vSum)
          }
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

  /// A vector, or the first lanes of one with zeros after them: they add nothing to any sum.
  @inlinable @inline(__always)
  static func loadFeatures(_ address: UnsafePointer<Stored>, _ lanes: Int) -> Vector {
    lanes == width ? load(address) : load(address, first: lanes)
  }

  @inlinable @inline(__always)
  static func storeFeatures(
    _ value: Vector, _ address: UnsafeMutablePointer<Stored>, _ lanes: Int
  ) {
    if lanes == width { store(value, address) } else { store(value, address, first: lanes) }
  }
}
