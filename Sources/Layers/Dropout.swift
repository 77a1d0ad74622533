public import Autograd

/// Sets elements to zero at random during training, and scales the others so that their
/// expectation stays (Srivastava et al., 2014). An element that is dropped is 0, and gets no gradient,
/// even if it is infinite or NaN.
///
/// It is active in `valueWithGradient(at:using:of:)`, which supplies the randomness, and lets
/// everything through outside of a gradient and in `valueWithGradient(evaluating:of:)`.
public struct Dropout<Scalar: FloatingPointScalar>: Layer, Sendable {
  /// The share of elements set to zero, from 0 up to but not including 1.
  public let rate: Double

  /// - Parameter rate: the share of elements set to zero, 0 ≤ rate < 1.
  public init(_ rate: Double) {
    checkRate(rate, "Dropout")
    self.rate = rate
  }

  /// - Parameter x: any shape.
  public func callAsFunction(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    drawMask(x.shape).map { x.weighted(byConstant: $0) } ?? x
  }

  /// Zeros with probability `rate`, else 1 / (1 - rate); nil where everything passes.
  func drawMask(_ shape: Shape) -> Tensor<Scalar>? {
    guard rate > 0, let randomness = trainingRandomness("Dropout(\(rate))") else { return nil }
    return randomMask(shape, rate: rate, kept: Scalar(kept), using: &randomness.generator)
  }

  /// What elements that pass are multiplied by.
  var kept: Double { 1 / (1 - rate) }
}
