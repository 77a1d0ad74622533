// Positions that tensors name: by their numbers, or by truth values.

/// The positions of one axis that a tensor of `Int32` names, or those of several axes at which one of
/// `Bool` is true.
struct PositionChoice {
  private let value: UntypedTensor
  /// The first of its axes in the window.
  let axis: Int
  /// Number of axes that it stands for.
  let axisCount: Int

  /// - Parameters:
  ///   - axis: the first of its axes in the window.
  ///   - whole: the shape of the tensor.
  ///   - first: the first of its axes there, which messages name.
  init(_ value: UntypedTensor, at axis: Int, of whole: Shape, _ first: Int) {
    self.value = Compute.contiguous(value)
    self.axis = axis
    axisCount = value.type == .bool ? value.rank : 1
    if value.type == .bool {
      Self.checkMask(value, whole, first)
    } else {
      Self.checkPositions(self.value, whole, first)
    }
  }

  private static func checkMask(_ mask: UntypedTensor, _ whole: Shape, _ first: Int) {
    if mask.rank == 0 { trap("index: a mask has at least one axis") }
    for axis in 0..<mask.rank where mask.shape[axis] != whole[first + axis] {
      trap(
        "index: a mask of shape \(mask.shape) for the axes from \(first) on of a tensor of shape "
          + "\(whole): \(mask.shape[axis]) and \(whole[first + axis]) differ at axis \(first + axis)"
      )
    }
  }

  private static func checkPositions(_ positions: UntypedTensor, _ whole: Shape, _ axis: Int) {
    let numbers = UnsafeBufferPointer(start: positions.pointer(Int32.self), count: positions.count)
    for number in numbers where number < 0 || Int(number) >= whole[axis] {
      trap("index: \(number) is no position of axis \(axis) of a tensor of shape \(whole)")
    }
  }

  /// The mask as it broadcasts to a tensor of this shape; nil where positions are named by numbers.
  func mask(over shape: Shape) -> UntypedTensor? {
    if value.type != .bool { return nil }
    var own = value.shape
    while own.rank + axis < shape.rank { own.append(1) }
    return Compute.expanded(value.viewed(as: own), shape)
  }

  /// The positions as numbers, counted through all of its axes.
  var positions: UntypedTensor {
    if value.type != .bool { return value }
    let isTrue = UnsafeBufferPointer(start: value.pointer(Bool.self), count: value.count)
    let found = isTrue.indices.lazy.filter { isTrue[$0] }
    return Tensor<Int32>(found.map { Int32($0) }).untyped
  }
}

/// The elements at the positions that tensors name, which are those of neighbouring axes: where there
/// are several, they broadcast, and name the positions of their axes together, as in NumPy. The axes of
/// the result stand where those of the choices stood.
func chosen(_ x: UntypedTensor, _ choices: [PositionChoice]) -> UntypedTensor {
  let first = choices[0].axis
  var axisCount = 0
  var positions: UntypedTensor?
  for choice in choices {
    if choice.axis != first + axisCount {
      trap(
        "index: tensors of indices, and masks, stand next to each other, so that they can be taken "
          + "together; index by one after the other: x[rows][..., columns]")
    }
    let extent = x.shape[choice.axis..<(choice.axis + choice.axisCount)].reduce(1, *)
    axisCount += choice.axisCount
    if let before = positions {
      if before.shape.broadcast(with: choice.positions.shape) == nil {
        Compute.mismatch("index by several tensors", before, choice.positions)
      }
      positions = before * Double(extent) + choice.positions
    } else {
      positions = choice.positions
    }
  }
  let after = first + axisCount
  let extent = x.shape[first..<after].reduce(1, *)
  if extent > Int32.max {
    trap("index: axes \(first) to \(after - 1) of \(x.shape) have too many positions for Int32")
  }
  let merged = reshaped(x, Shape(Array(x.shape[..<first]) + [extent] + Array(x.shape[after...])))
  return positions.map { indexed(merged, first, $0) } ?? x
}

/// The positions `indices`, of any shape, of an axis; the axes of `indices` stand in its position.
package func indexed(_ x: UntypedTensor, _ axis: Int, _ indices: UntypedTensor) -> UntypedTensor {
  if axis == 0 { return rows(x, indices) }
  let others = Array(0..<axis) + Array((axis + 1)..<x.rank)
  let chosen = rows(permuted(x, [axis] + others), indices)
  let front = Array(indices.rank..<(indices.rank + axis))
  let back = Array((indices.rank + axis)..<chosen.rank)
  return permuted(chosen, front + Array(0..<indices.rank) + back)
}

/// 0, 1, 2, ... for the elements of a shape.
func numbers(of shape: Shape) -> UntypedTensor {
  let count = shape.elementCount
  if count > Int32.max { trap("index: a tensor of shape \(shape) has too many elements for Int32") }
  return Tensor<Int32>((0..<Int32(count)).map { $0 }, shape: shape).untyped
}

/// `x` with `new` at positions of its elements, in row-major order; of those for one position, the last.
func replaced(_ x: UntypedTensor, at positions: UntypedTensor, _ new: UntypedTensor)
  -> UntypedTensor
{
  let y = Compute.copy(x)
  Compute.scatter(new, at: positions, into: y)
  recording(x, new)?.record(
    "assign", y, of: x, new,
    by: .vectorJacobianProduct { dy, operand in
      let zero = Compute.filled(dy.type, [], 0)
      if operand == 0 {
        return replaced(dy, at: positions, Compute.expanded(zero, positions.shape))
      }
      let flat = reshaped(dy, [dy.count])
      let isLast = Compute.isLast(positions, of: dy.count)
      return select(isLast, rows(flat, positions), Compute.expanded(zero, positions.shape))
    })
  return y
}

extension Compute {
  /// Writes the elements of `x` over those of a contiguous target at the given positions.
  static func scatter(_ x: UntypedTensor, at positions: UntypedTensor, into target: UntypedTensor) {
    let (x, positions) = (contiguous(x), contiguous(positions))
    let position = positions.pointer(Int32.self)
    func run<Word: BitwiseCopyable>(_: Word.Type) {
      let (from, to) = (x.pointer(Word.self), target.pointer(Word.self))
      for i in 0..<positions.count { to[Int(position[i])] = from[i] }
    }
    switch x.type.size {
    case 1: run(UInt8.self)
    case 4: run(UInt32.self)
    default: run(UInt64.self)
    }
    withExtendedLifetime((x, positions)) {}
  }

  /// Where no later one names the same position of so many elements.
  static func isLast(_ positions: UntypedTensor, of count: Int) -> UntypedTensor {
    let positions = contiguous(positions)
    let position = positions.pointer(Int32.self)
    let result = UntypedTensor(.bool, positions.shape)
    let isLast = result.pointer(Bool.self)
    var isNamed = [Bool](repeating: false, count: count)
    for i in (0..<positions.count).reversed() {
      isLast[i] = !isNamed[Int(position[i])]
      isNamed[Int(position[i])] = true
    }
    withExtendedLifetime(positions) {}
    return result
  }
}
