import Autograd
import Datasets
import Layers
import Pretrained
import Pronunciation
import Sequences
import Tasks
import Training

/// A model that makes one sequence of symbols of another, with the texts that the symbols stand for:
/// pronunciation or translation.
struct EncoderDecoder<Model: SequenceModel>: Recipe {
  typealias Settings = EncoderDecoderSettings<Model>
  typealias Examples = TextPairs

  static var name: String { Model.recipeName }
  static var source: String { Model.source }
  static var task: String { "pronunciation of English words, or translation" }
  static var unit: String { "sequences" }
  static var options: [Setting<Settings>] { Settings.options }
  static var shippedWeights: String? { Pretrained.path(of: name) }

  let settings: Settings
  let model: Model
  let sourceCodec: TextCodec
  let targetCodec: TextCodec

  private enum Key {
    static var source: String { "source" }
    static var target: String { "target" }
  }

  var metadata: [String: String] {
    get throws {
      [
        Key.source: try StrictJSON.text(sourceCodec), Key.target: try StrictJSON.text(targetCodec),
      ]
    }
  }
  var parameterCount: Int { model.parameterCount }

  init(_ settings: Settings, for learnt: TextPairs, using generator: inout Generator) throws {
    if let contradiction = Model.contradiction(in: settings.model) {
      throw UsageError(contradiction)
    }
    self.settings = settings
    let examples = learnt.examples
    let (sources, targets) = (examples.map(\.source), examples.map(\.target))
    switch settings.task {
    case .pronunciation:
      sourceCodec = TextCodec(.characters, learningFrom: sources)
      targetCodec = TextCodec(.words, learningFrom: targets)
    case .translation:
      sourceCodec = TextCodec(
        .bytePairs, learningFrom: sources, mergeCount: settings.mergeCount)
      targetCodec = TextCodec(
        .bytePairs, learningFrom: targets, mergeCount: settings.mergeCount)
    }
    model = Model(
      settings.model, sourceVocabulary: sourceCodec.vocabulary.count,
      targetVocabulary: targetCodec.vocabulary.count, using: &generator)
  }

  init(_ settings: Settings, file: WeightsFile) throws {
    self.settings = settings
    sourceCodec = try file.value(of: Key.source, in: Self.name)
    targetCodec = try file.value(of: Key.target, in: Self.name)
    if let contradiction = Model.contradiction(in: settings.model) {
      throw ModelFileError(
        file: file.path, key: WeightsFile.Key.settings, expected: Self.name, found: contradiction)
    }
    var generator = Generator(seed: 0)
    model = Model(
      settings.model, sourceVocabulary: sourceCodec.vocabulary.count,
      targetVocabulary: targetCodec.vocabulary.count, using: &generator)
    try model.load(file.content, from: file.path)
  }

  // MARK: Training

  func fit(
    _ learnt: TextPairs, heldOut: TextPairs, with trainer: inout Trainer
  ) throws -> TrainingReport {
    let examples = learnt.examples.map {
      (source: sourceCodec.encode($0.source), target: targetCodec.encode($0.target))
    }
    let (sources, targets) = (examples.map(\.source), examples.map(\.target))
    let smoothing = Float(settings.labelSmoothing)
    return try trainer.run(
      model,
      batches: { _, generator in
        Batches.bucketed(
          lengths: sources.map(\.count), otherLengths: targets.map(\.count),
          batchSize: settings.training.batchSize, using: &generator)
      }, examples: \.count,
      loss: { model, indices in
        let batch = SequencePairBatch(
          sources: indices.map { sources[$0] }, targets: indices.map { targets[$0] })
        return model.loss(batch, smoothing: smoothing, settings.model)
      },
      evaluate: { _ in try scores(on: heldOut, beam: 1) })
  }

  // MARK: Use

  func scores(on examples: TextPairs) throws -> Metrics {
    try scores(on: examples, beam: settings.beam)
  }

  /// The most symbols that a target is given for the longest of some sources.
  private func limit(_ longest: Int) -> Int {
    switch settings.task {
    // The longest pronunciation in CMUdict has 32 phonemes.
    case .pronunciation: 40
    case .translation: 2 * longest + 10
    }
  }

  /// What the model makes of each source; nil where a character of a word is not known.
  func hypotheses(_ sources: [String], beam: Int) throws -> [SequenceHypothesis?] {
    let numbers = sources.map { source in
      settings.task == .pronunciation && sourceCodec.unknownToken(in: source) != nil
        ? [] : sourceCodec.encode(source)
    }
    let known = numbers.indices.filter { !numbers[$0].isEmpty }
    var result = [SequenceHypothesis?](repeating: nil, count: sources.count)
    for batch in Batches.sorted(lengths: known.map { numbers[$0].count }, batchSize: 256) {
      if Interrupt.isRequested { throw Interrupted() }
      let rows = batch.map { known[$0] }
      let found = withoutGradient {
        model.hypotheses(
          rows.map { numbers[$0] }, width: beam, limit: limit(numbers[rows.last!].count),
          lengthPenalty: LengthPenalty(exponent: settings.lengthPower))
      }
      for (row, hypothesis) in zip(rows, found) { result[row] = hypothesis }
    }
    return result
  }

