import ArticleExamples
import Autograd
import Layers
import Testing

/// The two worked examples of article 001, with the values that follow from their numbers: the
/// article prints a context of [0.23 0.33] in the first and weights [0.307 0.337 0.356] in the
/// second.
@Suite struct Article001Tests {
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
    let context = Article001.basicAttentionMechanism(
      sequence, attentionScores: Tensor([0.1, 0.3, 0.6]))
    // Two roundings of numbers below 1.
    expectEqual(context.scalars, [0.25, 0.35], within: 1e-15)
  }

  @Test func `a decoder's state weights the encoder's outputs`() {
    let result = Article001.attentionInEncoderDecoderModels(outputs, decoderState: state)
    // The expected values have eight decimals.
    expectEqual(
      result.attentionWeights.scalars, [0.30382285, 0.33243515, 0.36374199], within: 5e-9)
    expectEqual(result.contextVector.scalars, [0.20599191, 0.30599191], within: 5e-9)
    #expect(abs(result.attentionWeights.sum().scalar - 1) < 1e-15)
  }

  @Test func `in single precision they are the same to seven digits`() {
    let result = Article001.attentionInEncoderDecoderModels(
      outputs.converted(to: Float.self),
      decoderState: state.converted(to: Float.self))
    expectEqual(
      result.attentionWeights.scalars.map { Double($0) }, [0.30382285, 0.33243515, 0.36374199],
      within: 1e-7)
  }

  @Test func `a feed-forward network scores the elements of the exercise`() {
    var generator = Generator(seed: 3)
    let layer = Article001.FeedForwardAttention<Double>(
      size: 2, hiddenSize: 4, using: &generator)
    let result = layer(outputs)
    // The same in plain numbers.
    let sequence = [[0.1, 0.2], [0.2, 0.3], [0.3, 0.4]]
    let (w, b) = (layer.hidden.weight.scalars, layer.hidden.bias!.scalars)
    let (v, c) = (layer.score.weight.scalars, layer.score.bias!.scalars)
    let scores = sequence.map { x -> Double in
      let hidden = (0..<4).map { tanh(w[2 * $0] * x[0] + w[2 * $0 + 1] * x[1] + b[$0]) }
      return zip(v, hidden).reduce(c[0]) { $0 + $1.0 * $1.1 }
    }
    let sum = scores.reduce(0) { $0 + exp($1) }
    let weights = scores.map { exp($0) / sum }
    expectEqual(result.attentionWeights.scalars, weights, within: 1e-14)
    expectEqual(
      result.contextVector.scalars,
      (0..<2).map { axis in zip(weights, sequence).reduce(0) { $0 + $1.0 * $1.1[axis] } },
      within: 1e-14)
    let check = GradientCheck(at: layer, order: 2) {
      ($0(self.outputs).contextVector * Tensor([1, -2])).sum()
    }
    #expect(check.passes, "\(check)")
  }
}
