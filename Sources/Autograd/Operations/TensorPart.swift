// What an index chooses, and the two operations that indexing comes to: a view of a window, and a
// tensor with a window replaced. Positions that tensors name stand in ChosenPositions.swift.

/// The part of a tensor that indices choose, put together axis by axis.
@usableFromInline
struct TensorPart {
  /// The part before positions are chosen by tensors, as positions of a contiguous tensor.
  private(set) var window: Window
  /// The same in the tensor's own memory.
  private(set) var strides: Strides
  private(set) var offset = 0
  /// Positions that tensors name, of axes of the window.
  private(set) var choices: [PositionChoice] = []
  /// The next axis that no index stands for yet.
  private var axis = 0
  /// Number of axes that the indices after `...` stand for.
  private var reserved = 0
  private let ownStrides: Strides

  init(of whole: UntypedTensor) {
    window = Window(of: whole.shape)
    window.shape = Shape()
    ownStrides = whole.strides
    strides = ownStrides
  }

  private var whole: Shape { window.whole }

  /// Adds what one index chooses of the next axis, or axes.
  @usableFromInline
  mutating func add(_ index: AxisIndex) {
    if axis + index.axisCount > whole.rank {
      trap(
        "index: the tensor of shape \(whole) has \(whole.rank) axes, and no axis \(axis) for one "
          + "more index")
    }
    switch index.kind {
    case .position(let position): addPosition(position, "\(position)")
    case .positionFromEnd(let number):
      addPosition(number < 1 ? -1 : whole[axis] - number, ".fromEnd(\(number))")
    case .span(let span): addSpan(span)
    case .newAxis: append(1, from: 0, step: 0)
    case .chosen(let value): addChoice(value)
    }
  }

  /// Notes what an index after `...` stands for.
  @usableFromInline
  mutating func reserve(for index: AxisIndex) { reserved += index.axisCount }

  /// Adds all of the axes that the indices after `...` leave.
  @usableFromInline
  mutating func addWholeAxes() {
    while axis < whole.rank - reserved { addWhole() }
  }

  private mutating func addWhole() {
    append(whole[axis], from: 0, step: 1)
    axis += 1
  }

  /// Adds an axis of the result that begins at a position of this one.
  private mutating func append(_ extent: Int, from first: Int, step: Int) {
    let position = window.shape.rank
    let stride = step == 0 ? 0 : window.whole.contiguousStrides[axis]
    let ownStride = step == 0 ? 0 : ownStrides[axis]
    window.shape.append(extent)
    window.strides[position] = stride * step
    window.offset += first * stride
    strides[position] = ownStride * step
    offset += first * ownStride
  }

  private mutating func addPosition(_ position: Int, _ text: String) {
    if position < 0 || position >= whole[axis] {
      trap(
        "index: \(text) is no position of axis \(axis) of a tensor of shape \(whole)"
          + (text.hasPrefix("-") ? "; from the end, that is .fromEnd(\(text.dropFirst()))" : ""))
    }
    window.offset += position * window.whole.contiguousStrides[axis]
    offset += position * ownStrides[axis]
    axis += 1
  }

  private mutating func addSpan(_ span: AxisIndex.Span) {
    let extent = whole[axis]
    var (lower, upper) = (span.lower.resolved(extent), span.upper.resolved(extent))
    if span.isStrict {
      if lower < 0 || upper > extent || lower > upper {
        let end = span.upper.isFromEnd ? "..." : "..<\(upper)"
        let name =
          lower < 0 && span.upper.isFromEnd ? ".suffix(\(-lower))" : "dropFirst and dropLast"
        trap(
          "index: \(lower)\(end) is no range of axis \(axis) of a tensor of shape \(whole)"
            + (lower < 0 || upper < 0 ? "; from the end, that is \(name)" : ""))
      }
    } else {
      lower = Swift.min(Swift.max(lower, 0), extent)
      upper = Swift.min(Swift.max(upper, lower), extent)
    }
    let distance = Swift.abs(span.step)
    let count = (upper - lower + distance - 1) / distance
    append(count, from: span.step > 0 || count == 0 ? lower : upper - 1, step: span.step)
    axis += 1
  }

  private mutating func addChoice(_ value: UntypedTensor) {
    let spanned = value.type == .bool ? value.rank : 1
    choices.append(PositionChoice(value, at: window.shape.rank, of: whole, axis))
    for _ in 0..<spanned { addWhole() }
  }

  /// Adds the axes that no index stands for.
  private mutating func complete() {
    while axis < whole.rank { addWhole() }
  }

  // MARK: Reading

  /// The part of a tensor that it was put together for.
  consuming func taken(from x: UntypedTensor) -> UntypedTensor {
    complete()
    let base = viewed(x, window, strides, offset)
    return choices.isEmpty ? base : chosen(base, choices)
  }

