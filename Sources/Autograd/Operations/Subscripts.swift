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

extension DerivativeCase {
  static let subscripts: [DerivativeCase] = [
    .init("one position", [[3, 4]]) { $0[0][1] * $0[0][.last] },
    .init("one element", [[2, 3]]) { $0[0].sum() * $0[0][0, 1] },
    .init("positions of several axes", [[3, 4, 5]]) { $0[0][1, ..., 2..<5] },
    .init("each second position, reversed", [[3, 6]]) { $0[0][.all.by(-1), (1...).by(2)] },
    .init("new axes", [[2, 3]]) { $0[0][.newAxis, ..., .newAxis] * $0[0][0..., .newAxis, 0...] },
    .init("part of a transpose", [[3, 4]]) { $0[0].transposed()[.dropFirst(), 1] },
    .init("rows by indices", [[4, 3]]) { $0[0][Tensor<Int32>([[2, 0], [2, 3]])] },
    .init("positions of the last axis by indices", [[2, 4]]) { $0[0][..., [3, 0, 3]] },
    .init("positions of two axes by indices", [[3, 4, 2]]) {
      $0[0][Tensor<Int32>([[2], [0]]), [1, 3, 1], 0]
    },
    .init("choice by a mask", [[2, 3, 2]]) {
      $0[0][Tensor([[true, false, true], [false, false, true]])]
    },
    .init("assignment to a part", [[3, 4], [4]]) { inputs in
      var x = inputs[0]
      x[1] = inputs[1]
      x[..., 0] = x[..., 1] * x[..., 2]
      return x * inputs[0]
    },
    .init("assignment of a constant", [[3, 4]]) { inputs in
      var x = inputs[0]
      x[0..<2, .suffix(2)] = 3
      return x * inputs[0]
    },
    .init("assignment to a constant", [[2, 2]]) { inputs in
      var x = Tensor<Double>.ones([2, 3])
      x[..., .suffix(2).by(-1)] = inputs[0]
      return x * x
    },
    .init("assignment to rows by indices", [[4, 3], [3, 3]]) { inputs in
      var x = inputs[0]
      x[[2, 0, 2]] = inputs[1]
      return x * x
    },
    .init("assignment where a mask is true", [[2, 3], [3]]) { inputs in
      var x = inputs[0]
      x[Tensor([[true, false, true], [false, false, true]])] = inputs[1]
      x[Tensor([[false, true, false], [false, false, true]])] = inputs[1][0] * x.sum()
      return x * x
    },
  ]
}
