import Autograd
import Layers
import Testing
import Training

@Suite struct MultiHeadAttentionTests {
  @Test func `each bias has a label of its own in messages and drawings`() {
    var generator = Generator(seed: 1)
    let layer = MultiHeadAttention<Float>(4, heads: 2, using: &generator)
    for (name, parameter) in layer.parameters {
      #expect(parameter.storedValue.label == name)
    }
    #expect(layer.parameters.count == 8)
  }

  @Test(arguments: try! attentionCases("modules", ["MultiheadAttention"]))
  func `outputs and gradients are PyTorch's`(path: String) throws {
    let test = try AttentionCase<Double>(SafeTensors(contentsOf: path))
    var generator = Generator(seed: 1)
    let (size, heads) = (test.size("embed_dim"), test.size("num_heads"))
    let layer = MultiHeadAttention<Double>(
      size, heads: heads, keySize: test.size("kdim"), valueSize: test.size("vdim"),
      bias: test.attributes["bias"] as? Bool ?? true, using: &generator)
    for (name, parameter) in layer.parameters {
      parameter.scalars = try Self.theirs(test, "parameter", name, size).scalars
    }
    let keyMask = try test.mask("input.3")
    var mask = try test.mask("input.4")
    let averages = test.attributes["average_attn_weights"] as? Bool ?? true
    func outputs(_ inputs: [Tensor<Double>]) -> [Tensor<Double>] {
      if let given = mask, given.rank == 3 {
        let (queries, keys) = (given.shape[1], given.shape[2])
        mask = given.reshaped([-1, heads, queries, keys])
      }
      let (output, weights) = layer(
        queries: inputs[0], keys: inputs[1], values: inputs[2], keyMask: keyMask, mask: mask,
        averagesWeights: averages)
      return [output, weights]
    }
    try test.check(inputs: [0, 1, 2], outputs)
    let inputs = try (0..<3).compactMap { try test.tensor("input.\($0)") }
    let gradients = try test.gradients(of: layer) { outputs(inputs) }
    #expect(gradients.count == layer.parameters.count)
    for (name, parameter) in layer.parameters {
      let box = try #require(parameter as? Parameter<Double>)
      try test.compare(
        gradients[box], name, with: Self.theirs(test, "parameter_gradient", name, size))
    }
  }

  /// What PyTorch keeps in one matrix, rows of queries first, then keys, then values.
  private static func theirs(
    _ test: AttentionCase<Double>, _ kind: String, _ name: String, _ size: Int
  ) throws -> Tensor<Double> {
    let part = ["query", "key", "value"].firstIndex { name.hasPrefix($0) }
    let suffix = name.hasSuffix("Weight") ? "weight" : "bias"
    guard let part else { return try #require(try test.tensor("\(kind).out_proj.\(suffix)")) }
    if let whole = try test.tensor("\(kind).in_proj_\(suffix)") {
      return whole.narrowed(axis: 0, to: (part * size)..<((part + 1) * size))
    }
    return try #require(try test.tensor("\(kind).\(["q", "k", "v"][part])_proj_weight"))
  }

  @Test func `second derivatives agree with finite differences, masked by head`() {
    var generator = Generator(seed: 2)
    let layer = MultiHeadAttention<Double>(4, heads: 2, using: &generator)
    let inputs = (0..<3).map { _ in Tensor<Double>.normal([2, 3, 4], using: &generator) }
    // Rows: of the first sentence's heads the second has one row without a key.
    let mask = Tensor<Bool>(
      (0..<36).map { $0 % 4 != 0 && !(9..<12).contains($0) }, shape: [2, 2, 3, 3])
    let check = GradientCheck(at: inputs, order: 2) {
      layer(queries: $0[0], keys: $0[1], values: $0[2], mask: mask).output
    }
    #expect(check.passes, "\(check)")
  }

  @Test func `what stands at masked positions and empty queries has no influence`() {
    var generator = Generator(seed: 3)
    let layer = MultiHeadAttention<Double>(4, heads: 2, using: &generator)
    layer.$outputBias!.tensor = .normal([4], using: &generator)
    let (queries, keys) = (
      Tensor<Double>.normal([2, 3, 4], using: &generator),
      Tensor<Double>.normal([2, 5, 4], using: &generator)
    )
    let keyMask = Tensor<Bool>((0..<10).map { $0 % 5 < 3 }, shape: [2, 5])
    let mask = Tensor<Bool>((0..<15).map { $0 < 5 || $0 >= 10 }, shape: [3, 5])
    func run(_ junk: Double) -> [Tensor<Double>] {
      let inputs = [
        queries.filled(where: Tensor([[false], [true], [false]]), with: junk),
        keys.filled(where: !keyMask.unsqueezed(axis: 2), with: junk),
      ]
      func outputs(_ inputs: [Tensor<Double>]) -> [Tensor<Double>] {
        let (output, weights) = layer(
          queries: inputs[0], keys: inputs[1], keyMask: keyMask, mask: mask)
        return [output, weights]
      }
      let (results, gradients) = vectorJacobianProduct(at: inputs, of: outputs) {
        $0.map { $0 + 1 }
      }
      let ofParameters = valueWithGradient(at: layer) { _ in outputs(inputs)[0].sum() }.gradients
      return results + gradients.map { $0! }
        + layer.parameters.map { ofParameters[$0.parameter as! Parameter<Double>]! }
    }
    let clean = run(0)
    #expect(run(.nan) == clean)
    #expect(run(.infinity) == clean)
    for sentence in 0..<2 {
      #expect(clean[0].selected(axis: 0, at: sentence).selected(axis: 0, at: 1) == layer.outputBias)
      #expect(clean[1].selected(axis: 0, at: sentence).selected(axis: 0, at: 1) == .zeros([5]))
    }
  }
}