  // MARK: Assigning

  /// Whether all of the tensor is there as it is.
  private var isWhole: Bool { window.shape == whole && window.isInOrder }

  /// `x` with the part replaced by `new`, which broadcasts to it; written into the memory of `x`
  /// where that is allowed.
  consuming func replaced(in x: UntypedTensor, by new: UntypedTensor, inPlace: Bool)
    -> UntypedTensor
  {
    complete()
    if choices.isEmpty {
      let new = expanded(checked(new, window.shape), window.shape)
      if !inPlace { return Autograd.replaced(x, window, new) }
      Compute.copy(new, to: window.view(of: x))
      return x
    }
    if choices.count == 1, new.count == 1, isWhole, let mask = choices[0].mask(over: whole) {
      return select(
        mask, expanded(reshaped(new, []), whole), x)
    }
    // Which elements they are, found by indexing their numbers in the same way.
    let positions = chosen(window.view(of: numbers(of: whole)), choices)
    let values = expanded(checked(new, positions.shape), positions.shape)
    if !inPlace { return Autograd.replaced(x, at: positions, values) }
    Compute.scatter(values, at: positions, into: x)
    return x
  }

  private func checked(_ new: UntypedTensor, _ shape: Shape) -> UntypedTensor {
    if new.shape.broadcast(with: shape) != shape {
      trap(
        "index: a tensor of shape \(new.shape) cannot become a part of shape \(shape) of a tensor "
          + "of shape \(whole)\(Compute.layerPath(new))")
    }
    return new
  }
}

extension Tensor {
  /// Replaces a part: in place, where nobody else holds the memory and nothing is recorded.
  @usableFromInline
  mutating func assign(_ new: Tensor, to part: TensorPart) {
    let isRecorded = untyped.isBeingRecorded || new.untyped.isBeingRecorded
    if !isRecorded { makeUnique() }
    untyped = part.replaced(in: untyped, by: new.untyped, inPlace: !isRecorded)
  }
}

extension Tensor {
  /// Replaces each element of a part by a number, which is there.
  @usableFromInline
  mutating func assign(_ number: Scalar?, to part: TensorPart) {
    guard let number else { trap("index: nil is no number to assign") }
    assign(Tensor(number), to: part)
  }
}

/// A window of a tensor: a view, or a copy where it goes backwards, which kernels do not read.
///
/// - Parameters:
///   - strides: the window's in the memory of `x`.
///   - offset: the window's in the memory of `x`.
private func viewed(_ x: UntypedTensor, _ window: Window, _ strides: Strides, _ offset: Int)
  -> UntypedTensor
{
  if window.shape == x.shape && window.isInOrder { return x }
  // An empty window's offset may lie outside.
  let start = window.shape.elementCount == 0 ? 0 : offset
  let view = UntypedTensor(viewing: x, window.shape, strides, offset: start)
  let y = window.isReversed ? Compute.copy(view) : view
  recording(x)?.record(
    "index", y, of: x,
    by: .linear(
      { window.view(of: Compute.contiguous($0)) },
      addingTo: { dy, whole in
        let target = window.view(of: whole)
        Compute.copy(Compute.binary(.add, target, dy), to: target)
      }
    ) { dy, _ in placed(dy, window, on: 0) })
  return y
}

/// `x` with `new`, which has the window's shape, in a window.
private func replaced(_ x: UntypedTensor, _ window: Window, _ new: UntypedTensor) -> UntypedTensor {
  let y = Compute.copy(x)
  Compute.copy(new, to: window.view(of: y))
  recording(x, new)?.record(
    "assign", y, of: x, new,
    by: .vectorJacobianProduct(tangent: { d in
      guard let dx = d[0] else { return d[1].map { placed($0, window, on: 0) } }
      return d[1].map { replaced(dx, window, $0) } ?? cleared(dx, window)
    }) { dy, operand in operand == 0 ? cleared(dy, window) : picked(dy, window) })
  return y
}

/// Zeros in a window.
private func cleared(_ x: UntypedTensor, _ window: Window) -> UntypedTensor {
  replaced(x, window, Compute.expanded(Compute.filled(x.type, [], 0), window.shape))
}

extension Window {
  /// Whether its elements are those of all of the tensor in their order, but for axes of extent 1.
  var isInOrder: Bool {
    if shape.elementCount != whole.elementCount || offset != 0 { return false }
    let order = shape.contiguousStrides
    return shape.indices.allSatisfy { shape[$0] <= 1 || strides[$0] == order[$0] }
  }

  /// Whether an axis goes backwards.
  var isReversed: Bool {
    shape.indices.contains { strides[$0] < 0 && shape[$0] > 1 }
  }
}
