import Autograd
import Datasets
import Distributed
import Layers
import Pretrained
import Sequences
import ShowAttendTell
import Tasks
import Training

/// A captioner with the words that its numbers stand for.
package struct PictureCaptioner: Recipe {
  package typealias Settings = CaptionerSettings
  package typealias Example = CaptionedPictures.Example
  package typealias Examples = [Example]

  package static let name = "captioner"
  package static let source = "articles 002 and 003; Xu et al., 2015"
  package static let task = "what a picture shows, in words"
  package static let unit = "pictures"
  package static var options: [Setting<Settings>] { Settings.options }
  package static var shippedWeights: String? { Pretrained.path(of: name) }
  package static let picturesExplanation =
    "For each word of the caption, the places that the model looked at stay bright."

  package let settings: Settings
  let model: ShowAttendTell<AdditiveScore<Float>>
  let words: Vocabulary
  package var group: ProcessGroup?
  private let tokenizer = PhraseTokenizer()

  private enum Key {
    static let words = "words"
  }

  package var metadata: [String: String] {
    get throws { [Key.words: try StrictJSON.text(words)] }
  }
  package var configuredModel: any ConfiguredModel { model }

  package init(_ settings: Settings, for learnt: [Example], using generator: inout Generator) throws
  {
    if let contradiction = settings.contradiction { throw UsageError(contradiction) }
    self.settings = settings
    words = Vocabulary(countedIn: learnt.map { [tokenizer] in tokenizer.tokens(of: $0.caption) })
    model = try Self.model(
      settings.model.configuration(vocabulary: words.count), using: &generator)
  }

  package init(_ settings: Settings, file: WeightsFile) throws {
    self.settings = settings
    words = try file.value(of: Key.words, in: Self.name)
    if let contradiction = settings.contradiction {
      throw ModelFileError(
        file: file.path, key: WeightsFile.Key.settings, expected: Self.name, found: contradiction)
    }
    model = try Self.model(settings.model.configuration(vocabulary: words.count), of: file)
  }

  // MARK: Training

  /// Pictures that are learnt together, and what all randomness of the step comes from.
  private struct Step {
    let pictures: [Int]
    let seed: UInt64
  }

  package func fit(
    _ learnt: [Example], heldOut: [Example], with trainer: inout Trainer
  ) throws -> TrainingReport {
    let captions = learnt.map { symbols(of: $0.caption) }
    let images = learnt.map { $0.image.fitted(to: settings.model.pictureSize) }
    let batchSize = settings.training.batchSize * trainer.rankCount
    return try trainer.run(
      model,
      batches: { _, generator in
        // Not by length: captions of one length are of pictures of one kind, and the norms would
        // see only these together.
        Batches.shuffled(count: captions.count, batchSize: batchSize, using: &generator)
          .map { Step(pictures: $0, seed: generator.next()) }
      }, examples: \.pictures.count,
      // Other numbers for each part: those of one place would be the same in all.
      part: { Step(pictures: Array($0.pictures[$1]), seed: $0.seed &+ UInt64($1.lowerBound)) },
      loss: { model, step in
        var generator = Generator(seed: step.seed)
        let pictures = step.pictures.flatMap {
          settings.jitter.planes(images[$0], using: &generator)
        }
        let chosen = step.pictures.map { captions[$0] }
        let read = chosen.map { caption in
          caption.map { generator.uniform() < settings.wordDropout ? Vocabulary.unknown : $0 }
        }
        let batch = CaptionBatch(
          pictures: tensor(pictures, count: chosen.count), captions: chosen, reading: read)
        return model.loss(
          batch, smoothing: Float(settings.labelSmoothing), using: &generator)
      },
      evaluate: { _ in try scores(on: heldOut, beam: 1) })
  }

  private func symbols(of caption: String) -> [Int32] {
    words.encode(tokenizer.tokens(of: caption))
  }

  private func tensor(_ planes: [Float], count: Int) -> Tensor<Float> {
    let size = settings.model.pictureSize
    return Tensor(planes, shape: [count, 3, size, size])
  }

  // MARK: Use

  /// What the model says to pictures.
  func captions(_ images: [RGBImage], beam: Int) throws -> [SequenceHypothesis] {
    try divided(images) { try captionsHere($0, beam: beam) }
  }

  private func captionsHere(_ images: [RGBImage], beam: Int) throws -> [SequenceHypothesis] {
    var result: [SequenceHypothesis] = []
    for first in stride(from: 0, to: images.count, by: 64) {
      try Interrupt.check()
      let part = images[first..<Swift.min(first + 64, images.count)]
      let planes = part.flatMap { $0.fitted(to: settings.model.pictureSize).planes }
      result += withoutGradient {
        model.captions(
          tensor(planes, count: part.count), width: beam, limit: settings.limit
        ).map { $0[0] }
      }
    }
    return result
  }

  func text(_ hypothesis: SequenceHypothesis) -> String {
    tokenizer.text(of: words.decode(hypothesis.symbols))
  }

  package func scores(on examples: [Example]) throws -> Metrics {
    try scores(on: examples, beam: settings.beam)
  }

  /// Whether a caption is made of words that were learnt: of those that were held out, the new
  /// combinations of known words. No model can say the others.
  package func hasKnownWords(_ caption: String) -> Bool {
    tokenizer.tokens(of: caption).allSatisfy { words.contains($0) }
  }

  /// Exact captions and BLEU, of the captions made of known words and of all.
  func scores(on examples: [Example], beam: Int) throws -> Metrics {
    let texts = try captions(examples.map(\.image), beam: beam).map { text($0) }
    let pairs = Array(zip(texts, examples.map(\.caption)))
    let known = pairs.filter { hasKnownWords($0.1) }
    func exact(_ pairs: [(String, String)]) -> Double {
      Tasks.accuracy(pairs.map(\.0), pairs.map(\.1))
    }
    func bleu(_ pairs: [(String, String)]) -> Double {
      BLEU(
        hypotheses: pairs.map { tokenizer.tokens(of: $0.0) },
        references: pairs.map { tokenizer.tokens(of: $0.1) }
      ).score
    }
    return Metrics(
      [
        "exact of known words": exact(known), "BLEU of known words": bleu(known),
        "exact": exact(pairs), "BLEU": bleu(pairs),
        "pictures of known words": Double(known.count), "pictures": Double(pairs.count),
      ], lowerIsBetter: false)
  }

  package func answers(to inputs: [String]) throws -> [Answer] {
    let images = try PictureInputs.images(inputs)
    return zip(inputs, try captions(images, beam: settings.beam)).map { input, hypothesis in
      Answer(
        input: input, text: text(hypothesis),
        fields: [
          "caption": .string(text(hypothesis)),
          "logProbability": .number(hypothesis.logProbability),
        ])
    }
  }

  package func pictures(of inputs: [String]) throws -> [(any Picture)?] {
    let images = try PictureInputs.images(inputs)
    return zip(images, try captions(images, beam: settings.beam)).map { image, hypothesis in
      picture(image, hypothesis, caption: text(hypothesis))
    }
  }

  /// What the model looked at while it said a caption.
  func picture(
    _ image: RGBImage, _ hypothesis: SequenceHypothesis, caption: String
  ) -> ImageAttention {
    let size = settings.model.pictureSize
    let seen = tensor(image.fitted(to: size).planes, count: 1).selected(axis: 0, at: 0)
    let head = withoutGradient { model.attentionHead(seen, hypothesis.symbols) }
    // Finer than the model sees it, for people; a small one as it is.
    let shown = image.fitted(to: Swift.min(Swift.max(image.width, image.height, size), 128))
    let grid = model.configuration.gridSize
    return ImageAttention(
      width: shown.width, height: shown.height, pixels: shown.pixels,
      words: words.decode(hypothesis.symbols), grid: (grid, grid), weights: head.weights,
      caption: caption)
  }

  /// Pictures that were never learnt, with what the model says and where it looked: some right ones,
  /// then some wrong ones.
  package func reportParts(on examples: [Example]) throws -> ReportParts {
    let found = try captions(examples.map(\.image), beam: settings.beam)
    let judged = zip(examples, found).map { example, hypothesis in
      (example: example, hypothesis: hypothesis, isRight: text(hypothesis) == example.caption)
    }
    let known = judged.filter { hasKnownWords($0.example.caption) }
    let shown = known.filter(\.isRight).prefix(4) + known.filter { !$0.isRight }.prefix(2)
    let samples = Samples(
      heading: "Captions",
      explanation: "Pictures that the model never saw in training; differences are marked.",
      columns: ["picture", "result", "model", "caption"],
      rows: judged.prefix(60).map { judged in
        let cells = Samples.Cell.difference(
          hypothesis: words.decode(judged.hypothesis.symbols),
          reference: tokenizer.tokens(of: judged.example.caption))
        return [
          .text(judged.example.source), .verdict(judged.isRight), cells.hypothesis, cells.reference,
        ]
      })
    return ReportParts(
      pictures: shown.map { judged in
        let text = text(judged.hypothesis)
        return picture(
          judged.example.image, judged.hypothesis,
          caption: judged.isRight ? "\(text) ✓ right" : "\(text) ✗ wrong")
      }, samples: [samples])
  }

  package func hypotheses(on examples: [Example]) throws -> String {
    zip(examples, try captions(examples.map(\.image), beam: settings.beam)).map {
      "\($0.source)\t\(text($1))\n"
    }.joined()
  }

  // MARK: Data

  private static func data(_ settings: Settings) throws -> CaptionedPictures {
    try settings.data.map { try CaptionedPictures(contentsOf: $0) } ?? .emoji()
  }

  package static func trainingExamples(
    _ settings: Settings
  ) throws -> (learnt: [Example], heldOut: [Example]) {
    let data = try data(settings)
    if data.training.isEmpty || data.validation.isEmpty {
      throw UsageError(
        "\(settings.data ?? "the data") has \(data.training.count) pictures to learn from and "
          + "\(data.validation.count) to choose by; both are needed")
    }
    return (data.training, data.validation)
  }

  package static func testExamples(_ settings: Settings) throws -> [Example]? {
    let test = try data(settings).test
    return test.isEmpty ? nil : test
  }
}

extension CaptionerSettings {
  /// Why pictures or captions cannot be made as these settings say: a phrase; nil if they can.
  var contradiction: String? {
    if !jitter.isPossible || limit < 1 || !(1...1 << 12).contains(model.pictureSize) {
      return "pictures of \(model.pictureSize) rows, changed by \(jitter), with \(limit) words"
    }
    return Layers.contradiction(
      sizes: [:], rates: ["wordDropout": wordDropout, "labelSmoothing": labelSmoothing])
  }
}
