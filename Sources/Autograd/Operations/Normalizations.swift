/// exp(x) over its sum along an axis: weights that are positive and add up to 1.
///
/// - Parameters:
///   - mask: true = may have weight; broadcasts to `x`. Where it is false the weight is 0 and `x`
///     is not looked at; a row without any true has weights 0 and gets no gradient.
public func softmax<Scalar: FloatingPointScalar>(
  _ x: Tensor<Scalar>, axis: Int, mask: Tensor<Bool>? = nil
) -> Tensor<Scalar> {
  Tensor(softmax(x.value, x.shape.axis(axis, "softmax"), expandedMask(mask, x, "softmax")))
}
package func softmax(_ x: Value, _ axis: Int, _ mask: Value? = nil) -> Value {
  if x.rank == 0 {
    // A number without axes is a row of its own.
    return reshaped(softmax(reshaped(x, [1]), 0, mask.map { Compute.reshaped($0, [1]) }), [])
  }
  let y = Compute.softmax(x, mask: mask, axis: axis, logarithm: false)
  // The Jacobian diag(y) - y yᵀ is symmetric.
  recording(x)?.record(selfAdjoint: "softmax", y, x) { softmaxGradient($0, y, axis) }
  return y
}
/// y (dy - sum of dy y) in one pass over each row.
private func softmaxGradient(_ dy: Value, _ y: Value, _ axis: Int) -> Value {
  let dx = Compute.softmaxGradient(dy, y, axis: axis, logarithm: false)
  recording(dy, y)?.record("softmaxGradient", dx, dy, y) { g, operand in
    if operand == 0 { return softmaxGradient(g, y, axis) }
    let keep = y.shape.replacing(axis, with: 1)
    func total(_ x: Value) -> Value { reshaped(sum(x, axis: axis), keep) }
    return g * (dy - total(dy * y)) - dy * total(g * y)
  }
  return dx
}

/// The logarithm of softmax, without the loss of digits that taking them one by one would bring.
///
/// - Parameters:
///   - mask: as for `softmax`; the logarithm of a weight 0 is minus infinity.
public func logSoftmax<Scalar: FloatingPointScalar>(
  _ x: Tensor<Scalar>, axis: Int, mask: Tensor<Bool>? = nil
) -> Tensor<Scalar> {
  Tensor(logSoftmax(x.value, x.shape.axis(axis, "logSoftmax"), expandedMask(mask, x, "logSoftmax")))
}
package func logSoftmax(_ x: Value, _ axis: Int, _ mask: Value? = nil) -> Value {
  if x.rank == 0 {
    return reshaped(logSoftmax(reshaped(x, [1]), 0, mask.map { Compute.reshaped($0, [1]) }), [])
  }
  let y = Compute.softmax(x, mask: mask, axis: axis, logarithm: true)
  recording(x)?.record("logSoftmax", y, x) { logSoftmaxGradient($0, y, axis) }
  return y
}
/// dy - exp(y) sum of dy.
private func logSoftmaxGradient(_ dy: Value, _ y: Value, _ axis: Int) -> Value {
  let dx = Compute.softmaxGradient(dy, y, axis: axis, logarithm: true)
  recording(dy, y)?.record("logSoftmaxGradient", dx, dy, y) { g, operand in
    let keep = y.shape.replacing(axis, with: 1)
    func total(_ x: Value) -> Value { reshaped(sum(x, axis: axis), keep) }
    let weights = exp(y)
    if operand == 1 { return -(g * weights * total(dy)) }
    // A masked entry has no way to dx, so none back.
    let isMasked = Compute.compare(.equal, y, Compute.filled(y.type, [], -.infinity))
    return masked(g - total(g * weights), where: isMasked, with: 0)
  }
  return dx
}

private func expandedMask<Scalar>(
  _ mask: Tensor<Bool>?, _ x: Tensor<Scalar>, _ operation: String
) -> Value? {
  guard let mask else { return nil }
  if mask.shape.broadcast(with: x.shape) != x.shape {
    trap("\(operation): a mask of shape \(mask.shape) for \(x.shape)")
  }
  return Compute.expanded(mask.value, x.shape)
}

