import Autograd
import Layers
import Testing

@Suite struct LocalAttentionTests {
  private static func attention(
    predicting: Bool, window: Int
  ) -> LocalAttention<AdditiveScore<Double>> {
    var generator = Generator(seed: 1)
    return LocalAttention(
      AdditiveScore(querySize: 3, keySize: 4, hiddenSize: 5, using: &generator), window: window,
      predictor: predicting
        ? PositionPredictor(querySize: 3, hiddenSize: 4, using: &generator) : nil)
  }

  private static func inputs(keys: Int) -> [Tensor<Double>] {
    var generator = Generator(seed: 2)
    return [[2, 3, 3], [2, keys, 4], [2, keys, 2]].map { .normal(Shape($0), using: &generator) }
  }

  @Test(arguments: [false, true])
  func `first and second derivatives agree with finite differences`(predicting: Bool) {
    let attention = Self.attention(predicting: predicting, window: 1)
    let mask = Tensor<Bool>((0..<10).map { $0 < 8 }, shape: [2, 5])
    let check = GradientCheck(at: Self.inputs(keys: 5), order: 2) {
      let memory = attention.prepare(keys: $0[1], values: $0[2], keyMask: mask)
      let (context, weights) = attention($0[0], memory)
      return .concatenated([context, weights], axis: 2)
    }
    #expect(check.passes, "\(check)")
    // The prediction is differentiated: the gradient reaches its weights.
    let inputs = Self.inputs(keys: 5)
    let gradients = valueWithGradient(at: attention) {
      $0(inputs[0], $0.prepare(keys: inputs[1], values: inputs[2])).context.sum()
    }.gradients
    #expect(gradients.count == attention.parameters.count)
    if let predictor = attention.predictor {
      #expect(gradients[predictor.$v]!.scalars.contains { abs($0) > 1e-6 })
    }
  }

  @Test func `without a predictor the window moves with the step`() {
    let attention = Self.attention(predicting: false, window: 1)
    let inputs = Self.inputs(keys: 6)
    let memory = attention.prepare(keys: inputs[1])
    let (_, weights) = attention(inputs[0], memory, step: 2)
    for query in 0..<3 {
      for key in 0..<6 {
        #expect((weights[0, query, key].scalar > 0) == (abs(key - query - 2) <= 1))
      }
    }
    // Rows add up to 1, up to the roundings of three summands.
    #expect(weights.sum(axes: 2).isClose(to: .ones([2, 3]), within: 1e-15))
    for query in 0..<3 {
      let (context, own) = attention(
        inputs[0].selected(axis: 1, at: query), memory, step: 2 + query)
      #expect(own == weights.selected(axis: 1, at: query))
      #expect(context.shape == [2, 4])
    }
  }

  @Test func `a window that holds all keys is attention to all of them`() {
    let local = Self.attention(predicting: false, window: 10)
    let inputs = Self.inputs(keys: 6)
    let (context, weights) = local(inputs[0], local.prepare(keys: inputs[1]))
    let whole = local.attention(queries: inputs[0], keys: inputs[1])
    #expect(context == whole.context && weights == whole.weights)
  }

  @Test func `predicted positions lie in the sentence, and weights fall with the distance`() {
    let attention = Self.attention(predicting: true, window: 4)
    let inputs = Self.inputs(keys: 6)
    let places = attention.predictor!(inputs[0], lengths: [6, 3])
    #expect(places.selected(axis: 0, at: 0).scalars.allSatisfy { (0...6).contains($0) })
    #expect(places.selected(axis: 0, at: 1).scalars.allSatisfy { (0...3).contains($0) })
    let memory = attention.prepare(keys: inputs[1].filled(where: Tensor([true]), with: 1))
    let (_, weights) = attention(inputs[0], memory)
    let centers = attention.predictor!(inputs[0], lengths: [6, 6])
    // Equal keys have equal scores, so what is left is the bell curve with deviation 2.
    for query in 0..<3 {
      let center = centers[0, query, 0].scalar
      let near = (0..<6).filter { abs(Double($0) - center) <= 4 }
      for (a, b) in zip(near, near.dropFirst()) {
        let (left, right) = (Double(a) - center, Double(b) - center)
        let expected = exp(Tensor((left * left - right * right) / 8)).scalar
        #expect(abs((weights[0, query, b] / weights[0, query, a]).scalar - expected) < 1e-12)
      }
    }
  }

  @Test(arguments: [false, true])
  func `padding changes nothing, be it NaN, and empty windows give zeros`(predicting: Bool) {
    let attention = Self.attention(predicting: predicting, window: 1)
    let short = Self.inputs(keys: 2)
    let mask = Tensor<Bool>((0..<8).map { $0 % 4 < 2 }, shape: [2, 4])
    let padded = short.dropFirst().map {
      Tensor.concatenated([$0, Tensor(repeating: .nan, shape: [2, 2, $0.shape[2]])], axis: 1)
    }
    let whole = attention(short[0], attention.prepare(keys: short[1], values: short[2]))
    let (outputs, gradients) = vectorJacobianProduct(at: [short[0]] + padded) {
      let memory = attention.prepare(keys: $0[1], values: $0[2], keyMask: mask)
      let (context, weights) = attention($0[0], memory)
      return [context, weights]
    } cotangents: {
      $0.map { $0 + 1 }
    }
    #expect(outputs[0].isClose(to: whole.context, within: 1e-14))
    #expect(outputs[1].narrowed(axis: 2, to: 0..<2).isClose(to: whole.weights, within: 1e-14))
    #expect(gradients.allSatisfy { $0!.scalars.allSatisfy(\.isFinite) })
    if !predicting {
      // Step 5 is beyond the sentence; what the query holds is not looked at.
      let memory = attention.prepare(keys: padded[0], values: padded[1], keyMask: mask)
      let far = attention(Tensor(repeating: .nan, shape: [2, 3]), memory, step: 5)
      #expect(far.context == .zeros([2, 2]) && far.weights == .zeros([2, 4]))
    }
    let none = Tensor<Bool>(repeating: false, shape: [2, 4])
    let memory = attention.prepare(keys: padded[0], values: padded[1], keyMask: none)
    #expect(attention(short[0], memory).weights == .zeros([2, 3, 4]))
  }
}
