// Views and rearrangements. None of them touches a number, so the derivative is the way back.

extension Tensor {
  /// The elements in row-major order with another shape: a view where memory allows. One extent may
  /// be -1 and is inferred. Traps where the numbers of elements differ.
  public func reshaped(_ extents: [Int]) -> Tensor {
    var extents = extents
    let open = extents.indices.filter { extents[$0] == -1 }
    if open.count > 1 { trap("reshape: only one extent can be inferred, not \(open.count)") }
    if let axis = open.first {
      let known = Shape(extents.map { $0 == -1 ? 1 : $0 }).elementCount
      if known == 0 || count % known != 0 {
        trap("reshape: \(shape), \(count) elements, does not fit into \(extents)")
      }
      extents[axis] = count / known
    }
    return reshaped(Shape(extents))
  }

  /// The elements in row-major order with another shape: a view where memory allows. Traps where the
  /// numbers of elements differ.
  public func reshaped(_ shape: Shape) -> Tensor {
    if shape.elementCount != count {
      trap(
        "reshape: \(self.shape) has \(count) elements, \(shape) has \(shape.elementCount)"
          + Compute.layerPath(untyped))
    }
    return Tensor(Autograd.reshaped(untyped, shape))
  }

  /// All axes as one: the elements in row-major order.
  public func flattened() -> Tensor { reshaped([count] as Shape) }

  /// An interval of axes as one: `x.flattened(axes: 1...)` keeps the first. Its bounds may count
  /// from the end, as in `(-2)...`. Traps where there is no axis in it.
  public func flattened(axes: some RangeExpression<Int>) -> Tensor {
    // Bounds that are not there become those of a range that no axis reaches.
    let open = -(1 << 40)..<(1 << 40)
    let range = axes.relative(to: open)
    let first = range.lowerBound == open.lowerBound ? 0 : shape.axis(range.lowerBound, "flatten")
    let last =
      range.upperBound == open.upperBound
      ? Swift.max(rank, 1) - 1 : shape.axis(range.upperBound - 1, "flatten")
    if first > last || range.isEmpty || range == open.lowerBound..<0 {
      trap("flatten: no axis of shape \(shape) lies in \(axes)")
    }
    if rank == 0 { return reshaped([1] as Shape) }
    let extent = shape[first...last].reduce(1, *)
    return reshaped(Shape(Array(shape[..<first]) + [extent] + Array(shape[(last + 1)...])))
  }

  /// The axes in another order: axis i of the result is axis `order[i]` of this tensor. A view. Traps
  /// unless each axis is named once.
  public func permuted(axes order: [Int]) -> Tensor {
    let axes = order.map { shape.axis($0, "permute") }
    if axes.sorted() != Array(0..<rank) {
      trap("permute: \(order) does not name each of the \(rank) axes of \(shape) once")
    }
    return Tensor(Autograd.permuted(untyped, axes))
  }

  /// The last two axes exchanged, of a matrix rows and columns. A view; traps where there is one axis.
  public func transposed() -> Tensor { transposed(axes: -2, -1) }

  /// Two axes exchanged. A view; traps where there is no such axis.
  public func transposed(axes a: Int, _ b: Int) -> Tensor {
    if rank == 0 && Swift.abs(a) <= 1 && Swift.abs(b) <= 1 { return self }
    let (first, second) = (shape.axis(a, "transpose"), shape.axis(b, "transpose"))
    var order = Array(0..<rank)
    order.swapAt(first, second)
    return Tensor(Autograd.permuted(untyped, order))
  }

  /// A new axis of extent 1 at the given position of the result, -1 for the last. A view.
  public func unsqueezed(axis: Int) -> Tensor {
    var result = shape
    let position = axis < 0 ? axis + rank + 1 : axis
    if position < 0 || position > rank {
      trap("unsqueeze: axis \(axis) of the result of a tensor of shape \(shape)")
    }
    result.insert(1, at: position)
    return reshaped(result)
  }

  /// Without the given axes as far as their extent is 1; without all such axes if none is named.
  public func squeezed(axes: Int...) -> Tensor { squeezed(axes: axes) }
  /// Without the given axes as far as their extent is 1; without all such axes if none is named.
  public func squeezed(axes: [Int]) -> Tensor {
    let named = axes.isEmpty ? Array(0..<rank) : axes.map { shape.axis($0, "squeeze") }
    return reshaped(dropping(named.filter { $0 < rank && shape[$0] == 1 }, from: shape))
  }

