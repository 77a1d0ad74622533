/// The extents of a tensor's axes, at most eight, kept inline: making one allocates nothing.
///
/// `[]` is the shape of a tensor without axes, which holds one number.
public struct Shape: Sendable {
  /// The most axes that a tensor can have.
  public static let maximumRank = 8

  @usableFromInline var extents = PackedExtents()
  @usableFromInline var axisCount: UInt8 = 0

  /// Number of axes.
  public private(set) var rank: Int {
    @inlinable get { Int(axisCount) }
    set { axisCount = UInt8(truncatingIfNeeded: newValue) }
  }

  /// Without axes.
  @usableFromInline
  init() {}

  /// That of a matrix. A literal makes a list first.
  package init(_ rows: Int, _ columns: Int) {
    append(rows)
    append(columns)
  }

  /// That of some matrices.
  package init(_ matrices: Int, _ rows: Int, _ columns: Int) {
    append(matrices)
    append(rows)
    append(columns)
  }

  /// A shape of the given extents; traps on a negative one, or on more than eight.
  public init(_ extents: some Collection<Int>) {
    for extent in extents { append(extent) }
  }

  /// Number of elements: the product of all extents, 1 without axes.
  /// Traps where it does not fit into `Int`.
  public var elementCount: Int {
    // Two axes at a time, whose product always fits; after the last axis extents are 1.
    var count = extents[unchecked: 0] &* extents[unchecked: 1]
    if rank > 2 {
      count = times(count, extents[unchecked: 2] &* extents[unchecked: 3])
      if rank > 4 {
        count = times(count, extents[unchecked: 4] &* extents[unchecked: 5])
        count = times(count, extents[unchecked: 6] &* extents[unchecked: 7])
      }
    }
    return count
  }

  @inline(__always)
  private func times(_ count: Int, _ factor: Int) -> Int {
    let (product, overflow) = count.multipliedReportingOverflow(by: factor)
    return overflow ? overflowingCount : product
  }

  /// The number of elements where a product of some extents does not fit into `Int`.
  @inline(never)
  private var overflowingCount: Int {
    if contains(0) { return 0 }
    trap("a tensor of shape \(self) has more elements than an Int can count")
  }

  /// Adds an axis after the last.
  public mutating func append(_ extent: Int) {
    if extent < 0 || rank == Self.maximumRank { return insert(extent, at: rank) }
    extents[unchecked: rank] = extent
    axisCount &+= 1
  }

  /// Puts an axis before the one at `axis`.
  public mutating func insert(_ extent: Int, at axis: Int) {
    if extent < 0 { trap("a shape has no negative extent: \(extent) for axis \(axis) of \(self)") }
    if rank == Self.maximumRank {
      trap("a tensor has at most \(Self.maximumRank) axes: \(self) and one more")
    }
    var position = rank
    while position > axis {
      extents[position] = extents[position - 1]
      position -= 1
    }
    extents[axis] = extent
    rank += 1
  }

  /// Removes an axis.
  public mutating func remove(at axis: Int) {
    for position in axis..<(rank - 1) { extents[position] = extents[position + 1] }
    extents[rank - 1] = 1
    rank -= 1
  }

  /// The shape with the given axis' extent replaced.
  package func replacing(_ axis: Int, with extent: Int) -> Shape {
    var result = self
    result[axis] = extent
    return result
  }

  /// The shape without the given axis.
  package func removing(_ axis: Int) -> Shape {
    var result = self
    result.remove(at: axis)
    return result
  }

  /// Strides of a contiguous tensor, the last axis' being 1.
  package var contiguousStrides: Strides {
    var strides = Strides(repeating: 0)
    var step = 1
    var axis = rank - 1
    while axis >= 0 {
      strides[unchecked: axis] = step
      step &*= extents[unchecked: axis]
      axis &-= 1
    }
    return strides
  }

  /// The axis counted from the front; negative ones count from the end. An axis 0 or -1 is also
  /// valid for a shape without axes. Traps with the operation's name where there is no such axis.
  package func axis(_ axis: Int, _ operation: @autoclosure () -> String) -> Int {
    let bound = Swift.max(rank, 1)
    if axis < -bound || axis >= bound {
      trap("\(operation()): axis \(axis) of a tensor of shape \(self), which has \(rank) axes")
    }
    return axis < 0 ? axis + bound : axis
  }

  /// Axes counted from the front, in ascending order; all of them where none is named. Traps as
  /// `axis`, and where an axis is named twice. A shape without axes has none, whatever is named.
  func axes(_ axes: [Int], _ operation: @autoclosure () -> String) -> [Int] {
    if axes.isEmpty { return Array(0..<rank) }
    let positions = axes.map { axis($0, operation()) }.sorted()
    for (a, b) in zip(positions, positions.dropFirst()) where a == b {
      trap("\(operation()): axis \(a) of a tensor of shape \(self) is named twice")
    }
    return rank == 0 ? [] : positions
  }
}

