/// `v tanh(query + key)`, element by element.
@usableFromInline
struct AdditiveElements<Set: InstructionSet>: RowElements {
  @usableFromInline let query: UnsafePointer<Set.Scalar>
  @usableFromInline let key: UnsafePointer<Set.Scalar>
  @usableFromInline let v: UnsafePointer<Set.Scalar>

  @inlinable @inline(__always)
  init(
    query: UnsafePointer<Set.Scalar>, key: UnsafePointer<Set.Scalar>, v: UnsafePointer<Set.Scalar>
  ) {
    self.query = query
    self.key = key
    self.v = v
  }

  @inlinable @inline(__always)
  func vector(_ offset: Int, _ lanes: Int) -> Set.Vector {
    let sum =
      Set.load(query + offset, lanes: lanes, else: 0)
      + Set.load(key + offset, lanes: lanes, else: 0)
    return Set.load(v + offset, lanes: lanes, else: 0) * Set.tanh(sum)
  }
}

/// The scores of additive attention, `v · tanh(query + key)`, and their derivatives.
///
/// The tanh of every pair of query and key is computed where it is needed, in both directions,
/// and never stored: computing it is as fast as reading it back from beyond the cache would be.
extension InstructionSet {
  /// `KernelTable.additiveScores`.
  @inlinable
  public static func additiveScores(
    _ queries: UnsafePointer<Scalar>, _ keys: UnsafePointer<Scalar>, _ v: UnsafePointer<Scalar>,
    _ result: UnsafeMutablePointer<Scalar>, _ queryCount: Int, _ keyCount: Int, _ size: Int
  ) {
    var pair = 0
    var query = 0
    while query < queryCount {
      let q = queries + query &* size
      var key = 0
      while key < keyCount {
        let k = keys + key &* size
        result[pair] = foldRow(
          Join.Sum.self, size, AdditiveElements<Self>(query: q, key: k, v: v))
        pair &+= 1
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
    keyResult.update(repeating: 0, count: keyCount &* size)
    @inline(__always) func pass(_ offset: Int, _ lanes: Int) {
      let weight = load(v + offset, lanes: lanes, else: 0)
      var vTotal = zero
      var query = 0
      while query < queryCount {
        let position = query &* size &+ offset
        let q = load(queries + position, lanes: lanes, else: 0)
        let row = gradient + query &* keyCount
        var queryTotal = zero
        var key = 0
        while key < keyCount {
          let g = row[key]
          // Most often a masked key: nothing flows, whatever the key is.
          if g != 0 {
            let place = key &* size &+ offset
            let t = tanh(q + load(keys + place, lanes: lanes, else: 0))
            let scaled = splat(g) * t
            vTotal = vTotal + scaled
            let slope = weight * fma(negated(scaled), t, splat(g))
            queryTotal = queryTotal + slope
            let target = keyResult + place
            store(load(target, lanes: lanes, else: 0) + slope, target, lanes: lanes)
          }
          key &+= 1
        }
        store(queryTotal, queryResult + position, lanes: lanes)
        query &+= 1
      }
      store(vTotal, vResult + offset, lanes: lanes)
    }
    let count = size
    var start = 0
    while start &+ width <= count {
      pass(start, width)
      start &+= width
    }
    if start < count { pass(start, count &- start) }
  }
}
