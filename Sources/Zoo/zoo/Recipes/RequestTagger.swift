import Autograd
import Datasets
import Distributed
import Layers
import Pretrained
import SequenceTagger
import Tasks
import Training

/// What a training of a tagger of requests is made from.
struct TaggerSettings: RecipeSettings {
  /// Lines `split<TAB>intent<TAB>words<TAB>tags`, of which the split is train, valid or test.
  var data: String?
  var model = Options()
  /// How often a word occurs in what is learnt to be known.
  var minimumCount = 2
  /// A word that occurs n times is read as unknown in training with probability
  /// unknown / (unknown + n), so that the model learns what to make of words that it never saw.
  var unknown = 0.2
  var training = TrainingSettings(
    epochs: 14, batchSize: 32, learningRate: 2e-3, weightDecay: 0.01, averageDecay: 0.999)

  struct Options: Codable, Equatable, Sendable {
    var wordSize = 128
    var letterSize = 32
    var letterFeatures = 64
    var letterWidth = 3
    var cell = SequenceTaggerConfiguration.Cell.lstm
    var hiddenSize = 200
    var layers = 1
    var attentionSize = 64
    var tagSize = 0
    var scoresNeighbours = true
    var dropout = 0.4
  }

  init() {}

  static var options: [Setting<Self>] {
    [
      .file(
        "data", \.data, help: "lines split<TAB>intent<TAB>words<TAB>tags", isForUse: true),
      .integer("word-size", \.model.wordSize, in: 1...8192, help: "extent of a word's vector"),
      .integer(
        "letter-features", \.model.letterFeatures, in: 0...8192,
        help: "features of a word's letters; 0 looks at no letters"),
      .choice("cell", \.model.cell, help: "what reads the words"),
      .integer(
        "hidden-size", \.model.hiddenSize, in: 1...8192, help: "extent of the recurrent states"),
      .integer("layers", \.model.layers, in: 1...16, help: "layers of the encoder"),
      .integer(
        "minimum-count", \.minimumCount, in: 1...1_000_000, help: "occurrences of a known word"),
      .number("unknown", \.unknown, in: 0...100, help: "how many words are read as unknown"),
      .number("dropout", \.model.dropout, in: 0...0.95, help: "rate of dropout"),
    ] + Setting.training
  }
}

/// A tagger with the words, tags and intents that its numbers stand for.
struct RequestTagger: Recipe {
  typealias Settings = TaggerSettings
  typealias Request = SpokenRequests.Request
  typealias Examples = [Request]

  static let name = "tagger"
  static let source = "articles 000 and 003; Liu and Lane, 2016"
  static let task = "what a spoken request asks for, and which of its words say with what"
  static let unit = "requests"
  static var options: [Setting<Settings>] { Settings.options }
  static var shippedWeights: String? { Pretrained.path(of: name) }
  static let picturesExplanation =
    "Words with their slots; colour marks the words that decide what is asked for."

  let settings: Settings
  let model: SequenceTagger<Float>
  let symbols: Symbols
  var group: ProcessGroup?

  /// What the model's numbers stand for.
  struct Symbols: Codable, Equatable, Sendable {
    var words: Vocabulary
    var letters: Vocabulary
    var tags: [String]
    var intents: [String]
  }

  private enum Key {
    static let symbols = "symbols"
  }

  var metadata: [String: String] {
    get throws { [Key.symbols: try StrictJSON.text(symbols)] }
  }

  var configuredModel: any ConfiguredModel { model }

  init(_ settings: Settings, for learnt: [Request], using generator: inout Generator) throws {
    self.settings = settings
    symbols = Symbols(
      words: Vocabulary(countedIn: learnt.map(\.words), minimumCount: settings.minimumCount),
      letters: Vocabulary(countedIn: learnt.map { $0.words.flatMap(Self.letters) }),
      tags: Set(learnt.flatMap(\.tags)).sorted(), intents: Set(learnt.map(\.intent)).sorted())
    model = try Self.model(Self.configuration(settings.model, symbols), using: &generator)
  }

