import Kernels

// What norms, variances and normalisations are made of: deviations from a mean, and sums of their
// squares. A mean is rounded, and a square overflows or vanishes where its root does not; here
// neither shows.

/// Sum over the given axes, which stay with extent 1; over all where there are none.
func sumKept(_ x: UntypedTensor, _ axes: [Int]) -> UntypedTensor {
  reduced(x, axes, true, "sum") { sum($0, axis: $1) }
}

/// How many elements of a tensor of this shape lie along the given axes.
private func extent(_ shape: Shape, _ axes: [Int]) -> Double {
  Double(shape.axes(axes, "mean").reduce(1) { $0 * (shape.rank == 0 ? 1 : shape[$1]) })
}

/// Mean over the given axes, which stay with extent 1; over all where there are none.
private func meanKept(_ x: UntypedTensor, _ axes: [Int]) -> UntypedTensor {
  mean(of: x, extent(x.shape, axes)) { sumKept($0, axes) }
}

/// Sums of so many numbers over their count, which may be in range though the sums are not.
func mean(of x: UntypedTensor, _ count: Double, _ sum: (UntypedTensor) -> UntypedTensor)
  -> UntypedTensor
{
  let sums = sum(x)
  let greatest =
    x.type.floatingPoint(
      "mean", Double(Float.greatestFiniteMagnitude), Double.greatestFiniteMagnitude)
  if count < 2 || Compute.isAll(of: sums, from: -greatest, to: greatest) { return sums / count }
  let whole = Double(sign: .plus, exponent: count.exponent + 1, significand: 1)
  return sum(x / whole) / (count / whole)
}

/// `x` less its mean over the given axes, or over all.
///
/// The mean of what is left is taken off, too: it is what the first has lost by rounding, and it
/// would pass for a deviation.
package func centred(_ x: UntypedTensor, _ axes: [Int]) -> UntypedTensor {
  let constant = x.detached
  let first = constant - meanKept(constant, axes)
  let y = first - meanKept(first, axes)
  // To take off the mean is its own transpose.
  recording(x)?.record("centred", y, of: x, by: .elementwise { dy, _ in centred(dy, axes) })
  return y
}

/// `sqrt(sum of x² / divisor)` over the given axes, which stay with extent 1, or over all. The
/// gradient of a vector of zeros is 0.
package func rootOfSquares(_ x: UntypedTensor, _ axes: [Int], over divisor: Double = 1)
  -> UntypedTensor
{
  let constant = x.detached
  func root(_ squares: UntypedTensor) -> UntypedTensor {
    sqrt(divisor == 1 ? squares : squares / divisor)
  }
  let squares = sumKept(square(constant), axes)
  let unit = Compute.units(constant, axes, squares: squares, within: .wide)
  let y = unit.map { root(sumKept(square(constant / $0), axes)) * $0 } ?? root(squares)
  recording(x)?.record(
    "norm", y, of: x,
    by: .vectorJacobianProduct { dy, _ in
      // The same of shorter or longer vectors.
      let z = unit.map { x / $0 } ?? x
      let length = unit == nil ? y : rootOfSquares(z, axes, over: divisor)
      let isZero = Compute.compare(.equal, length.detached, Compute.filled(x.type, [], 0))
      let safe = masked(length, where: isZero, with: 1)
      return masked(dy, where: isZero, with: 0) * (z / (divisor == 1 ? safe : safe * divisor))
    })
  return y
}

/// `sum of x² / divisor` over the given axes, which stay with extent 1, or over all, even where that
/// of the squares overflows.
package func meanOfSquares(_ x: UntypedTensor, _ axes: [Int], over divisor: Double) -> UntypedTensor
{
  let squares = sumKept(square(x), axes)
  guard let unit = Compute.units(x, axes, squares: squares, within: .wide) else {
    return squares / divisor
  }
  return sumKept(square(x / unit), axes) / divisor * unit * unit
}