/// Layer normalisation (Ba, Kiros and Hinton, 2016) over the last axes:
/// `(x - mean) / sqrt(variance + epsilon) * weight + bias`, the variance without correction.
///
/// - Parameters:
///   - x: `[..., *shape]`
///   - shape: the axes over which mean and variance are taken.
///   - weight: `shape`
///   - bias: `shape`
public func layerNorm<Scalar: FloatingPointScalar>(
  _ x: Tensor<Scalar>, shape: Shape, weight: Tensor<Scalar>? = nil, bias: Tensor<Scalar>? = nil,
  epsilon: Scalar = 1e-5
) -> Tensor<Scalar> {
  if shape.rank == 0 || Array(x.shape.suffix(shape.rank)) != Array(shape) {
    trap("layerNorm: the last axes of \(x.shape) are not \(shape)\(Compute.place(weight?.value))")
  }
  let flat = x.reshaped([-1, shape.elementCount])
  let normalised = Tensor<Scalar>(normalised(flat.value, epsilon: Double(epsilon)))
  var y = normalised.reshaped(x.shape)
  if let weight { y = y * weight }
  if let bias { y = y + bias }
  return y
}

/// `(x - mean) / sqrt(variance + epsilon)` of each row of a matrix.
private func normalised(_ x: Value, epsilon: Double) -> Value {
  let (y, means, inverseDeviations) = Compute.normalised(x, epsilon: epsilon)
  recording(x)?.record("layerNorm", y, x) { dy in
    if !(recording(dy) != nil || recording(x) != nil) {
      return Compute.normalisedGradient(dy, x, means, inverseDeviations)
    }
    // The composed form, to be differentiated in turn.
    let count = Double(x.shape[1])
    let rows: Shape = [x.shape[0], 1]
    func mean(_ x: Value) -> Value { reshaped(sum(x, axis: 1), rows) / count }
    let centred = x - mean(x)
    let scale = rsqrt(mean(square(centred)) + epsilon)
    let unit = centred * scale
    return (dy - mean(dy) - unit * mean(dy * unit)) * scale
  }
  return y
}

extension Compute {
  /// Each row of a matrix normalised, with the rows' means and inverse deviations.
  static func normalised(_ x: Value, epsilon: Double) -> (Value, Value, Value) {
    let x = contiguous(x)
    let y = Value(x.type, x.shape)
    let means = Value(x.type, [x.shape[0]])
    let deviations = Value(x.type, [x.shape[0]])
    func run<Scalar: FloatingPointScalar>(_: Scalar.Type) {
      Scalar.kernels.layerNorm(
        x.pointer(Scalar.self), nil, nil, y.pointer(Scalar.self), means.pointer(Scalar.self),
        deviations.pointer(Scalar.self), x.shape[0], x.shape[1], Scalar(epsilon))
    }
    switch x.type {
    case .float: run(Float.self)
    case .double: run(Double.self)
    default: wrongType("layerNorm", x.type)
    }
    return (y, means, deviations)
  }

  static func normalisedGradient(
    _ dy: Value, _ x: Value, _ means: Value, _ deviations: Value
  ) -> Value {
    let (dy, x) = (contiguous(dy), contiguous(x))
    let dx = Value(x.type, x.shape)
    func run<Scalar: FloatingPointScalar>(_: Scalar.Type) {
      Scalar.kernels.layerNormGradient(
        dy.pointer(Scalar.self), x.pointer(Scalar.self), nil, means.pointer(Scalar.self),
        deviations.pointer(Scalar.self), dx.pointer(Scalar.self), x.shape[0], x.shape[1])
    }
    x.type == .float ? run(Float.self) : run(Double.self)
    return dx
  }
}

extension Operation {
  static let normalizations: [Operation] = [
    .init("softmax") { softmax($0[0], axis: 1) },
    .init("softmax of another axis", [[2, 3, 2]]) { softmax($0[0], axis: 1) },
    .init("softmax, masked") {
      softmax($0[0], axis: 1, mask: Tensor([[true, false, true], [false, false, false]]))
    },
    .init("logSoftmax") { logSoftmax($0[0], axis: 1) },
    .init("logSoftmax of another axis", [[2, 3, 2]]) { logSoftmax($0[0], axis: 0) },
    .init("layerNorm", [[2, 4], [4], [4]]) {
      layerNorm($0[0], shape: [4], weight: $0[1], bias: $0[2])
    },
    .init("layerNorm over two axes", [[2, 2, 3]]) { layerNorm($0[0], shape: [2, 3]) },
  ]
}