  /// Expanded to a shape: new axes in front, extents 1 repeated. A view.
  public func expanded(to shape: Shape) -> Tensor {
    if self.shape.broadcast(with: shape) != shape {
      trap("expand: \(self.shape) does not expand to \(shape)\(Compute.layerPath(untyped))")
    }
    return Tensor(Autograd.expanded(untyped, shape))
  }

  /// A part of an axis. A view; negative bounds are not counted from the end.
  public func narrowed(axis: Int, to range: Range<Int>) -> Tensor {
    let position = shape.axis(axis, "narrow")
    if rank == 0 || range.lowerBound < 0 || range.upperBound > shape[position] {
      trap("narrow: \(range) of axis \(axis) of a tensor of shape \(shape)")
    }
    return Tensor(Autograd.narrowed(untyped, position, range))
  }

  /// One position of an axis, which the result does not have. A view where its elements lie one after
  /// another, as those of the first axis do; else a copy.
  public func selected(axis: Int, at index: Int) -> Tensor {
    let position = shape.axis(axis, "select")
    if rank == 0 || index < 0 || index >= shape[position] {
      trap("select: index \(index) of axis \(axis) of a tensor of shape \(shape)")
    }
    let part = Autograd.narrowed(untyped, position, index..<(index + 1))
    return Tensor(Autograd.reshaped(part, shape.removing(position)))
  }

  /// The positions of an axis one by one, as tensors without it. One record for all of them, so a
  /// loop over time costs no more than its steps.
  public func unstacked(axis: Int) -> [Tensor] {
    if rank == 0 { trap("unstack: a tensor without axes has no positions") }
    return Autograd.unstacked(untyped, shape.axis(axis, "unstack")).map { Tensor($0) }
  }

  /// Tensors joined along an existing axis, one after another: of `[2, 3]` and `[2, 1]` along axis 1,
  /// `[2, 4]`. Traps where they differ elsewhere, and where there are none.
  public static func concatenated(_ parts: [Tensor], axis: Int) -> Tensor {
    guard let first = parts.first else { trap("concatenate: there is no tensor") }
    let position = first.shape.axis(axis, "concatenate")
    for part in parts {
      if part.rank != first.rank || part.rank == 0
        || part.shape.replacing(position, with: 1) != first.shape.replacing(position, with: 1)
      {
        trap(
          "concatenate: \(first.shape) and \(part.shape) differ elsewhere than at axis \(axis)"
            + Compute.layerPath(first.untyped, part.untyped))
      }
    }
    return Tensor(Autograd.concatenated(parts.map { $0.untyped }, position))
  }

  /// Tensors of one shape joined along a new axis: two of `[3]` along axis 0 make `[2, 3]`. Traps
  /// where shapes differ, and where there are none.
  public static func stacked(_ parts: [Tensor], axis: Int) -> Tensor {
    guard let first = parts.first else { trap("stack: there is no tensor") }
    for part in parts where part.shape != first.shape {
      trap(
        "stack: \(first.shape) and \(part.shape) differ"
          + Compute.layerPath(first.untyped, part.untyped))
    }
    return concatenated(parts.map { $0.unsqueezed(axis: axis) }, axis: axis)
  }
}

package func reshaped(_ x: UntypedTensor, _ shape: Shape) -> UntypedTensor {
  if x.shape == shape { return x }
  let y = Compute.reshaped(x, shape)
  y.label = x.label
  recording(x)?.record(
    "reshape", y, of: x,
    by: .linear({ reshaped($0, shape) }) { [whole = x.shape] dy, _ in reshaped(dy, whole) })
  return y
}

package func permuted(_ x: UntypedTensor, _ order: [Int]) -> UntypedTensor {
  var strides = Strides(repeating: 0)
  var shape = Shape()
  let sources = x.strides
  for (axis, source) in order.enumerated() {
    strides[axis] = sources[source]
    shape.append(x.shape[source])
  }
  let y = UntypedTensor(viewing: x, shape, strides)
  y.label = x.label
  recording(x)?.record(
    "permute", y, of: x,
    by: .linear({ permuted($0, order) }) { dy, _ in
      var back = order
      for (axis, source) in order.enumerated() { back[source] = axis }
      return permuted(dy, back)
    })
  return y
}

