import Kernels

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
      "layerNorm: the last axes of \(x.shape) are not \(shape)\(Compute.layerPath(weight?.untyped))"
    )
  }
  checkAffine("layerNorm", shape, weight, bias)
  let epsilon = Double(epsilon)
  expect(epsilon, .notNegative, "layerNorm", "epsilon")
  let row: Shape = [shape.elementCount]
  return Tensor(
    layerNorm(
      x.untyped, weight?.reshaped(row).untyped, bias?.reshaped(row).untyped, epsilon,
      size: shape.elementCount))
}

private func layerNorm(
  _ x: UntypedTensor, _ weight: UntypedTensor?, _ bias: UntypedTensor?, _ epsilon: Double, size: Int
) -> UntypedTensor {
  FusedLayerNorm(Compute.contiguousOperand(x), weight, bias, epsilon, size: size).run()[0]
}

/// Each `size` neighbours normalised, times the weight, plus the bias, in one pass. Only `x` is kept
/// for the derivative, and the result can be had of it once more.
package struct FusedLayerNorm: FusedOperation {
  let x: UntypedTensor
  let weight: UntypedTensor?
  let bias: UntypedTensor?
  let epsilon: Double
  /// `[rows, size]`
  let rows: Shape
  /// Of each row.
  private var moments: (means: UntypedTensor, inverseDeviations: UntypedTensor)?

  package init(
    _ x: UntypedTensor, _ weight: UntypedTensor?, _ bias: UntypedTensor?, _ epsilon: Double,
    size: Int
  ) {
    self.x = x
    self.weight = weight
    self.bias = bias
    self.epsilon = epsilon
    rows = [x.count / Swift.max(size, 1), size]
  }

  package var name: StaticString { "layerNorm" }
  package var operands: [UntypedTensor?] { [x, weight, bias] }

  package func composed(_ operands: [UntypedTensor?]) -> [UntypedTensor] {
    let x = operands[0]!
    var y = overRootMeanSquare(centred(reshaped(x, rows), [1]), [1], epsilon).quotient
    if let weight = operands[1] { y = y * weight }
    if let bias = operands[2] { y = y + bias }
    return [reshaped(y, x.shape)]
  }

  package mutating func forward() -> [UntypedTensor] {
    let (y, means, inverseDeviations) = Compute.layerNorm(x, weight, bias, epsilon, rows[1])
    moments = (means, inverseDeviations)
    return [y]
  }

  package var renewal: (() -> UntypedTensor)? {
    let (x, weight, bias) = (x.detached, weight?.detached, bias?.detached)
    return { [epsilon, rows] in Compute.layerNorm(x, weight, bias, epsilon, rows[1]).y }
  }

  package func backward(_ gradients: [UntypedTensor?], needed: [Bool], usesUp: Bool)
    -> [UntypedTensor?]?
  {
    let dy = gradients[0]!
    let dWeight = needed[1] ? Compute.layerNormWeightGradient(dy, x, epsilon, rows) : nil
    let dBias = needed[2] ? Compute.reduce(.sum, Compute.reshaped(dy, rows), axis: 0) : nil
    // Last: what the others need in between is free by then.
    let dx = needed[0] ? Compute.layerNormGradient(dy, x, weight, moments!, rows[1]) : nil
    return [dx, dWeight, dBias]
  }
}

extension Compute {
  /// The result, with the rows' means and inverse deviations.
  fileprivate static func layerNorm(
    _ x: UntypedTensor, _ weight: UntypedTensor?, _ bias: UntypedTensor?, _ epsilon: Double,
    _ size: Int
  ) -> (y: UntypedTensor, means: UntypedTensor, inverseDeviations: UntypedTensor) {
    let y = UntypedTensor(x.type, x.shape)
    let rows: Shape = [x.count / Swift.max(size, 1)]
    let means = UntypedTensor(x.type, rows)
    let deviations = UntypedTensor(x.type, rows)
    let (weight, bias) = (weight.map { contiguous($0) }, bias.map { contiguous($0) })
    func run<Scalar: FloatingPointScalar>(_: Scalar.Type) {
      let factors = weight.map { UnsafePointer($0.pointer(Scalar.self)) }
      let terms = bias.map { UnsafePointer($0.pointer(Scalar.self)) }
      forSomeRows(x, size) { first, count, at in
        Scalar.kernels.layerNorm(
          x.pointer(Scalar.self) + at, weight: factors, bias: terms,
          to: y.pointer(Scalar.self) + at,
          means: means.pointer(Scalar.self) + first,
          inverseDeviations: deviations.pointer(Scalar.self) + first, rows: count,
          count: size, epsilon: Scalar(epsilon))
      }
    }
    x.type.floatingPoint("layerNorm", run(Float.self), run(Double.self))
    withExtendedLifetime((weight, bias)) {}
    return (y, means, deviations)
  }

  fileprivate static func layerNormGradient(
    _ dy: UntypedTensor, _ x: UntypedTensor, _ weight: UntypedTensor?,
    _ moments: (means: UntypedTensor, inverseDeviations: UntypedTensor), _ size: Int
  ) -> UntypedTensor {
    let dy = contiguous(dy)
    let weight = weight.map { contiguous($0) }
    let dx = UntypedTensor(x.type, x.shape)
    func run<Scalar: FloatingPointScalar>(_: Scalar.Type) {
      let factors = weight.map { UnsafePointer($0.pointer(Scalar.self)) }
      forSomeRows(x, size) { first, count, at in
        Scalar.kernels.layerNormGradient(
          dy.pointer(Scalar.self) + at, at: x.pointer(Scalar.self) + at, weight: factors,
          means: moments.means.pointer(Scalar.self) + first,
          inverseDeviations: moments.inverseDeviations.pointer(Scalar.self) + first,
          to: dx.pointer(Scalar.self) + at, rows: count, count: size)
      }
    }
    x.type.floatingPoint("layerNorm", run(Float.self), run(Double.self))
    withExtendedLifetime((dy, weight)) {}
    return dx
  }

  /// The sum over the rows of the gradient times the normalised row, which is computed anew.
  fileprivate static func layerNormWeightGradient(
    _ dy: UntypedTensor, _ x: UntypedTensor, _ epsilon: Double, _ rows: Shape
  ) -> UntypedTensor {
    let normalised = layerNorm(x, nil, nil, epsilon, rows[1]).y
    apply(.multiply, dy, to: normalised)
    return reduce(.sum, normalised.viewed(as: rows), axis: 0)
  }

  /// Divides the rows of `size` neighbours among the threads:
  /// `(first row, rows, offset in elements)`.
  private static func forSomeRows(_ x: UntypedTensor, _ size: Int, _ body: (Int, Int, Int) -> Void)
  {
    let rows = x.count / Swift.max(size, 1)
    Threads.split(rows, grain: Swift.max(elementwiseGrain / 4 / Swift.max(size, 1), 1)) {
      body($0.lowerBound, $0.count, $0.lowerBound * size)
    }
  }
}
