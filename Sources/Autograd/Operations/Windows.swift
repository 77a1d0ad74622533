// Parts of a tensor that lie at regular distances: windows, reversed axes, diagonals, padding.

/// Positions in a contiguous tensor: the element at position p of `shape` is the one at
/// `offset + p · strides` of a tensor of shape `whole`. No position is named twice.
package struct Window {
  package let whole: Shape
  package var shape: Shape
  package var strides: Strides
  package var offset = 0

  /// All of a tensor.
  package init(of whole: Shape) {
    self.whole = whole
    shape = whole
    strides = whole.contiguousStrides
  }

  /// The window's positions in a contiguous tensor of shape `whole`.
  func view(of base: UntypedTensor) -> UntypedTensor {
    // An empty window's offset may lie outside.
    UntypedTensor(viewing: base, shape, strides, offset: shape.elementCount == 0 ? 0 : offset)
  }
}

/// The elements in a window, copied.
package func picked(_ x: UntypedTensor, _ window: Window) -> UntypedTensor {
  let y = Compute.copy(window.view(of: Compute.contiguous(x)))
  recording(x)?.record(
    "pick", y, of: x, by: .linear({ picked($0, window) }) { dy, _ in placed(dy, window, on: 0) })
  return y
}

/// A tensor of one number with `x` in a window: the derivative of `picked`.
package func placed(_ x: UntypedTensor, _ window: Window, on background: Double) -> UntypedTensor {
  let y = Compute.filled(x.type, window.whole, background)
  Compute.copy(x, to: window.view(of: y))
  recording(x)?.record(
    "place", y, of: x, by: .linear({ placed($0, window, on: 0) }) { dy, _ in picked(dy, window) })
  return y
}

extension Tensor {
  /// The given axes in reverse order.
  public func flipped(axes: Int...) -> Tensor { flipped(axes: axes) }
  /// The given axes in reverse order; none where there are none.
  public func flipped(axes: [Int]) -> Tensor {
    if axes.isEmpty { return self }
    var window = Window(of: shape)
    for axis in shape.axes(axes, "flip") {
      window.offset += (shape[axis] - 1) * window.strides[axis]
      window.strides[axis] = -window.strides[axis]
    }
    return Tensor(picked(untyped, window))
  }

  /// The diagonal of the last two axes as a new last axis: elements whose column is their row plus
  /// `offset`.
  public func diagonal(offset: Int = 0) -> Tensor { diagonal(offset: offset, axes: -2, -1) }

  /// The diagonal of two axes as a new last axis: elements whose index of `second` is that of
  /// `first` plus `offset`.
  public func diagonal(offset: Int = 0, axes first: Int, _ second: Int) -> Tensor {
    if rank < 2 { trap("diagonal: a tensor of shape \(shape) has fewer than two axes") }
    let (row, column) = (shape.axis(first, "diagonal"), shape.axis(second, "diagonal"))
    if row == column { trap("diagonal: axis \(first) of a tensor of shape \(shape) with itself") }
    let count = Swift.min(
      shape[row] - Swift.max(-offset, 0), shape[column] - Swift.max(offset, 0))
    var window = Window(of: shape)
    let strides = window.strides
    window.offset =
      offset >= 0 ? offset * strides[column] : -offset * strides[row]
    let others = shape.indices.filter { $0 != row && $0 != column }
    window.shape = Shape(others.map { shape[$0] } + [Swift.max(count, 0)])
    for (position, axis) in others.enumerated() { window.strides[position] = strides[axis] }
    window.strides[others.count] = strides[row] + strides[column]
    return Tensor(picked(untyped, window))
  }

  /// A number before and after the elements of each axis.
  ///
  /// - Parameter widths: how many positions, for each axis from the first; negative ones take so many
  ///   elements away.
  public func padded(_ widths: [(before: Int, after: Int)], with number: Scalar) -> Tensor {
    if widths.count != rank || zip(shape, widths).contains(where: { $0 + $1.before + $1.after < 0 })
    {
      trap("pad: widths \(widths) for a tensor of shape \(shape)")
    }
    if widths.contains(where: { $0.before < 0 || $0.after < 0 }) {
      return padded(widths.map { (Swift.max($0.before, 0), Swift.max($0.after, 0)) }, with: number)
        .cropped(widths.map { (Swift.max(-$0.before, 0), Swift.max(-$0.after, 0)) })
    }
    let whole = Shape(zip(shape, widths).map { $0 + $1.before + $1.after })
    var window = Window(of: whole)
    window.shape = shape
    for (axis, width) in widths.enumerated() {
      window.offset += width.before * window.strides[axis]
    }
    return Tensor(placed(untyped, window, on: number.number))
  }

  /// Without so many elements at the beginning and the end of each axis.
  private func cropped(_ widths: [(before: Int, after: Int)]) -> Tensor {
    var result = self
    for (axis, width) in widths.enumerated() {
      result = result.narrowed(axis: axis, to: width.before..<(shape[axis] - width.after))
    }
    return result
  }

}

extension Tensor where Scalar: NumericScalar {
  /// Zeros before and after the elements of each axis.
  ///
  /// - Parameter widths: how many places, for each axis from the first; negative ones take so many
  ///   elements away.
  public func padded(_ widths: [(before: Int, after: Int)]) -> Tensor { padded(widths, with: 0) }

  /// The elements of the last two axes whose column minus row is at most `diagonal`; zeros above.
  public func lowerTriangle(diagonal: Int = 0) -> Tensor { triangle { $0 <= diagonal } }

  /// The elements of the last two axes whose column minus row is at least `diagonal`; zeros below.
  public func upperTriangle(diagonal: Int = 0) -> Tensor { triangle { $0 >= diagonal } }

  private func triangle(_ keeps: (Int) -> Bool) -> Tensor {
    if rank < 2 { trap("triangle: a tensor of shape \(shape) has fewer than two axes") }
    let (rows, columns) = (shape[rank - 2], shape[rank - 1])
    let isOutside = Tensor<Bool>(
      (0..<(rows * columns)).map { !keeps($0 % columns - $0 / columns) }, shape: [rows, columns])
    return filled(where: isOutside, with: 0)
  }
}
