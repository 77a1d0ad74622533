import Kernels

extension Compute {
  /// Where the first `count` elements of an axis in order lie. Equal elements keep their order, also
  /// when descending; NaN counts as the largest.
  ///
  /// - Returns: `Int32`, of the shape of `x` with `count` as the extent of the axis.
  package static func order(_ x: UntypedTensor, axis: Int, descending: Bool, count: Int)
    -> UntypedTensor
  {
    let x = contiguous(x)
    let result = UntypedTensor(.int32, x.shape.replacing(axis, with: count))
    let extents = extents(x.shape, axis)
    let to = result.pointer(Int32.self)
    func run<Scalar: OrderedByKey>(_: Scalar.Type) {
      let from = UnsafePointer(x.pointer(Scalar.self))
      let grain = Swift.max(elementwiseGrain / 16 / Swift.max(extents.axis, 1), 1)
      Threads.split(extents.outer * extents.inner, grain: grain) { rows in
        let sorter = RowSorter<Scalar>(
          length: extents.axis, stride: extents.inner, count: count, descending: descending)
        defer { sorter.deallocate() }
        for position in rows {
          let (outer, inner) = position.quotientAndRemainder(dividingBy: extents.inner)
          let order = sorter.sorted(from + (outer * extents.axis * extents.inner + inner))
          let target = to + (outer * count * extents.inner + inner)
          for place in 0..<count { target[place * extents.inner] = order[place] }
        }
      }
    }
    switch x.type {
    case .float: run(Float.self)
    case .double: run(Double.self)
    case .int32: run(Int32.self)
    case .uint8: run(UInt8.self)
    case .bool: wrongType("sort", x.type)
    }
    withExtendedLifetime(x) {}
    return result
  }
}

/// A number whose order is that of its key.
private protocol OrderedByKey: Comparable {
  associatedtype Key: FixedWidthInteger & UnsignedInteger
  /// Both zeros have the same, and so has whatever is no number, the largest.
  var key: Key { get }
}

/// A floating-point number whose bits have an order.
private protocol OrderedByBits: OrderedByKey, BinaryFloatingPoint {
  var bitPattern: Key { get }
}

extension OrderedByBits {
  @inline(__always)
  var key: Key {
    let bits = bitPattern
    let sign = Key(1) << (Key.bitWidth - 1)
    let isZero = bits & ~sign == 0
    return isNaN ? .max : isZero ? sign : bits & sign != 0 ? ~bits : bits | sign
  }
}

extension Float: OrderedByBits {
  fileprivate typealias Key = UInt32
}
extension Double: OrderedByBits {
  fileprivate typealias Key = UInt64
}

extension Int32: OrderedByKey {
  @inline(__always)
  fileprivate var key: UInt32 { UInt32(bitPattern: self) ^ (1 << 31) }
}

extension UInt8: OrderedByKey {
  @inline(__always)
  fileprivate var key: UInt8 { self }
}

/// Finds the order of one row after the other by keys, whole numbers in whose order elements are.
private struct RowSorter<Scalar: OrderedByKey> {
  typealias Key = Scalar.Key

  let length: Int
  /// From one element of a row to the next.
  let stride: Int
  let count: Int
  let isDescending: Bool
  private let keys: UnsafeMutablePointer<Key>
  private let otherKeys: UnsafeMutablePointer<Key>
  private let places: UnsafeMutablePointer<Int32>
  private let otherPlaces: UnsafeMutablePointer<Int32>

  init(length: Int, stride: Int, count: Int, descending: Bool) {
    self.length = length
    self.stride = stride
    self.count = count
    isDescending = descending
    keys = .allocate(capacity: 2 * length)
    otherKeys = keys + length
    places = .allocate(capacity: 2 * length)
    otherPlaces = places + length
  }

  func deallocate() {
    keys.deallocate()
    places.deallocate()
  }

  /// Where the first `count` elements of the row are, in order, equal ones as they lie.
  func sorted(_ row: UnsafePointer<Scalar>) -> UnsafeMutablePointer<Int32> {
    count <= 32 || length <= 64 ? inserted(row) : distributed(row)
  }

  /// The key of an element in the order that is asked for.
  @inline(__always)
  private func key(_ number: Scalar) -> Key { isDescending ? ~number.key : number.key }

  /// Keeps the first elements so far in order, and puts each further one where it belongs.
  private func inserted(_ row: UnsafePointer<Scalar>) -> UnsafeMutablePointer<Int32> {
    var kept = 0
    for start in Swift.stride(from: 0, to: count == 0 ? 0 : length, by: 16) {
      let block = start..<Swift.min(start + 16, length)
      if kept == count && block.count == 16 && !hasCandidate(row, start) { continue }
      for i in block {
        if kept == count && !isCandidate(row, i) { continue }
        let key = key(row[i &* stride])
        if kept == count {
          if key >= keys[count - 1] { continue }
          kept -= 1
        }
        var place = kept
        while place > 0 && key < keys[place - 1] {
          keys[place] = keys[place - 1]
          places[place] = places[place - 1]
          place -= 1
        }
        keys[place] = key
        places[place] = Int32(truncatingIfNeeded: i)
        kept += 1
      }
    }
    return places
  }

  /// Whether any of sixteen elements may come before the last that is kept; one that is no number
  /// may.
  @inline(__always)
  private func hasCandidate(_ row: UnsafePointer<Scalar>, _ start: Int) -> Bool {
    if stride != 1 { return true }
    let block = row + start
    let last = row[Int(places[count - 1])]
    return isDescending
      ? anyOfSixteen { block[$0] <= last ? 0 : 1 } : anyOfSixteen { block[$0] >= last ? 0 : 1 }
  }

  /// Without a loop, so that the compiler takes four at once.
  @inline(__always)
  private func anyOfSixteen(_ test: (Int) -> Int32) -> Bool {
    let first = test(0) | test(1) | test(2) | test(3) | test(4) | test(5) | test(6) | test(7)
    let second =
      test(8) | test(9) | test(10) | test(11) | test(12) | test(13) | test(14) | test(15)
    return first | second != 0
  }

  @inline(__always)
  private func isCandidate(_ row: UnsafePointer<Scalar>, _ i: Int) -> Bool {
    let last = row[Int(places[count - 1]) &* stride]
    return isDescending ? !(row[i &* stride] <= last) : !(row[i &* stride] >= last)
  }

  /// Distributes all elements by each byte of their keys in turn, from the lowest on.
  private func distributed(_ row: UnsafePointer<Scalar>) -> UnsafeMutablePointer<Int32> {
    var (from, to) = ((keys, places), (otherKeys, otherPlaces))
    for i in 0..<length {
      keys[i] = key(row[i &* stride])
      places[i] = Int32(truncatingIfNeeded: i)
    }
    withUnsafeTemporaryAllocation(of: Int.self, capacity: 256) { starts in
      for shift in Swift.stride(from: 0, to: Key.bitWidth, by: 8) {
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
