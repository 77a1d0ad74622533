// Parts of a tensor as people write them: `x[0]`, `x[1, ..., 2..<5]`, `x[indices]`, `x[mask] = 0`.
// `TensorIndex` lists what may stand in the brackets.
//
// `...` is a function to the compiler and no type can make it an index, so its positions, which are the
// first three, have subscripts of their own. `_modify` is spelled out as the compiler (6.3) fails to
// make one where indices are a parameter pack.

extension Tensor {
  /// A part of the tensor, differentiable; a view of the same memory, unless positions are named by a
  /// list or a tensor, or in reverse order. Assigning broadcasts what is assigned to the part, and is
  /// differentiable too.
  ///
  /// An index gives a tensor, be it of one element: `x[0, 1].scalar` is the number.
  @inlinable
  public subscript<each Index: TensorIndex>(_ index: repeat each Index) -> Tensor {
    get { taken(part(repeat each index)) }
    set { assign(newValue, to: part(repeat each index)) }
    _modify {
      let part = part(repeat each index)
      var new = taken(part)
      defer { assign(new, to: part) }
      yield &new
    }
  }

  /// The part that the indices name; `...` stands for the axes that they leave.
  @inlinable
  public subscript<each Index: TensorIndex>(
    _ rest: UnboundedRange, _ index: repeat each Index
  ) -> Tensor {
    get { taken(part(rest, repeat each index)) }
    set { assign(newValue, to: part(rest, repeat each index)) }
    _modify {
      let part = part(rest, repeat each index)
      var new = taken(part)
      defer { assign(new, to: part) }
      yield &new
    }
  }

  /// The part that the indices name; `...` stands for the axes that they leave.
  @inlinable
  public subscript<First: TensorIndex, each Index: TensorIndex>(
    _ first: First, _ rest: UnboundedRange, _ index: repeat each Index
  ) -> Tensor {
    get { taken(part(first, rest, repeat each index)) }
    set { assign(newValue, to: part(first, rest, repeat each index)) }
    _modify {
      let part = part(first, rest, repeat each index)
      var new = taken(part)
      defer { assign(new, to: part) }
      yield &new
    }
  }

  /// The part that the indices name; `...` stands for the axes that they leave.
  @inlinable
  public subscript<First: TensorIndex, Second: TensorIndex, each Index: TensorIndex>(
    _ first: First, _ second: Second, _ rest: UnboundedRange, _ index: repeat each Index
  ) -> Tensor {
    get { taken(part(first, second, rest, repeat each index)) }
    set { assign(newValue, to: part(first, second, rest, repeat each index)) }
    _modify {
      let part = part(first, second, rest, repeat each index)
      var new = taken(part)
      defer { assign(new, to: part) }
      yield &new
    }
  }
}

// MARK: Assigning a number

extension Tensor {
  /// A number for each element of a part: `x[mask] = 0`. It cannot be read so. Optional only so that
  /// no arithmetic takes it for a number.
  @_disfavoredOverload @inlinable
  public subscript<each Index: TensorIndex>(_ index: repeat each Index) -> Scalar? {
    @available(*, unavailable, message: "an index gives a tensor; `x[0].scalar` is its number")
    get { taken(part(repeat each index)).scalar }
    set { assign(newValue, to: part(repeat each index)) }
    @available(*, unavailable)
    _modify {
      var new: Scalar? = taken(part(repeat each index)).scalar
      yield &new
    }
  }

  /// Writes a number over the part that the indices name; `...` stands for the axes that they leave.
  @_disfavoredOverload @inlinable
  public subscript<each Index: TensorIndex>(
    _ rest: UnboundedRange, _ index: repeat each Index
  ) -> Scalar? {
    @available(*, unavailable, message: "an index gives a tensor; `x[..., 0].scalar` is its number")
    get { taken(part(rest, repeat each index)).scalar }
    set { assign(newValue, to: part(rest, repeat each index)) }
    @available(*, unavailable)
    _modify {
      var new: Scalar? = taken(part(rest, repeat each index)).scalar
      yield &new
    }
  }

  /// Writes a number over the part that the indices name; `...` stands for the axes that they leave.
  @_disfavoredOverload @inlinable
  public subscript<First: TensorIndex, each Index: TensorIndex>(
    _ first: First, _ rest: UnboundedRange, _ index: repeat each Index
  ) -> Scalar? {
    @available(*, unavailable, message: "an index gives a tensor; `x[0, ...].scalar` is its number")
    get { taken(part(first, rest, repeat each index)).scalar }
    set { assign(newValue, to: part(first, rest, repeat each index)) }
    @available(*, unavailable)
    _modify {
      var new: Scalar? = taken(part(first, rest, repeat each index)).scalar
      yield &new
    }
  }

  /// Writes a number over the part that the indices name; `...` stands for the axes that they leave.
  @_disfavoredOverload @inlinable
  public subscript<First: TensorIndex, Second: TensorIndex, each Index: TensorIndex>(
    _ first: First, _ second: Second, _ rest: UnboundedRange, _ index: repeat each Index
  ) -> Scalar? {
    @available(
      *, unavailable, message: "an index gives a tensor; `x[0, 0, ...].scalar` is its number"
    )
    get { taken(part(first, second, rest, repeat each index)).scalar }
    set { assign(newValue, to: part(first, second, rest, repeat each index)) }
    @available(*, unavailable)
    _modify {
      var new: Scalar? = taken(part(first, second, rest, repeat each index)).scalar
      yield &new
    }
  }
}

// MARK: What the indices choose

extension Tensor {
  @inlinable
  func part<each Index: TensorIndex>(_ index: repeat each Index) -> TensorPart {
    var part = TensorPart(of: self)
    repeat part.add((each index).axisIndex)
    return part
  }

  @inlinable
  func part<each Index: TensorIndex>(_: UnboundedRange, _ index: repeat each Index) -> TensorPart {
    var part = TensorPart(of: self)
    repeat part.reserve(for: (each index).axisIndex)
    part.addWholeAxes()
    repeat part.add((each index).axisIndex)
    return part
  }

  @inlinable
  func part<First: TensorIndex, each Index: TensorIndex>(
    _ first: First, _: UnboundedRange, _ index: repeat each Index
  ) -> TensorPart {
    var part = TensorPart(of: self)
    part.add(first.axisIndex)
    repeat part.reserve(for: (each index).axisIndex)
    part.addWholeAxes()
    repeat part.add((each index).axisIndex)
    return part
  }

  @inlinable
  func part<First: TensorIndex, Second: TensorIndex, each Index: TensorIndex>(
    _ first: First, _ second: Second, _: UnboundedRange, _ index: repeat each Index
  ) -> TensorPart {
    var part = TensorPart(of: self)
    part.add(first.axisIndex)
    part.add(second.axisIndex)
    repeat part.reserve(for: (each index).axisIndex)
    part.addWholeAxes()
    repeat part.add((each index).axisIndex)
    return part
  }

  @usableFromInline
  func taken(_ part: consuming TensorPart) -> Tensor { Tensor(part.taken(from: untyped)) }
}

extension TensorPart {
  /// To be put together from indices.
  @usableFromInline
  init<Scalar>(of whole: Tensor<Scalar>) { self.init(of: whole.untyped) }
}
