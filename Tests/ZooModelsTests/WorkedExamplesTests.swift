import Autograd
import Seq2Seq
import Testing

/// The two worked examples of article 001, with the values that follow from their numbers: the
/// article prints a context of [0.23 0.33] in the first and weights [0.307 0.337 0.356] in the
/// second.
@Suite struct WorkedExamplesTests {
  private let outputs = Tensor<Double>([[0.1, 0.2], [0.2, 0.3], [0.3, 0.4]])
  private let state = Tensor<Double>([0.4, 0.5])

  private func expectEqual(
    _ ours: [Double], _ expected: [Double], within tolerance: Double,
    _ location: SourceLocation = #_sourceLocation
  ) {
    #expect(ours.count == expected.count, sourceLocation: location)
    for (a, b) in zip(ours, expected) {
      #expect(abs(a - b) <= tolerance, "\(a) for \(b)", sourceLocation: location)
    }
  }

  @Test func `a context is the weighted sum of the sequence`() {
    let sequence = Tensor<Double>([[0.1, 0.2], [0.2, 0.3], [0.3, 0.4]])
    let context = WorkedExamples.weightedSum(sequence, weights: Tensor([0.1, 0.3, 0.6]))
    // Two roundings of numbers below 1.
    expectEqual(context.scalars, [0.25, 0.35], within: 1e-15)
  }

  @Test func `a decoder's state weights the encoder's outputs`() {
    let result = WorkedExamples.encoderDecoder(outputs, state: state)
    // The expected values have eight decimals.
    expectEqual(result.weights.scalars, [0.30382285, 0.33243515, 0.36374199], within: 5e-9)
    expectEqual(result.context.scalars, [0.20599191, 0.30599191], within: 5e-9)
    #expect(abs(result.weights.sum().scalar - 1) < 1e-15)
  }

  @Test func `in single precision they are the same to seven digits`() {
    let result = WorkedExamples.encoderDecoder(
      outputs.converted(to: Float.self),
      state: state.converted(to: Float.self))
    expectEqual(
      result.weights.scalars.map { Double($0) }, [0.30382285, 0.33243515, 0.36374199],
      within: 1e-7)
  }
}
