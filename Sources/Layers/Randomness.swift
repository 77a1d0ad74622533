import Autograd

/// What layers that behave differently in training draw from: the generator of the innermost
/// `valueWithGradient(at:using:of:)`. Nil in evaluation and outside of a gradient.
///
/// - Parameter layer: stands in the message where the call did not say whether it is training.
func trainingRandomness(_ layer: @autoclosure () -> String) -> Tape.Randomness? {
  switch Tape.current?.scopes.last?.mode {
  case .training(let randomness): randomness
  case .evaluation, nil: nil
  case .unspecified:
    trap(
      "\(layer()) needs to know whether this is training: call valueWithGradient(at:using:of:) "
        + "with a generator, or valueWithGradient(evaluating:of:)")
  }
}

/// Zeros with probability `rate`, else `kept`.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func randomMask<Scalar: FloatingPointScalar>(
  _ shape: Shape, rate: Double, kept: Scalar, using generator: inout Generator
) -> Tensor<Scalar> {
  var mask = Tensor<Scalar>(repeating: 0, shape: shape)
  // Four decisions of 16 bits from each random word.
  let threshold = UInt64((rate * 65536).rounded())
  mask.withUnsafeMutableScalars { scalars in
    for start in stride(from: 0, to: scalars.count, by: 4) {
      var word = generator.next()
      for i in start..<min(start + 4, scalars.count) {
        scalars[i] = word & 0xFFFF < threshold ? 0 : kept
        word >>= 16
      }
    }
  }
  return mask
}

/// Traps unless a rate of dropout is in `0 ..< 1`.
func checkRate(_ rate: Double, _ layer: String) {
  if !(0..<1).contains(rate) { trap("\(layer): a rate of \(rate) is not in 0 ..< 1") }
}