/// The last two axes exchanged.
package func transposed(_ x: UntypedTensor) -> UntypedTensor {
  let last = x.rank - 1
  var (shape, strides) = (x.shape, x.strides)
  shape.swapAt(last - 1, last)
  (strides[last - 1], strides[last]) = (strides[last], strides[last - 1])
  let y = UntypedTensor(viewing: x, shape, strides)
  y.label = x.label
  recording(x)?.record(
    "permute", y, of: x, by: .linear({ transposed($0) }) { dy, _ in transposed(dy) })
  return y
}

package func expanded(_ x: UntypedTensor, _ shape: Shape) -> UntypedTensor {
  if x.shape == shape { return x }
  let y = Compute.expanded(x, shape)
  recording(x)?.record(
    "expand", y, of: x,
    by: .linear({ expanded($0, shape) }) { [part = x.shape] dy, _ in summed(dy, to: part) })
  return y
}

package func narrowed(_ x: UntypedTensor, _ axis: Int, _ range: Range<Int>) -> UntypedTensor {
  let y = part(of: x, axis, range)
  recording(x)?.record(
    "narrow", y, of: x,
    by: .linear(
      { narrowed($0, axis, range) },
      addingTo: { dy, whole in
        let target = part(of: whole, axis, range)
        Compute.copy(Compute.binary(.add, target, dy), to: target)
      }
    ) { [extent = x.shape[axis]] dy, _ in widened(dy, axis, range.lowerBound, extent) })
  return y
}

/// A view of the positions of an axis that are in the range, off the tape.
private func part(of whole: UntypedTensor, _ axis: Int, _ range: Range<Int>) -> UntypedTensor {
  UntypedTensor(
    viewing: whole, whole.shape.replacing(axis, with: range.count), whole.strides,
    offset: range.lowerBound * whole.strides[axis])
}

/// `x` as a part of zeros: the derivative of `narrowed`.
package func widened(_ x: UntypedTensor, _ axis: Int, _ start: Int, _ extent: Int) -> UntypedTensor
{
  let count = x.shape[axis]
  let y = Compute.filled(x.type, x.shape.replacing(axis, with: extent), 0)
  Compute.copy(
    x, to: UntypedTensor(viewing: y, x.shape, y.strides, offset: start * y.strides[axis]))
  recording(x)?.record(
    "pad", y, of: x,
    by: .linear({ widened($0, axis, start, extent) }) { dy, _ in
      narrowed(dy, axis, start..<(start + count))
    })
  return y
}

package func unstacked(_ x: UntypedTensor, _ axis: Int) -> [UntypedTensor] {
  let shape = x.shape.removing(axis)
  var strides = Strides(repeating: 0)
  for i in 0..<shape.rank { strides[i] = x.strides[i < axis ? i : i + 1] }
  let parts = (0..<x.shape[axis]).map {
    UntypedTensor(viewing: x, shape, strides, offset: $0 * x.strides[axis])
  }
  if !parts.isEmpty, let tape = recording(x) {
    tape.record(
      "unstack", parts, of: [x],
      by: .vectorJacobianProducts(tangents: { unstacked($0[0]!, axis) }) { gradients, _ in
        let zero = Compute.filled(x.type, shape, 0)
        var extended = shape
        extended.insert(1, at: axis)
        return [concatenated(gradients.map { reshaped($0 ?? zero, extended) }, axis)]
      })
  }
  return parts
}

/// Copies of the parts, one after the other, off the tape. A function of its own: beside what records
/// it, the views would be objects on the heap.
@inline(never)
private func joined(_ parts: [UntypedTensor], _ axis: Int) -> UntypedTensor {
  let extent = parts.reduce(0) { $0 + $1.shape[axis] }
  let y = UntypedTensor(parts[0].type, parts[0].shape.replacing(axis, with: extent))
  var start = 0
  for part in parts {
    let strides = y.strides
    Compute.copy(
      part, to: UntypedTensor(viewing: y, part.shape, strides, offset: start * strides[axis]))
    start += part.shape[axis]
  }
  return y
}

package func concatenated(_ parts: [UntypedTensor], _ axis: Int) -> UntypedTensor {
  let y = joined(parts, axis)
  recording(parts)?.record(
    "concatenate", [y], of: parts,
    by: .vectorJacobianProducts(tangents: { tangents in
      [concatenated(zip(parts, tangents).map { $1 ?? Compute.zeros(like: $0) }, axis)]
    }) { gradients, needed in
      var start = 0
      return zip(parts, needed).map { part, isNeeded in
        defer { start += part.shape[axis] }
        guard isNeeded, let dy = gradients[0] else { return nil }
        return narrowed(dy, axis, start..<(start + part.shape[axis]))
      }
    })
  return y
}
