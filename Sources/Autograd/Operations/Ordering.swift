// Sorting along an axis. The order is a constant to gradients, which go to the places that the
// values came from.

extension Tensor where Scalar: FloatingPointScalar {
  /// The elements along an axis in order, and where they were. Equal elements keep their order,
  /// also when descending; NaN counts as the largest.
  public func sorted(
    _ axis: Int = -1, descending: Bool = false
  ) -> (values: Tensor, indices: Tensor<Int32>) {
    let indices = order(axis, descending: descending, limit: nil)
    return (ordered(axis, indices), indices)
  }

  /// The `count` largest (or smallest) elements along an axis, from the largest (smallest) on, and
  /// where they were. Of equal elements the first come first; NaN counts as the largest.
  public func top(
    _ count: Int, axis: Int = -1, largest: Bool = true
  ) -> (values: Tensor, indices: Tensor<Int32>) {
    let extent = rank == 0 ? 1 : shape[shape.axis(axis, "top")]
    if count < 0 || count > extent {
      trap("top: \(count) elements of axis \(axis) of a tensor of shape \(shape)")
    }
    if rank == 0 && count == 0 { trap("top: no elements of a tensor without axes") }
    let indices = order(axis, descending: largest, limit: count)
    return (ordered(axis, indices), indices)
  }

  private func ordered(_ axis: Int, _ indices: Tensor<Int32>) -> Tensor {
    rank == 0 ? self : gathered(axis, indices)
  }

  private func order(_ axis: Int, descending: Bool, limit: Int?) -> Tensor<Int32> {
    let position = shape.axis(axis, "sort")
    if rank == 0 { return Tensor<Int32>(0) }
    let extents = Compute.extents(shape, position)
    let count = limit ?? extents.axis
    let result = Value(.int32, shape.replacing(position, with: count))
    let source = Compute.contiguous(value)
    let (from, to) = (source.pointer(Scalar.self), result.pointer(Int32.self))
    for outer in 0..<extents.outer {
      for inner in 0..<extents.inner {
        let row = from + (outer * extents.axis * extents.inner + inner)
        // The standard library's sort is stable.
        let order = (0..<extents.axis).sorted { i, j in
          let (a, b) = (row[i * extents.inner], row[j * extents.inner])
          let (low, high) = descending ? (b, a) : (a, b)
          return low < high || (high.isNaN && !low.isNaN)
        }
        for place in 0..<count {
          to[(outer * count + place) * extents.inner + inner] = Int32(order[place])
        }
      }
    }
    return withExtendedLifetime(source) { Tensor<Int32>(result) }
  }
}

extension Operation {
  static let ordering: [Operation] = [
    .init("sort", [[3, 4]]) { $0[0].sorted(0, descending: true).values },
    .init("top", [[3, 4]]) { $0[0].top(2).values },
  ]
}
