public import Autograd

/// Adds normal noise in training, and nothing otherwise.
public struct GaussianNoise<Scalar: FloatingPointScalar>: Layer, Sendable {
  /// The deviation of the noise.
  public let deviation: Double

  /// - Parameter deviation: of the noise, at least 0.
  public init(_ deviation: Double) {
    expect(deviation, .notNegative, "GaussianNoise", "deviation")
    self.deviation = deviation
  }

  /// - Parameter x: any shape.
  public func callAsFunction(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    guard deviation > 0, let randomness = trainingRandomness("GaussianNoise(\(deviation))") else {
      return x
    }
    return x + Tensor.normal(x.shape, using: &randomness.generator) * Scalar(deviation)
  }
}
