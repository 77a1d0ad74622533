import Kernels

/// exp(x) over its sum along an axis: weights that are positive and add up to 1.
///
/// A row whose largest number is infinite, of either sign, has no such weights: it is NaN. A score of
/// minus infinity beside finite ones has the weight 0.
///
/// - Parameters:
///   - mask: true = may have weight; broadcasts to `x`. Where it is false the weight is 0 and `x`
///     is not looked at; a row without any true has weights 0 and gets no gradient.
public func softmax<Scalar: FloatingPointScalar>(
  _ x: Tensor<Scalar>, axis: Int, mask: Tensor<Bool>? = nil
) -> Tensor<Scalar> {
  Tensor(softmax(x.untyped, x.shape.axis(axis, "softmax"), expandedMask(mask, x, "softmax")))
}
package func softmax(_ x: UntypedTensor, _ axis: Int, _ mask: UntypedTensor? = nil) -> UntypedTensor
{
  if x.rank == 0 {
    // A number without axes is a row of its own.
    return reshaped(softmax(reshaped(x, [1]), 0, mask.map { Compute.reshaped($0, [1]) }), [])
  }
  let y = Compute.softmax(x, mask: mask, axis: axis, logarithm: false)
  // The Jacobian diag(y) - y yᵀ is symmetric.
  recording(x)?.record(
    "softmax", y, of: x, by: .elementwise { dy, _ in softmaxGradient(dy, y, axis) })
  return y
}
/// y (dy - sum of dy y) in one pass over each row.
private func softmaxGradient(_ dy: UntypedTensor, _ y: UntypedTensor, _ axis: Int) -> UntypedTensor
{
  let dx = Compute.softmaxGradient(dy, y, axis: axis, logarithm: false)
  recording(dy, y)?.record(
    "softmaxGradient", dx, of: dy, y,
    by: .vectorJacobianProduct { g, operand in
      if operand == 0 { return softmaxGradient(g, y, axis) }
      let keep = y.shape.replacing(axis, with: 1)
      func total(_ x: UntypedTensor) -> UntypedTensor { reshaped(sum(x, axis: axis), keep) }
      // What has no weight is left out, whatever its gradient.
      let isLeftOut = Compute.compare(.equal, y, Compute.filled(y.type, [], 0))
      let (dy, g) = (masked(dy, where: isLeftOut, with: 0), masked(g, where: isLeftOut, with: 0))
      return g * (dy - total(dy * y)) - dy * total(g * y)
    })
  return dx
}

/// The logarithm of softmax, without the loss of digits that taking them one by one would bring.
///
/// - Parameters:
///   - mask: as for `softmax`; the logarithm of a weight 0 is minus infinity.
public func logSoftmax<Scalar: FloatingPointScalar>(
  _ x: Tensor<Scalar>, axis: Int, mask: Tensor<Bool>? = nil
) -> Tensor<Scalar> {
  Tensor(
    logSoftmax(x.untyped, x.shape.axis(axis, "logSoftmax"), expandedMask(mask, x, "logSoftmax")))
}
package func logSoftmax(_ x: UntypedTensor, _ axis: Int, _ mask: UntypedTensor? = nil)
  -> UntypedTensor
{
  if x.rank == 0 {
    return reshaped(logSoftmax(reshaped(x, [1]), 0, mask.map { Compute.reshaped($0, [1]) }), [])
  }
  let y = Compute.softmax(x, mask: mask, axis: axis, logarithm: true)
  recording(x)?.record(
    "logSoftmax", y, of: x,
    by: .vectorJacobianProduct { dy, _ in
      if mask == nil { return logSoftmaxGradient(dy, y, axis) }
      // Nothing comes from an entry that is left out, be it NaN, and nothing goes there.
      let isLeftOut = Compute.compare(.equal, y, Compute.filled(y.type, [], -.infinity))
      let dx = logSoftmaxGradient(masked(dy, where: isLeftOut, with: 0), y, axis)
      return masked(dx, where: isLeftOut, with: 0)
    })
  return y
}
/// dy - exp(y) sum of dy.
private func logSoftmaxGradient(_ dy: UntypedTensor, _ y: UntypedTensor, _ axis: Int)
  -> UntypedTensor
{
  let dx = Compute.softmaxGradient(dy, y, axis: axis, logarithm: true)
  recording(dy, y)?.record(
    "logSoftmaxGradient", dx, of: dy, y,
    by: .vectorJacobianProduct { g, operand in
      let keep = y.shape.replacing(axis, with: 1)
      func total(_ x: UntypedTensor) -> UntypedTensor { reshaped(sum(x, axis: axis), keep) }
      let weights = exp(y)
      if operand == 0 { return g - total(g * weights) }
      // A row that gets no gradient sends none, be its weights NaN.
      let nothing = Compute.compare(.equal, total(dy.detached), Compute.filled(y.type, [], 0))
      let isNaN = Compute.compare(.notEqual, weights, weights)
      let isLeftOut = Compute.and(isNaN, Compute.expanded(nothing, y.shape))
      return -(g * masked(weights, where: isLeftOut, with: 0) * total(dy))
    })
  return dx
}

private func expandedMask<Scalar>(
  _ mask: Tensor<Bool>?, _ x: Tensor<Scalar>, _ operation: String
) -> UntypedTensor? {
  guard let mask else { return nil }
  if mask.shape.broadcast(with: x.shape) != x.shape {
    trap("\(operation): a mask of shape \(mask.shape) for \(x.shape)")
  }
  return Compute.expanded(mask.untyped, x.shape)
}

/// Traps unless what a normalised tensor is multiplied by, and what is added, have the shape of the
/// axes that are normalised.
func checkAffine<Scalar>(
  _ name: String, _ shape: Shape, _ weight: Tensor<Scalar>?, _ bias: Tensor<Scalar>?
) {
  for tensor in [weight, bias] {
    if let tensor, tensor.shape != shape {
      trap(
        "\(name): a weight or bias of shape \(tensor.shape) for axes of shape \(shape)"
          + Compute.layerPath(tensor.untyped))
    }
  }
}
