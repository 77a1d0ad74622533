/// Layer normalisation of rows: `(x - mean) / sqrt(variance + epsilon) * weight + bias`.
extension InstructionSet {
  /// `KernelTable.layerNorm`. Two passes for the moments: the variance is the mean of squared
  /// differences from the mean, which does not cancel.
  @inlinable
  public static func layerNorm(
    _ x: UnsafePointer<Scalar>, _ weight: UnsafePointer<Scalar>?, _ bias: UnsafePointer<Scalar>?,
    _ result: UnsafeMutablePointer<Scalar>, _ means: UnsafeMutablePointer<Scalar>,
    _ inverseDeviations: UnsafeMutablePointer<Scalar>, _ rows: Int, _ count: Int,
    _ epsilon: Scalar
  ) {
    var row = 0
    while row < rows {
      let x = x + row &* count
      let result = result + row &* count
      let mean =
        foldRow(count, 0, { $0 + $1 }) { load(x + $0, lanes: $1, else: 0) } / Scalar(count)
      let center = splat(mean)
      let squares = foldRow(count, 0, { $0 + $1 }) { offset, lanes in
        let difference = load(x + offset, lanes: lanes, else: mean) - center
        return difference * difference
      }
      let inverse = 1 / (squares / Scalar(count) + epsilon).squareRoot()
      let scale = splat(inverse)
      forEachVector(count) { offset, lanes in
        var y = (load(x + offset, lanes: lanes, else: mean) - center) * scale
        if let weight { y = y * load(weight + offset, lanes: lanes, else: 0) }
        if let bias { y = y + load(bias + offset, lanes: lanes, else: 0) }
        store(y, result + offset, lanes: lanes)
      }
      means[row] = mean
      inverseDeviations[row] = inverse
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
    var row = 0
    while row < rows {
      let x = x + row &* count
      let gradient = gradient + row &* count
      let result = result + row &* count
      let mean = splat(means[row])
      let inverse = splat(inverseDeviations[row])
      @inline(__always) func weighted(_ offset: Int, _ lanes: Int) -> Vector {
        let g = load(gradient + offset, lanes: lanes, else: 0)
        guard let weight else { return g }
        return g * load(weight + offset, lanes: lanes, else: 0)
      }
      @inline(__always) func normalized(_ offset: Int, _ lanes: Int) -> Vector {
        (load(x + offset, lanes: lanes, else: 0) - mean) * inverse
      }
      let size = Scalar(count)
      let meanGradient = splat(foldRow(count, 0, { $0 + $1 }, weighted) / size)
      let meanProduct = splat(
        foldRow(count, 0, { $0 + $1 }) { weighted($0, $1) * normalized($0, $1) } / size)
      forEachVector(count) { offset, lanes in
        let g = weighted(offset, lanes) - meanGradient
        let value = fma(negated(normalized(offset, lanes)), meanProduct, g)
        store(value * inverse, result + offset, lanes: lanes)
      }
      row &+= 1
    }
  }
}
