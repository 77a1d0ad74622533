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
    // What has no weight is left out, whatever its gradient.
    let isLeftOut = Compute.compare(.equal, y, Compute.filled(y.type, [], 0))
    let (dy, g) = (masked(dy, where: isLeftOut, with: 0), masked(g, where: isLeftOut, with: 0))
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
  recording(x)?.record("logSoftmax", y, x) { dy in
    if mask == nil { return logSoftmaxGradient(dy, y, axis) }
    // Nothing comes from an entry that is left out, be it NaN, and nothing goes there.
    let isLeftOut = Compute.compare(.equal, y, Compute.filled(y.type, [], -.infinity))
    let dx = logSoftmaxGradient(masked(dy, where: isLeftOut, with: 0), y, axis)
    return masked(dx, where: isLeftOut, with: 0)
  }
  return y
}
/// dy - exp(y) sum of dy.
private func logSoftmaxGradient(_ dy: Value, _ y: Value, _ axis: Int) -> Value {
  let dx = Compute.softmaxGradient(dy, y, axis: axis, logarithm: true)
  recording(dy, y)?.record("logSoftmaxGradient", dx, dy, y) { g, operand in
    let keep = y.shape.replacing(axis, with: 1)
    func total(_ x: Value) -> Value { reshaped(sum(x, axis: axis), keep) }
    let weights = exp(y)
    if operand == 0 { return g - total(g * weights) }
    // A row that gets no gradient sends none, be its weights NaN.
    let nothing = Compute.compare(.equal, total(dy.detached), Compute.filled(y.type, [], 0))
    let isNaN = Compute.compare(.notEqual, weights, weights)
    let isLeftOut = Compute.and(isNaN, Compute.expanded(nothing, y.shape))
    return -(g * masked(weights, where: isLeftOut, with: 0) * total(dy))
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
    trap(
      "layerNorm: the last axes of \(x.shape) are not \(shape)\(Compute.layerPath(weight?.value))")
  }
  checkAffine("layerNorm", shape, weight, bias)
  let epsilon = Double(epsilon)
  expect(epsilon, .notNegative, "layerNorm", "epsilon")
  let row: Shape = [shape.elementCount]
  return Tensor(
    layerNorm(
      x.value, weight?.reshaped(row).value, bias?.reshaped(row).value, epsilon,
      size: shape.elementCount))
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
          + Compute.layerPath(tensor.value))
    }
  }
}

/// Each `size` neighbours normalised, times the weight, plus the bias, in one pass. Only `x` is kept
/// for the derivative, and the result can be had of it once more.
private func layerNorm(
  _ x: Value, _ weight: Value?, _ bias: Value?, _ epsilon: Double, size: Int
) -> Value {
  let x = Compute.contiguousOperand(x)
  let rows: Shape = [x.count / Swift.max(size, 1), size]
  let (y, means, deviations) = Compute.layerNorm(x, weight, bias, epsilon, size)
  let list = [x, weight, bias]
  let operands = list.compactMap { $0 }
  guard let tape = recording(operands) else { return y }
  let numbers = (x: x.detached, weight: weight?.detached, bias: bias?.detached)
  tape.record(
    "layerNorm", renewable: y, operands: operands,
    renewal: { Compute.layerNorm(numbers.x, numbers.weight, numbers.bias, epsilon, size).y }
  ) { gradients, needed in
    let dy = gradients[0]!
    if recording(operands + [dy]) != nil {
      let all = composedGradients(list, gradients) {
        [composedLayerNorm($0[0]!, $0[1], $0[2], epsilon, rows)]
      }
      return zip(list, all).filter { $0.0 != nil }.map(\.1)
    }
    var found: [Value?] = [nil]
    if weight != nil {
      found.append(needed[1] ? Compute.layerNormWeightGradient(dy, x, epsilon, rows) : nil)
    }
    if bias != nil {
      found.append(needed[needed.count - 1] ? sum(reshaped(dy, rows), axis: 0) : nil)
    }
    // Last: what the others need in between is free by then.
    if needed[0] { found[0] = Compute.layerNormGradient(dy, x, weight, means, deviations, size) }
    return found
  }
  return y
}

