public import Autograd

/// Sets elements to zero at random during training, and scales the others so that their
/// expectation stays (Srivastava et al., 2014).
///
/// It is active in `valueWithGradient(at:using:of:)`, which supplies the randomness, and lets
/// everything through outside of a gradient and with `training: false`.
public struct Dropout<Scalar: FloatingPointScalar>: Layer, Sendable {
  /// The share of elements set to zero, from 0 up to but not including 1.
  public let rate: Double

  /// - Parameter rate: the share of elements set to zero, 0 ≤ rate < 1.
  public init(_ rate: Double) {
    if !(0..<1).contains(rate) { trap("Dropout: a rate of \(rate) is not in 0 ..< 1") }
    self.rate = rate
  }

  /// - Parameter x: any shape.
  public func callAsFunction(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    guard rate > 0, let scope = Tape.current?.scopes.last else { return x }
    switch scope.mode {
    case .evaluation: return x
    case .unspecified:
      trap(
        "Dropout(\(rate)) needs to know whether this is training: call "
          + "valueWithGradient(at:using:of:) with a generator, or with training: false")
    case .training(let randomness):
      return x * mask(x.shape, using: &randomness.generator)
    }
  }

  /// Zeros with probability `rate`, else 1 / (1 - rate).
  private func mask(_ shape: Shape, using generator: inout Generator) -> Tensor<Scalar> {
    var mask = Tensor<Scalar>(repeating: 0, shape: shape)
    let kept = Scalar(1 / (1 - rate))
    // Four decisions of 16 bits from each random word.
    let threshold = UInt64((rate * 65536).rounded())
    mask.withUnsafeMutableScalars { scalars in
      var word: UInt64 = 0
      for i in scalars.indices {
        if i & 3 == 0 { word = generator.next() }
        if word & 0xFFFF >= threshold { scalars[i] = kept }
        word >>= 16
      }
    }
    return mask
  }
}
