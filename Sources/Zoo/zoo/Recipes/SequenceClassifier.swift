import Autograd
import Datasets
import Distributed
import Layers
import Pretrained
import Pronunciation
import Tasks
import Training

/// What a training of a classifier is made from.
struct ClassifierSettings: RecipeSettings {
  var task = ClassificationTask.vowels
  /// What is learnt: a `ts` file, or a word list; what ships if nil.
  var data: String?
  /// What is tested on; the part of the vowels that ships if nil.
  var test: String?
  var model = ClassifierOptions()
  /// The deviation of the noise on inputs in training, in deviations of the data.
  var noise = 0.6
  /// The share of the target that is spread evenly over all classes.
  var labelSmoothing = 0.0
  /// The sequences of a class are cut into so many runs; one is held out to choose the best weights
  /// by.
  var folds = 6
  /// Which run is held out, from 0.
  var fold = 5
  var training = TrainingSettings(
    epochs: 100, batchSize: 16, learningRate: 2e-3, weightDecay: 0.05)

  init() {}

  /// The settings that are usual for a task.
  init(task: ClassificationTask) {
    self.task = task
    if task == .syllables {
      // The article's model as it stands.
      model = ClassifierOptions(directions: .forward, dropout: 0)
      noise = 0
      training = TrainingSettings(epochs: 10, batchSize: 128, learningRate: 2e-3)
    }
  }

  static var options: [Setting<Self>] {
    let others: [Setting<Self>] = [
      .file("data", \.data, help: "a ts file or word list to learn from; what ships if absent"),
      .file("test", \.test, help: "a file of that form to be tested on", isForUse: true),
      .integer(
        "hidden-size", \.model.hiddenSize, in: 1...8192, help: "extent of the recurrent states"),
      .integer("layers", \.model.layers, in: 1...16, help: "layers of the RNN"),
      .choice("directions", \.model.directions, help: "how a sequence is read"),
      .number("dropout", \.model.dropout, in: 0...0.95, help: "rate of dropout"),
      .number("noise", \.noise, in: 0...10, help: "deviation of noise on inputs, of the data's"),
      .number(
        "label-smoothing", \.labelSmoothing, in: 0...0.9, help: "share of the target spread evenly"),
    ]
    return [.task(\.task, help: "what is learnt") { Self(task: $0) }] + others + Setting.training
  }
}

/// A model of article 000 with a task: the class of a sequence.
struct SequenceClassifier<Model: ClassifyingModel>: Recipe {
  typealias Settings = ClassifierSettings
  typealias Examples = ClassifiedSequences

  static var name: String { Model.recipeName }
  static var source: String { Model.source }
  static var task: String { "who says a Japanese vowel, or how many syllables a word has" }
  static var unit: String { "sequences" }
  static var options: [Setting<Settings>] { Settings.options }
  static var shippedWeights: String? { Pretrained.path(of: name) }

  let settings: Settings
  let model: Model
  let features: ClassifierFeatures
  let classes: [String]
  var group: ProcessGroup?

  private enum Key {
    static var features: String { "features" }
    static var classes: String { "classes" }
  }

  var metadata: [String: String] {
    get throws {
      [
        Key.features: try StrictJSON.text(features), Key.classes: try StrictJSON.text(classes),
      ]
    }
  }

  var configuredModel: any ConfiguredModel { model }

  init(
    _ settings: Settings, for learnt: ClassifiedSequences, using generator: inout Generator
  ) throws {
    self.settings = settings
    features = ClassifierFeatures(learningFrom: learnt)
    classes = learnt.classes
    model = try Self.model(
      Model.configuration(settings.model, inputSize: features.count, classes: classes.count),
      using: &generator)
  }

  init(_ settings: Settings, file: WeightsFile) throws {
    self.settings = settings
    features = try file.value(of: Key.features, in: Self.name)
    classes = try file.value(of: Key.classes, in: Self.name)
    model = try Self.model(
      Model.configuration(settings.model, inputSize: features.count, classes: classes.count),
      of: file)
  }

