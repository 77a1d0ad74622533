import AttentionRNN
import Autograd
import Forecaster
import Foundation
import Layers
import SentenceEncoder
import Seq2Seq
import SequenceTagger
import ShowAttendTell
import SimpleRNN
import Speech
import Summarizer
import Testing
import Training
import Transformer

/// Models that come back from their files alone.
@Suite final class ConfiguredModelTests {
  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "models-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  private func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  private func check<Model: ConfiguredModel>(
    _ type: Model.Type, _ configuration: Model.Configuration
  ) throws where Model.Configuration: Equatable {
    #expect(Model.contradiction(in: configuration) == nil)
    var generator = Generator(seed: 5)
    let model = Model(configuration, using: &generator)
    let path = path("\(type)")
    try model.save(to: path, metadata: ["said": "so"])
    let same = try Model(contentsOf: path)
    #expect(same.configuration == configuration)
    #expect(same.parameters.map(\.name) == model.parameters.map(\.name))
    for (ours, theirs) in zip(model.parameters, same.parameters) {
      #expect(ours.parameter.scalars == theirs.parameter.scalars)
    }
    try checkNames(model, path)
    let file = try SafeTensors(contentsOf: path)
    #expect(file.metadata["said"] == "so")
    try checkClaims(type, file)
  }

  /// The model comes back from a file with its layers' names in PyTorch's form, in which nothing has
  /// this library's name for it.
  private func checkNames<Model: ConfiguredModel>(_ model: Model, _ path: String) throws {
    try model.save(to: path + ".pt", names: .pyTorch)
    let same = try Model(contentsOf: path + ".pt", names: .pyTorch)
    #expect(same.weights().tensors == model.weights().tensors)
    let names = try SafeTensors(contentsOf: path + ".pt").tensors.keys
    let own = /(weightInput|weightHidden|biasInput|queryWeight|runningMean|feedForward)/
    #expect(names.allSatisfy { $0.firstMatch(of: own) == nil }, "\(Model.self): \(names.sorted())")
    #expect(names.contains { $0.contains("weight_ih") || $0.hasSuffix("in_proj_weight") })
  }

  /// Makes each number of the configuration a million, one after the other, in a file that stays as
  /// small as it is. What no parameter's shape depends on may be as large as it likes.
  private func checkClaims<Model: ConfiguredModel>(_: Model.Type, _ file: SafeTensors) throws {
    let text = Data(try #require(file.metadata["configuration"]).utf8)
    let numbers = try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
    for (name, value) in numbers where value is Int {
      var (claimed, file) = (numbers, file)
      claimed[name] = 1_000_000
      file.metadata["configuration"] = String(
        decoding: try JSONSerialization.data(withJSONObject: claimed), as: UTF8.self)
      do throws(WeightsError) {
        _ = try Model(file)
        #expect(!["hiddenSize", "size", "layers", "encoderLayers"].contains(name))
      } catch {
        switch error.problem {
        case .mismatch(let report) where !report.misshapen.isEmpty:
          #expect(
            report.misshapen.contains { $0.expected.contains { $0 >= 1_000_000 } },
            "\(Model.self).\(name)")
        case .noModel: #expect(!["hiddenSize", "size"].contains(name))
        default: Issue.record("\(Model.self).\(name): \(error)")
        }
      }
    }
  }

  @Test func `every model comes back from its file`() throws {
    try check(
      SimpleRNN<Float>.self, .init(inputSize: 3, hiddenSize: 4, outputSize: 2, layers: 2))
    try check(
      AttentionRNN<Double>.self,
      .init(inputSize: 3, hiddenSize: 4, outputSize: 2, isBidirectional: true, dropout: 0.5))
    let sequences = Seq2SeqConfiguration(
      sourceVocabulary: 9, targetVocabulary: 7, embeddingSize: 5, hiddenSize: 6, encoderLayers: 2,
      form: .inputFeeding, coverage: true)
    try check(Seq2Seq<Float>.self, sequences)
    try check(Summarizer<Float>.self, sequences)
    for form in TransformerForm.allCases {
      try check(
        Transformer<Float>.self,
        .init(
          form: form, sourceVocabulary: 9, targetVocabulary: 7, size: 8, heads: 2,
          normPosition: .postNorm))
    }
    try check(
      SentenceEncoder<Float>.self,
      .init(vocabulary: 9, size: 8, heads: 2, layers: 2, positions: 6))
    try check(
      Forecaster<Float>.self,
      .init(variables: 2, window: 6, horizon: 3, segment: 2, cell: .lstm, hiddenSize: 4))
    try check(
      SequenceTagger<Float>.self,
      .init(words: 9, letters: 8, tags: 3, intents: 2, hiddenSize: 4, scoresNeighbours: true))
    for glance in Glance.allCases {
      try check(
        ShowAttendTell<AdditiveScore<Float>>.self,
        .init(vocabulary: 9, pictureSize: 8, stages: [[2], [3]], hiddenSize: 4, glance: glance))
    }
    let speech = SpeechConfiguration(features: 5, symbols: 7, hiddenSize: 4, layers: 2, halvings: 1)
    try check(CTCRecognizer<Float>.self, speech)
    try check(AttentionRecognizer<Float>.self, speech)
  }

  @Test func `what no model can be made of is named`() throws {
    func contradiction(
      _ change: (inout Seq2SeqConfiguration) -> Void
    ) -> String? {
      var configuration = Seq2SeqConfiguration(sourceVocabulary: 9, targetVocabulary: 7)
      change(&configuration)
      return Seq2Seq<Float>.contradiction(in: configuration)
    }
    #expect(
      contradiction { $0.hiddenSize = 0 } == "hiddenSize is 0; from 1 to 1048576 is expected")
    #expect(
      contradiction { $0.dropout = .nan }
        == "dropout is nan; at least 0 and less than 1 is expected")
    #expect(contradiction { $0.dropout = 1 } != nil)
    let heads = TransformerConfiguration(
      sourceVocabulary: 9, targetVocabulary: 7, size: 8, heads: 3)
    #expect(
      Transformer<Float>.contradiction(in: heads)
        == "8 features cannot be shared evenly by 3 heads")
    let segments = ForecasterConfiguration(variables: 1, window: 5, horizon: 1, segment: 2)
    #expect(Forecaster<Float>.contradiction(in: segments) != nil)
    // Sizes that can be each by itself, not together.
    let together = ForecasterConfiguration(
      variables: 1 << 15, window: 64, horizon: 1, segment: 64, sharesWeights: false)
    #expect(
      Forecaster<Float>.contradiction(in: together)
        == "segment * variables is 2097152; from 1 to 1048576 is expected")
    let deep = SimpleRNN<Float>.Configuration(
      inputSize: 1, hiddenSize: 1, outputSize: 1, layers: 1025)
    #expect(
      SimpleRNN<Float>.contradiction(in: deep) == "layers is 1025; from 1 to 1024 is expected")
    let both = SequenceTaggerConfiguration(
      words: 9, letters: 8, tags: 3, intents: 2, tagSize: 4, scoresNeighbours: true)
    #expect(SequenceTagger<Float>.contradiction(in: both) != nil)
    let negative = SequenceTaggerConfiguration(
      words: 9, letters: 8, tags: 3, intents: 2, tagSize: -1)
    #expect(SequenceTagger<Float>.contradiction(in: negative) != nil)
  }

  @Test func `a file of no model, of another or of an impossible one is refused`() throws {
    var generator = Generator(seed: 5)
    let model = SimpleRNN<Float>(
      .init(inputSize: 3, hiddenSize: 4, outputSize: 2), using: &generator)
    try model.save(to: path("good"))
    func reason(_ change: (inout SafeTensors) -> Void) throws -> String {
      var file = try SafeTensors(contentsOf: path("good"))
      change(&file)
      do {
        _ = try SimpleRNN<Float>(file, from: "file")
        return "none"
      } catch {
        return "\(error)"
      }
    }
    #expect(try reason { _ in } == "none")
    #expect(
      try reason { $0.metadata["configuration"] = nil }
        == "file: no model can be made of it: its metadata has no 'configuration'")
    let text = try #require(SafeTensors(contentsOf: path("good")).metadata["configuration"])
    #expect(
      try reason { $0.metadata["configuration"] = text.replacing("hiddenSize", with: "size") }
        .hasPrefix("file: no model can be made of it: its 'configuration' has "))
    #expect(
      try reason { $0.metadata["configuration"] = text.replacing(":4", with: ":-4") }
        == "file: no model can be made of it: hiddenSize is -4; from 1 to 1048576 is expected")
    #expect(
      try reason { $0.metadata["configuration"] = text.replacing(":4", with: ":5") }
        .contains("has the shape"))
    #expect(throws: WeightsError.self) { _ = try SimpleRNN<Float>(contentsOf: path("none")) }
  }
}
