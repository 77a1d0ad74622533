/// `(x - mean)^2`.
@usableFromInline
struct SquaredDifferences<Set: VectorInstructions>: RowElements {
  @usableFromInline let x: UnsafePointer<Set.Stored>
  @usableFromInline let mean: Set.Scalar

  @inlinable @inline(__always)
  init(_ x: UnsafePointer<Set.Stored>, mean: Set.Scalar) {
    self.x = x
    self.mean = mean
  }

  @inlinable @inline(__always)
  func vector(_ offset: Int, _ lanes: Int) -> Set.Vector {
    let difference = Set.load(x + offset, lanes: lanes, else: mean) - Set.splat(mean)
    return difference * difference
  }
}

/// `x - mean`.
@usableFromInline
struct Differences<Set: VectorInstructions>: RowElements {
  @usableFromInline let x: UnsafePointer<Set.Stored>
  @usableFromInline let mean: Set.Scalar

  @inlinable @inline(__always)
  init(_ x: UnsafePointer<Set.Stored>, mean: Set.Scalar) {
    self.x = x
    self.mean = mean
  }

  @inlinable @inline(__always)
  func vector(_ offset: Int, _ lanes: Int) -> Set.Vector {
    Set.load(x + offset, lanes: lanes, else: mean) - Set.splat(mean)
  }
}

/// Absolute values.
@usableFromInline
struct Magnitudes<Set: VectorInstructions>: RowElements {
  @usableFromInline let x: UnsafePointer<Set.Stored>

  @inlinable @inline(__always)
  init(_ x: UnsafePointer<Set.Stored>) { self.x = x }

  @inlinable @inline(__always)
  func vector(_ offset: Int, _ lanes: Int) -> Set.Vector {
    Set.absolute(Set.load(x + offset, lanes: lanes, else: 0))
  }
}

/// What makes a row's normalised one: `(source - center) * scale`.
@usableFromInline
struct Normalization<Stored: StoredScalar> {
  @usableFromInline typealias Scalar = Stored.Computed

  @usableFromInline var source: UnsafePointer<Stored>
  @usableFromInline var center: Scalar
  @usableFromInline var scale: Scalar
  /// As the gradient needs them, of the row itself.
  @usableFromInline var mean: Scalar
  @usableFromInline var inverseDeviation: Scalar

  /// Of the row itself.
  @inlinable @inline(__always)
  init(_ x: UnsafePointer<Stored>, mean: Scalar, inverseDeviation: Scalar) {
    source = x
    center = mean
    scale = inverseDeviation
    self.mean = mean
    self.inverseDeviation = inverseDeviation
  }
}

/// The gradient with respect to the normalised row: gradient times weight.
@usableFromInline
struct WeightedGradients<Set: VectorInstructions>: RowElements {
  @usableFromInline let gradient: UnsafePointer<Set.Stored>
  @usableFromInline let weight: UnsafePointer<Set.Stored>?

  @inlinable @inline(__always)
  init(_ gradient: UnsafePointer<Set.Stored>, _ weight: UnsafePointer<Set.Stored>?) {
    self.gradient = gradient
    self.weight = weight
  }

  @inlinable @inline(__always)
  func vector(_ offset: Int, _ lanes: Int) -> Set.Vector {
    let g = Set.load(gradient + offset, lanes: lanes, else: 0)
    guard let weight else { return g }
    return g * Set.load(weight + offset, lanes: lanes, else: 0)
  }
}

/// Weighted gradient times normalised row.
@usableFromInline
struct NormalizedProducts<Set: VectorInstructions>: RowElements {
  @usableFromInline let gradients: WeightedGradients<Set>
  @usableFromInline let x: UnsafePointer<Set.Stored>
  @usableFromInline let mean: Set.Scalar
  /// What the mean has lost by rounding, where it matters.
  @usableFromInline let meanRest: Set.Vector
  @usableFromInline let inverseDeviation: Set.Vector

