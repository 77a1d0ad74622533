import Autograd
import Layers
public import ONNX
public import Speech

extension SpeechEncoder {
  /// - Parameters:
  ///   - frames: `[batch, time, features]`
  ///   - lengths: number of frames of each recording, `[batch]`.
  /// - Returns: states `[batch, states, 2 * hiddenSize]`, with the number of each recording, `[batch]`.
  func callAsFunction(
    _ frames: ONNXValue, lengths: ONNXValue
  ) throws -> (states: ONNXValue, lengths: ONNXValue) {
    let isFrame = ONNXValue.sequenceMask(lengths: lengths, time: frames.count(1))
    var states = frames.filled(where: (!isFrame).unsqueezed([2]), with: 0)
    var lengths = lengths
    for (index, layer) in layers.enumerated() {
      if index < configuration.halvings {
        states = paired(states, size: index == 0 ? configuration.features : outputSize)
        lengths = (lengths + 1) / 2
      }
      states = try layer(states, lengths: lengths).outputs
    }
    return (states, lengths)
  }

  fileprivate var outputSize: Int { 2 * configuration.hiddenSize }

  /// Two steps beside each other; the last of an odd number stands beside zeros.
  private func paired(_ states: ONNXValue, size: Int) -> ONNXValue {
    let graph = states.graph
    let zeros = graph.filled(0, states.type, [.axis(0, of: states), 1, .size(size)])
    let even = ((states.extent(1) + 1) / 2) * 2
    return ONNXValue.concatenated([states, zeros], axis: 1)
      .narrowed(axis: 1, from: graph.constant([0]), to: even)
      .reshaped([0, -1, .size(2 * size)])
  }

  /// Frames and lengths of recordings, as a graph is given them.
  fileprivate func inputs(_ graph: ONNXGraph) -> (frames: ONNXValue, lengths: ONNXValue) {
    (
      graph.input("frames", Scalar.onnxType, ["batch", "time", .size(configuration.features)]),
      graph.input("lengths", .int64, ["batch"])
    )
  }
}

extension CTCRecognizer: ONNXExportable {
  /// One graph: `frames` `[batch, time, features]` and `lengths` to `logProbabilities`
  /// `[states, batch, symbols]`, and the number of states of each recording, `stateLengths`.
  public func onnxGraphs() throws -> [ONNXGraph] {
    let graph = ONNXGraph(of: self)
    let (frames, lengths) = encoder.inputs(graph)
    let heard = try encoder(frames, lengths: lengths)
    graph.output(
      "logProbabilities", logSoftmax(output(heard.states), axis: -1).transposed([1, 0, 2]),
      ["states", "batch", .size(configuration.symbols)])
    graph.output("stateLengths", heard.lengths, ["batch"])
    return [graph]
  }
}

extension AttentionRecognizer: ONNXExportable {
  /// `encoder`, of `frames` `[batch, time, features]` and `lengths`, and `step`, of the last `symbols`
  /// `[batch]`, to the logarithms of the next symbols' probabilities, `logProbabilities`
  /// `[batch, symbols]`, and to `weights` `[batch, states]`.
  public func onnxGraphs() throws -> [ONNXGraph] { [try encoderGraph(), try stepGraph()] }

  private var memory: [Handed] {
    [
      Handed(
        name: "memory.keys", type: Scalar.onnxType,
        axes: ["batch", "states", .size(configuration.attentionSize)]),
      Handed(
        name: "memory.values", type: Scalar.onnxType,
        axes: ["batch", "states", .size(encoder.outputSize)]),
      Handed(name: "memory.keyMask", type: .bool, axes: ["batch", "states"]),
    ]
  }

  private var state: [Handed] {
    [
      Handed(
        name: "state.hidden", type: Scalar.onnxType,
        axes: ["batch", .size(configuration.decoderSize)]),
      Handed(name: "state.history", type: Scalar.onnxType, axes: ["batch", "states"]),
    ]
  }

  private func encoderGraph() throws -> ONNXGraph {
    let graph = ONNXGraph("encoder", of: self)
    let (frames, lengths) = encoder.inputs(graph)
    let heard = try encoder(frames, lengths: lengths)
    let mask = ONNXValue.sequenceMask(lengths: heard.lengths, time: heard.states.count(1))
    let looked = try attention.prepare(keys: heard.states, keyMask: mask)
    graph.give(memory, [looked.keys, looked.values, mask])
    graph.give(
      state, decoder.initialState(like: frames) + [mask.converted(to: Scalar.onnxType) * 0])
    return graph
  }

  private func stepGraph() throws -> ONNXGraph {
    let graph = ONNXGraph("step", of: self)
    let symbols = graph.input("symbols", .int64, ["batch"])
    let memory = graph.inputs(self.memory)
    let state = graph.inputs(self.state)
    let looked = try attention(
      step: state[0],
      ONNXAttentionMemory(keys: memory[0], values: memory[1], keyMask: memory[2]),
      after: state[1])
    let hidden = decoder.step(
      .concatenated([embedding(symbols), looked.context], axis: 1), [state[0]])[0]
    let logits = output(.concatenated([hidden, looked.context], axis: 1))
    graph.output(
      "logProbabilities", logSoftmax(logits, axis: -1), ["batch", .size(configuration.symbols)])
    graph.output("weights", looked.weights, ["batch", "states"])
    graph.giveNext(self.state, [hidden, looked.history])
    return graph
  }
}
