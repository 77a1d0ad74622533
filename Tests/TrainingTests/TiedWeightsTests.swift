import Autograd
import Layers
import Testing
import Training

/// One parameter under two names.
@Suite struct TiedWeightsTests {
  private struct Model: Layer {
    let embedding: Embedding<Float>
    let inner: Linear<Float>
    let output: Linear<Float>

    init(seed: UInt64) {
      var generator = Generator(seed: seed)
      embedding = Embedding(count: 5, size: 3, using: &generator)
      inner = Linear(inputs: 3, outputs: 3, using: &generator)
      output = Linear(sharing: embedding.$weight)
    }

    func loss() -> Tensor<Float> {
      let symbols = Tensor<Int32>([0, 3, 1, 4])
      return crossEntropyLoss(output(tanh(inner(embedding(symbols)))), Tensor<Int32>([3, 1, 4, 2]))
    }
  }

  private struct OutputFirst: Layer {
    let output: Linear<Float>
    let inner: Linear<Float>
    let embedding: Embedding<Float>
  }

  @Test func `it is counted once, and print says what is tied`() {
    let model = Model(seed: 1)
    #expect(
      model.parameters.map(\.name)
        == ["embedding.weight", "inner.weight", "inner.bias", "output.bias"])
    #expect(model.parameterCount == 15 + 12 + 5)
    #expect(model.tiedNames.map(\.name) == ["output.weight"])
    #expect(model.tiedNames.map(\.first) == ["embedding.weight"])
    #expect(model.description.contains("  embedding.weight: Float [5, 3]\n"))
    #expect(model.description.hasSuffix("\n  output.weight: tied to embedding.weight"))
  }

  @Test func `an optimizer updates it once, along one gradient`() {
    let (model, before) = (Model(seed: 1), Model(seed: 1).embedding.weight)
    let (_, gradients) = valueWithGradient(at: model) { $0.loss() }
    #expect(gradients.count == 4)
    #expect(gradients[model.output.$weight]! == gradients[model.embedding.$weight]!)
    var optimizer = SGD(learningRate: 0.5, momentum: 0.9)
    optimizer.update(model, along: gradients)
    let expected = before - gradients[model.embedding.$weight]! * 0.5
    #expect(abs(model.output.weight - expected).max().scalar < 1e-7)
    #expect(model.output.weight == model.embedding.weight)
    #expect(
      optimizer.state.names == ["embedding.weight", "inner.weight", "inner.bias", "output.bias"])
    model.output.$weight.isFrozen = true
    #expect(valueWithGradient(at: model) { $0.loss() }.gradients.count == 3)
  }

  @Test func `it is saved once, loaded for both, and stays tied`() throws {
    let (model, other) = (Model(seed: 1), Model(seed: 2))
    let file = model.weights()
    #expect(
      file.tensors.keys.sorted()
        == ["embedding.weight", "inner.bias", "inner.weight", "output.bias"])
    try other.load(file)
    #expect(other.loss() == model.loss())
    #expect(other.output.weight == model.embedding.weight)
    other.embedding.$weight.tensor = .zeros([5, 3])
    #expect(other.output.weight == .zeros([5, 3]))
  }

  @Test func `a file may have it under any of its names, and under two if they agree`() throws {
    let (model, other) = (Model(seed: 1), Model(seed: 2))
    let turned = OutputFirst(
      output: model.output, inner: model.inner, embedding: model.embedding)
    var file = turned.weights()
    #expect(file.tensors["output.weight"] != nil && file.tensors["embedding.weight"] == nil)
    try other.load(file)
    #expect(other.loss() == model.loss())
    file.tensors["embedding.weight"] = file.tensors["output.weight"]
    let both = Model(seed: 3)
    try both.load(file)
    #expect(both.loss() == model.loss())
    // In another type, but the same numbers.
    let weight = model.embedding.weight
    file.tensors["embedding.weight"] = .init(
      weight.scalars.map { Double($0) }, shape: [5, 3])
    try both.load(file)
    file.tensors["embedding.weight"] = .init((weight + 1).scalars, shape: [5, 3])
    let untouched = Model(seed: 4)
    #expect {
      try untouched.load(file, from: "w")
    } throws: {
      let error = $0 as? WeightsError
      return error?.report?.contradictions
        == [.init(name: "embedding.weight", tied: "output.weight")]
        && error?.description
          == "w: 'embedding.weight' and 'output.weight' are tied in the model, but differ in the file"
    }
    #expect(untouched.loss() == Model(seed: 4).loss())
    file.tensors["embedding.weight"] = .init([Float](repeating: 0, count: 3), shape: [3, 1])
    #expect {
      try untouched.load(file)
    } throws: {
      ($0 as? WeightsError)?.report?.misshapen
        == [.init(name: "embedding.weight", expected: [5, 3], found: [3, 1])]
    }
    file.tensors["embedding.weight"] = nil
    file.tensors["output.weight"] = nil
    #expect {
      try other.load(file)
    } throws: {
      ($0 as? WeightsError)?.report?.missing == ["embedding.weight"]
    }
  }

  @Test func `an average of weights has it once, and gives it to both`() {
    let model = Model(seed: 1)
    let before = model.embedding.weight
    var average = WeightAverage(decay: 0.5)
    average.update(model)
    model.embedding.$weight.tensor = .zeros([5, 3])
    average.applied(to: model) {
      #expect(model.output.weight == before)
    }
    #expect(model.output.weight == .zeros([5, 3]))
  }
}
