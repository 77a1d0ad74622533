import Autograd
import Datasets
import Distributed
import Layers
import Platform
import Pretrained
import Sequences
import Speech
import Tasks
import Training

/// A recogniser of spoken words with the phonemes that its numbers stand for.
struct SpeechRecognition: Recipe {
  typealias Settings = SpeechSettings
  typealias Examples = SpokenExamples

  static let name = "speech"
  static let source =
    "article 002; Graves et al., 2006; Chorowski et al., 2015; Chan et al., 2016"
  static let task = "the phonemes of spoken words, by recurrent CTC or attention over frames"
  static let unit = "recordings"
  static var options: [Setting<Settings>] { Settings.options }
  static var shippedWeights: String? { Pretrained.path(of: name) }
  static let picturesExplanation =
    "Time goes to the right, in seconds. With attention, colour marks where the model listened before "
    + "it said a phoneme; with CTC, how probable each phoneme was, ∅ standing for none."

  let settings: Settings
  let model: any SpeechRecognizer<Float>
  let phonemes: Vocabulary
  var group: ProcessGroup?

  private enum Key {
    static let phonemes = "phonemes"
  }

  var metadata: [String: String] {
    get throws { [Key.phonemes: try StrictJSON.text(phonemes)] }
  }
  var configuredModel: any ConfiguredModel { model }

  init(
    _ settings: Settings, for learnt: SpokenExamples, using generator: inout Generator
  ) throws {
    self.settings = settings
    phonemes = Vocabulary(countedIn: learnt.examples.map(\.recording.phonemes))
    let configuration = Self.configuration(settings, phonemes)
    model =
      switch settings.head {
      case .ctc: try Self.model(configuration, using: &generator) as CTCRecognizer<Float>
      case .attention:
        try Self.model(configuration, using: &generator) as AttentionRecognizer<Float>
      }
  }

  init(_ settings: Settings, file: WeightsFile) throws {
    self.settings = settings
    phonemes = try file.value(of: Key.phonemes, in: Self.name)
    guard settings.features.isPossible else {
      throw ModelFileError(
        file: file.path, key: WeightsFile.Key.settings, expected: Self.name,
        found: "features that cannot be made")
    }
    let configuration = Self.configuration(settings, phonemes)
    model =
      switch settings.head {
      case .ctc: try Self.model(configuration, of: file) as CTCRecognizer<Float>
      case .attention: try Self.model(configuration, of: file) as AttentionRecognizer<Float>
      }
  }

  private static func configuration(
    _ settings: Settings, _ phonemes: Vocabulary
  ) -> SpeechConfiguration {
    settings.model.configuration(features: settings.features.bands, symbols: phonemes.count)
  }

  // MARK: Training

  func fit(
    _ learnt: SpokenExamples, heldOut: SpokenExamples, with trainer: inout Trainer
  ) throws -> TrainingReport {
    let pairs = learnt.examples.map {
      (frames: $0.frames, target: phonemes.encode($0.recording.phonemes))
    }
    return try model.fit(pairs, settings, &trainer) { try scores(on: heldOut, beam: 1) }
  }

  // MARK: Use

  /// What the model hears in each recording, `[time, features]`.
  func hypotheses(_ frames: [Tensor<Float>], beam: Int) throws -> [SequenceHypothesis] {
    try divided(frames) { try hypothesesHere($0, beam: beam) }
  }

  private func hypothesesHere(
    _ frames: [Tensor<Float>], beam: Int
  ) throws -> [SequenceHypothesis] {
    var result = [SequenceHypothesis?](repeating: nil, count: frames.count)
    for rows in Batches.sorted(lengths: frames.map { $0.shape[0] }, batchSize: 64) {
      try Interrupt.check()
      let found = withoutGradient {
        model.hypotheses(SpeechBatch(rows.map { frames[$0] }), width: beam)
      }
      for (row, hypotheses) in zip(rows, found) { result[row] = hypotheses[0] }
    }
    return result.map { $0! }
  }