/// The normalisation in ordinary operations, to be differentiated in turn.
private func composedLayerNorm(
  _ x: Value, _ weight: Value?, _ bias: Value?, _ epsilon: Double, _ shape: Shape
) -> Value {
  var y = overRootMeanSquare(centred(reshaped(x, shape), [1]), [1], epsilon).quotient
  if let weight { y = y * weight }
  if let bias { y = y + bias }
  return reshaped(y, x.shape)
}

extension Compute {
  /// The result, with the rows' means and inverse deviations.
  fileprivate static func layerNorm(
    _ x: Value, _ weight: Value?, _ bias: Value?, _ epsilon: Double, _ size: Int
  ) -> (y: Value, means: Value, inverseDeviations: Value) {
    let y = Value(x.type, x.shape)
    let rows: Shape = [x.count / Swift.max(size, 1)]
    let means = Value(x.type, rows)
    let deviations = Value(x.type, rows)
    let (weight, bias) = (weight.map { contiguous($0) }, bias.map { contiguous($0) })
    func run<Scalar: FloatingPointScalar>(_: Scalar.Type) {
      let factors = weight.map { UnsafePointer($0.pointer(Scalar.self)) }
      let terms = bias.map { UnsafePointer($0.pointer(Scalar.self)) }
      forSomeRows(x, size) { first, count, at in
        Scalar.kernels.layerNorm(
          x.pointer(Scalar.self) + at, factors, terms, y.pointer(Scalar.self) + at,
          means.pointer(Scalar.self) + first, deviations.pointer(Scalar.self) + first, count,
          size, Scalar(epsilon))
      }
    }
    switch x.type {
    case .float: run(Float.self)
    case .double: run(Double.self)
    default: wrongType("layerNorm", x.type)
    }
    withExtendedLifetime((weight, bias)) {}
    return (y, means, deviations)
  }

  fileprivate static func layerNormGradient(
    _ dy: Value, _ x: Value, _ weight: Value?, _ means: Value, _ deviations: Value, _ size: Int
  ) -> Value {
    let dy = contiguous(dy)
    let weight = weight.map { contiguous($0) }
    let dx = Value(x.type, x.shape)
    func run<Scalar: FloatingPointScalar>(_: Scalar.Type) {
      let factors = weight.map { UnsafePointer($0.pointer(Scalar.self)) }
      forSomeRows(x, size) { first, count, at in
        Scalar.kernels.layerNormGradient(
          dy.pointer(Scalar.self) + at, x.pointer(Scalar.self) + at, factors,
          means.pointer(Scalar.self) + first, deviations.pointer(Scalar.self) + first,
          dx.pointer(Scalar.self) + at, count, size)
      }
    }
    x.type == .float ? run(Float.self) : run(Double.self)
    withExtendedLifetime((dy, weight)) {}
    return dx
  }

  /// The sum over the rows of the gradient times the normalised row, which is computed anew.
  fileprivate static func layerNormWeightGradient(
    _ dy: Value, _ x: Value, _ epsilon: Double, _ rows: Shape
  ) -> Value {
    let normalised = layerNorm(x, nil, nil, epsilon, rows[1]).y
    apply(.multiply, dy, to: normalised)
    return reduce(.sum, normalised.viewed(as: rows), axis: 0)
  }

  /// Divides the rows of `size` neighbours among the threads:
  /// `(first row, rows, offset in elements)`.
  private static func forSomeRows(_ x: Value, _ size: Int, _ body: (Int, Int, Int) -> Void) {
    let rows = x.count / Swift.max(size, 1)
    Threads.split(rows, grain: Swift.max(elementwiseGrain / 4 / Swift.max(size, 1), 1)) {
      body($0.lowerBound, $0.count, $0.lowerBound * size)
    }
  }
}

extension DerivativeCase {
  static let normalizations: [DerivativeCase] = [
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
