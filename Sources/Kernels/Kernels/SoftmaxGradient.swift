/// The terms of the sum in the derivative of softmax: `gradient * y`, or `gradient` itself for
/// the logarithm; 0 where y is 0.
@usableFromInline
struct SoftmaxTerms<Set: VectorInstructions, Kind: SoftmaxKind>: RowElements {
  @usableFromInline let gradient: UnsafePointer<Set.Stored>
  @usableFromInline let y: UnsafePointer<Set.Stored>

  @inlinable @inline(__always)
  init(_ gradient: UnsafePointer<Set.Stored>, _ y: UnsafePointer<Set.Stored>) {
    self.gradient = gradient
    self.y = y
  }

  /// The y of an entry that has no weight.
  @inlinable @inline(__always)
  var absent: Set.Scalar { Kind.isLogarithm ? -.infinity : 0 }

  @inlinable @inline(__always)
  func vector(_ offset: Int, _ lanes: Int) -> Set.Vector {
    let g = Set.load(gradient + offset, lanes: lanes, else: 0)
    let weights = Set.load(y + offset, lanes: lanes, else: absent)
    if Kind.isLogarithm { return g }
    return Set.select(Set.equal(weights, Set.splat(absent)), Set.zero, g * weights)
  }

  /// The derivative itself, once the sum of the terms is known.
  @inlinable @inline(__always)
  func store(
    _ sum: Set.Vector, _ offset: Int, _ lanes: Int, _ result: UnsafeMutablePointer<Set.Stored>
  ) {
    let g = Set.load(gradient + offset, lanes: lanes, else: 0)
    let weights = Set.load(y + offset, lanes: lanes, else: absent)
    let value: Set.Vector
    if Kind.isLogarithm {
      // `g - weight sum`, as `g (1 - weight) - weight (sum - g)`: near 1 a weight tells too little of
      // how much it lacks. A row that gets no gradient sends none, be its weights NaN.
      let (weight, lack) = Set.weightAndLack(weights)
      let spread = Set.fma(Set.negated(weight), sum - g, lack * g)
      value = Set.select(Set.equal(sum, Set.zero), g, spread)
    } else {
      value = Set.select(
        Set.equal(weights, Set.splat(absent)), Set.zero, weights * (g - sum))
    }
    Set.store(value, result + offset, lanes: lanes)
  }
}

extension VectorInstructions {
  /// `KernelSet.softmaxGradient`.
  @inlinable
  public static func softmaxGradient(
    _ gradient: UnsafePointer<Stored>, of y: UnsafePointer<Stored>,
    to result: UnsafeMutablePointer<Stored>, _ extents: Extents, logarithm: Bool
  ) {
    if logarithm {
      softmaxGradient(LogWeights.self, gradient, y, result, extents)
    } else {
      softmaxGradient(Weights.self, gradient, y, result, extents)
    }
  }

  @inlinable @inline(never)
  static func softmaxGradient<Kind: SoftmaxKind>(
    _: Kind.Type, _ gradient: UnsafePointer<Stored>, _ y: UnsafePointer<Stored>,
    _ result: UnsafeMutablePointer<Stored>, _ extents: Extents
  ) {
    let (axis, inner) = (extents.axis, extents.inner)
    var outer = 0
    while outer < extents.outer {
      let start = outer &* axis &* inner
      let result = result + start
      let terms = SoftmaxTerms<Self, Kind>(gradient + start, y + start)
      if inner == 1 {
        let sum = splat(foldRow(Join.Sum.self, axis, terms))
        var i = 0
        while i &+ width <= axis {
          terms.store(sum, i, width, result)
          i &+= width
        }
        if i < axis { terms.store(sum, i, axis &- i, result) }
      } else {
        var column = 0
        while column &+ width <= inner {
          storeColumns(terms, axis, inner, column, width, result)
          column &+= width
        }
        if column < inner {
          storeColumns(terms, axis, inner, column, inner &- column, result)
        }
      }
      outer &+= 1
    }
  }

  /// The derivative of a vector of columns.
  @inlinable @inline(never)
  static func storeColumns<Kind: SoftmaxKind>(
    _ terms: SoftmaxTerms<Self, Kind>, _ axis: Int, _ inner: Int, _ column: Int, _ lanes: Int,
    _ result: UnsafeMutablePointer<Stored>
  ) {
    let sum = foldVectors(
      Join.Sum.self, axis, terms, start: column, step: inner, lanes: lanes)
    var row = 0
    while row < axis {
      terms.store(sum, row &* inner &+ column, lanes, result)
      row &+= 1
    }
  }
}
