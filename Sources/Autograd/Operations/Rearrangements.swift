// Rearrangements that are made of others: pieces of an axis, rotations, repetitions, selections.

extension Tensor {
  /// Pieces of an axis, of the given lengths: of `[2, 5]` along axis 1 with lengths 2 and 3, tensors
  /// of `[2, 2]` and `[2, 3]`. Views. Traps unless the lengths add up to the extent.
  public func split(axis: Int, lengths: [Int]) -> [Tensor] {
    let position = shape.axis(axis, "split")
    if rank == 0 || lengths.reduce(0, +) != shape[position] || lengths.contains(where: { $0 < 0 }) {
      trap("split: lengths \(lengths) of axis \(axis) of a tensor of shape \(shape)")
    }
    var start = 0
    return lengths.map { length in
      defer { start += length }
      return narrowed(axis: position, to: start..<(start + length))
    }
  }

  /// Pieces of an axis, each of the given length but for the last, which may be shorter. Views. Traps
  /// on a length below 1.
  public func split(axis: Int, every length: Int) -> [Tensor] {
    let position = shape.axis(axis, "split")
    if rank == 0 || length < 1 {
      trap("split: pieces of length \(length) of axis \(axis) of a tensor of shape \(shape)")
    }
    let extent = shape[position]
    let lengths = stride(from: 0, to: extent, by: length).map { Swift.min(length, extent - $0) }
    return split(axis: position, lengths: lengths.isEmpty ? [0] : lengths)
  }

  /// At most `count` pieces of an axis, each of length ceil(extent / count) but for the last.
  /// Where that leaves nothing for a piece, there are fewer, but of no positions as many as are asked
  /// for. Views.
  public func chunked(axis: Int, into count: Int) -> [Tensor] {
    let position = shape.axis(axis, "chunk")
    if rank == 0 || count < 1 {
      trap("chunk: \(count) pieces of axis \(axis) of a tensor of shape \(shape)")
    }
    if shape[position] == 0 {
      return split(axis: position, lengths: Array(repeating: 0, count: count))
    }
    return split(axis: position, every: (shape[position] + count - 1) / count)
  }

  /// The positions of an axis moved on by `shift`, those that leave it at one end coming in at the
  /// other: element i goes to (i + shift) mod n.
  public func rolled(axis: Int, by shift: Int) -> Tensor {
    let position = shape.axis(axis, "roll")
    let extent = rank == 0 ? 1 : shape[position]
    if extent < 2 || shift % extent == 0 { return self }
    let front = extent - (shift % extent + extent) % extent
    return .concatenated(
      [narrowed(axis: position, to: front..<extent), narrowed(axis: position, to: 0..<front)],
      axis: position)
  }

  /// The tensor repeated along each axis, as NumPy's `tile`: repetitions and axes are aligned at
  /// the last, the shorter of both gets ones in front.
  public func tiled(_ repetitions: [Int]) -> Tensor {
    if repetitions.contains(where: { $0 < 0 }) { trap("tile: negative number in \(repetitions)") }
    var result = self
    while result.rank < repetitions.count { result = result.unsqueezed(axis: 0) }
    let offset = result.rank - repetitions.count
    for (position, count) in repetitions.enumerated() where count != 1 {
      let axis = position + offset
      var shape = result.shape
      shape.insert(count, at: axis)
      let whole = result.shape.replacing(axis, with: count * result.shape[axis])
      result = result.unsqueezed(axis: axis).expanded(to: shape).reshaped(whole)
    }
    return result
  }

  /// The positions `indices` of an axis, in that order; one may be named several times. The axes of
  /// `indices` stand in its position: `x.indexed(axis: 1, at: indices)` is `x[0..., indices]`.
  public func indexed(axis: Int, at indices: Tensor<Int32>) -> Tensor {
    let position = shape.axis(axis, "index")
    if rank == 0 { return reshaped([1] as Shape).rows(indices).reshaped([] as Shape) }
    return Tensor(Autograd.indexed(untyped, position, indices.untyped))
  }
}
