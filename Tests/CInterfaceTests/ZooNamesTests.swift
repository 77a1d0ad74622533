import AttentionRNN
import CInterface
import Forecaster
import ONNX
import SentenceEncoder
import SequenceTagger
import SimpleRNN
import Speech
import Testing
import Transformer
import ZooCInterface
import ZooONNX

/// A model has one set of names, in ONNX as for callers.
@Suite struct ZooNamesTests {
  /// Models of one graph; those of two have their steps by themselves there.
  @Test func namesAndAxesAreThoseOfTheGraph() throws {
    var generator = Generator(seed: 1)
    try compare(
      SimpleRNN<Float>(.init(inputSize: 5, hiddenSize: 4, outputSize: 3), using: &generator))
    try compare(
      AttentionRNN<Double>(.init(inputSize: 5, hiddenSize: 4, outputSize: 3), using: &generator))
    try compare(
      Forecaster<Float>(.init(variables: 2, window: 12, horizon: 3, segment: 3), using: &generator))
    try compare(
      SequenceTagger<Float>(.init(words: 9, letters: 6, tags: 4, intents: 3), using: &generator))
    try compare(CTCRecognizer<Float>(.init(features: 5, symbols: 7), using: &generator))
    try compare(
      SentenceEncoder<Float>(.init(vocabulary: 9, size: 8, heads: 2, layers: 1), using: &generator))
    try compare(
      Transformer<Float>(
        .init(
          form: .encoder, sourceVocabulary: 9, targetVocabulary: 8, size: 8, heads: 2,
          encoderLayers: 1), using: &generator))
  }

  private func compare(_ model: some ONNXExportable & CallableByName) throws {
    let graph = try #require(try model.onnxGraphs().first)
    let function = model.namedFunctions[0]
    #expect(names(graph.block.inputs.map { ($0.name, $0.axes ?? []) }) == names(function.inputs))
    #expect(names(graph.block.outputs.map { ($0.name, $0.axes ?? []) }) == names(function.outputs))
  }

  private func names(_ tensors: [(name: String, axes: [TensorAxis])]) -> [String] {
    tensors.map { "\($0.name) \($0.axes)" }.sorted()
  }

  private func names(_ tensors: [NamedTensor]) -> [String] {
    tensors.map { "\($0.name) \($0.axes)" }.sorted()
  }
}
