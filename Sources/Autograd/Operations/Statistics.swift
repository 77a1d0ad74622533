// Reductions beside sums and extremes: products, deviations, norms, running sums. Axes are as in
// Reductions.swift.

extension Tensor where Scalar: FloatingPointScalar {
  /// Product over the given axes, or over all; 1 of no elements. Gradients are exact where factors
  /// are 0.
  public func product(axes: Int..., keepsAxes: Bool = false) -> Tensor {
    product(axes: axes, keepsAxes: keepsAxes)
  }
  /// Product over the given axes; over all where there are none.
  public func product(axes: [Int], keepsAxes: Bool = false) -> Tensor {
    let named = shape.axes(axes, "product")
    if rank == 0 { return self }
    var result = self
    for axis in named { result = result.halved(axis) }
    return keepsAxes ? result : result.reshaped(dropping(named, from: shape))
  }

  /// The product along an axis, which stays with extent 1: the axis' halves are multiplied with
  /// each other until one position is left. Unlike a division of the product by each factor, the
  /// derivatives of these multiplications need no factor to differ from 0.
  private func halved(_ axis: Int) -> Tensor {
    if shape[axis] == 0 { return .ones(shape.replacing(axis, with: 1)) }
    var result = self
    while result.shape[axis] > 1 {
      let count = result.shape[axis]
      let half = count / 2
      let pairs =
        result.narrowed(axis: axis, to: 0..<half)
        * result.narrowed(axis: axis, to: half..<(2 * half))
      result =
        count.isMultiple(of: 2)
        ? pairs
        : .concatenated([pairs, result.narrowed(axis: axis, to: (count - 1)..<count)], axis: axis)
    }
    return result
  }

  /// Standard deviation over the given axes, or over all: the root of `variance`. The gradient is
  /// 0 where all elements are equal.
  public func standardDeviation(
    axes: Int..., correction: Double = 1, keepsAxes: Bool = false
  ) -> Tensor {
    standardDeviation(axes: axes, correction: correction, keepsAxes: keepsAxes)
  }
  /// Standard deviation over the given axes; over all where there are none.
  public func standardDeviation(
    axes: [Int], correction: Double = 1, keepsAxes: Bool = false
  ) -> Tensor {
    expect(correction, .notNegative, "standardDeviation", "correction")
    let named = shape.axes(axes, "standardDeviation")
    let count = named.reduce(1) { $0 * (rank == 0 ? 1 : shape[$1]) }
    let freedom = Double(count) - correction
    if freedom <= 0 {
      let variance = variance(axes: axes, correction: correction, keepsAxes: keepsAxes)
      return Tensor(rootOrZero(variance.untyped))
    }
    let result = Tensor(rootOfSquares(centred(untyped, axes), axes, over: freedom))
    return keepsAxes ? result : result.reshaped(dropping(named, from: shape))
  }
}

/// How the elements of a vector make its length.
public enum NormOrder: Sendable {
  /// The sum of absolute values; the gradient of an element 0 is 0.
  case one
  /// The root of the sum of squares; the gradient at the zero vector is 0.
  case two
  /// The largest absolute value; ties share the gradient evenly.
  case infinity
}

extension Tensor where Scalar: FloatingPointScalar {
  /// The length of the vectors that lie along the given axes, or of the whole tensor as one.
  public func norm(_ order: NormOrder = .two, axes: Int..., keepsAxes: Bool = false) -> Tensor {
    norm(order, axes: axes, keepsAxes: keepsAxes)
  }
  /// The length of the vectors that lie along the given axes; of the whole tensor where there are
  /// none.
  public func norm(_ order: NormOrder = .two, axes: [Int], keepsAxes: Bool = false) -> Tensor {
    switch order {
    case .one: return abs(self).sum(axes: axes, keepsAxes: keepsAxes)
    case .two:
      let named = shape.axes(axes, "norm")
      let result = Tensor(rootOfSquares(untyped, axes))
      return keepsAxes ? result : result.reshaped(dropping(named, from: shape))
    case .infinity:
      // The largest of no elements would be minus infinity, which is no length.
      return count == 0
        ? sum(axes: axes, keepsAxes: keepsAxes)
        : abs(self).extremum(axes, keepsAxes, .maximum, countsNaN: true)
    }
  }

