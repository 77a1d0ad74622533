/// The matrix product, as NumPy's `@`: of the last two axes, the axes in front broadcast; a vector
/// on the left is a row, on the right a column, and the axis that it lacks is dropped.
public func matmul<Scalar: FloatingPointScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>
) -> Tensor<Scalar> {
  if a.rank == 0 || b.rank == 0 {
    trap("matmul: \(a.shape) x \(b.shape): a tensor without axes is no matrix")
  }
  let left = a.rank == 1 ? a.unsqueezed(axis: 0) : a
  let right = b.rank == 1 ? b.unsqueezed(axis: 1) : b
  checkInner(left.untyped, right.untyped, a.shape, b.shape)
  var y = Tensor<Scalar>(matmul(left.untyped, right.untyped))
  if b.rank == 1 { y = y.reshaped(y.shape.removing(y.rank - 1)) }
  if a.rank == 1 { y = y.reshaped(y.shape.removing(y.rank - (b.rank == 1 ? 1 : 2))) }
  return y
}

private func checkInner(_ a: UntypedTensor, _ b: UntypedTensor, _ shapeA: Shape, _ shapeB: Shape) {
  let (inner, other) = (a.shape[a.rank - 1], b.shape[b.rank - 2])
  if inner != other {
    trap(
      "matmul: \(shapeA) x \(shapeB): inner sizes \(inner) and \(other) differ"
        + Compute.layerPath(a, b))
  }
}

/// Both at least matrices, inner sizes equal.
package func matmul(_ a: UntypedTensor, _ b: UntypedTensor) -> UntypedTensor {
  let y = Compute.matrixProduct(a, b)
  recording(a, b)?.record(
    "matmul", y, of: a, b,
    by: .vectorJacobianProduct(
      tangent: { d in sumOfTangents(d[0].map { matmul($0, b) }, d[1].map { matmul(a, $0) }) }
    ) { dy, operand in
      if b.rank == 2 { return operand == 0 ? linear(dy, b, nil) : rowProduct(a, dy) }
      if operand == 0 { return summed(matmul(dy, transposed(b)), to: a.shape) }
      return summed(matmul(transposed(a), dy), to: b.shape)
    })
  return y
}

/// `input weightᵀ + bias`.
///
/// - Parameters:
///   - input: `[..., in]`
///   - weight: `[out, in]`
///   - bias: `[out]`
/// - Returns: `[..., out]`
public func linear<Scalar: FloatingPointScalar>(
  _ input: Tensor<Scalar>, _ weight: Tensor<Scalar>, _ bias: Tensor<Scalar>? = nil
) -> Tensor<Scalar> {
  Tensor(checkedLinear(input.untyped, weight.untyped, bias?.untyped))
}

/// A linear function of tensors whose shapes are checked; not generic, it looks up no type.
package func checkedLinear(_ input: UntypedTensor, _ weight: UntypedTensor, _ bias: UntypedTensor?)
  -> UntypedTensor
{
  checkLinear(input, weight, bias)
  return linear(input, weight, bias)
}

/// Traps unless the shapes fit a linear function.
func checkLinear(_ input: UntypedTensor, _ weight: UntypedTensor, _ bias: UntypedTensor?) {
  if weight.rank != 2 || input.rank == 0 || input.shape[input.rank - 1] != weight.shape[1] {
    trap(
      "linear: an input of shape \(input.shape) for a weight of shape \(weight.shape): the "
        + "input's last axis must have the weight's second extent"
        + Compute.layerPath(weight, input))
  }
  if let bias, bias.rank != 1 || bias.shape[0] != weight.shape[0] {
    trap(
      "linear: a bias of shape \(bias.shape) for a weight of shape \(weight.shape)"
        + Compute.layerPath(bias))
  }
}