  /// Sequences as the model sees them, `[batch, time, features]`.
  private func batch(_ sequences: [[[Float]]]) -> (x: Tensor<Float>, lengths: [Int]) {
    let lengths = sequences.map(\.count)
    let (time, size) = (lengths.max()!, features.count)
    var x = Tensor<Float>.zeros([sequences.count, time, size])
    x.withUnsafeMutableScalars { scalars in
      for (row, sequence) in sequences.enumerated() {
        for (step, values) in sequence.enumerated() {
          let start = (row * time + step) * size
          for (feature, value) in values.enumerated() { scalars[start + feature] = value }
        }
      }
    }
    return (x, lengths)
  }

  func fit(
    _ learnt: ClassifiedSequences, heldOut: ClassifiedSequences, with trainer: inout Trainer
  ) throws -> TrainingReport {
    let sequences = learnt.inputs.map { features.steps(of: $0)! }
    let labels = learnt.labels.map { Int32($0) }
    let noise = GaussianNoise<Float>(settings.noise)
    let smoothing = Float(settings.labelSmoothing)
    let batchSize = settings.training.batchSize * trainer.rankCount
    return try trainer.run(
      model,
      batches: { _, generator in
        Batches.bucketed(
          lengths: sequences.map(\.count), batchSize: batchSize, using: &generator)
      }, examples: \.count, part: { Array($0[$1]) },
      loss: { model, indices in
        let (x, lengths) = batch(indices.map { sequences[$0] })
        let targets = Tensor<Int32>(indices.map { labels[$0] })
        return crossEntropyLoss(model(noise(x), lengths: lengths), targets, smoothing: smoothing)
      },
      evaluate: { _ in try scores(on: heldOut) })
  }

  /// What the model makes of a sequence.
  struct Classified: Codable {
    /// Those of the classes.
    var probabilities: [Float]
    /// How much each step counts; nil without attention.
    var weights: [Float]?
  }

  /// What the model makes of each sequence; nil for one that it can't read.
  func classified(_ inputs: [ClassifiedSequences.Input]) throws -> [Classified?] {
    try divided(inputs, classifiedHere)
  }

  private func classifiedHere(_ inputs: [ClassifiedSequences.Input]) throws -> [Classified?] {
    let sequences = inputs.map { features.steps(of: $0) }
    let known = sequences.indices.filter { !(sequences[$0]?.isEmpty ?? true) }
    var result = [Classified?](repeating: nil, count: inputs.count)
    for rows in Batches.sorted(lengths: known.map { sequences[$0]!.count }, batchSize: 256) {
      try Interrupt.check()
      let rows = rows.map { known[$0] }
      let (x, lengths) = batch(rows.map { sequences[$0]! })
      let (probabilities, weights) = withoutGradient {
        (softmax(model(x, lengths: lengths), axis: 1), model.weights(x, lengths: lengths))
      }
      for (position, row) in rows.enumerated() {
        result[row] = Classified(
          probabilities: probabilities[position].scalars,
          weights: weights.map { Array($0[position].scalars.prefix(lengths[position])) })
      }
    }
    return result
  }

  /// Accuracy in percent, and the mean negative logarithm of the right class's probability, by which
  /// weights are chosen: on few sequences accuracy is often the same. A sequence that the model can't
  /// read counts as wrong, and as if all classes were equally probable.
  func scores(on examples: ClassifiedSequences) throws -> Metrics {
    let found = try classified(examples.inputs)
    let guesses = found.map { $0.map { best($0.probabilities) } ?? -1 }
    let losses = zip(found, examples.labels).map { found, label in
      let probability = found.map { Double($0.probabilities[label]) } ?? 1 / Double(classes.count)
      return -log(Swift.max(probability, .leastNormalMagnitude))
    }
    return Metrics(
      [
        "accuracy": Tasks.accuracy(guesses, examples.labels),
        "loss": losses.reduce(0, +) / Double(losses.count),
        "sequences": Double(examples.labels.count),
      ], deciding: "loss")
  }

