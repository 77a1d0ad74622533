import Kernels

// Sums and other reductions. Axes may be negative (counted from the end); no axes means all of
// them. A reduced axis is dropped, or stays with extent 1 where `keepsAxes` says so.

extension Tensor where Scalar: FloatingPointScalar {
  /// Sum over the given axes, or over all.
  public func sum(axes: Int..., keepsAxes: Bool = false) -> Tensor {
    sum(axes: axes, keepsAxes: keepsAxes)
  }
  /// Sum over the given axes; over all where there are none.
  public func sum(axes: [Int], keepsAxes: Bool = false) -> Tensor {
    if axes.isEmpty && !keepsAxes && rank > 0 { return Tensor(Autograd.sum(untyped)) }
    return Tensor(Autograd.reduced(untyped, axes, keepsAxes, "sum") { Autograd.sum($0, axis: $1) })
  }

  /// Mean over the given axes, or over all; of no elements, NaN.
  public func mean(axes: Int..., keepsAxes: Bool = false) -> Tensor {
    mean(axes: axes, keepsAxes: keepsAxes)
  }
  /// Mean over the given axes; over all where there are none.
  public func mean(axes: [Int], keepsAxes: Bool = false) -> Tensor {
    let count = Double(extent(of: axes, "mean"))
    return Tensor(
      Autograd.mean(of: untyped, count) { Tensor($0).sum(axes: axes, keepsAxes: keepsAxes).untyped }
    )
  }

  /// Largest element over the given axes, or over all, NaN if any is NaN; minus infinity of no
  /// elements. Ties share the gradient evenly.
  public func max(axes: Int..., keepsAxes: Bool = false) -> Tensor {
    max(axes: axes, keepsAxes: keepsAxes)
  }
  /// Largest element over the given axes; over all where there are none.
  public func max(axes: [Int], keepsAxes: Bool = false) -> Tensor {
    extremum(axes, keepsAxes, .maximum)
  }

  /// Smallest element over the given axes, or over all, NaN if any is NaN; infinity of no elements.
  /// Ties share the gradient evenly.
  public func min(axes: Int..., keepsAxes: Bool = false) -> Tensor {
    min(axes: axes, keepsAxes: keepsAxes)
  }
  /// Smallest element over the given axes; over all where there are none.
  public func min(axes: [Int], keepsAxes: Bool = false) -> Tensor {
    extremum(axes, keepsAxes, .minimum)
  }

  /// The extreme over axes; where it is NaN its gradient is NaN everywhere, unless NaN counts as
  /// a tie of what is NaN.
  func extremum(
    _ axes: [Int], _ keepsAxes: Bool, _ reduction: Reduction, countsNaN: Bool = false
  ) -> Tensor {
    let axes = shape.axes(axes, reduction == .maximum ? "max" : "min")
    var kept = shape
    for axis in axes { kept[axis] = 1 }
    let result = Autograd.extremum(untyped, axes, kept, reduction, countsNaN)
    if keepsAxes { return Tensor(result) }
    return Tensor(Autograd.reshaped(result, dropping(axes, from: shape)))
  }

  /// Variance over the given axes, or over all: squared deviations divided by n - correction.
  public func variance(axes: Int..., correction: Double = 1, keepsAxes: Bool = false) -> Tensor {
    variance(axes: axes, correction: correction, keepsAxes: keepsAxes)
  }
  /// Variance over the given axes; over all where there are none.
  public func variance(axes: [Int], correction: Double = 1, keepsAxes: Bool = false) -> Tensor {
    expect(correction, .notNegative, "variance", "correction")
    let count = extent(of: axes, "variance")
    let freedom = Double(count) - correction
    if freedom <= 0 { return variance(ofTooFew: axes, freedom, keepsAxes: keepsAxes) }
    let named = shape.axes(axes, "variance")
    let result = Tensor(meanOfSquares(centred(untyped, axes), axes, over: freedom))
    return keepsAxes ? result : result.reshaped(dropping(named, from: shape))
  }

