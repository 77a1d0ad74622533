import Autograd
import Layers
import Testing

/// A query with nothing to attend to: zero weights, a zero context, no gradient, on every path.
@Suite struct EmptyRowTests {
  /// How a layer is called.
  enum Mode: CaseIterable {
    case outside, training, evaluation
  }

  /// Runs a layer's function in a mode; the gradients at its parameters where there are any.
  private func run<Model: Layer>(
    _ model: Model, _ mode: Mode, _ function: (Model) -> [Tensor<Double>]
  ) -> (outputs: [Tensor<Double>], gradients: Gradients?) {
    var generator = Generator(seed: 3)
    var outputs: [Tensor<Double>] = []
    func loss(_ model: Model) -> Tensor<Double> {
      outputs = function(model)
      return outputs.reduce(Tensor(0)) { $0 + ($1 * 1.5).sum() }
    }
    switch mode {
    case .outside:
      return (function(model), nil)
    case .training:
      let gradients = valueWithGradient(at: model, using: &generator, of: loss).gradients
      return (outputs.map(\.detached), gradients)
    case .evaluation:
      let gradients = valueWithGradient(evaluating: model, of: loss).gradients
      return (outputs.map(\.detached), gradients)
    }
  }

  private static let inputs: [Tensor<Double>] = {
    var generator = Generator(seed: 1)
    return [3, 5, 5].map { .normal([2, $0, 4], using: &generator) }
  }()
  /// The second sentence has no words at all; in the first, the second query has none.
  private static let mask = Tensor<Bool>(
    (0..<30).map { $0 < 15 && $0 / 5 != 1 && $0 % 5 != 2 }, shape: [2, 3, 5])

  @Test(arguments: Mode.allCases, [true, false])
  func `several heads give the output's bias`(mode: Mode, averages: Bool) {
    var generator = Generator(seed: 2)
    let layer = MultiHeadAttention<Double>(4, heads: 2, dropout: 0.5, using: &generator)
    layer.$outputBias!.tensor = Tensor([1, 2, 3, 4])
    let keyMask = Tensor<Bool>((0..<10).map { $0 < 5 }, shape: [2, 5])
    let both: [(Tensor<Bool>?, Tensor<Bool>?)] = [
      (nil, Self.mask), (keyMask, Self.mask), (keyMask, nil),
    ]
    for masks in both {
      let (outputs, gradients) = run(layer, mode) {
        let (output, weights) = $0(
          queries: Self.inputs[0], keys: Self.inputs[1], values: Self.inputs[2],
          keyMask: masks.0, mask: masks.1, averagesWeights: averages)
        return [output, weights]
      }
      for query in 0..<3 {
        #expect(
          outputs[0].selected(axis: 0, at: 1).selected(axis: 0, at: query).scalars == [1, 2, 3, 4])
      }
      #expect(outputs[1].selected(axis: 0, at: 1).scalars.allSatisfy { $0 == 0 })
      if masks.1 != nil {
        #expect(
          outputs[0].selected(axis: 0, at: 0).selected(axis: 0, at: 1).scalars == [1, 2, 3, 4])
      }
      #expect(gradients?.firstNonFinite == nil)
    }
  }

  @Test(arguments: ScoreKind.allCases, Mode.allCases)
  func `any score gives a zero context and zero weights`(kind: ScoreKind, mode: Mode) {
    let (outputs, gradients) = run(kind.attention(Double.self), mode) {
      let (context, weights) = $0(
        queries: Self.inputs[0], keys: Self.inputs[1], values: Self.inputs[2], mask: Self.mask)
      return [context, weights]
    }
    for output in outputs {
      #expect(output.selected(axis: 0, at: 1).scalars.allSatisfy { $0 == 0 })
      #expect(
        output.selected(axis: 0, at: 0).selected(axis: 0, at: 1).scalars.allSatisfy { $0 == 0 })
      #expect(output.selected(axis: 0, at: 0).selected(axis: 0, at: 0).scalars.contains { $0 != 0 })
    }
    #expect(gradients?.firstNonFinite == nil)
  }

  @Test func `scaled dot-product attention gives zeros, and zero gradients`() {
    for mask in [Self.mask, Tensor<Bool>(repeating: false, shape: [])] {
      let (outputs, gradients) = vectorJacobianProduct(at: Self.inputs) {
        [scaledDotProductAttention(queries: $0[0], keys: $0[1], values: $0[2], mask: mask)]
      } cotangents: {
        $0.map { .ones($0.shape) }
      }
      #expect(outputs[0].selected(axis: 0, at: 1).scalars.allSatisfy { $0 == 0 })
      for gradient in gradients {
        #expect(gradient!.selected(axis: 0, at: 1).scalars.allSatisfy { $0 == 0 })
      }
    }
  }

  @Test func `no keys at all give zeros`() {
    var generator = Generator(seed: 1)
    let none = Tensor<Double>.zeros([2, 0, 4])
    let queries = Self.inputs[0]
    #expect(
      scaledDotProductAttention(queries: queries, keys: none, values: none) == .zeros([2, 3, 4]))
    let attention = ScoreKind.additive.attention(Double.self)
    #expect(attention(queries: queries, keys: none).context == .zeros([2, 3, 4]))
    let layer = MultiHeadAttention<Double>(4, heads: 2, bias: false, using: &generator)
    #expect(layer(queries: queries, keys: none).output == .zeros([2, 3, 4]))
  }

  @Test(arguments: Mode.allCases)
  func `an empty sentence leaves the feature-wise attention at zero`(mode: Mode) {
    var generator = Generator(seed: 2)
    let layer = AttentionLayer<Double>(4, using: &generator)
    let (outputs, gradients) = run(layer, mode) {
      [$0(Self.inputs[1], keyMask: sequenceMask(lengths: [3, 0], time: 5))]
    }
    #expect(outputs[0].selected(axis: 0, at: 1).scalars.allSatisfy { $0 == 0 })
    #expect(gradients?.firstNonFinite == nil)
  }
}