/// `x / sqrt(mean of x² + epsilon)` over the given axes, and the mean of x², with these axes of
/// extent 1.
package func overRootMeanSquare(
  _ x: UntypedTensor, _ axes: [Int], _ epsilon: Double
) -> (quotient: UntypedTensor, meanSquare: UntypedTensor) {
  let count = extent(x.shape, axes)
  let meanSquare = sumKept(square(x), axes) / count
  let total = meanSquare + epsilon
  let units = Compute.units(
    x, axes, squares: total, within: .narrow, atLeast: epsilon.squareRoot())
  guard let units else { return (x * rsqrt(total), meanSquare) }
  let z = x / units
  let smaller = sumKept(square(z), axes) / count
  let bound = square(Compute.binary(.divide, epsilon.squareRoot(), units))
  return (z * rsqrt(smaller + bound), smaller * units * units)
}

extension Compute {
  /// In which bounds sums of squares do what they should.
  package enum SquareBounds {
    /// Nothing that counts is lost when elements are squared.
    case wide
    /// Nor when the fifth power of a root, as in second derivatives, is taken.
    case narrow

    fileprivate func range(_ type: ScalarType) -> (low: Double, high: Double) {
      let (least, greatest) =
        type.floatingPoint(
          "a sum of squares", (0x1p-80, Double(Float.greatestFiniteMagnitude)),
          (0x1p-900, Double.greatestFiniteMagnitude))
      switch self {
      case .wide: return (least, greatest)
      case .narrow:
        return type.floatingPoint("a sum of squares", (0x1p-40, 0x1p40), (0x1p-340, 0x1p340))
      }
    }
  }

  /// A power of two for each vector along the given axes, by which it is to be divided before its
  /// elements are squared; nil where none is needed.
  ///
  /// - Parameters:
  ///   - squares: the sums of squares, or what else is to be in bounds, the axes with extent 1.
  ///   - size: a vector all of whose elements are smaller than this counts as so large.
  fileprivate static func units(
    _ x: UntypedTensor, _ axes: [Int], squares: UntypedTensor, within bounds: SquareBounds,
    atLeast size: Double = 0
  ) -> UntypedTensor? {
    let squares = contiguous(squares)
    let (low, high) = bounds.range(x.type)
    if isAll(of: squares, from: low, to: high) { return nil }
    var largest = unary(.absolute, x)
    for axis in x.shape.axes(axes, "norm").sorted().reversed() where x.rank > 0 {
      largest = reduce(.maximum, largest, axis: axis)
    }
    var needsAny = false
    func run<Scalar: FloatingPointScalar>(_: Scalar.Type) {
      let (sizes, sums) = (largest.pointer(Scalar.self), squares.pointer(Scalar.self))
      let (low, high) = (Scalar(low), Scalar(high))
      for place in 0..<squares.count {
        let isInBounds = sums[place] >= low && sums[place] <= high
        let unit = isInBounds ? 1 : powerOfTwo(near: Swift.max(sizes[place], Scalar(size)))
        sizes[place] = unit
        if unit != 1 { needsAny = true }
      }
    }
    x.type.floatingPoint("standardDeviation", run(Float.self), run(Double.self))
    return needsAny ? reshaped(largest, squares.shape) : nil
  }

  /// A power of two of about this size, of which the reciprocal is one, too; 1 for 0, infinities
  /// and NaN.
  private static func powerOfTwo<Scalar: FloatingPointScalar>(near x: Scalar) -> Scalar {
    guard x > 0, x < .infinity else { return 1 }
    let least = Scalar.leastNormalMagnitude.exponent
    return Scalar(
      sign: .plus, exponent: Swift.min(Swift.max(x.exponent, least), -least), significand: 1)
  }

  /// Whether all numbers are in an interval; NaN is in none.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  private static func isAll<Scalar: FloatingPointScalar>(
    _ numbers: UnsafePointer<Scalar>, _ count: Int, from low: Scalar, to high: Scalar
  ) -> Bool {
    var outside = 0
    for place in 0..<count {
      outside |= numbers[place] >= low && numbers[place] <= high ? 0 : 1
    }
    return outside == 0
  }

  package static func isAll(of x: UntypedTensor, from low: Double, to high: Double) -> Bool {
    let x = contiguous(x)
    return withExtendedLifetime(x) {
      x.type.floatingPoint(
        "sum", isAll(x.pointer(Float.self), x.count, from: Float(low), to: Float(high)),
        isAll(x.pointer(Double.self), x.count, from: low, to: high))
    }
  }
}
