/// What softmax does with the exponentials, as a type for the same reason as `VectorFunction`.
@usableFromInline
protocol SoftmaxKind {
  /// Whether the result is the logarithm of the weights.
  static var isLogarithm: Bool { get }
}

/// The weights themselves.
@usableFromInline
enum Weights: SoftmaxKind {
  @inlinable @inline(__always)
  static var isLogarithm: Bool { false }
}

/// The logarithms of the weights.
@usableFromInline
enum LogWeights: SoftmaxKind {
  @inlinable @inline(__always)
  static var isLogarithm: Bool { true }
}

/// `exp(x - highest)`; unless it is for the logarithm it leaves a copy at `result`.
@usableFromInline
struct Exponentials<Set: VectorInstructions, Kind: SoftmaxKind>: RowElements {
  @usableFromInline let x: UnsafePointer<Set.Stored>
  @usableFromInline let highest: Set.Vector
  @usableFromInline let result: UnsafeMutablePointer<Set.Stored>

  @inlinable @inline(__always)
  init(
    _ x: UnsafePointer<Set.Stored>, _ highest: Set.Vector,
    _ result: UnsafeMutablePointer<Set.Stored>
  ) {
    self.x = x
    self.highest = highest
    self.result = result
  }

  @inlinable @inline(__always)
  func vector(_ offset: Int, _ lanes: Int) -> Set.Vector {
    let scores = Set.load(x + offset, lanes: lanes, else: -.infinity)
    let value = Set.expOfScore(scores - highest)
    if !Kind.isLogarithm { Set.store(value, result + offset, lanes: lanes) }
    return value
  }

  /// The result, once the sums of the exponentials are known: `scale` is their reciprocal or
  /// their logarithm.
  @inlinable @inline(__always)
  func finish(_ scale: Set.Vector, _ offset: Int, _ lanes: Int) {
    if Kind.isLogarithm {
      let shifted = Set.load(x + offset, lanes: lanes, else: 0) - highest
      Set.store(shifted - scale, result + offset, lanes: lanes)
    } else {
      let value = Set.load(UnsafePointer(result + offset), lanes: lanes, else: 0)
      Set.store(value * scale, result + offset, lanes: lanes)
    }
  }

  @inlinable @inline(__always)
  static func scale(_ sum: Set.Vector) -> Set.Vector {
    Kind.isLogarithm ? Set.log(sum) : Set.splat(1) / sum
  }

  @inlinable @inline(__always)
  static func scale(ofRow sum: Set.Scalar) -> Set.Scalar {
    Kind.isLogarithm ? logarithm(sum) : 1 / sum
  }

  /// A function of its own, and of one number: a call that hands vectors over makes the compiler take
  /// apart those of its caller.
  @inlinable @inline(never)
  static func logarithm(_ x: Set.Scalar) -> Set.Scalar { Set.log(Set.splat(x))[0] }
}

/// `exp(x - highest)` of all elements but the highest.
///
/// Where the highest has most of the weight, the sum of all exponentials has lost the digits of the
/// others beside its 1. Below `mostAlone` it can have one 1 only; then the sum of the others is made
/// anew, and the logarithm of their sum and 1 is right however small they are. That is frequent in
/// a trained model only, and costs as much as the sum of all.
@usableFromInline
struct OtherExponentials<Set: VectorInstructions>: RowElements {
  @usableFromInline let x: UnsafePointer<Set.Stored>
  @usableFromInline let highest: Set.Vector

  @inlinable @inline(__always)
  init(_ x: UnsafePointer<Set.Stored>, _ highest: Set.Vector) {
    self.x = x
    self.highest = highest
  }

  @inlinable @inline(__always)
  static var mostAlone: Set.Scalar { 1.5 }

  @inlinable @inline(__always)
  func vector(_ offset: Int, _ lanes: Int) -> Set.Vector {
    let scores = Set.load(x + offset, lanes: lanes, else: -.infinity)
    // Not `expOfScore`, which is 0 where the result is below the normal numbers.
    let exponentials = Set.expBelowOverflow(scores - highest)
    return Set.select(Set.equal(scores, highest), Set.zero, exponentials)
  }

  /// The logarithm of the sum of a contiguous row's exponentials, the highest's 1 among them.
  @inlinable @inline(never)
  static func logarithmOfRow(
    _ x: UnsafePointer<Set.Stored>, _ highest: Set.Scalar, _ count: Int
  ) -> Set.Scalar {
    let others = Self(x, Set.splat(highest))
    return Set.log1p(Set.splat(Set.foldRow(Join.Sum.self, count, others)))[0]
  }
}

