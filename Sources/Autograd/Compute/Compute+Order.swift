import Kernels

extension Compute {
  /// Where the first `count` elements of an axis in order lie. Equal elements keep their order, also
  /// when descending; NaN counts as the largest.
  ///
  /// - Returns: `Int32`, of the shape of `x` with `count` as the extent of the axis.
  package static func order(_ x: Value, axis: Int, descending: Bool, count: Int) -> Value {
    let x = contiguous(x)
    let result = Value(.int32, x.shape.replacing(axis, with: count))
    let extents = extents(x.shape, axis)
    let to = result.pointer(Int32.self)
    func run<Scalar, Key: FixedWidthInteger & UnsignedInteger>(
      _ bits: (Scalar) -> (Key, isNaN: Bool)
    ) {
      let from = UnsafePointer(x.pointer(Scalar.self))
      let grain = Swift.max(elementwiseGrain / 16 / Swift.max(extents.axis, 1), 1)
      Threads.split(extents.outer * extents.inner, grain: grain) { rows in
        let sorter = RowSorter<Key>(length: extents.axis, count: count)
        defer { sorter.deallocate() }
        for position in rows {
          let (outer, inner) = position.quotientAndRemainder(dividingBy: extents.inner)
          let row = from + (outer * extents.axis * extents.inner + inner)
          for i in 0..<extents.axis {
            let (pattern, isNaN) = bits(row[i * extents.inner])
            sorter.keys[i] = RowSorter.key(pattern, isNaN: isNaN, descending: descending)
          }
          let order = sorter.sorted()
          let target = to + (outer * count * extents.inner + inner)
          for place in 0..<count { target[place * extents.inner] = order[place] }
        }
      }
    }
    switch x.type {
    case .float: run { (x: Float) in (x.bitPattern, x.isNaN) }
    case .double: run { (x: Double) in (x.bitPattern, x.isNaN) }
    default: wrongType("sort", x.type)
    }
    withExtendedLifetime(x) {}
    return result
  }
}

/// Finds the order of one row after the other by keys, whole numbers in whose order elements are.
private struct RowSorter<Key: FixedWidthInteger & UnsignedInteger> {
  let length: Int
  let count: Int
  /// The keys of the row, to be filled; sorting leaves others.
  let keys: UnsafeMutablePointer<Key>
  private let otherKeys: UnsafeMutablePointer<Key>
  private let places: UnsafeMutablePointer<Int32>
  private let otherPlaces: UnsafeMutablePointer<Int32>

  init(length: Int, count: Int) {
    self.length = length
    self.count = count
    keys = .allocate(capacity: 2 * length)
    otherKeys = keys + length
    places = .allocate(capacity: 2 * length)
    otherPlaces = places + length
  }

  func deallocate() {
    keys.deallocate()
    places.deallocate()
  }

  /// The key of a floating-point number: both zeros have the same, and so has whatever is no number,
  /// the largest.
  @inline(__always)
  static func key(_ bits: Key, isNaN: Bool, descending: Bool) -> Key {
    let sign = Key(1) << (Key.bitWidth - 1)
    let isZero = bits & ~sign == 0
    let rising = isNaN ? .max : isZero ? sign : bits & sign != 0 ? ~bits : bits | sign
    return descending ? ~rising : rising
  }

  /// Where the `count` smallest keys are, in order, equal ones in the order in which they lie.
  func sorted() -> UnsafeMutablePointer<Int32> {
    if count <= 32 || length <= 64 { return inserted() }
    return distributed()
  }

  /// Keeps the smallest keys so far in order, and puts each further one where it belongs.
  private func inserted() -> UnsafeMutablePointer<Int32> {
    var kept = 0
    for i in 0..<length {
      let key = keys[i]
      if kept == count {
        if count == 0 || key >= otherKeys[count - 1] { continue }
        kept -= 1
      }
      var place = kept
      while place > 0 && key < otherKeys[place - 1] {
        otherKeys[place] = otherKeys[place - 1]
        places[place] = places[place - 1]
        place -= 1
      }
      otherKeys[place] = key
      places[place] = Int32(truncatingIfNeeded: i)
      kept += 1
    }
    return places
  }

  /// Distributes all keys by each of their bytes in turn, from the lowest on.
  private func distributed() -> UnsafeMutablePointer<Int32> {
    var (from, to) = ((keys, places), (otherKeys, otherPlaces))
    for i in 0..<length { places[i] = Int32(truncatingIfNeeded: i) }
    withUnsafeTemporaryAllocation(of: Int.self, capacity: 256) { starts in
      for shift in stride(from: 0, to: Key.bitWidth, by: 8) {
        starts.update(repeating: 0)
        for i in 0..<length { starts[Int(truncatingIfNeeded: (from.0[i] >> shift) & 255)] += 1 }
        // A byte that all keys share moves none.
        if starts[Int(truncatingIfNeeded: (from.0[0] >> shift) & 255)] == length { continue }
        var start = 0
        for byte in 0..<256 { (starts[byte], start) = (start, start + starts[byte]) }
        for i in 0..<length {
          let key = from.0[i]
          let byte = Int(truncatingIfNeeded: (key >> shift) & 255)
          to.0[starts[byte]] = key
          to.1[starts[byte]] = from.1[i]
          starts[byte] += 1
        }
        swap(&from, &to)
      }
    }
    return from.1
  }
}