package func linear(_ input: UntypedTensor, _ weight: UntypedTensor, _ bias: UntypedTensor?)
  -> UntypedTensor
{
  if input.rank == 1 {
    return reshaped(linear(reshaped(input, [1, input.count]), weight, bias), [weight.shape[0]])
  }
  if let order = orderInMemory(input) {
    let back = order.indices.sorted { order[$0] < order[$1] }
    return permuted(linear(permuted(input, order), weight, bias), back)
  }
  // A call of its own: a constant that is either the tensor or a copy counts a reference.
  if !hasContiguousRows(input) { return linear(Compute.contiguousOperand(input), weight, bias) }
  if let bias, !bias.isContiguous {
    return linear(input, weight, Compute.contiguousOperand(bias))
  }
  let y = Compute.product(
    input, weight, transposing: .right, bias: bias,
    input.shape.replacing(input.rank - 1, with: weight.shape[0]))
  guard let tape = recording(input, weight) ?? bias.flatMap({ recording($0) }) else { return y }
  tape.record(
    "linear", y, of: input, weight, bias,
    by: .vectorJacobianProduct(
      tangent: { d in
        sumOfTangents(linearTangent(input, weight, d[0], d[1]), d[2].map { expanded($0, y.shape) })
      }, saving: Kept(input), weight
    ) { dy, operand, input, weight in linearGradient(dy, operand, input, weight) })
  return y
}

/// The gradient of the operand with the given number: input, weight, bias.
private func linearGradient(
  _ dy: UntypedTensor, _ operand: Int, _ input: Kept, _ weight: UntypedTensor
) -> UntypedTensor {
  if !hasContiguousRows(dy) {
    return linearGradient(Compute.contiguousOperand(dy), operand, input, weight)
  }
  switch operand {
  case 0: return matmul(dy, weight)
  case 1: return input.withTensor { rowProduct(dy, $0) }
  default:
    if dy.rank == 2 { return sum(dy, axis: 0) }
    let columns = dy.shape[dy.rank - 1]
    return sum(reshaped(dy, [dy.shape.dropLast().reduce(1, *), columns]), axis: 0)
  }
}

/// Whether the rows lie one after another, or it is a matrix, be it transposed.
private func hasContiguousRows(_ x: UntypedTensor) -> Bool { x.rank == 2 || x.isContiguous }

/// `aᵀ b` over all rows, those of the axes before the last two among them.
private func rowProduct(_ a: UntypedTensor, _ b: UntypedTensor) -> UntypedTensor {
  if !hasContiguousRows(a) { return rowProduct(Compute.contiguousOperand(a), b) }
  if !hasContiguousRows(b) { return rowProduct(a, Compute.contiguousOperand(b)) }
  let y = Compute.product(
    a, b, transposing: .left, Shape(a.shape[a.rank - 1], b.shape[b.rank - 1]))
  recording(a, b)?.record(
    "matmul", y, of: a, b,
    by: .vectorJacobianProduct(
      tangent: { d in sumOfTangents(d[0].map { rowProduct($0, b) }, d[1].map { rowProduct(a, $0) })
      }
    ) { dy, operand in operand == 0 ? linear(b, dy, nil) : matmul(a, dy) })
  return y
}

/// The order of the axes in which an input that is not contiguous would be, its last axis staying
/// the last, as that of a recurrent layer's outputs is; nil where there is none.
private func orderInMemory(_ x: UntypedTensor) -> [Int]? {
  if x.isContiguous || x.rank < 3 { return nil }
  let strides = x.strides
  let order = (0..<(x.rank - 1)).sorted { strides[$0] > strides[$1] } + [x.rank - 1]
  return permuted(x.detached, order).isContiguous ? order : nil
}

private func linearTangent(
  _ input: UntypedTensor, _ weight: UntypedTensor, _ inputTangent: UntypedTensor?,
  _ weightTangent: UntypedTensor?
) -> UntypedTensor? {
  sumOfTangents(
    inputTangent.map { linear($0, weight, nil) }, weightTangent.map { linear(input, $0, nil) })
}

extension UntypedTensor {
  /// A matrix read by columns, off the tape.
  package var transposedView: UntypedTensor {
    let order: Strides = [stride(1), stride(0), 0, 0, 0, 0, 0, 0]
    return UntypedTensor(viewing: self, Shape(shape[1], shape[0]), order)
  }
}