  /// The index of the largest probability.
  private func best(_ probabilities: [Float]) -> Int {
    probabilities.indices.max { probabilities[$0] < probabilities[$1] }!
  }

  func answers(to inputs: [String]) throws -> [Answer] {
    let read = try inputs.enumerated().map { index, text in
      do { return try features.input(text) } catch let error as InputError {
        throw InputError(index: index, reason: error.reason)
      }
    }
    return try zip(inputs, classified(read)).enumerated().map { index, pair in
      guard let found = pair.1 else {
        throw InputError(
          index: index, reason: "\"\(pair.0)\" has a letter that the model has never seen")
      }
      let best = best(found.probabilities)
      let share = Double(found.probabilities[best])
      var fields: [String: JSON] = [
        "class": .string(classes[best]), "probability": .number(share),
      ]
      fields["weights"] = found.weights.map { .array($0.map { .number(Double($0)) }) }
      return Answer(
        input: pair.0, text: "\(classes[best])\t\(fixed(share, digits: 4))", fields: fields)
    }
  }

  static var picturesExplanation: String {
    "The row is the class; colour marks the steps or letters that count for it."
  }

  func pictures(of inputs: [String]) throws -> [(any Picture)?] {
    let answers = try answers(to: inputs)
    let read = try inputs.map { try features.input($0) }
    return try zip(answers, zip(read, classified(read))).map { answer, pair in
      guard let weights = pair.1?.weights else { return nil }
      var (sources, caption) = ((1...weights.count).map { "\($0)" }, "\(weights.count) steps")
      if case .word(let word) = pair.0 { (sources, caption) = (word.map { "\($0)" }, word) }
      let name = String(answer.text.prefix { $0 != "\t" })
      // A weight is small where there are many steps: what counts is how they compare.
      let largest = weights.max() ?? 1
      return AttentionMap(
        sources: sources, outputs: [name], weights: [weights.map { $0 / Swift.max(largest, 1e-9) }],
        caption: caption)
    }
  }

  func hypotheses(on examples: ClassifiedSequences) throws -> String {
    try classified(examples.inputs).map { found in
      "\(found.map { classes[best($0.probabilities)] } ?? "")\n"
    }.joined()
  }

  // MARK: Data

  static func trainingExamples(
    _ settings: Settings
  ) throws -> (learnt: ClassifiedSequences, heldOut: ClassifiedSequences) {
    switch settings.task {
    case .vowels:
      let sequences =
        try settings.data.map { try LabelledSequences(contentsOf: $0) }
        ?? LabelledSequences.japaneseVowels().training
      guard settings.folds > 1, (0..<settings.folds).contains(settings.fold) else {
        throw UsageError(
          "expected a fold of at least two, found fold \(settings.fold) of \(settings.folds)")
      }
      let parts = sequences.split(
        folds: settings.folds, holdingOut: settings.fold)
      return (ClassifiedSequences(parts.training), ClassifiedSequences(parts.heldOut))
    case .syllables:
      let lexicon = try settings.data.map { try Lexicon(contentsOf: $0) } ?? .cmudict()
      var (learnt, heldOut) = try TrainingWords(lexicon).parts
      if let path = settings.test {
        let tested = try Lexicon(contentsOf: path)
        (learnt, heldOut) = (learnt.without(tested), heldOut.without(tested))
        if learnt.isEmpty { throw UsageError("all training words are in the test list") }
      }
      return (ClassifiedSequences(syllablesOf: learnt), ClassifiedSequences(syllablesOf: heldOut))
    }
  }

  static func testExamples(_ settings: Settings) throws -> ClassifiedSequences? {
    switch settings.task {
    case .vowels:
      return ClassifiedSequences(
        try settings.test.map { try LabelledSequences(contentsOf: $0) }
          ?? LabelledSequences.japaneseVowels().test)
    case .syllables:
      return try settings.test.map { ClassifiedSequences(syllablesOf: try Lexicon(contentsOf: $0)) }
    }
  }
}