  /// What the model hears in each example.
  func heard(_ examples: [SpokenExamples.Example], beam: Int) throws -> [[String]] {
    try hypotheses(examples.map(\.frames), beam: beam).map { phonemes.decode($0.symbols) }
  }

  func scores(on examples: SpokenExamples) throws -> Metrics {
    try scores(on: examples, beam: settings.beam)
  }

  /// Phoneme error rate, and the share of recordings of which every phoneme is right; then the phoneme
  /// error rate by noise, where there are several.
  private func scores(on examples: SpokenExamples, beam: Int) throws -> Metrics {
    let heard = try heard(examples.examples, beam: beam)
    let pairs = Array(zip(examples.examples.map(\.recording), heard))
    let all = Self.errors(pairs)
    var values: [Metrics.Value] = [
      .init(name: "PER", value: all.rate), .init(name: "exact", value: 100 - all.sequenceRate),
    ]
    let noises = Set(pairs.map(\.0.noise)).sorted()
    if noises.count > 1 {
      values += noises.map { noise in
        .init(name: "PER \(noise)", value: Self.errors(pairs.filter { $0.0.noise == noise }).rate)
      }
    }
    values.append(.init(name: "recordings", value: Double(pairs.count)))
    return Metrics(values, deciding: "PER")
  }

  private static func errors(_ pairs: [(SpokenWords.Recording, [String])]) -> ErrorRate {
    ErrorRate(hypotheses: pairs.map(\.1), references: pairs.map(\.0.phonemes))
  }

  /// The features of files.
  ///
  /// - Throws: `InputError` for a file that is no sound that the model can read.
  private func frames(_ files: [String]) throws -> [Tensor<Float>] {
    var reader = SoundReader(settings.features)
    return try files.enumerated().map { index, file throws(InputError) in
      do throws(DataFileError) {
        return try reader.frames(of: file)
      } catch {
        throw InputError(index: index, reason: "\(error)")
      }
    }
  }

  func answers(to inputs: [String]) throws -> [Answer] {
    zip(inputs, try hypotheses(try frames(inputs), beam: settings.beam)).map { input, hypothesis in
      let heard = phonemes.decode(hypothesis.symbols)
      return Answer(
        input: input, text: heard.joined(separator: " "),
        fields: [
          "phonemes": .array(heard.map { .string($0) }),
          "logProbability": .number(hypothesis.logProbability),
        ])
    }
  }

  func pictures(of inputs: [String]) throws -> [(any Picture)?] {
    let frames = try frames(inputs)
    let found = try hypotheses(frames, beam: settings.beam)
    return inputs.indices.map { picture(frames[$0], found[$0].symbols, caption: inputs[$0]) }
  }

  /// Where the phonemes of a recording were heard.
  func picture(_ frames: Tensor<Float>, _ symbols: [Int32], caption: String) -> AttentionMap {
    let alignment = withoutGradient { model.alignment(of: frames, saying: symbols) }
    let seconds = settings.features.hopSeconds * Double(model.configuration.framesPerState)
    let states = (frames.shape[0] - 1) / model.configuration.framesPerState + 1
    return AttentionMap(
      sources: (0..<states).map { fixed(Double($0) * seconds, digits: 2) },
      outputs: alignment.symbols.map {
        $0 == SequenceSymbol.padding ? "∅" : phonemes.token($0)
      }, weights: alignment.weights, caption: caption)
  }

  func hypotheses(on examples: SpokenExamples) throws -> String {
    zip(examples.examples, try heard(examples.examples, beam: settings.beam)).map {
      example, heard in
      "\(example.recording.file)\t\(heard.joined(separator: " "))\n"
    }.joined()
  }

