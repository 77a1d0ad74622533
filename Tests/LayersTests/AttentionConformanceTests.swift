import Autograd
import Layers
import Testing
import Training

/// The attention family against PyTorch, in double and in single precision.
@Suite struct AttentionConformanceTests {
  @Test(
    arguments: try! attentionCases(
      "seeds",
      [
        "DotAttention", "ScaledDotAttention", "GeneralAttention", "AdditiveAttention",
        "ConcatAttention", "QueryValueAttention", "AttentionLayer", "WeightedSumExample",
        "EncoderDecoderExample",
      ]))
  func `outputs and gradients are PyTorch's`(path: String) throws {
    let file = try SafeTensors(contentsOf: path)
    if file.tensors["input.0"]?.dtype == .float32 {
      try check(AttentionCase<Float>(file))
    } else {
      try check(AttentionCase<Double>(file))
    }
  }

  private func check<Scalar>(_ test: AttentionCase<Scalar>) throws {
    var generator = Generator(seed: 1)
    let (query, key) = (test.size("query_size"), test.size("key_size"))
    let hidden = test.size("hidden_size")
    switch test.name {
    case "DotAttention", "QueryValueAttention": try check(test, DotScore())
    case "ScaledDotAttention": try check(test, ScaledDotScore())
    case "GeneralAttention":
      try check(test, GeneralScore(querySize: query, keySize: key, using: &generator))
    case "AdditiveAttention":
      try check(
        test, AdditiveScore(querySize: query, keySize: key, hiddenSize: hidden, using: &generator))
    case "ConcatAttention":
      try check(
        test, ConcatScore(querySize: query, keySize: key, hiddenSize: hidden, using: &generator))
    case "AttentionLayer":
      let layer = AttentionLayer<Scalar>(hidden, using: &generator)
      try test.load(into: layer)
      try test.check(inputs: [0]) { [layer($0[0])] }
      let states = try #require(try test.tensor("input.0"))
      try test.check(parametersOf: layer) { [layer(states)] }
    case "WeightedSumExample":
      try test.check(inputs: [0, 1]) { [matmul($0[1], $0[0])] }
    case "EncoderDecoderExample":
      let attention = Attention(DotScore<Scalar>())
      try test.check(inputs: [0, 1]) { inputs in
        let (context, weights) = attention(
          queries: inputs[1].unsqueezed(axis: 0), keys: inputs[0].unsqueezed(axis: 0))
        return [weights.squeezed(axes: 0), context.squeezed(axes: 0)]
      }
    default: Issue.record("no model of the name \(test.name)")
    }
  }

  private func check<Score: AttentionScore>(
    _ test: AttentionCase<Score.Scalar>, _ score: Score
  ) throws {
    let attention = Attention(score)
    try test.load(into: attention)
    let mask = try test.mask("input.3")
    func outputs(_ inputs: [Tensor<Score.Scalar>]) -> [Tensor<Score.Scalar>] {
      let (context, weights) = attention(
        queries: inputs[0], keys: inputs[1], values: inputs.count > 2 ? inputs[2] : nil,
        keyMask: mask)
      return [context, weights]
    }
    try test.check(inputs: [0, 1, 2], outputs)
    let inputs = try (0..<3).compactMap { try test.tensor("input.\($0)") }
    try test.check(parametersOf: attention) { outputs(inputs) }
  }
}
