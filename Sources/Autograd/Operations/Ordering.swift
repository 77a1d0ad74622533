// Sorting along an axis. The order is a constant to gradients, which go to the positions that the
// values came from.

extension Tensor where Scalar: NumericScalar {
  /// The elements along an axis in order, and where they were. Equal elements keep their order,
  /// also when descending; NaN counts as the largest.
  public func sorted(
    axis: Int = -1, descending: Bool = false
  ) -> (values: Tensor, indices: Tensor<Int32>) {
    let indices = order(axis, descending: descending, limit: nil)
    return (ordered(axis, indices), indices)
  }

  /// The `count` largest (or smallest) elements along an axis, from the largest (smallest) on, and
  /// where they were. Of equal elements the first come first; NaN counts as the largest.
  public func topK(
    _ count: Int, axis: Int = -1, largest: Bool = true
  ) -> (values: Tensor, indices: Tensor<Int32>) {
    let extent = rank == 0 ? 1 : shape[shape.axis(axis, "topK")]
    if count < 0 || count > extent {
      trap("topK: \(count) elements of axis \(axis) of a tensor of shape \(shape)")
    }
    if rank == 0 && count == 0 { trap("topK: no elements of a tensor without axes") }
    let indices = order(axis, descending: largest, limit: count)
    return (ordered(axis, indices), indices)
  }

  private func ordered(_ axis: Int, _ indices: Tensor<Int32>) -> Tensor {
    rank == 0 ? self : gathered(axis: axis, at: indices)
  }

  private func order(_ axis: Int, descending: Bool, limit: Int?) -> Tensor<Int32> {
    let position = shape.axis(axis, "sort")
    if rank == 0 { return Tensor<Int32>(0) }
    return Tensor<Int32>(
      Compute.order(
        untyped, axis: position, descending: descending, count: limit ?? shape[position]))
  }
}
