/// `(x - mean)^2`.
@usableFromInline
struct SquaredDifferences<Set: VectorInstructions>: RowElements {
  @usableFromInline let x: UnsafePointer<Set.Scalar>
  @usableFromInline let mean: Set.Scalar

  @inlinable @inline(__always)
  init(_ x: UnsafePointer<Set.Scalar>, mean: Set.Scalar) {
    self.x = x
    self.mean = mean
  }

  @inlinable @inline(__always)
  func vector(_ offset: Int, _ lanes: Int) -> Set.Vector {
    let difference = Set.load(x + offset, lanes: lanes, else: mean) - Set.splat(mean)
    return difference * difference
  }
}

/// The gradient with respect to the normalised row: gradient times weight.
@usableFromInline
struct WeightedGradients<Set: VectorInstructions>: RowElements {
  @usableFromInline let gradient: UnsafePointer<Set.Scalar>
  @usableFromInline let weight: UnsafePointer<Set.Scalar>?

  @inlinable @inline(__always)
  init(_ gradient: UnsafePointer<Set.Scalar>, _ weight: UnsafePointer<Set.Scalar>?) {
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
  @usableFromInline let x: UnsafePointer<Set.Scalar>
  @usableFromInline let mean: Set.Scalar
  @usableFromInline let inverseDeviation: Set.Vector

  @inlinable @inline(__always)
  init(
    _ gradients: WeightedGradients<Set>, _ x: UnsafePointer<Set.Scalar>, mean: Set.Scalar,
    inverseDeviation: Set.Scalar
  ) {
    self.gradients = gradients
    self.x = x
    self.mean = mean
    self.inverseDeviation = Set.splat(inverseDeviation)
  }

  @inlinable @inline(__always)
  func normalized(_ offset: Int, _ lanes: Int) -> Set.Vector {
    (Set.load(x + offset, lanes: lanes, else: mean) - Set.splat(mean)) * inverseDeviation
  }

  @inlinable @inline(__always)
  func vector(_ offset: Int, _ lanes: Int) -> Set.Vector {
    gradients.vector(offset, lanes) * normalized(offset, lanes)
  }
}

/// Layer normalisation of rows: `(x - mean) / sqrt(variance + epsilon) * weight + bias`.
extension VectorInstructions {
  /// `KernelTable.layerNorm`. Two passes for the moments: the variance is the mean of squared
  /// differences from the mean, which does not cancel.
  @inlinable
  public static func layerNorm(
    _ x: UnsafePointer<Scalar>, _ weight: UnsafePointer<Scalar>?, _ bias: UnsafePointer<Scalar>?,
    _ result: UnsafeMutablePointer<Scalar>, _ means: UnsafeMutablePointer<Scalar>,
    _ inverseDeviations: UnsafeMutablePointer<Scalar>, _ rows: Int, _ count: Int,
    _ epsilon: Scalar
  ) {
    let size = Scalar(count)
    var row = 0
    while row < rows {
      let x = x + row &* count
      let result = result + row &* count
      let mean = foldRow(Join.Sum.self, count, StoredElements<Self>(x, else: 0)) / size
      let variance = foldRow(Join.Sum.self, count, SquaredDifferences<Self>(x, mean: mean)) / size
      let inverse = 1 / (variance + epsilon).squareRoot()
      means[row] = mean
      inverseDeviations[row] = inverse
      let center = splat(mean)
      let scale = splat(inverse)
      @inline(__always) func normalize(_ i: Int, _ lanes: Int) {
        var y = (load(x + i, lanes: lanes, else: 0) - center) * scale
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

  /// `KernelTable.layerNormGradient`: with n the normalised row and g the gradient times the
  /// weight, `(g - mean(g) - n mean(g n)) / deviation`.
  @inlinable
  public static func layerNormGradient(
    _ gradient: UnsafePointer<Scalar>, _ x: UnsafePointer<Scalar>,
    _ weight: UnsafePointer<Scalar>?, _ means: UnsafePointer<Scalar>,
    _ inverseDeviations: UnsafePointer<Scalar>, _ result: UnsafeMutablePointer<Scalar>,
    _ rows: Int, _ count: Int
  ) {
    let size = Scalar(count)
    var row = 0
    while row < rows {
      let start = row &* count
      let gradients = WeightedGradients<Self>(gradient + start, weight)
      let products = NormalizedProducts<Self>(
        gradients, x + start, mean: means[row], inverseDeviation: inverseDeviations[row])
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
