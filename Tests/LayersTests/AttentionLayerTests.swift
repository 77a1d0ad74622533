import Autograd
import Layers
import Testing

@Suite struct AttentionLayerTests {
  private var generator = Generator(seed: 9)
  private let mask = Tensor<Bool>(
    [true, true, true, false, false, false, false, false], shape: [2, 4])

  @Test mutating func `each feature's weights add up to 1 over time`() {
    let layer = AttentionLayer<Double>(3, using: &generator)
    let states = Tensor<Double>.ones([2, 4, 3])
    // Of states that are all 1 the result is the weights; 4 roundings of numbers below 1.
    #expect(layer(states).sum(axes: 1).isClose(to: .ones([2, 3]), within: 1e-15))
  }

  @Test mutating func `parameters have the article's names`() {
    let layer = AttentionLayer<Double>(3, using: &generator)
    #expect(layer.parameters.map(\.name) == ["attention.weight", "attention.bias"])
  }

  @Test mutating func `derivatives agree with finite differences, masked or not`() {
    let layer = AttentionLayer<Double>(3, using: &generator)
    let states = Tensor<Double>.normal([2, 4, 3], using: &generator)
    for mask in [nil, mask] {
      let check = GradientCheck(at: [states], order: 2) { layer($0[0], keyMask: mask) }
      #expect(check.passes, "\(check)")
    }
  }

  @Test mutating func `masked steps have no influence, even if they are not numbers`() {
    let layer = AttentionLayer<Double>(3, using: &generator)
    let states = Tensor<Double>.normal([2, 4, 3], using: &generator)
    let broken = states.filled(where: !mask.unsqueezed(axis: 2), with: .nan)
    let short = layer(states.narrowed(axis: 0, to: 0..<1).narrowed(axis: 1, to: 0..<3))
    let result = layer(broken, keyMask: mask)
    #expect(result.narrowed(axis: 0, to: 0..<1).narrowed(axis: 1, to: 0..<3) == short)
    #expect(result.narrowed(axis: 0, to: 1..<2).scalars.allSatisfy { $0 == 0 })
    #expect(result.narrowed(axis: 1, to: 3..<4).scalars.allSatisfy { $0 == 0 })
    let (_, gradients) = valueWithGradient(at: layer) { [mask] in $0(broken, keyMask: mask).sum() }
    #expect(gradients.count == 2 && gradients.firstNonFinite == nil)
    let ofStates = gradient(at: broken) { [mask] in layer($0, keyMask: mask).sum() }
    #expect(ofStates.filled(where: mask.unsqueezed(axis: 2), with: 0) == .zeros([2, 4, 3]))
  }
}