  /// The variance of no more numbers than the correction: divided by 0. The gradient over all
  /// axes is not a number, either, or infinite; over given ones it is what the formula says, which
  /// is 0 for a single number. So is PyTorch's.
  private func variance(ofTooFew axes: [Int], _ freedom: Double, keepsAxes: Bool) -> Tensor {
    let x = detached
    let deviations = x - x.mean(axes: axes, keepsAxes: true)
    let result = square(deviations).sum(axes: axes, keepsAxes: keepsAxes) / 0
    let kept = deviations.sum(axes: axes, keepsAxes: true).shape
    recording(untyped)?.record(
      "variance", result.untyped, of: untyped,
      by: .vectorJacobianProduct { [untyped] dy, _ in
        let gradient = Tensor(dy).reshaped(kept)
        if axes.isEmpty || untyped.rank == 0 {
          let slope = select(deviations .== Tensor(0), Tensor(.nan), Tensor(.infinity))
          return (gradient * slope).untyped
        }
        let x = Tensor(untyped)
        return (gradient * (x - x.mean(axes: axes, keepsAxes: true)) * Scalar(2 / freedom)).untyped
      })
    return result
  }

  /// Logarithm of the sum of exponentials over the given axes, or over all, without overflow.
  public func logSumExp(axes: Int..., keepsAxes: Bool = false) -> Tensor {
    logSumExp(axes: axes, keepsAxes: keepsAxes)
  }
  /// Logarithm of the sum of exponentials over the given axes; over all where there are none.
  public func logSumExp(axes: [Int], keepsAxes: Bool = false) -> Tensor {
    let axes = shape.axes(axes, "logSumExp")
    let x = detached
    let largest = x.max(axes: axes, keepsAxes: true)
    // An infinite maximum is the answer by itself; subtracting it would give NaN.
    let shift = select(abs(largest) .== Tensor(.infinity), Tensor(0), largest)
    let exponentials = exp(x - shift)
    let sum = exponentials.sum(axes: axes, keepsAxes: true)
    var logarithm = log(sum)
    // Where the largest has most of the weight, the others have lost their digits beside its 1.
    let isLone = (sum .< Tensor(1.5)) & (sum .>= Tensor(1))
    if isLone.any().scalar {
      let others = exponentials.filled(where: x .== largest, with: 0)
      let rest = log1p(others.sum(axes: axes, keepsAxes: true))
      logarithm = select(isLone, rest, logarithm)
    }
    let result = logarithm + shift
    recording(untyped)?.record(
      "logSumExp", result.untyped, of: untyped,
      by: .vectorJacobianProduct { [self] dy, _ in (Tensor(dy) * shares(axes, shift)).untyped })
    return keepsAxes ? result : result.reshaped(dropping(axes, from: shape))
  }

  /// The derivative of `logSumExp`: exponentials over their sum, as a softmax has them; of minus
  /// infinities only, zeros.
  private func shares(_ axes: [Int], _ shift: Tensor) -> Tensor {
    let exponentials = exp(self - shift)
    let sum = exponentials.sum(axes: axes, keepsAxes: true)
    return exponentials / sum.filled(where: sum .== Tensor(0), with: 1)
  }

  private func extent(of axes: [Int], _ operation: String) -> Int {
    axes.isEmpty
      ? count : axes.reduce(1) { $0 * (rank == 0 ? 1 : shape[shape.axis($1, operation)]) }
  }
}

extension Tensor where Scalar: NumericScalar {
  /// Position of the first largest element along an axis, or in the whole tensor in row-major
  /// order. The axis is dropped, or stays with extent 1.
  public func argmax(axis: Int? = nil, keepsAxes: Bool = false) -> Tensor<Int32> {
    position(axis, keepsAxes, largest: true)
  }

  /// Position of the first smallest element along an axis, or in the whole tensor in row-major
  /// order. The axis is dropped, or stays with extent 1.
  public func argmin(axis: Int? = nil, keepsAxes: Bool = false) -> Tensor<Int32> {
    position(axis, keepsAxes, largest: false)
  }

  private func position(_ axis: Int?, _ keepsAxes: Bool, largest: Bool) -> Tensor<Int32> {
    let name = largest ? "argmax" : "argmin"
    let chosen = axis.map { shape.axis($0, name) }
    if (chosen != nil && rank > 0 ? shape[chosen!] : count) == 0 {
      trap("\(name): a tensor of shape \(shape) has no elements to choose from")
    }
    guard let chosen, rank > 0 else {
      let flat = Compute.reshaped(untyped, [count])
      let result = Tensor<Int32>(Compute.extremum(flat, axis: 0, largest: largest))
      return keepsAxes ? result.reshaped(Shape(shape.map { _ in 1 })) : result
    }
    let result = Tensor<Int32>(Compute.extremum(untyped, axis: chosen, largest: largest))
    return keepsAxes ? result.reshaped(shape.replacing(chosen, with: 1)) : result
  }
}

