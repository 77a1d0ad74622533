import AttentionRNN
import Autograd
import Forecaster
import Layers
import ONNX
import SentenceEncoder
import Seq2Seq
import SequenceTagger
import ShowAttendTell
import SimpleRNN
import Speech
import Summarizer
import Testing
import Transformer
import ZooONNX

/// The graphs of all models of the zoo hold together. What they compute is compared in ONNX Runtime, by
/// `Tests/onnx.sh`.
@Suite struct ZooGraphTests {
  /// A small one of each.
  private static func models() -> [(name: String, model: any ONNXExportable)] {
    var generator = Generator(seed: 1)
    let symbols = Seq2SeqConfiguration(
      sourceVocabulary: 6, targetVocabulary: 7, embeddingSize: 3, hiddenSize: 4, coverage: true)
    let speech = SpeechConfiguration(features: 3, symbols: 5, hiddenSize: 4, decoderSize: 4)
    func transformer(_ form: TransformerForm) -> any ONNXExportable {
      Transformer<Float>(
        .init(
          form: form, sourceVocabulary: 6, targetVocabulary: 7, size: 4, heads: 2,
          encoderLayers: 1, decoderLayers: 2), using: &generator)
    }
    func tagger(_ change: (inout SequenceTaggerConfiguration) -> Void) -> any ONNXExportable {
      var configuration = SequenceTaggerConfiguration(
        words: 5, letters: 4, tags: 3, intents: 2, hiddenSize: 4)
      change(&configuration)
      return SequenceTagger<Float>(configuration, using: &generator)
    }
    return [
      (
        "simple-rnn",
        SimpleRNN<Float>(.init(inputSize: 2, hiddenSize: 3, outputSize: 2), using: &generator)
      ),
      (
        "attention-rnn",
        AttentionRNN<Float>(
          .init(inputSize: 2, hiddenSize: 3, outputSize: 2, isBidirectional: true),
          using: &generator)
      ),
      (
        "forecaster",
        Forecaster<Float>(
          .init(variables: 2, window: 6, horizon: 2, hasLinearPart: true), using: &generator)
      ),
      ("tagger", tagger { $0.scoresNeighbours = true }),
      ("tagger-decoder", tagger { $0.tagSize = 2 }),
      (
        "sentence-encoder",
        SentenceEncoder<Float>(
          .init(vocabulary: 6, size: 4, heads: 2, layers: 2, positions: 5), using: &generator)
      ),
      ("seq2seq", Seq2Seq<Float>(symbols, using: &generator)),
      ("summarizer", Summarizer<Float>(symbols, using: &generator)),
      ("transformer", transformer(.encoderDecoder)), ("transformer-decoder", transformer(.decoder)),
      ("transformer-encoder", transformer(.encoder)),
      (
        "captioner",
        ShowAttendTell<AdditiveScore<Float>>(
          .init(vocabulary: 5, pictureSize: 4, stages: [[2], [3]], glance: .hard),
          using: &generator)
      ),
      ("speech-ctc", CTCRecognizer<Float>(speech, using: &generator)),
      ("speech-attention", AttentionRecognizer<Float>(speech, using: &generator)),
    ]
  }

  @Test func `a value is made once, and before it is used`() throws {
    for (name, model) in Self.models() {
      for graph in try model.onnxGraphs() {
        let read = try ReadModel(graph).graph
        var known = Set(read.inputs.map(\.name)).union(read.weights.map(\.name))
        try Self.check(read, &known, name)
      }
    }
  }

  private static func check(_ graph: ReadGraph, _ known: inout Set<String>, _ model: String) throws
  {
    for node in graph.nodes {
      for input in node.inputs where !input.isEmpty {
        #expect(known.contains(input), "\(model): \(input) of \(node.name)")
      }
      if let body = try node.attributes["body"]?.messages(6).first {
        let inner = try ReadGraph(body)
        var own = known.union(inner.inputs.map(\.name))
        try check(inner, &own, model)
      }
      for output in node.outputs where !output.isEmpty {
        #expect(known.insert(output).inserted, "\(model): \(output) is made twice")
      }
    }
    for output in graph.outputs { #expect(known.contains(output.name), "\(model): \(output.name)") }
  }

  @Test func `every parameter that evaluation reads is a weight by its path`() throws {
    for (name, model) in Self.models() {
      let weights = try model.onnxGraphs().flatMap { graph in
        try ReadModel(graph).graph.weights.map(\.name).filter { !$0.hasPrefix("constant/") }
      }
      // Both biases of a cell are one weight; what only training reads is none.
      let paths = model.parameters.map(\.name).filter {
        !$0.hasSuffix("batchCount") && $0 != "baseline"
      }.map {
        $0.replacing("biasInput", with: "biases").replacing("biasHidden", with: "biases")
      }
      #expect(Set(weights) == Set(paths), "\(name)")
    }
  }

  @Test func `what a step is given comes from the encoder or from the step before`() throws {
    var decoders = 0
    for (name, model) in Self.models() {
      let graphs = try model.onnxGraphs().map { try ReadModel($0).graph }
      if graphs.count == 1 { continue }
      decoders += 1
      #expect(graphs.map(\.name) == ["encoder", "step"])
      let given = Dictionary(uniqueKeysWithValues: graphs[0].outputs.map { ($0.name, $0.type) })
      let next = Dictionary(uniqueKeysWithValues: graphs[1].outputs.map { ($0.name, $0.type) })
      for input in graphs[1].inputs where input.name.contains(".") {
        #expect(given[input.name] == input.type, "\(name): \(input.name)")
        if input.name.hasPrefix("state.") {
          #expect(next["next." + input.name.dropFirst(6)] == input.type, "\(name): \(input.name)")
        }
      }
    }
    #expect(decoders == 7)
  }

  @Test func `batch and time are open`() throws {
    for (name, model) in Self.models() {
      for graph in try model.onnxGraphs().map({ try ReadModel($0).graph }) {
        // A number that counts steps or words has no axes.
        for value in graph.inputs + graph.outputs
        where value.axes != [] && value.name != "neighbours" {
          #expect(value.axes?.contains("batch") == true, "\(name): \(value.name)")
        }
        for input in graph.inputs where ["x", "source", "words", "frames"].contains(input.name) {
          #expect(["time", "source"].contains(input.axes?[1]), "\(name): \(input.name)")
        }
      }
    }
  }

  // MARK: What has no form in ONNX

  /// A score that says nothing of ONNX.
  private struct SilentScore: AttentionScore, Sendable {
    @Parameter var scale: Tensor<Float> = Tensor([1])

    func prepare(keys: Tensor<Float>) -> Tensor<Float> { keys }
    func callAsFunction(queries: Tensor<Float>, keys: Tensor<Float>) -> Tensor<Float> {
      matmul(queries, keys.transposed()) * scale
    }
  }

  @Test func `a score of one's own that says nothing of ONNX is named by its path`() throws {
    var generator = Generator(seed: 1)
    let model = Seq2Seq<Float>(
      Seq2SeqConfiguration(
        sourceVocabulary: 5, targetVocabulary: 5, embeddingSize: 2, hiddenSize: 2),
      score: SilentScore(), using: &generator)
    let error = try #require(throws: ONNXError.self) { try model.onnxGraphs() }
    #expect(
      error
        == .unknownLayer(
          path: "attention.score", type: "SilentScore", conformance: "ONNXAttentionScore"))
    #expect(
      "\(error)"
        == "attention.score is of type SilentScore, which says nothing of its ONNX operators: conform "
        + "it to ONNXAttentionScore")
  }
}
