import Autograd
import Layers
import Pronunciation
import Seq2Seq
import Tasks
import Training

/// A sequence-to-sequence model with the letters and phonemes that its symbols stand for.
struct Pronouncer {
  /// What a weights file says about itself, beside the weights.
  enum Key {
    static let model = "model"
    static let configuration = "configuration"
    static let letters = "letters"
    static let phonemes = "phonemes"
    static let name = "seq2seq"
  }

  let model: Seq2Seq<Float>
  let letters: Symbols
  let phonemes: Symbols

  /// The most phonemes that a word is given; the longest in CMUdict has 32.
  static let limit = 40

  /// A model with fresh weights for the symbols of a lexicon.
  init(
    for lexicon: Lexicon, hiddenSize: Int, embeddingSize: Int, score: ScoreName, dropout: Double,
    using generator: inout Generator
  ) {
    letters = .letters(of: lexicon)
    phonemes = .phonemes(of: lexicon)
    model = Seq2Seq(
      Seq2SeqConfiguration(
        sourceVocabulary: letters.count, targetVocabulary: phonemes.count,
        embeddingSize: embeddingSize, hiddenSize: hiddenSize, score: score, dropout: dropout),
      using: &generator)
  }

  /// A model from a weights file.
  init(weights path: String) throws {
    let file = try SafeTensors(contentsOf: path)
    func decoded<Value: Codable>(_ key: String, _: Value.Type) throws -> Value {
      try ModelFileError.decoded(key, of: file, path, expected: Key.name)
    }
    guard file.metadata[Key.model] == Key.name else {
      throw ModelFileError(file: path, key: Key.model, expected: Key.name)
    }
    letters = try decoded(Key.letters, Symbols.self)
    phonemes = try decoded(Key.phonemes, Symbols.self)
    let configuration = try decoded(Key.configuration, Seq2SeqConfiguration.self)
    guard configuration.sourceVocabulary == letters.count,
      configuration.targetVocabulary == phonemes.count, configuration.isPossible
    else { throw ModelFileError(file: path, key: Key.configuration, expected: Key.name) }
    var generator = Generator(seed: 0)
    model = Seq2Seq(configuration, using: &generator)
    try model.load(file, from: path)
  }

  /// For the metadata of a weights file.
  var metadata: [String: String] {
    func encoded(_ value: some Encodable) -> String { (try? StrictJSON.text(value)) ?? "" }
    return [
      Key.model: Key.name, Key.configuration: encoded(model.configuration),
      Key.letters: encoded(letters), Key.phonemes: encoded(phonemes),
    ]
  }

  /// What the model says to each word, in the words' order.
  ///
  /// - Throws: `UnknownSymbolError` for a letter that the model has never seen.
  func pronounce(_ words: [String], beam: Int = 1) throws -> [Seq2SeqHypothesis] {
    let sources = try words.map { try letters.encode(word: $0) }
    var result = [Seq2SeqHypothesis?](repeating: nil, count: words.count)
    for batch in Batches.sorted(lengths: sources.map(\.count), batchSize: 256) {
      if Interrupt.isRequested { throw Interrupted() }
      let hypotheses = withoutGradient {
        model.beam(batch.map { sources[$0] }, width: beam, limit: Self.limit)
      }
      for (index, best) in zip(batch, hypotheses) { result[index] = best[0] }
    }
    return result.map { $0! }
  }

  /// Word and phoneme error rates on a lexicon. A word with a letter that the model has never seen
  /// counts as wrong: all its phonemes are missing.
  func score(_ lexicon: Lexicon, beam: Int = 1) throws -> Score {
    let words = lexicon.map(\.word)
    let known = words.indices.filter { (try? letters.encode(word: words[$0])) != nil }
    let hypotheses = try pronounce(known.map { words[$0] }, beam: beam)
    var spoken = [[String]](repeating: [], count: words.count)
    for (index, hypothesis) in zip(known, hypotheses) {
      spoken[index] = phonemes.decode(hypothesis.symbols)
    }
    return Score(references: lexicon, hypotheses: spoken)
  }

  /// What the model looked at while it said a word; nil for a model without attention.
  func alignment(_ word: String, _ hypothesis: Seq2SeqHypothesis) -> AttentionMap? {
    hypothesis.weights.isEmpty
      ? nil
      : AttentionMap(
        sources: word.map { String($0) }, outputs: phonemes.decode(hypothesis.symbols),
        weights: hypothesis.weights, caption: word)
  }
}

extension Seq2SeqConfiguration {
  /// Whether a model can be made from it; a file may say anything.
  var isPossible: Bool {
    let sizes = [sourceVocabulary, targetVocabulary, embeddingSize, hiddenSize, attentionSize]
    return sizes.allSatisfy { (1...1 << 16).contains($0) } && (0..<1).contains(dropout)
  }
}

/// A weights file that is not the kind of model that was asked for.
struct ModelFileError: Error, CustomStringConvertible {
  let file: String
  let key: String
  let expected: String
  /// What is in the way, if more is known.
  var found: String?

  var description: String {
    "\(file): its metadata \"\(key)\" does not describe a \(expected) model that zoo has saved"
      + (found.map { "; it has \($0)" } ?? "")
  }

  /// The value of a metadata entry in JSON, of which every key must be known.
  static func decoded<Value: Codable>(
    _ key: String, of file: SafeTensors, _ path: String, expected: String
  ) throws(ModelFileError) -> Value {
    guard let text = file.metadata[key] else {
      throw ModelFileError(file: path, key: key, expected: expected)
    }
    do throws(StrictJSON.Failure) {
      return try StrictJSON.value(Value.self, of: text)
    } catch {
      throw ModelFileError(file: path, key: key, expected: expected, found: "\(error)")
    }
  }
}

/// Ctrl-C outside of a training.
struct Interrupted: Error, CustomStringConvertible {
  var description: String { "interrupted" }
}