/// Softmax and log-softmax along an axis.
extension VectorInstructions {
  /// `KernelSet.softmax`.
  @inlinable
  public static func softmax(
    _ x: UnsafePointer<Stored>, mask: UnsafePointer<Bool>?,
    to result: UnsafeMutablePointer<Stored>, _ extents: Extents, logarithm: Bool
  ) {
    if logarithm {
      softmax(LogWeights.self, x, mask, result, extents)
    } else {
      softmax(Weights.self, x, mask, result, extents)
    }
  }

  @inlinable @inline(never)
  static func softmax<Kind: SoftmaxKind>(
    _ kind: Kind.Type, _ x: UnsafePointer<Stored>, _ mask: UnsafePointer<Bool>?,
    _ result: UnsafeMutablePointer<Stored>, _ extents: Extents
  ) {
    let (axis, inner) = (extents.axis, extents.inner)
    let size = axis &* inner
    guard size > 0 else { return }
    if Kind.isLogarithm, mask == nil, inner == 1, axis <= width {
      return logSoftmaxShortRows(x, result, extents.outer, axis)
    }
    var outer = 0
    while outer < extents.outer {
      let result = result + outer &* size
      var x = x + outer &* size
      if let mask {
        fillMasked(x, mask + outer &* size, result, size)
        x = UnsafePointer(result)
      }
      let allFinite =
        inner == 1
        ? softmaxRow(kind, x, result, axis) : softmaxColumns(kind, x, result, axis, inner)
      if let mask, !allFinite {
        clearMasked(mask + outer &* size, result, size, Kind.isLogarithm)
      }
      outer &+= 1
    }
  }

  /// One contiguous row; returns whether the sum of the exponentials is finite.
  @inlinable @inline(__always)
  static func softmaxRow<Kind: SoftmaxKind>(
    _: Kind.Type, _ x: UnsafePointer<Stored>, _ result: UnsafeMutablePointer<Stored>,
    _ count: Int
  ) -> Bool {
    // A NaN that the maximum overlooks shows in the sum.
    if count <= width { return softmaxShortRow(Kind.self, x, result, count) }
    let scores = StoredElements<Self>(x, else: -.infinity)
    let largest = foldRow(Join.Highest.self, count, scores)
    let exponentials = Exponentials<Self, Kind>(x, splat(largest), result)
    let sum = foldRow(Join.Sum.self, count, exponentials)
    let scale =
      Kind.isLogarithm && sum < OtherExponentials<Self>.mostAlone
      ? splat(OtherExponentials<Self>.logarithmOfRow(x, largest, count))
      : splat(Exponentials<Self, Kind>.scale(ofRow: sum))
    var i = 0
    while i &+ width <= count {
      exponentials.finish(scale, i, width)
      i &+= width
    }
    if i < count { exponentials.finish(scale, i, count &- i) }
    return sum.isFinite
  }

  /// A row that fits in one vector.
  @inlinable @inline(never)
  static func softmaxShortRow<Kind: SoftmaxKind>(
    _: Kind.Type, _ x: UnsafePointer<Stored>, _ result: UnsafeMutablePointer<Stored>,
    _ count: Int
  ) -> Bool {
    let scores = load(x, lanes: count, else: -.infinity)
    let largest = fold(Join.Highest.self, scores)
    let shifted = scores - splat(largest)
    let e = expOfScore(shifted)
    let sum = fold(Join.Sum.self, e)
    let scale =
      Kind.isLogarithm && sum < OtherExponentials<Self>.mostAlone
      ? splat(OtherExponentials<Self>.logarithmOfRow(x, largest, count))
      : splat(Exponentials<Self, Kind>.scale(ofRow: sum))
    store(Kind.isLogarithm ? shifted - scale : e * scale, result, lanes: count)
    return sum.isFinite
  }