  /// Vectors along an axis brought to length 1: `x / max(norm, epsilon)`.
  public func normalized(
    _ order: NormOrder = .two, axis: Int, epsilon: Scalar = 1e-12
  ) -> Tensor {
    expect(Double(epsilon), .notNegative, "normalized", "epsilon")
    return quotient(axis, atLeast: epsilon) { vectors, epsilon in
      vectors.norm(order, axes: [axis], keepsAxes: true).clamped(to: epsilon...)
    }
  }

  /// Vectors along an axis over their length, which counts as at least a bound. A length may be
  /// infinite though the vector is not: then shorter vectors are taken, which point the same way.
  fileprivate func quotient(
    _ axis: Int, atLeast bound: Scalar, _ length: (Tensor, Scalar) -> Tensor
  ) -> Tensor {
    let lengths = length(self, bound)
    let greatest = Double(Scalar.greatestFiniteMagnitude)
    if Compute.isAll(of: lengths.untyped, from: -greatest, to: greatest) {
      return self / lengths
    }
    let count = Scalar(Swift.max(shape[shape.axis(axis, "norm")], 1))
    let unit = Scalar(sign: .plus, exponent: -count.exponent - 1, significand: 1)
    return self * unit / length(self * unit, bound * unit)
  }

  /// Sums of the elements up to and with each position of an axis, in this tensor's shape.
  public func cumulativeSum(axis: Int) -> Tensor {
    Tensor(Autograd.cumulativeSum(untyped, shape.axis(axis, "cumulativeSum"), fromEnd: false))
  }
}

/// The cosine of the angle between vectors along an axis: their dot product over their lengths,
/// each of which counts as at least `epsilon`, though its gradient is that of the length. The two
/// tensors broadcast.
public func cosineSimilarity<Scalar: FloatingPointScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, axis: Int, epsilon: Scalar = 1e-8
) -> Tensor<Scalar> {
  expect(Double(epsilon), .notNegative, "cosineSimilarity", "epsilon")
  guard let shape = a.shape.broadcast(with: b.shape) else {
    Compute.mismatch("cosineSimilarity", a.untyped, b.untyped)
  }
  let (a, b) = (a.expanded(to: shape), b.expanded(to: shape))
  func direction(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    x.quotient(axis, atLeast: epsilon) { $0.length(axis, atLeast: $1) }
  }
  return (direction(a) * direction(b)).sum(axes: [axis])
}

extension Tensor where Scalar: FloatingPointScalar {
  /// The length of the vectors along an axis, which stays with extent 1. Where it is below the
  /// bound the bound stands in its place, with the length's gradient.
  fileprivate func length(_ axis: Int, atLeast bound: Scalar) -> Tensor {
    let length = norm(axes: [axis], keepsAxes: true).untyped
    let result = Compute.binary(.maximum, length, Double(bound))
    recording(length)?.record("atLeast", result, of: length, by: .elementwise { dy, _ in dy })
    return Tensor(result)
  }
}

/// Running sums along an axis, from its front or its end.
package func cumulativeSum(_ x: UntypedTensor, _ axis: Int, fromEnd: Bool) -> UntypedTensor {
  let source = Compute.contiguous(x)
  let y = UntypedTensor(x.type, x.shape)
  let extents = Compute.extents(x.shape, axis)
  func run<Scalar: FloatingPointScalar>(_: Scalar.Type) {
    let (from, to) = (source.pointer(Scalar.self), y.pointer(Scalar.self))
    let step = fromEnd ? -extents.inner : extents.inner
    for outer in 0..<extents.outer {
      for inner in 0..<extents.inner {
        var position = outer * extents.axis * extents.inner + inner
        if fromEnd { position += (extents.axis - 1) * extents.inner }
        // In `Double`, or else all that rounding does to a long sum would be in those after it.
        var sum = 0.0
        for _ in 0..<extents.axis {
          sum += Double(from[position])
          to[position] = Scalar(sum)
          position += step
        }
      }
    }
  }
  x.type.floatingPoint("cumulativeSum", run(Float.self), run(Double.self))
  recording(x)?.record(
    "cumulativeSum", y, of: x,
    by: .linear({ cumulativeSum($0, axis, fromEnd: fromEnd) }) { dy, _ in
      cumulativeSum(dy, axis, fromEnd: !fromEnd)
    })
  return y
}