  init(_ settings: Settings, file: WeightsFile) throws {
    self.settings = settings
    symbols = try file.value(of: Key.symbols, in: Self.name)
    model = try Self.model(Self.configuration(settings.model, symbols), of: file)
  }

  private static func configuration(
    _ options: Settings.Options, _ symbols: Symbols
  ) -> SequenceTaggerConfiguration {
    SequenceTaggerConfiguration(
      words: symbols.words.count, letters: symbols.letters.count, tags: symbols.tags.count,
      intents: symbols.intents.count, wordSize: options.wordSize, letterSize: options.letterSize,
      letterFeatures: options.letterFeatures, letterWidth: options.letterWidth,
      cell: options.cell, hiddenSize: options.hiddenSize, layers: options.layers,
      attentionSize: options.attentionSize, tagSize: options.tagSize,
      scoresNeighbours: options.scoresNeighbours, dropout: options.dropout)
  }

  private static func letters(_ word: String) -> [String] { word.map { String($0) } }

  // MARK: Training

  /// Requests as the model reads them.
  private func batch(_ words: [[String]]) -> SequenceTaggerBatch {
    SequenceTaggerBatch(
      words: words.map { symbols.words.encode($0) }, letters: words.map { $0.map(letters) })
  }

  private func letters(_ word: String) -> [Int32] { symbols.letters.encode(Self.letters(word)) }

  /// A request that is learnt.
  private struct Example {
    var words: [Int32]
    var letters: [[Int32]]
    var tags: [Int32]
    var intent: Int32
    /// How often each word is read as unknown.
    var rates: [Double]
  }