/// Extents in 32 bits each: shapes stand in every tensor of a tape, and less memory is less time.
///
/// Those after a shape's last axis are 1.
@usableFromInline
struct PackedExtents: Sendable, Equatable {
  @usableFromInline var numbers = InlineArray<8, Int32>(repeating: 1)

  init() {}

  /// Compared whole: shapes are, several times an operation.
  @usableFromInline @inline(__always)
  static func == (a: PackedExtents, b: PackedExtents) -> Bool {
    let a = unsafeBitCast(a.numbers, to: SIMD4<UInt64>.self)
    let b = unsafeBitCast(b.numbers, to: SIMD4<UInt64>.self)
    return (a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2]) | (a[3] ^ b[3]) == 0
  }

  subscript(axis: Int) -> Int {
    get { Int(numbers[axis]) }
    set { numbers[axis] = Self.number(newValue) }
  }

  /// For an axis that is known to be one of the eight.
  @usableFromInline
  subscript(unchecked axis: Int) -> Int {
    @inlinable @inline(__always) get { Int(numbers[unchecked: axis]) }
    @inline(__always) set { numbers[unchecked: axis] = Self.number(newValue) }
  }

  @inline(__always)
  private static func number(_ extent: Int) -> Int32 {
    if let number = Int32(exactly: extent) { return number }
    trapTooLong(extent)
  }

  /// A function of its own, so that what sets an extent stays small.
  @inline(never)
  private static func trapTooLong(_ extent: Int) -> Never {
    trap("an axis has at most \(Int32.max) positions, not \(extent)")
  }
}

/// Distances, in elements, between neighbours along each axis.
package typealias Strides = InlineArray<8, Int>

extension Shape: RandomAccessCollection, MutableCollection {
  /// The first axis.
  public var startIndex: Int { 0 }
  /// Behind the last axis.
  public var endIndex: Int { rank }

  /// The extent of an axis, counted from the front.
  public subscript(axis: Int) -> Int {
    @inlinable
    get {
      if axis < 0 || axis >= rank { trapOutside(axis) }
      return extents[unchecked: axis]
    }
    set {
      if axis < 0 || axis >= rank { trapOutside(axis) }
      if newValue < 0 { trap("a shape has no negative extent: \(newValue)") }
      extents[unchecked: axis] = newValue
    }
  }
}

extension Shape {
  /// A function of its own, so that what looks at an extent stays small.
  @usableFromInline @inline(never)
  func trapOutside(_ axis: Int) -> Never {
    trap("axis \(axis) of shape \(self), which has \(rank) axes")
  }
}

extension Shape: Hashable {
  /// Same rank and the same extents.
  public static func == (a: Shape, b: Shape) -> Bool {
    a.axisCount == b.axisCount && a.extents == b.extents
  }

  /// Rank and extents.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(rank)
    for axis in 0..<rank { hasher.combine(extents[axis]) }
  }
}

extension Shape: ExpressibleByArrayLiteral {
  /// As in `[64, 128]`.
  ///
  /// Inlined, so that the list is not allocated.
  @inlinable @inline(__always)
  public init(arrayLiteral elements: Int...) {
    self.init()
    var axis = 0
    while axis < elements.count {
      append(elements[axis])
      axis &+= 1
    }
  }
}

extension Shape: CustomStringConvertible {
  /// As in `[64, 128]`.
  public var description: String {
    var text = "["
    for axis in 0..<rank { text += (axis > 0 ? ", " : "") + String(extents[axis]) }
    return text + "]"
  }
}

extension Shape {
  /// Where the element with a number, counted in row-major order, is: an index for each axis.
  package func position(_ element: Int) -> [Int] {
    var rest = element
    return indices.reversed().map { axis in
      defer { rest /= self[axis] }
      return rest % self[axis]
    }.reversed()
  }

  /// The shape that both broadcast to, as in NumPy: aligned at the last axis, an extent 1 is repeated.
  /// Nil where they do not fit.
  public func broadcast(with other: Shape) -> Shape? {
    if self == other { return self }
    let (long, short) = rank >= other.rank ? (self, other) : (other, self)
    var result = long
    let offset = long.rank - short.rank
    for axis in 0..<short.rank {
      let a = long.extents[axis + offset]
      let b = short.extents[axis]
      if a == b || b == 1 { continue }
      if a != 1 { return nil }
      result.extents[axis + offset] = b
    }
    return result
  }
}
