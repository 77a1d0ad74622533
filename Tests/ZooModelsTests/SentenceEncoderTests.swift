import Autograd
import Foundation
import Layers
import SentenceEmbedding
import SentenceEncoder
import Tasks
import Testing
import Training

/// A sentence encoder beside transformers, which has made the folder of the fixture and what stands in its
/// `expected.safetensors` (`Tests/pretrained/folder_fixture.py`).
@Suite final class SentenceEncoderTests {
  private let folder: URL
  private static let fixture = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appending(path: "Fixtures/encoder")

  /// What transformers computes in double precision.
  private struct Expected {
    let sentences: [String]
    let file: SafeTensors

    init() throws {
      file = try SafeTensors(
        contentsOf: SentenceEncoderTests.fixture.appending(path: "expected.safetensors").path)
      let text = try #require(file.metadata["sentences"])
      sentences = try JSONDecoder().decode([String].self, from: Data(text.utf8))
    }

    func numbers(_ name: String) throws -> [Double] { try file.entry(name).doubles() }
    var symbols: Tensor<Int32> {
      get throws {
        let entry = try file.entry("numbers")
        return Tensor(try entry.int64s().map { Int32($0) }, shape: Shape(entry.shape))
      }
    }
    var lengths: [Int] { get throws { try file.entry("lengths").int64s().map { Int($0) } } }
  }

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "encoder-\(UUID().uuidString)")
    try FileManager.default.copyItem(at: Self.fixture, to: folder)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  private func configuration(
    _ pooling: SentenceEncoderConfiguration.Pooling = .mean, isNormalized: Bool = true
  ) -> SentenceEncoderConfiguration {
    SentenceEncoderConfiguration(
      vocabulary: 9, size: 8, heads: 2, layers: 2, positions: 6, dropout: 0, pooling: pooling,
      isNormalized: isNormalized)
  }

  /// In single precision of numbers around 1, over two layers.
  private let tolerance = 1e-6

  private func distance<Scalar: FloatingPointScalar>(
    _ a: Tensor<Scalar>, _ b: [Double]
  ) -> Double {
    #expect(a.count == b.count)
    return zip(a.scalars, b).map { abs(Double($0) - $1) }.max() ?? .nan
  }

  // MARK: Beside transformers

  @Test(arguments: [1, 3, 32])
  func `vectors are those of transformers, however many sentences are read together`(
    batchSize: Int
  ) throws {
    let expected = try Expected()
    let embedder = try SentenceEmbedder(contentsOf: Self.fixture.path)
    #expect(embedder.limit == 10)
    let vectors = embedder(expected.sentences, batchSize: batchSize)
    #expect(vectors.shape == [4, 16])
    #expect(distance(vectors, try expected.numbers("vectors")) < tolerance)
    #expect(embedder([]).shape == [0, 16])
  }

  @Test(arguments: SentenceEncoderConfiguration.Pooling.allCases)
  func `each way of pooling is that of transformers`(
    pooling: SentenceEncoderConfiguration.Pooling
  ) throws {
    let expected = try Expected()
    let read = try SentenceEmbedder(contentsOf: Self.fixture.path).encoder
    var configuration = read.configuration
    configuration.pooling = pooling
    configuration.isNormalized = false
    var generator = Generator(seed: 1)
    let model = SentenceEncoder<Double>(configuration, using: &generator)
    try model.load(read.weights())
    let vectors = try model(expected.symbols, lengths: expected.lengths)
    // Both compute in double precision.
    #expect(distance(vectors, try expected.numbers(pooling.rawValue)) < 1e-12)
  }

  @Test func `a folder that is written has the same tensors, byte for byte, and the same vectors`()
    throws
  {
    let embedder = try SentenceEmbedder(contentsOf: Self.fixture.path)
    let saved = folder.appending(path: "saved/deep").path
    try embedder.save(toFolder: saved)
    let weights = { (folder: String) in
      try Data(contentsOf: URL(fileURLWithPath: "\(folder)/model.safetensors"))
    }
    #expect(try weights(saved) == weights(Self.fixture.path))
    let again = try SentenceEmbedder(contentsOf: saved)
    #expect(again.limit == embedder.limit && again.tokenizer.text == embedder.tokenizer.text)
    #expect(again.tokenizer.words == embedder.tokenizer.words)
    #expect(again.encoder.configuration == embedder.encoder.configuration)
    let sentences = try Expected().sentences
    #expect(again(sentences).scalars == embedder(sentences).scalars)
  }

  @Test func `a model with a head, and a folder without modules, are read as Hugging Face does`()
    throws
  {
    let expected = try Expected()
    for name in ["modules.json", "sentence_bert_config.json", "tokenizer_config.json"] {
      try FileManager.default.removeItem(at: folder.appending(path: name))
    }
    let path = folder.appending(path: "model.safetensors").path
    var file = try SafeTensors(contentsOf: path)
    file.tensors = Dictionary(uniqueKeysWithValues: file.tensors.map { ("bert.\($0)", $1) })
    file.tensors["cls.bias"] = StoredTensor([1] as [Float], shape: [1])
    try file.write(to: path)
    let embedder = try SentenceEmbedder(contentsOf: folder.path)
    #expect(embedder.limit == 12 && embedder.encoder.configuration.pooling == .mean)
    #expect(!embedder.encoder.configuration.isNormalized)
    // The sentences that the fixture's limit has not cut.
    let vectors = embedder(Array(expected.sentences.prefix(2)))
    let mean = Array(try expected.numbers("mean").prefix(32))
    #expect(distance(vectors, mean) < 1e-5)
    try embedder.save(toFolder: folder.path)
    #expect(try SafeTensors(contentsOf: path) == file)
  }

  // MARK: By itself

  @Test(arguments: SentenceEncoderConfiguration.Pooling.allCases)
  func `what stands after a sentence's end changes nothing, and no sentence is the vector 0`(
    pooling: SentenceEncoderConfiguration.Pooling
  ) {
    var generator = Generator(seed: 1)
    let model = SentenceEncoder<Double>(configuration(pooling), using: &generator)
    let symbols = Tensor<Int32>([[1, 4, 5, 2], [1, 6, 2, 7], [3, 3, 3, 3]])
    let vectors = model(symbols, lengths: [4, 3, 0])
    let alone = model(symbols[1..<2, 0..<3])
    #expect(zip(vectors[1].scalars, alone[0].scalars).allSatisfy { abs($0 - $1) < 1e-14 })
    #expect(vectors[2].scalars.allSatisfy { $0 == 0 })
    #expect(abs(vectors[0].norm().scalar - 1) < 1e-14)
    let types = model(symbols, lengths: [4, 3, 0], types: .zeros([3, 4]))
    #expect(types.scalars == vectors.scalars)
    let others = model(
      symbols, lengths: [4, 3, 0], types: Tensor([1, 0, 0, 0]).expanded(to: [3, 4]))
    #expect(others.scalars != vectors.scalars)
  }

  @Test(arguments: SentenceEncoderConfiguration.Pooling.allCases)
  func `gradients are those of differences, to the second order`(
    pooling: SentenceEncoderConfiguration.Pooling
  ) {
    var generator = Generator(seed: 2)
    let model = SentenceEncoder<Double>(configuration(pooling), using: &generator)
    let symbols = Tensor<Int32>([[1, 4, 5, 2], [1, 6, 2, 7], [3, 3, 3, 3]])
    let check = GradientCheck(at: model, order: pooling == .mean ? 2 : 1, tolerance: 1e-5) {
      $0(symbols, lengths: [4, 3, 0])
    }
    #expect(check.passes, "\(check)")
  }

  @Test func `training brings sentences of one meaning together`() {
    var generator = Generator(seed: 3)
    var configuration = configuration()
    configuration.dropout = 0.1
    let model = SentenceEncoder<Float>(configuration, using: &generator)
    let symbols = Tensor<Int32>([[1, 7, 8, 2], [1, 4, 2, 0], [1, 8, 7, 2]])
    func loss(_ model: SentenceEncoder<Float>) -> Tensor<Float> {
      let vectors = model(symbols, lengths: [4, 3, 4])  // [3, 8]
      return (vectors[0] * vectors[1]).sum() - (vectors[0] * vectors[2]).sum()
    }
    var optimizer = Adam(learningRate: 0.01)
    let before = loss(model).scalar
    for _ in 0..<30 {
      let (_, gradients) = valueWithGradient(at: model, using: &generator) { loss($0) }
      optimizer.update(model, along: gradients)
    }
    #expect(loss(model).scalar < before - 0.5)
  }

  @Test func `heads tell what they look at`() {
    var generator = Generator(seed: 1)
    let model = SentenceEncoder<Double>(configuration(), using: &generator)
    let attention = model.attention(of: Tensor([[1, 4, 5, 2], [1, 6, 2, 7]]), lengths: [4, 3])
    #expect(attention.map { $0.shape } == [[2, 2, 4, 4], [2, 2, 4, 4]])
    for weights in attention {
      #expect(weights.sum(axes: 3).scalars.allSatisfy { abs($0 - 1) < 1e-12 })
      #expect(weights[1, 0..<2, 0..<4, 3].scalars.allSatisfy { $0 == 0 })
    }
  }

  // MARK: Folders that are none

  @Test(arguments: [
    ("config.json", "\"bert\"", "\"roberta\"", "the model_type 'bert', found 'roberta'"),
    (
      "config.json", "\"gelu\"", "\"gelu_new\"", "the hidden_act 'gelu' or 'relu', found 'gelu_new'"
    ),
    (
      "config.json", "\"hidden_dropout_prob\": 0.1", "\"hidden_dropout_prob\": 0.2",
      "one rate of dropout, found 0.2 and, of attention, 0.1"
    ),
    (
      "config.json", "\"num_attention_heads\": 4", "\"num_attention_heads\": 5",
      "sizes of a model, found 16 features cannot be shared evenly by 5 heads"
    ),
    (
      "config.json", "\"hidden_size\": 16,", "",
      "JSON of a sentence encoder, found no key 'hidden_size'"
    ),
    (
      "modules.json", "Normalize", "Dense",
      "the modules Transformer, Pooling and perhaps Normalize, found Transformer, Pooling, Dense"
    ),
    (
      "1_Pooling/config.json", "\"pooling_mode_cls_token\": false",
      "\"pooling_mode_cls_token\": true",
      "one pooling_mode of cls_token, mean_tokens and max_tokens, found cls_token and mean_tokens"
    ),
    (
      "tokenizer_config.json", "\"[UNK]\"", "\"<unk>\"", "the mark '[UNK]', found '<unk>'"
    ),
    (
      "sentence_bert_config.json", "10", "13", "a length from 2 to the 12 positions, found 13"
    ),
  ])
  func `what a folder has that this encoder has not is named`(
    file: String, old: String, new: String, sentence: String
  ) throws {
    let path = folder.appending(path: file)
    let text = try String(contentsOf: path, encoding: .utf8)
    #expect(text.contains(old))
    try text.replacing(old, with: new).write(to: path, atomically: true, encoding: .utf8)
    do {
      _ = try SentenceEmbedder(contentsOf: folder.path)
      Issue.record("\(sentence): nothing was thrown")
    } catch {
      #expect("\(error)" == "\(path.path): expected \(sentence)")
    }
  }

  @Test(arguments: ["\"nan\"", "-1e300", "\"-inf\"", "1", "0.5"])
  func `a length that none can be is refused`(length: String) throws {
    try "{}".write(
      to: folder.appending(path: "sentence_bert_config.json"), atomically: true, encoding: .utf8)
    let path = folder.appending(path: "tokenizer_config.json")
    try "{\"model_max_length\": \(length)}".write(to: path, atomically: true, encoding: .utf8)
    #expect {
      try SentenceEmbedder(contentsOf: self.folder.path)
    } throws: {
      "\($0)".hasPrefix("\(path.path): expected a length from 2 to the 12 positions, found ")
    }
  }

  @Test func `a vocabulary that the encoder does not know, and one without marks, are refused`()
    throws
  {
    let path = folder.appending(path: "vocab.txt")
    let text = try String(contentsOf: path, encoding: .utf8)
    try (text + "bird\n").write(to: path, atomically: true, encoding: .utf8)
    #expect(
      throws: TensorFileError(
        "at most 15 pieces, as the encoder has", found: "16", at: .init(file: path.path))
    ) {
      try SentenceEmbedder(contentsOf: self.folder.path)
    }
    try text.replacing("[SEP]", with: "[END]").write(to: path, atomically: true, encoding: .utf8)
    #expect(throws: TextError(file: path.path, line: 15, problem: "the vocabulary has no [SEP]")) {
      try SentenceEmbedder(contentsOf: self.folder.path)
    }
    try FileManager.default.removeItem(at: path)
    #expect(throws: FileError.self) { try SentenceEmbedder(contentsOf: self.folder.path) }
  }

  @Test func `a smaller file than the configuration claims is refused`() throws {
    let path = folder.appending(path: "config.json")
    let text = try String(contentsOf: path, encoding: .utf8)
    try text.replacing("\"num_hidden_layers\": 2", with: "\"num_hidden_layers\": 900")
      .write(to: path, atomically: true, encoding: .utf8)
    #expect(throws: WeightsError.self) { try SentenceEmbedder(contentsOf: self.folder.path) }
  }
}