  /// The scores of a task: word and phoneme error rates, or BLEU and chrF.
  func scores(on examples: TextPairs, beam: Int) throws -> Metrics {
    let count = Double(examples.pairs.count)
    switch settings.task {
    case .pronunciation:
      let score = try score(examples, beam: beam)
      return Metrics([
        "WER": score.wordErrorRate, "PER": score.phonemeErrorRate, "words": count,
      ])
    case .translation:
      let found = try texts(examples, beam: beam)
      let references = examples.pairs.map { $0.references.map { words($0) } }
      let bleu = BLEU(hypotheses: found.map { words($0) }, references: references)
      let characters = CharacterFScore(
        hypotheses: found, references: examples.pairs.map(\.references))
      return Metrics(
        ["BLEU": bleu.score, "chrF": characters.score, "sentences": count],
        lowerIsBetter: false)
    }
  }

  /// Word and phoneme error rates, word by word. A word with a letter that the model has never seen
  /// counts as wrong: all its phonemes are missing.
  func score(_ examples: TextPairs, beam: Int = 1) throws -> Score {
    Score(
      words: zip(examples.pairs, try texts(examples, beam: beam)).map { pair, text in
        Score.Word(
          word: pair.source, hypothesis: words(text), references: pair.references.map(words))
      })
  }

  private func texts(_ examples: TextPairs, beam: Int) throws -> [String] {
    try hypotheses(examples.pairs.map(\.source), beam: beam).map {
      targetCodec.text($0?.symbols ?? [])
    }
  }

  /// Inputs as the model reads them.
  ///
  /// - Throws: `InputError` for one that has no answer.
  func checked(_ inputs: [String]) throws -> [String] {
    let sources = settings.task == .pronunciation ? inputs.map { $0.lowercased() } : inputs
    for (index, source) in sources.enumerated() {
      if source.allSatisfy(\.isWhitespace) {
        throw InputError(index: index, reason: "an empty input has no answer")
      }
      if settings.task == .pronunciation, let letter = sourceCodec.unknownToken(in: source) {
        throw InputError(
          index: index,
          reason: "\"\(source)\" has a letter that the model has never seen: \"\(letter)\"")
      }
    }
    return sources
  }

  func answers(to inputs: [String]) throws -> [Answer] {
    let sources = try checked(inputs)
    return zip(inputs, try hypotheses(sources, beam: settings.beam)).map { input, hypothesis in
      let text = targetCodec.text(hypothesis?.symbols ?? [])
      return Answer(
        input: input, text: text,
        fields: [
          "output": .string(text),
          "logProbability": .number(hypothesis?.logProbability ?? -.infinity),
        ])
    }
  }

  func hypotheses(on examples: TextPairs) throws -> String {
    zip(examples.pairs, try texts(examples, beam: settings.beam)).reduce(into: "") { text, pair in
      text += "\(pair.0.source)\t\(pair.1)\n"
    }
  }

  func words(_ text: String) -> [String] { WordTokenizer().tokens(of: text) }
}

// MARK: Data

extension EncoderDecoder {
  static func trainingExamples(
    _ settings: Settings
  ) throws -> (learnt: TextPairs, heldOut: TextPairs) {
    let test = try testExamples(settings)
    switch settings.task {
    case .pronunciation:
      let lexicon = try settings.data.map { try Lexicon(contentsOf: $0) } ?? .cmudict()
      var (learnt, heldOut) =
        try settings.heldOut.map { (lexicon, try Lexicon(contentsOf: $0)) }
        ?? TrainingWords(lexicon).parts
      if let path = settings.test {
        // A word that is tested is neither learnt nor chosen by.
        let tested = try Lexicon(contentsOf: path)
        (learnt, heldOut) = (learnt.without(tested), heldOut.without(tested))
        if learnt.isEmpty { throw UsageError("all training words are in the test list") }
      }
      return (TextPairs(learnt), TextPairs(heldOut))
    case .translation:
      guard let data = settings.data else {
        throw UsageError("translation needs pairs of sentences: --data FILE")
      }
      var pairs = try TextPairs(contentsOf: data)
      let tested = Set(test?.pairs.map(\.source) ?? [])
      pairs.pairs.removeAll { tested.contains($0.source) }
      if let heldOut = settings.heldOut { return (pairs, try TextPairs(contentsOf: heldOut)) }
      if pairs.pairs.count < 2 {
        throw UsageError("\(pairs.pairs.count) pairs are not enough: some are held out")
      }
      return pairs.split(holdingOutEvery: Swift.min(50, pairs.pairs.count))
    }
  }

  static func testExamples(_ settings: Settings) throws -> TextPairs? {
    guard let path = settings.test else { return nil }
    switch settings.task {
    case .pronunciation: return TextPairs(try Lexicon(contentsOf: path))
    case .translation: return try TextPairs(contentsOf: path)
    }
  }
}

/// The words to learn from, and some held out to choose the best weights by.
struct TrainingWords {
  let lexicon: Lexicon

  init(_ lexicon: Lexicon) { self.lexicon = lexicon }

  /// A fiftieth of the words, at most 2,000, is held out; of fewer than fifty words one.
  var parts: (learnt: Lexicon, heldOut: Lexicon) {
    get throws {
      if lexicon.count < 2 {
        throw UsageError(
          "\(lexicon.count) word\(lexicon.count == 1 ? " is" : "s are") not enough to train on: "
            + "some are held out")
      }
      let count = Swift.min(2000, Swift.max(1, lexicon.count / 50))
      let split = lexicon.split(heldOut: count, seed: 0)
      return (split.training, split.heldOut)
    }
  }
}

/// Ctrl-C outside of a training.
struct Interrupted: Error, CustomStringConvertible {
  var description: String { "interrupted" }
}