/// The shape without the given axes, which count from the front.
func dropping(_ axes: [Int], from shape: Shape) -> Shape {
  Shape(shape.indices.filter { !axes.contains($0) }.map { shape[$0] })
}

/// Applies a reduction of one axis to several, the last first.
func reduced(
  _ x: UntypedTensor, _ axes: [Int], _ keepsAxes: Bool, _ name: StaticString,
  _ one: (UntypedTensor, Int) -> UntypedTensor
) -> UntypedTensor {
  let sorted = x.shape.axes(axes, "\(name)")
  if x.rank == 0 { return x }
  let kept = sorted.reduce(x.shape) { $0.replacing($1, with: 1) }
  var result = x
  if sorted.count == x.rank {
    // All at once: one pass, and one record.
    result = reshaped(one(reshaped(x, [x.count]), 0), [])
  } else {
    for axis in sorted.reversed() { result = one(result, axis) }
  }
  return keepsAxes ? reshaped(result, kept) : result
}

/// Sum along an axis, which the result does not have.
package func sum(_ x: UntypedTensor, axis: Int) -> UntypedTensor {
  let y = Compute.reduce(.sum, x, axis: axis)
  // Captured by itself, so that the elements need not be kept.
  let whole = x.shape
  recording(x)?.record(
    "sum", y, of: x,
    by: .linear({ sum($0, axis: axis) }) { dy, _ in
      expanded(reshaped(dy, whole.replacing(axis, with: 1)), whole)
    })
  return y
}

/// Sum of all elements.
package func sum(_ x: UntypedTensor) -> UntypedTensor {
  let y = Compute.reduce(.sum, x)
  let whole = x.shape
  recording(x)?.record("sum", y, of: x, by: .linear({ sum($0) }) { dy, _ in expanded(dy, whole) })
  return y
}

/// Sum over the axes along which `shape` was expanded: the derivative of broadcasting.
package func summed(_ x: UntypedTensor, to shape: Shape) -> UntypedTensor {
  if x.shape == shape { return x }
  var result = x
  while result.rank > shape.rank { result = sumLeading(result, result.rank - shape.rank) }
  for axis in 0..<shape.rank where shape[axis] == 1 && result.shape[axis] != 1 {
    result = reshaped(sum(result, axis: axis), result.shape.replacing(axis, with: 1))
  }
  return result
}

/// Sum over the first axes, as one.
private func sumLeading(_ x: UntypedTensor, _ count: Int) -> UntypedTensor {
  let rest = Shape(x.shape.dropFirst(count))
  let leading = x.shape.prefix(count).reduce(1, *)
  return reshaped(sum(reshaped(x, [leading, rest.elementCount]), axis: 0), rest)
}

private func extremum(
  _ x: UntypedTensor, _ axes: [Int], _ kept: Shape, _ reduction: Reduction, _ countsNaN: Bool
) -> UntypedTensor {
  var y = x
  for axis in axes.sorted().reversed() { y = Compute.reduce(reduction, y, axis: axis) }
  y = Compute.reshaped(y, kept)
  recording(x)?.record(
    reduction == .maximum ? "max" : "min", y, of: x,
    by: .vectorJacobianProduct { dy, _ in
      var ties = Compute.compare(.equal, x.detached, y.detached)
      if countsNaN { ties = Compute.or(ties, Compute.compare(.notEqual, x.detached, x.detached)) }
      var count = Compute.converted(ties, to: x.type)
      for axis in axes.sorted().reversed() { count = Compute.reduce(.sum, count, axis: axis) }
      count = Compute.reshaped(count, kept)
      // Nothing is equal to NaN.
      let none = Compute.compare(.equal, count, Compute.filled(x.type, [], 0))
      let others = masked(Compute.zeros(like: count), where: none, with: .nan)
      return select(ties, expanded(dy / count, x.shape), expanded(others, x.shape))
    })
  return y
}
