import Autograd
import Layers
public import ONNX
public import SequenceTagger

extension SequenceTagger: ONNXExportable {
  /// One graph, of `words` `[batch, time]`, `letters` `[batch, time, letters]` and `lengths`: to the
  /// logits `tags` `[batch, time, tags]` and `intents` `[batch, intents]`, to what words and sentence
  /// look at, `slotWeights` and `intentWeights`, and to the scores of `neighbours` where there are any.
  ///
  /// With a decoder there is a `step` that is given the `tag` of the word before, the number of tags
  /// before the first word, and gives the logits `tags` of the word, `[batch, tags]`.
  public func onnxGraphs() throws -> [ONNXGraph] {
    let graph = ONNXGraph(decoder == nil ? "model" : "encoder", of: self)
    let memory = try read(graph)
    graph.output(
      "intents", intentOutput(memory.sentence), ["batch", .size(configuration.intents)])
    graph.output("slotWeights", memory.slotWeights, ["batch", "time", "time"])
    graph.output("intentWeights", memory.intentWeights, ["batch", "time"])
    guard let decoder else {
      graph.output(
        "tags", tagOutput(memory.words), ["batch", "time", .size(configuration.tags)])
      if let chain {
        graph.output(
          "neighbours", graph.parameter(chain.$scores),
          [.size(configuration.tags + 1), .size(configuration.tags)])
      }
      return [graph]
    }
    graph.output("memory.words", memory.words, ["batch", "time", .size(features)])
    graph.output(
      "state.hidden", tanh(decoder.bridge(memory.sentence)),
      ["batch", .size(configuration.hiddenSize)])
    graph.output("state.position", graph.constant(0, .int64), [])
    return [graph, step(decoder)]
  }

  /// Features of a word's state with its context.
  private var features: Int { 4 * configuration.hiddenSize }

  /// One word of a decoder.
  private func step(_ decoder: TagDecoder<Scalar>) -> ONNXGraph {
    let graph = ONNXGraph("step", of: self)
    let tag = graph.input("tag", .int64, ["batch"])
    let words = graph.input(
      "memory.words", Scalar.onnxType, ["batch", "time", .size(features)])
    let hidden = graph.input(
      "state.hidden", Scalar.onnxType, ["batch", .size(configuration.hiddenSize)])
    let position = graph.input("state.position", .int64, [])
    let word = graph.node("Gather", [words, position], ["axis": .integer(1)])  // [batch, features]
    let next = decoder.cell.step(
      .concatenated([word, decoder.embedding(tag)], axis: 1), [hidden])[0]
    graph.output("tags", tagOutput(next), ["batch", .size(configuration.tags)])
    graph.output("next.hidden", next, ["batch", .size(configuration.hiddenSize)])
    graph.output("next.position", position + 1, [])
    return graph
  }

  /// Sentences as the outputs see them; see the model.
  private struct Memory {
    let words, sentence, slotWeights, intentWeights: ONNXValue
  }

  private func read(_ graph: ONNXGraph) throws -> Memory {
    let words = graph.input("words", .int64, ["batch", "time"])
    let letters = graph.input("letters", .int64, ["batch", "time", "letters"])
    let lengths = graph.input("lengths", .int64, ["batch"])
    var embedded = wordEmbedding(words)
    if let spelling {
      embedded = .concatenated([embedded, spelling(letters)], axis: 2)
    }
    let (states, summary) = try annotate(embedded, lengths)
    let mask = ONNXValue.sequenceMask(lengths: lengths, time: words.count(1))
    let slots = try slotAttention(states, slotAttention.prepare(keys: states, keyMask: mask))
    let intent = try intentAttention(
      step: summary, intentAttention.prepare(keys: states, keyMask: mask))
    return Memory(
      words: .concatenated([states, slots.context], axis: 2),
      sentence: .concatenated([summary, intent.context], axis: 1), slotWeights: slots.weights,
      intentWeights: intent.weights)
  }

  private func annotate(
    _ inputs: ONNXValue, _ lengths: ONNXValue
  ) throws -> (states: ONNXValue, summary: ONNXValue) {
    func read<Cell: ONNXRecurrentCell>(
      _ network: Recurrent<Cell>
    ) throws -> (states: ONNXValue, summary: ONNXValue) {
      let made = try network(inputs, lengths: lengths)
      let last = [made.finalStates.last![0], made.reverseFinalStates.last![0]]
      return (made.outputs, .concatenated(last, axis: 1))
    }
    switch encoder {
    case .gru(let network): return try read(network)
    case .lstm(let network): return try read(network)
    }
  }
}

extension Spelling {
  /// `[batch, time, letters]` to `[batch, time, letterFeatures]`.
  fileprivate func callAsFunction(_ letters: ONNXValue) -> ONNXValue {
    let words = letters.reshaped([-1, .axis(2, of: letters)])
    let isPadding = words .== words.graph.constant(Double(SequenceTaggerBatch.padding), .int64)
    let embedded = embedding(words).filled(where: isPadding.unsqueezed([2]), with: 0)
    let features = relu(convolution(embedded.transposed([0, 2, 1])))  // [words, features, letters]
    return features.filled(where: isPadding.unsqueezed([1]), with: 0).max(axes: [2])
      .reshaped([
        .axis(0, of: letters), .axis(1, of: letters), .size(convolution.$weight.shape[0]),
      ])
  }
}