  private func examples(_ requests: [Request]) -> [Example] {
    func numbers(_ names: [String]) -> [String: Int32] {
      Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, Int32($0)) })
    }
    let (tags, intents) = (numbers(symbols.tags), numbers(symbols.intents))
    let counts: [String: Int] = requests.reduce(into: [:]) { counts, request in
      for word in request.words { counts[word, default: 0] += 1 }
    }
    let unknown = settings.unknown
    return requests.map { request in
      Example(
        words: symbols.words.encode(request.words), letters: request.words.map(letters),
        tags: request.tags.map { tags[$0]! }, intent: intents[request.intent]!,
        rates: request.words.map {
          unknown > 0 ? unknown / (unknown + Double(counts[$0]!)) : 0
        })
    }
  }

  func fit(
    _ learnt: [Request], heldOut: [Request], with trainer: inout Trainer
  ) throws -> TrainingReport {
    let examples = examples(learnt)
    let batchSize = settings.training.batchSize * trainer.rankCount
    return try trainer.run(
      model,
      batches: { _, generator in
        Batches.bucketed(
          lengths: examples.map(\.words.count), batchSize: batchSize, using: &generator
        ).map { indices in
          // The words as they are read: some as if they were not known.
          indices.map { index in
            let example = examples[index]
            let words = zip(example.words, example.rates).map { word, rate in
              Double.random(in: 0..<1, using: &generator) < rate ? Vocabulary.unknown : word
            }
            return (words: words, example: example)
          }
        }
      }, examples: \.count, part: { Array($0[$1]) },
      loss: { model, chosen in
        model.loss(
          SequenceTaggerBatch(
            words: chosen.map(\.words), letters: chosen.map(\.example.letters),
            tags: chosen.map(\.example.tags), intents: chosen.map(\.example.intent)))
      },
      evaluate: { _ in try scores(on: heldOut) })
  }

  // MARK: Use

  /// What a request was taken for.
  struct Prediction: Codable {
    var intent: String
    var probability: Float
    var tags: [String]
    /// How much each word counts for the intent.
    var weights: [Float]
  }

  func predictions(_ requests: [[String]]) throws -> [Prediction] {
    try divided(requests, predictionsHere)
  }

  private func predictionsHere(_ requests: [[String]]) throws -> [Prediction] {
    let transitions = TagTransitions(bio: symbols.tags)
    var result = [Prediction?](repeating: nil, count: requests.count)
    for rows in Batches.sorted(lengths: requests.map(\.count), batchSize: 64) {
      try Interrupt.check()
      let found = withoutGradient { model.predict(batch(rows.map { requests[$0] }), transitions) }
      for (place, row) in rows.enumerated() {
        let intent = found.intents[place]
        result[row] = Prediction(
          intent: symbols.intents[intent],
          probability: found.intentProbabilities[place, intent].scalar,
          tags: found.tags[place].map { symbols.tags[$0] },
          weights: Array(found.intentWeights[place].scalars.prefix(requests[row].count)))
      }
    }
    return result.map { $0! }
  }

  func scores(on requests: [Request]) throws -> Metrics {
    let found = try predictions(requests.map(\.words))
    let slots = SlotScore(hypotheses: found.map(\.tags), references: requests.map(\.tags))
    let both = zip(found, requests).map { $0.intent == $1.intent && $0.tags == $1.tags }
    return Metrics(
      [
        "both": Tasks.accuracy(both, both.map { _ in true }), "slot F1": slots.f1,
        "intent": Tasks.accuracy(found.map(\.intent), requests.map(\.intent)),
        "requests": Double(requests.count),
      ], lowerIsBetter: false)
  }

  private func words(_ inputs: [String]) throws -> [[String]] {
    try inputs.enumerated().map { index, text in
      let words = WordTokenizer().tokens(of: text)
      if words.isEmpty { throw InputError(index: index, reason: "an empty request asks nothing") }
      return words
    }
  }

  func answers(to inputs: [String]) throws -> [Answer] {
    let requests = try words(inputs)
    return zip(inputs, zip(requests, try predictions(requests))).map { input, pair in
      let (words, found) = pair
      return Answer(
        input: input, text: "\(found.intent)\t\(found.tags.joined(separator: " "))",
        fields: [
          "intent": .string(found.intent), "probability": .number(Double(found.probability)),
          "words": .array(words.map { .string($0) }),
          "tags": .array(found.tags.map { .string($0) }),
          "weights": .array(found.weights.map { .number(Double($0)) }),
        ])
    }
  }

  func pictures(of inputs: [String]) throws -> [(any Picture)?] {
    let requests = try words(inputs)
    return zip(requests, try predictions(requests)).map { words, found in
      TaggedWords(words: words, tags: found.tags, weights: found.weights, label: found.intent)
    }
  }

  func hypotheses(on requests: [Request]) throws -> String {
    zip(requests, try predictions(requests.map(\.words))).map { request, found in
      "\(found.intent)\t\(request.words.joined(separator: " "))\t"
        + "\(found.tags.joined(separator: " "))\n"
    }.joined()
  }

  func reportParts(on requests: [Request]) throws -> ReportParts {
    let shown = Array(requests.prefix(40))
    let found = try predictions(shown.map(\.words))
    let pictures = zip(shown, found).prefix(6).map { request, found in
      TaggedWords(
        words: request.words, tags: found.tags, weights: found.weights, label: found.intent)
    }
    let samples = Samples(
      heading: "Requests", explanation: "Requests that the model never saw in training.",
      columns: ["request", "result", "model", "right tags"],
      rows: zip(shown, found).map { request, found in
        let tags = Samples.Cell.difference(hypothesis: found.tags, reference: request.tags)
        return [
          .text(request.words.joined(separator: " ")),
          .verdict(found.intent == request.intent && found.tags == request.tags),
          tags.hypothesis, tags.reference,
        ]
      })
    return ReportParts(pictures: Array(pictures), samples: [samples])
  }

  // MARK: Data

  private static func requests(_ settings: Settings) throws -> SpokenRequests {
    guard let path = settings.data else {
      throw UsageError("requests are needed: --data FILE")
    }
    return try SpokenRequests(contentsOf: path)
  }

  static func trainingExamples(
    _ settings: Settings
  ) throws -> (learnt: [Request], heldOut: [Request]) {
    let requests = try requests(settings)
    if requests.training.isEmpty || requests.validation.isEmpty {
      throw UsageError(
        "\(settings.data!) has \(requests.training.count) requests to learn from and "
          + "\(requests.validation.count) to choose by; both are needed")
    }
    return (requests.training, requests.validation)
  }

  static func testExamples(_ settings: Settings) throws -> [Request]? {
    let test = try requests(settings).test
    return test.isEmpty ? nil : test
  }
}
