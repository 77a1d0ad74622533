/// Root-mean-square normalisation (Zhang and Sennrich, 2019) over the last axes:
/// `x / sqrt(mean(x²) + epsilon) * weight`.
///
/// - Parameters:
///   - x: `[..., *shape]`
///   - shape: the axes over which the mean is taken.
///   - weight: `shape`
public func rmsNorm<Scalar: FloatingPointScalar>(
  _ x: Tensor<Scalar>, shape: Shape, weight: Tensor<Scalar>? = nil, epsilon: Scalar = 1e-6
) -> Tensor<Scalar> {
  if shape.rank == 0 || Array(x.shape.suffix(shape.rank)) != Array(shape) {
    trap(
      "rmsNorm: the last axes of \(x.shape) are not \(shape)\(Compute.layerPath(weight?.untyped))")
  }
  checkAffine("rmsNorm", shape, weight, nil)
  expect(Double(epsilon), .notNegative, "rmsNorm", "epsilon")
  let axes = Array((x.rank - shape.rank)..<x.rank)
  let y = Tensor<Scalar>(overRootMeanSquare(x.untyped, axes, Double(epsilon)).quotient)
  guard let weight else { return y }
  return y * weight
}

/// Batch normalisation (Ioffe and Szegedy, 2015) by the batch's own mean and variance, over all
/// axes but the second, the channels: `(x - mean) / sqrt(variance + epsilon) * weight + bias`.
///
/// - Parameters:
///   - x: `[batch, channels, ...]`
///   - weight: `[channels]`
///   - bias: `[channels]`
/// - Returns: the result, and the batch's mean and variance (without correction), `[channels]`,
///   as constants.
public func batchNorm<Scalar: FloatingPointScalar>(
  _ x: Tensor<Scalar>, weight: Tensor<Scalar>? = nil, bias: Tensor<Scalar>? = nil,
  epsilon: Scalar = 1e-5
) -> (output: Tensor<Scalar>, mean: Tensor<Scalar>, variance: Tensor<Scalar>) {
  if x.rank < 2 {
    trap("batchNorm: [batch, channels, ...] is expected, not \(x.shape)")
  }
  expect(Double(epsilon), .notNegative, "batchNorm", "epsilon")
  let axes = (0..<x.rank).filter { $0 != 1 }
  let (quotient, variance) = overRootMeanSquare(centred(x.untyped, axes), axes, Double(epsilon))
  let y = scaled(Tensor(quotient), weight, bias)
  let channels: Shape = [x.shape[1]]
  return (
    y, x.detached.mean(axes: axes).reshaped(channels),
    Tensor(variance).detached.reshaped(channels)
  )
}

/// Batch normalisation by a given mean and variance, such as running ones.
///
/// - Parameters:
///   - x: `[batch, channels, ...]`
///   - mean: `[channels]`
///   - variance: `[channels]`
public func batchNorm<Scalar: FloatingPointScalar>(
  _ x: Tensor<Scalar>, mean: Tensor<Scalar>, variance: Tensor<Scalar>,
  weight: Tensor<Scalar>? = nil, bias: Tensor<Scalar>? = nil, epsilon: Scalar = 1e-5
) -> Tensor<Scalar> {
  if x.rank < 2 || mean.shape != [x.shape[1]] || variance.shape != [x.shape[1]] {
    trap(
      "batchNorm: [batch, channels, ...] is expected, and a mean and a variance of the channels, "
        + "not \(x.shape), \(mean.shape) and \(variance.shape)")
  }
  expect(Double(epsilon), .notNegative, "batchNorm", "epsilon")
  let shape = channelShape(x)
  let centred = x - mean.reshaped(shape)
  return scaled(centred * rsqrt(variance.reshaped(shape) + epsilon), weight, bias)
}

/// The shape in which a vector of channels broadcasts to `[batch, channels, ...]`.
private func channelShape<Scalar>(_ x: Tensor<Scalar>) -> Shape {
  var shape: Shape = [x.shape[1]]
  for _ in 2..<x.rank { shape.append(1) }
  return shape
}

private func scaled<Scalar: FloatingPointScalar>(
  _ x: Tensor<Scalar>, _ weight: Tensor<Scalar>?, _ bias: Tensor<Scalar>?
) -> Tensor<Scalar> {
  for vector in [weight, bias] {
    if let vector, vector.shape != [x.shape[1]] {
      trap(
        "batchNorm: a weight or bias of shape \(vector.shape) for \(x.shape[1]) channels"
          + Compute.layerPath(vector.untyped))
    }
  }
  var y = x
  if let weight { y = y * weight.reshaped(channelShape(x)) }
  if let bias { y = y + bias.reshaped(channelShape(x)) }
  return y
}
