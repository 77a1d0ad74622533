import Interchange
import Testing

/// PyTorch's layers, with their weights, inputs and outputs (`make_layer_fixtures.py`), beside this
/// library's of the same sizes: loaded by PyTorch's names, called, and saved as they were.
@Suite struct PyTorchLayersTests {
  /// Loads a layer, compares its results with PyTorch's, and what it saves with what it was loaded from.
  private func check<Model: Layer>(
    _ name: String, _ make: (inout Generator) -> Model,
    _ call: (Model, [Tensor<Float>]) -> [Tensor<Float>]
  ) throws {
    let file = try Fixtures.file("layers.pt")
    var generator = Generator(seed: 1)
    let model = make(&generator)
    let report = try model.load(file, names: .pyTorch, prefix: "\(name).state.")
    let state = file.tensors.filter { $0.key.hasPrefix("\(name).state.") }
    #expect(report.loaded.flatMap(\.tensors).sorted() == state.keys.sorted(), "\(name)")
    #expect(report.loaded.flatMap(\.parameters).count == model.parameters.count, "\(name)")
    let inputs = try tensors("\(name).inputs", in: file)
    let results = call(model, inputs)
    let expected = try tensors("\(name).outputs", in: file)
    #expect(results.count == expected.count, "\(name)")
    for (result, expected) in zip(results, expected) {
      #expect(result.shape == expected.shape, "\(name)")
      // Sums of a few products in another order.
      #expect(abs(result - expected).max().scalar <= 1e-6, "\(name)")
    }
    let saved = model.weights(names: .pyTorch, prefix: "\(name).state.").tensors
    #expect(saved == state, "\(name)")
    // In double precision, which holds the same numbers, too.
    let doubles = model.weights(names: .pyTorch, as: .float64)
    var other = Generator(seed: 2)
    let same = make(&other)
    try same.load(doubles, names: .pyTorch)
    #expect(same.weights().tensors == model.weights().tensors, "\(name)")
  }

  /// Those under `name.0`, `name.1`, ...
  private func tensors(_ name: String, in file: TensorFile) throws -> [Tensor<Float>] {
    var result: [Tensor<Float>] = []
    while let stored = file.tensors["\(name).\(result.count)"] {
      result.append(try Tensor<Float>(stored))
    }
    return result
  }

  @Test func `plain layers`() throws {
    try check("linear") {
      Linear<Float>(inputs: 3, outputs: 4, using: &$0)
    } _: {
      [$0($1[0])]
    }
    try check("embedding") {
      Embedding<Float>(count: 7, size: 4, using: &$0)
    } _: {
      [$0($1[0].converted(to: Int32.self))]
    }
    try check("conv1d") {
      Conv1d<Float>(inputs: 4, outputs: 6, width: 3, groups: 2, using: &$0)
    } _: {
      [$0($1[0])]
    }
    try check("conv2d") {
      Conv2d<Float>(inputs: 2, outputs: 3, size: [3, 2], using: &$0)
    } _: {
      [$0($1[0])]
    }
    try check("layer_norm") { _ in
      LayerNorm<Float>([5, 3])
    } _: {
      [$0($1[0])]
    }
    try check("batch_norm") { _ in
      BatchNorm<Float>(4)
    } _: { model, inputs in
      #expect(model.batchCount?.scalar == 3)
      return [model(inputs[0])]
    }
  }

  @Test func `recurrent cells`() throws {
    try check("rnn_cell") {
      RNNCell<Float>(inputSize: 3, hiddenSize: 4, using: &$0)
    } _: {
      [$0($1[0], $1[1])]
    }
    try check("gru_cell") {
      GRUCell<Float>(inputSize: 3, hiddenSize: 4, using: &$0)
    } _: {
      [$0($1[0], $1[1])]
    }
    try check("lstm_cell") {
      LSTMCell<Float>(inputSize: 3, hiddenSize: 4, using: &$0)
    } _: {
      let state = $0($1[0], LSTMState(hidden: $1[1], cell: $1[2]))
      return [state.hidden, state.cell]
    }
  }

  /// States of both directions, layer by layer.
  private func stacked<State>(
    _ ahead: [State], _ back: [State], _ part: (State) -> Tensor<Float>
  ) -> Tensor<Float> {
    .stacked(zip(ahead, back).flatMap { [part($0), part($1)] }, axis: 0)
  }

  @Test func `recurrent networks of two layers in both directions`() throws {
    try check("rnn") {
      RNN<Float>(inputSize: 3, hiddenSize: 4, layers: 2, isBidirectional: true, using: &$0)
    } _: {
      let result = $0($1[0])
      return [result.outputs, stacked(result.finalStates, result.reverseFinalStates) { $0 }]
    }
    try check("gru") {
      GRU<Float>(inputSize: 3, hiddenSize: 4, layers: 2, isBidirectional: true, using: &$0)
    } _: {
      let result = $0($1[0])
      return [result.outputs, stacked(result.finalStates, result.reverseFinalStates) { $0 }]
    }
    for (name, projection) in [("lstm", nil), ("lstm_projection", 2)] {
      try check(name) {
        LSTM<Float>(
          inputSize: 3, hiddenSize: 4, layers: 2, isBidirectional: true, projectionSize: projection,
          using: &$0)
      } _: {
        let result = $0($1[0])
        return [result.outputs]
          + [\LSTMState<Float>.hidden, \.cell].map { part in
            stacked(result.finalStates, result.reverseFinalStates) { $0[keyPath: part] }
          }
      }
    }
  }

  @Test func `attention of several heads`() throws {
    func call(_ layer: MultiHeadAttention<Float>, _ inputs: [Tensor<Float>]) -> [Tensor<Float>] {
      let (output, weights) = layer(queries: inputs[0], keys: inputs[1], values: inputs[2])
      return [output, weights]
    }
    try check("attention", { MultiHeadAttention<Float>(6, heads: 2, using: &$0) }, call)
    try check(
      "attention_sizes",
      { MultiHeadAttention<Float>(6, heads: 2, keySize: 3, valueSize: 5, using: &$0) }, call)
    try check(
      "attention_no_bias", { MultiHeadAttention<Float>(6, heads: 2, bias: false, using: &$0) }, call
    )
  }

  @Test func `layers of a Transformer`() throws {
    try check("encoder_layer") {
      TransformerEncoderLayer<Float>(6, heads: 2, innerSize: 8, using: &$0)
    } _: {
      [$0($1[0])]
    }
    try check("decoder_layer") {
      TransformerDecoderLayer<Float>(6, heads: 2, innerSize: 8, using: &$0)
    } _: {
      [$0($1[0], memory: $1[1])]
    }
  }

  @Test func `a file of another program is written back byte by byte`() throws {
    var generator = Generator(seed: 1)
    let gru = GRU<Float>(
      inputSize: 3, hiddenSize: 4, layers: 2, isBidirectional: true, using: &generator)
    try gru.load(from: Fixtures.path("bidirectional.safetensors"), names: .pyTorch)
    #expect(
      gru.weights(names: .pyTorch).serialized()
        == (try Fixtures.bytes("bidirectional.safetensors")))
    // F16 and BF16, each by itself.
    let half = try TensorFile(contentsOf: Fixtures.path("half.safetensors"))
    let linear = Linear<Double>(inputs: 3, outputs: 4, using: &generator)
    try linear.load(half, names: .pyTorch)
    #expect(linear.weights(as: .float16).tensors["weight"] == half.tensors["weight"])
    #expect(linear.weights(as: .bfloat16).tensors["bias"] == half.tensors["bias"])
  }
}
