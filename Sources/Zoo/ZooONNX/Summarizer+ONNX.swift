import Autograd
import Layers
public import ONNX
import Sequences
public import Summarizer

extension Summarizer: ONNXExportable {
  /// `encoder`, as the writer's, and `step`, which is also given the source's words as target words,
  /// `copies` `[batch, source]`, and how many words of their own the sources have at most, `ownWords`,
  /// and gives `logProbabilities` `[batch, targetVocabulary + ownWords]` and `weights`.
  public func onnxGraphs() throws -> [ONNXGraph] {
    let encoder = ONNXGraph("encoder", of: self)
    try writer.encode(in: encoder)
    let graph = ONNXGraph("step", of: self)
    let symbols = graph.input("symbols", .int64, ["batch"])
    let copies = graph.input("copies", .int64, ["batch", "source"])
    let ownWords = graph.input("ownWords", .int64, [])
    let vocabulary = graph.constant(Double(configuration.targetVocabulary), .int64)
    let unknown = graph.constant(Double(SequenceSymbol.unknown), .int64)
    let embedded = writer.targetEmbedding(select(symbols .< vocabulary, symbols, unknown))
    let (features, weights) = try writer.step(embedded, in: graph)
    let gate = sigmoid(generation(.concatenated([features, embedded], axis: 1)))  // [batch, 1]
    let generated = gate * softmax(writer.output(features), axis: -1)
    let others = graph.filled(
      0, Scalar.onnxType, [.axis(0, of: symbols), .value(ownWords.unsqueezed([0]))])
    let all = graph.node(
      "ScatterElements",
      [.concatenated([generated, others], axis: 1), copies, (1 - gate) * weights!],
      ["axis": .integer(1), "reduction": .text("add")])
    graph.output("logProbabilities", log(all + 1e-12), ["batch", "allWords"])
    graph.output("weights", weights!, ["batch", "source"])
    return [encoder, graph]
  }
}
