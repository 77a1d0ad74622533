// A tensor put together from others, as it is from numbers.

extension Tensor {
  /// Tensors of one shape along a new first axis, as `stacked` joins them; differentiable: of two
  /// numbers without axes, `Tensor([v, v + 2])` is a vector.
  @_disfavoredOverload
  public init(_ parts: [Tensor]) { self = .stacked(parts, axis: 0) }

  /// Equally long rows of tensors of one shape, along two new first axes; differentiable:
  /// `Tensor([[v], [v + 2]])` is a matrix of two rows.
  @_disfavoredOverload
  public init(_ rows: some Collection<[Tensor]>) {
    self = .stacked(rows.map { Tensor($0) }, axis: 0)
  }
}