  @inlinable @inline(__always)
  init(
    _ gradients: WeightedGradients<Set>, _ x: UnsafePointer<Set.Stored>, mean: Set.Scalar,
    inverseDeviation: Set.Scalar, count: Int
  ) {
    self.gradients = gradients
    self.x = x
    self.mean = mean
    self.inverseDeviation = Set.splat(inverseDeviation)
    meanRest = Set.splat(
      (mean * inverseDeviation).magnitude <= 2 ? 0 : Set.meanDifference(x, mean, count))
  }

  @inlinable @inline(__always)
  func normalized(_ offset: Int, _ lanes: Int) -> Set.Vector {
    let difference = Set.load(x + offset, lanes: lanes, else: mean) - Set.splat(mean)
    return (difference - meanRest) * inverseDeviation
  }

  @inlinable @inline(__always)
  func vector(_ offset: Int, _ lanes: Int) -> Set.Vector {
    gradients.vector(offset, lanes) * normalized(offset, lanes)
  }
}

/// Layer normalisation of rows: `(x - mean) / sqrt(variance + epsilon) * weight + bias`.
extension VectorInstructions {
  /// `KernelSet.layerNorm`.
  @inlinable
  public static func layerNorm(
    _ x: UnsafePointer<Stored>, weight: UnsafePointer<Stored>?, bias: UnsafePointer<Stored>?,
    to result: UnsafeMutablePointer<Stored>, means: UnsafeMutablePointer<Stored>,
    inverseDeviations: UnsafeMutablePointer<Stored>, rows: Int, count: Int, epsilon: Scalar
  ) {
    var row = 0
    while row < rows {
      let result = result + row &* count
      let moments = normalization(x + row &* count, result, count, epsilon)
      means[row] = Stored(storing: moments.mean)
      inverseDeviations[row] = Stored(storing: moments.inverseDeviation)
      let source = moments.source
      let center = splat(moments.center)
      let scale = splat(moments.scale)
      @inline(__always) func normalize(_ i: Int, _ lanes: Int) {
        var y = (load(source + i, lanes: lanes, else: 0) - center) * scale
        if let weight { y = y * load(weight + i, lanes: lanes, else: 0) }
        if let bias { y = y + load(bias + i, lanes: lanes, else: 0) }
        store(y, result + i, lanes: lanes)
      }
      var i = 0
      while i &+ width <= count {
        normalize(i, width)
        i &+= width
      }
      if i < count { normalize(i, count &- i) }
      row &+= 1
    }
  }

  /// Mean and deviation of a row. Two passes: the variance is the mean of squared differences from
  /// the mean, which does not cancel.
  @inlinable @inline(__always)
  static func normalization(
    _ x: UnsafePointer<Stored>, _ result: UnsafeMutablePointer<Stored>, _ count: Int,
    _ epsilon: Scalar
  ) -> Normalization<Stored> {
    let size = Scalar(count)
    let mean = foldRow(Join.Sum.self, count, StoredElements<Self>(x, else: 0)) / size
    let variance = foldRow(Join.Sum.self, count, SquaredDifferences<Self>(x, mean: mean)) / size
    let total = variance + epsilon
    // What the mean loses by rounding is small beside a deviation that is not small beside the
    // mean; squares lose nothing as long as their sum is far from the bounds of what there is.
    if mean * mean <= 4 * variance, total >= leastSafeSquare, total < .infinity {
      return Normalization(x, mean: mean, inverseDeviation: 1 / total.squareRoot())
    }
    return carefulNormalization(x, result, count, epsilon)
  }

