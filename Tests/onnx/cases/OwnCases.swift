import Autograd
import Layers
import ONNX

// Layers as a user writes them, with their ONNX form beside them.

/// A score of one's own: `scale (q · k)`.
struct ScaledScore: AttentionScore {
  @Parameter var scale: Tensor<Float>

  init(_ scale: Float) { _scale = Parameter(wrappedValue: Tensor([scale])) }

  func prepare(keys: Tensor<Float>) -> Tensor<Float> { keys * scale }

  func callAsFunction(queries: Tensor<Float>, keys: Tensor<Float>) -> Tensor<Float> {
    matmul(queries, keys.transposed())
  }
}

extension ScaledScore: ONNXAttentionScore {
  func prepare(keys: ONNXValue) -> ONNXValue { keys * keys.graph.parameter($scale) }

  func callAsFunction(queries: ONNXValue, keys: ONNXValue) -> ONNXValue {
    matmul(queries, keys.transposed([0, 2, 1]))
  }
}

/// The minimal gated unit of Zhou et al. (2016): `f = sigmoid(gate [x, h])`,
/// `h' = (1 - f) h + f tanh(candidate [x, f h])`.
struct MinimalGatedCell: RecurrentCell {
  let hiddenSize: Int
  let gate: Linear<Float>
  let candidate: Linear<Float>

  init(_ inputSize: Int, _ hiddenSize: Int, using generator: inout Generator) {
    self.hiddenSize = hiddenSize
    gate = Linear(inputs: inputSize + hiddenSize, outputs: hiddenSize, using: &generator)
    candidate = Linear(inputs: inputSize + hiddenSize, outputs: hiddenSize, using: &generator)
  }

  func initialState(batch: Int) -> Tensor<Float> { .ones([batch, hiddenSize]) }

  func callAsFunction(_ x: Tensor<Float>, _ state: Tensor<Float>) -> Tensor<Float> {
    let f = sigmoid(gate(.concatenated([x, state], axis: 1)))
    return (1 - f) * state + f * tanh(candidate(.concatenated([x, f * state], axis: 1)))
  }
}

extension MinimalGatedCell: ONNXRecurrentCell {
  func step(_ x: ONNXValue, _ state: [ONNXValue]) -> [ONNXValue] {
    let f = sigmoid(gate(.concatenated([x, state[0]], axis: 1)))
    let next = tanh(candidate(.concatenated([x, f * state[0]], axis: 1)))
    return [(1 - f) * state[0] + f * next]
  }
}

/// A model of both.
struct OwnModel: Layer {
  let network: Recurrent<MinimalGatedCell>
  let attention: Attention<ScaledScore>

  func callAsFunction(_ x: Tensor<Float>, lengths: [Int]) -> Tensor<Float> {
    let made = network(x, lengths: lengths)
    return attention(
      queries: made.finalStates[0], keys: made.outputs,
      keyMask: sequenceMask(lengths: lengths, time: x.shape[1])
    ).context
  }
}

extension OwnModel: ONNXExportable {
  func onnxGraphs() throws -> [ONNXGraph] {
    let graph = ONNXGraph(of: self)
    let x = graph.input("x", .float, ["batch", "time", 5])
    let lengths = graph.input("lengths", .int64, ["batch"])
    let made = try network(x, lengths: lengths)
    let memory = try attention.prepare(
      keys: made.outputs, keyMask: .sequenceMask(lengths: lengths, time: x.count(1)))
    graph.output(
      "output", try attention(step: made.finalStates[0][0], memory).context,
      ["batch", .size(network.layers[0].forward.hiddenSize)])
    return [graph]
  }
}

/// A layer as a decoder has it: some positions at once, then further ones with their keys and values.
struct ContinuedLayer: Layer {
  let layer: TransformerEncoderLayer<Float>

  func callAsFunction(_ before: Tensor<Float>, _ x: Tensor<Float>) -> Tensor<Float> {
    var cache = KeyValueCache<Float>()
    let first = layer(before, cache: &cache)
    return .concatenated([first, layer(x, cache: &cache)], axis: 1)
  }
}

extension ContinuedLayer: ONNXExportable {
  func onnxGraphs() -> [ONNXGraph] {
    let graph = ONNXGraph(of: self)
    let before = graph.input("before", .float, ["batch", "past", 8])
    let x = graph.input("x", .float, ["batch", "new", 8])
    let none = graph.filled(0, .float, [.axis(0, of: x), 2, 0, 4])
    var cache = ONNXHeads(keys: none, values: none)
    let first = layer(before, cache: &cache)
    graph.output(
      "output", .concatenated([first, layer(x, cache: &cache)], axis: 1),
      ["batch", "positions", 8])
    return [graph]
  }
}

func ownCases() -> [Case] {
  var generator = Generator(seed: 14)
  let model = OwnModel(
    network: Recurrent(inputSize: 5) { MinimalGatedCell($0, 6, using: &generator) },
    attention: Attention(ScaledScore(0.7)))
  return [
    Case("own-model", model) { run, model in
      let x: Tensor<Float> = run.input("x", [run.batch, run.time, 5])
      run.output("output", model(x, lengths: run.lengths()))
    },
    Case(
      "continued-layer",
      ContinuedLayer(
        layer: TransformerEncoderLayer(
          8, heads: 2, innerSize: 12, rotary: RotaryPositions(limit: 30, size: 4),
          using: &generator))
    ) { run, model in
      let before: Tensor<Float> = run.input("before", [run.batch, run.time, 8])
      let x: Tensor<Float> = run.input("x", [run.batch, run.time / 2, 8])
      run.output("output", model(before, x))
    },
  ]
}