  func reportParts(on examples: SpokenExamples) throws -> ReportParts {
    let found = try hypotheses(examples.examples.map(\.frames), beam: settings.beam)
    let heard = found.map { phonemes.decode($0.symbols) }
    let recordings = examples.examples.map(\.recording)
    let pictures = zip(examples.examples, found).prefix(4).map { example, hypothesis in
      picture(example.frames, hypothesis.symbols, caption: Self.caption(example.recording))
    }
    let samples = Samples(
      heading: "Words",
      explanation: "Recordings that the model never heard in training; differences are marked.",
      columns: ["word", "voice and noise", "result", "model", "right phonemes"],
      rows: zip(recordings, heard).prefix(40).map { recording, heard in
        let cells = Samples.Cell.difference(hypothesis: heard, reference: recording.phonemes)
        return [
          .text(recording.word), .text("\(recording.voice), \(recording.noise)"),
          .verdict(heard == recording.phonemes), cells.hypothesis, cells.reference,
        ]
      })
    let errors = LengthErrors(
      lengths: recordings.map(\.phonemes.count),
      errors: zip(heard, recordings).map { editDistance($0, $1.phonemes) },
      of: recordings.map(\.phonemes.count), caption: "Phoneme error rate by phonemes of the word")
    return ReportParts(pictures: pictures, samples: [samples], lengthErrors: [errors])
  }

  private static func caption(_ recording: SpokenWords.Recording) -> String {
    "\(recording.word), \(recording.voice), \(recording.noise): "
      + recording.phonemes.joined(separator: " ")
  }

  // MARK: Data

  private static func words(_ settings: Settings) throws -> SpokenWords {
    guard let folder = settings.data else {
      throw UsageError(
        "recordings are needed: --data FOLDER, such as render_speech.py makes (see "
          + "Documentation/OwnData.md)")
    }
    if !settings.features.isPossible || !settings.perturbation.isPossible {
      throw UsageError(
        "no features can be made of \(try StrictJSON.text(settings.features)), changed by "
          + (try StrictJSON.text(settings.perturbation)))
    }
    return try SpokenWords(folder: folder)
  }

  static func trainingExamples(
    _ settings: Settings
  ) throws -> (learnt: SpokenExamples, heldOut: SpokenExamples) {
    let words = try words(settings)
    if words.training.isEmpty || words.validation.isEmpty {
      throw UsageError(
        "\(settings.data!) has \(words.training.count) recordings to learn from and "
          + "\(words.validation.count) to choose by; both are needed")
    }
    return (
      try SpokenExamples(words.training, settings.features),
      try SpokenExamples(words.validation, settings.features)
    )
  }

  static func testExamples(_ settings: Settings) throws -> SpokenExamples? {
    let test = try words(settings).test
    return test.isEmpty ? nil : try SpokenExamples(test, settings.features)
  }
}

extension SpeechRecognizer<Float> {
  /// Trains the model in place.
  fileprivate func fit(
    _ pairs: [(frames: Tensor<Float>, target: [Int32])], _ settings: SpeechSettings,
    _ trainer: inout Trainer, evaluate: @escaping () throws -> Metrics
  ) throws -> TrainingReport {
    let lengths = pairs.map { $0.frames.shape[0] }
    let batchSize = settings.training.batchSize * trainer.rankCount
    return try trainer.run(
      self,
      batches: { _, generator in
        Batches.bucketed(
          lengths: lengths, batchSize: batchSize, using: &generator
        ).map { (indices: $0, seed: generator.next()) }
      }, examples: \.indices.count,
      // Other numbers for each part: those of one place would be the same in all.
      part: { (Array($0.indices[$1]), $0.seed &+ UInt64($1.lowerBound)) },
      loss: { model, step in
        var generator = Generator(seed: step.seed)
        let batch = SpeechBatch(
          step.indices.map { settings.perturbation(pairs[$0].frames, using: &generator) },
          targets: step.indices.map { pairs[$0].target })
        return model.loss(batch, smoothing: Float(settings.labelSmoothing))
      }, evaluate: { _ in try evaluate() })
  }
}