  /// The normalisation of any row: of numbers brought to a size of at most about 1, from which first
  /// the mean is taken, then the mean of what is left. What is left lies at `result`.
  @inlinable @inline(never)
  static func carefulNormalization(
    _ x: UnsafePointer<Stored>, _ result: UnsafeMutablePointer<Stored>, _ count: Int,
    _ epsilon: Scalar
  ) -> Normalization<Stored> {
    let size = Scalar(count)
    let largest = foldRow(Join.Highest.self, count, Magnitudes<Self>(x))
    let root = epsilon.squareRoot()
    let unit = powerOfTwo(near: largest < root ? root : largest)
    withUnsafePointer(to: Stored(storing: 1 / unit)) {
      map2(Binary<Self>.Multiply.self, x, 1, $0, 0, result, count)
    }
    let mean = foldRow(Join.Sum.self, count, StoredElements<Self>(result, else: 0)) / size
    withUnsafePointer(to: Stored(storing: mean)) {
      map2(Binary<Self>.Subtract.self, result, 1, $0, 0, result, count)
    }
    let rest = foldRow(Join.Sum.self, count, StoredElements<Self>(result, else: 0)) / size
    let variance =
      foldRow(Join.Sum.self, count, SquaredDifferences<Self>(result, mean: rest)) / size
    let bound = root / unit
    let scale = 1 / (variance + bound * bound).squareRoot()
    var moments = Normalization<Stored>(result, mean: rest, inverseDeviation: scale)
    moments.mean = mean * unit
    moments.inverseDeviation = scale / unit
    if scale == .infinity && root > 0 {
      // Equal numbers, beside which epsilon is nothing: 0, on whatever scale.
      moments.scale = 1
      moments.inverseDeviation = 1 / root
    }
    return moments
  }

  /// The mean of `x - mean`.
  @inlinable @inline(never)
  static func meanDifference(
    _ x: UnsafePointer<Stored>, _ mean: Scalar, _ count: Int
  ) -> Scalar {
    foldRow(Join.Sum.self, count, Differences<Self>(x, mean: mean)) / Scalar(count)
  }

  /// Where a sum of squares is at least this, those that are too small to be represented exactly do
  /// not matter.
  @inlinable @inline(__always)
  static var leastSafeSquare: Scalar {
    Scalar.leastNormalMagnitude / (Scalar.ulpOfOne * Scalar.ulpOfOne)
  }

  /// A power of two of about this size, of which the reciprocal is one, too; 1 for 0, infinities and
  /// NaN.
  @inlinable @inline(__always)
  static func powerOfTwo(near x: Scalar) -> Scalar {
    guard x > 0, x < .infinity else { return 1 }
    let least = Scalar.leastNormalMagnitude.exponent
    let exponent = Swift.min(Swift.max(x.exponent, least), -least)
    return Scalar(sign: .plus, exponent: exponent, significand: 1)
  }

  /// `KernelSet.layerNormGradient`: with n the normalised row and g the gradient times the
  /// weight, `(g - mean(g) - n mean(g n)) / deviation`.
  @inlinable
  public static func layerNormGradient(
    _ gradient: UnsafePointer<Stored>, at x: UnsafePointer<Stored>, weight: UnsafePointer<Stored>?,
    means: UnsafePointer<Stored>, inverseDeviations: UnsafePointer<Stored>,
    to result: UnsafeMutablePointer<Stored>, rows: Int, count: Int
  ) {
    let size = Scalar(count)
    var row = 0
    while row < rows {
      let start = row &* count
      let gradients = WeightedGradients<Self>(gradient + start, weight)
      let products = NormalizedProducts<Self>(
        gradients, x + start, mean: means[row].computed,
        inverseDeviation: inverseDeviations[row].computed,
        count: count)
      let meanGradient = splat(foldRow(Join.Sum.self, count, gradients) / size)
      let meanProduct = splat(foldRow(Join.Sum.self, count, products) / size)
      @inline(__always) func finish(_ i: Int, _ lanes: Int) {
        let centered = gradients.vector(i, lanes) - meanGradient
        let value = fma(negated(products.normalized(i, lanes)), meanProduct, centered)
        store(value * products.inverseDeviation, result + (start &+ i), lanes: lanes)
      }
      var i = 0
      while i &+ width <= count {
        finish(i, width)
        i &+= width
      }
      if i < count { finish(i, count &- i) }
      row &+= 1
    }
  }
}