  /// Log-softmax of rows that fit in one vector each: the logarithms of as many rows at once as a
  /// vector has lanes, as each takes as long as the rest of its row. `result` is not `x`.
  @inlinable @inline(never)
  static func logSoftmaxShortRows(
    _ x: UnsafePointer<Stored>, _ result: UnsafeMutablePointer<Stored>, _ rows: Int, _ count: Int
  ) {
    var first = 0
    while first < rows {
      let last = Swift.min(first &+ width, rows)
      var (highest, sums) = (splat(0), splat(1))
      var row = first
      while row < last {
        let scores = load(x + row &* count, lanes: count, else: -.infinity)
        highest[row &- first] = fold(Join.Highest.self, scores)
        let exponentials = expOfScore(scores - splat(highest[row &- first]))
        store(exponentials, result + row &* count, lanes: count)
        row &+= 1
      }
      // In a loop of its own: to add them up here, the compiler would take vectors apart above.
      row = first
      while row < last {
        let exponentials = load(UnsafePointer(result + row &* count), lanes: count, else: 0)
        sums[row &- first] = fold(Join.Sum.self, exponentials)
        row &+= 1
      }
      var logarithms = log(sums)
      if anyTrue(less(sums, splat(OtherExponentials<Self>.mostAlone))) {
        row = first
        while row < last {
          if sums[row &- first] < OtherExponentials<Self>.mostAlone {
            logarithms[row &- first] = OtherExponentials<Self>.logarithmOfRow(
              x + row &* count, highest[row &- first], count)
          }
          row &+= 1
        }
      }
      row = first
      while row < last {
        let shifted =
          load(x + row &* count, lanes: count, else: 0) - splat(highest[row &- first])
        store(shifted - splat(logarithms[row &- first]), result + row &* count, lanes: count)
        row &+= 1
      }
      first = last
    }
  }

  /// `[axis, inner]` along the axis; returns whether all sums are finite.
  @inlinable @inline(__always)
  static func softmaxColumns<Kind: SoftmaxKind>(
    _ kind: Kind.Type, _ x: UnsafePointer<Stored>, _ result: UnsafeMutablePointer<Stored>,
    _ axis: Int, _ inner: Int
  ) -> Bool {
    var allFinite = true
    var column = 0
    while column &+ width <= inner {
      let finite = softmaxColumns(kind, x, result, axis, inner, column, width)
      allFinite = allFinite && finite
      column &+= width
    }
    if column < inner {
      let finite = softmaxColumns(kind, x, result, axis, inner, column, inner &- column)
      allFinite = allFinite && finite
    }
    return allFinite
  }

  /// A vector of columns.
  @inlinable @inline(__always)
  static func softmaxColumns<Kind: SoftmaxKind>(
    _: Kind.Type, _ x: UnsafePointer<Stored>, _ result: UnsafeMutablePointer<Stored>,
    _ axis: Int, _ inner: Int, _ column: Int, _ lanes: Int
  ) -> Bool {
    let highest = foldVectors(
      Join.Highest.self, axis, StoredElements<Self>(x, else: 0), start: column, step: inner,
      lanes: lanes)
    let exponentials = Exponentials<Self, Kind>(x, highest, result)
    let sum = foldVectors(
      Join.Sum.self, axis, exponentials, start: column, step: inner, lanes: lanes)
    // Lanes without a column have the sum 0.
    let sums = select(less(sum, splat(1)), splat(.infinity), sum)
    if Kind.isLogarithm, anyTrue(less(sums, splat(OtherExponentials<Self>.mostAlone))) {
      logSoftmaxLoneColumns(x, result, axis, inner, column, lanes)
    } else {
      let scale = Exponentials<Self, Kind>.scale(sum)
      var row = 0
      while row < axis {
        exponentials.finish(scale, row &* inner &+ column, lanes)
        row &+= 1
      }
    }
    let infinite = select(less(sum, splat(.infinity)), zero, splat(1))
    return !anyTrue(less(zero, infinite))
  }

  /// Log-softmax of a vector of columns of which one or the other has most of its weight in one
  /// place: all of it once more, as no vector is handed over.
  @inlinable @inline(never)
  static func logSoftmaxLoneColumns(
    _ x: UnsafePointer<Stored>, _ result: UnsafeMutablePointer<Stored>, _ axis: Int, _ inner: Int,
    _ column: Int, _ lanes: Int
  ) {
    let highest = foldVectors(
      Join.Highest.self, axis, StoredElements<Self>(x, else: 0), start: column, step: inner,
      lanes: lanes)
    let exponentials = Exponentials<Self, LogWeights>(x, highest, result)
    let sum = foldVectors(
      Join.Sum.self, axis, exponentials, start: column, step: inner, lanes: lanes)
    let others = foldVectors(
      Join.Sum.self, axis, OtherExponentials<Self>(x, highest), start: column, step: inner,
      lanes: lanes)
    let isLone = less(sum, splat(OtherExponentials<Self>.mostAlone))
    let scale = select(isLone, log1p(others), log(sum))
    var row = 0
    while row < axis {
      exponentials.finish(scale, row &* inner &+ column, lanes)
      row &+= 1
    }
  }
}
