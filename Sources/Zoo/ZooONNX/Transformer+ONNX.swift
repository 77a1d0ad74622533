import Autograd
import Interchange
import Layers
public import ONNX
public import Transformer

extension Transformer: ONNXExportable {
  /// `encoder`, of `source` `[batch, source]` and `lengths`, and `step`, of the last `symbols` `[batch]`,
  /// to the logarithms of the next symbols' probabilities, `logProbabilities` `[batch, symbols]`. What is
  /// handed from step to step are the keys and values of the positions so far, `state.0.keys` and so on,
  /// `[batch, heads, past, features]`.
  ///
  /// An encoder alone is one graph, to the `logits` of each source symbol.
  public func onnxGraphs() -> [ONNXGraph] {
    switch configuration.form {
    case .encoderDecoder: [encoderGraph(), stepGraph()]
    case .decoder: [readerGraph(), stepGraph()]
    case .encoder: [labelGraph()]
    }
  }

  // MARK: What is handed on

  private func heads(_ name: String, layers: Int, time: TensorAxis) -> [Handed] {
    let features = TensorAxis.size(configuration.size / configuration.heads)
    return (0..<layers).flatMap { layer in
      ["keys", "values"].map {
        Handed(
          name: "\(name).\(layer).\($0)", type: Scalar.onnxType,
          axes: ["batch", .size(configuration.heads), time, features])
      }
    }
  }

  private var keyMask: Handed {
    Handed(name: "memory.keyMask", type: .bool, axes: ["batch", "source"])
  }
  private var memory: [Handed] { heads("memory", layers: decoderLayers.count, time: "source") }
  private var state: [Handed] {
    heads("state", layers: decoderLayers.count + soleLayers.count, time: "past")
  }

  // MARK: Graphs

  private func encoderGraph() -> ONNXGraph {
    let graph = ONNXGraph("encoder", of: self)
    let (encoded, mask) = encode(in: graph)
    graph.give([keyMask], [mask])
    graph.give(
      memory,
      decoderLayers.flatMap { layer in
        let heads = layer.prepare(memory: encoded, keyMask: mask)
        return [heads.keys, heads.values]
      })
    graph.give(state, state.map { _ in noPositions(like: encoded) })
    return graph
  }

  /// Of a decoder alone: the source is the beginning of its own sequence.
  private func readerGraph() -> ONNXGraph {
    let graph = ONNXGraph("encoder", of: self)
    let (source, mask) = source(in: graph)
    var x = embedded(source, sourceEmbedding, from: nil)
    var caches: [ONNXValue] = []
    for layer in soleLayers {
      var cache = ONNXHeads(keys: noPositions(like: x), values: noPositions(like: x))
      x = layer(x, cache: &cache, keyMask: mask)
      caches += [cache.keys, cache.values]
    }
    graph.give([keyMask], [mask])
    graph.give(state, caches)
    return graph
  }

  private func labelGraph() -> ONNXGraph {
    let graph = ONNXGraph(of: self)
    graph.output(
      "logits", labels!(encode(in: graph).encoded),
      ["batch", "source", .size(configuration.targetVocabulary)])
    return graph
  }

  private func stepGraph() -> ONNXGraph {
    let graph = ONNXGraph("step", of: self)
    let symbols = graph.input("symbols", .int64, ["batch"])
    let mask = graph.inputs([keyMask])[0]
    let memory = pairs(graph.inputs(self.memory))
    var caches = pairs(graph.inputs(state))
    let past = caches[0].keys.count(2)
    // The target's positions are counted from its own start.
    let start = soleLayers.isEmpty ? past : past - mask.count(1)
    var x = embedded(symbols.unsqueezed([1]), targetEmbedding!, from: start)
    for (index, layer) in decoderLayers.enumerated() {
      x = layer(x, memory: memory[index], memoryKeyMask: mask, cache: &caches[index])
    }
    let own = graph.filled(1, .bool, [.axis(0, of: symbols), .value((start + 1).unsqueezed([0]))])
    let keys = soleLayers.isEmpty ? nil : ONNXValue.concatenated([mask, own], axis: 1)
    for (index, layer) in soleLayers.enumerated() {
      x = layer(x, cache: &caches[index], keyMask: keys)
    }
    let logits = linear(
      (decoderNorm.map { $0(x) } ?? x).squeezed([1]), graph.parameter(targetEmbedding!.$weight))
    graph.output(
      "logProbabilities", logSoftmax(logits, axis: -1),
      ["batch", .size(configuration.targetVocabulary)])
    graph.giveNext(state, caches.flatMap { [$0.keys, $0.values] })
    return graph
  }

  // MARK: Parts

  private func source(in graph: ONNXGraph) -> (source: ONNXValue, mask: ONNXValue) {
    let source = graph.input("source", .int64, ["batch", "source"])
    let lengths = graph.input("lengths", .int64, ["batch"])
    return (source, .sequenceMask(lengths: lengths, time: source.count(1)))
  }

  private func encode(in graph: ONNXGraph) -> (encoded: ONNXValue, mask: ONNXValue) {
    let (source, mask) = source(in: graph)
    var x = embedded(source, sourceEmbedding, from: nil)
    for layer in encoderLayers { x = layer(x, keyMask: mask) }
    return (encoderNorm.map { $0(x) } ?? x, mask)
  }

  /// Symbols with their positions, `[batch, time, size]`.
  private func embedded(
    _ symbols: ONNXValue, _ table: Embedding<Scalar>, from start: ONNXValue?
  ) -> ONNXValue {
    positions(table(symbols) * Double(configuration.size).squareRoot(), from: start)
  }

  private func noPositions(like x: ONNXValue) -> ONNXValue {
    x.graph.filled(
      0, x.type,
      [
        .axis(0, of: x), .size(configuration.heads), .size(0),
        .size(configuration.size / configuration.heads),
      ])
  }

  private func pairs(_ values: [ONNXValue]) -> [ONNXHeads] {
    stride(from: 0, to: values.count, by: 2).map {
      ONNXHeads(keys: values[$0], values: values[$0 + 1])
    }
  }
}
