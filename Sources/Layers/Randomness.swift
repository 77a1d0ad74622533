package import Autograd

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
package func randomMask<Scalar: FloatingPointScalar>(
  _ shape: Shape, rate: Double, kept: Scalar, using generator: inout Generator
) -> Tensor<Scalar> {
  var mask = Tensor<Scalar>(repeating: 0, shape: shape)
  let decision = Decision(rate)
  mask.withUnsafeMutableScalars { scalars in
    // Looked up, not branched to: no processor predicts a random branch.
    let choices: InlineArray<2, Scalar> = [kept, 0]
    for start in stride(from: 0, to: scalars.count, by: 4) {
      var word = generator.next()
      let end = min(start + 4, scalars.count)
      if decision.isUndecided(word) {
        // The words of the others stay what they are.
        var further = Generator(seed: word &+ 1)
        for i in start..<end {
          scalars[i] = decision.drops(word >> UInt64(16 * (i - start)), &further) ? 0 : kept
        }
      } else {
        for i in start..<end {
          scalars[i] = choices[decision.choice(word)]
          word >>= 16
        }
      }
    }
  }
  return mask
}

/// How a random word of 64 bits decides four times, each time with a probability that is not rounded
/// to 16 bits: where those are just the threshold, another word has the further bits.
private struct Decision {
  /// Below it the decision is yes.
  let threshold: UInt64
  /// The probability of a yes where the 16 bits are the threshold.
  private let rest: Double
  /// The threshold, four times.
  private let thresholds: UInt64

  init(_ probability: Double) {
    let scaled = probability * 65536
    threshold = UInt64(scaled)
    rest = scaled - Double(threshold)
    thresholds = threshold * 0x0001_0001_0001_0001
  }

  /// Whether one of the four numbers in a word is the threshold: their difference has a zero among its
  /// four numbers. It may say so once in a while where it is not.
  @inline(__always)
  func isUndecided(_ word: UInt64) -> Bool {
    let difference = word ^ thresholds
    return (difference &- 0x0001_0001_0001_0001) & ~difference & 0x8000_8000_8000_8000 != 0
  }

  /// 1 where the lowest 16 bits of a word are below the threshold, else 0.
  @inline(__always)
  func choice(_ word: UInt64) -> Int {
    Int(truncatingIfNeeded: ((word & 0xFFFF) &- threshold) >> 63)
  }

  /// The decision of the lowest 16 bits of a word.
  func drops(_ word: UInt64, _ generator: inout Generator) -> Bool {
    let number = word & 0xFFFF
    return number == threshold ? generator.uniform() < rest : number < threshold
  }
}

/// Traps unless a rate of dropout is in `0 ..< 1`.
func checkRate(_ rate: Double, _ layer: String) {
  if !(0..<1).contains(rate) { trap("\(layer): a rate of \(rate) is not in 0 ..< 1") }
}
