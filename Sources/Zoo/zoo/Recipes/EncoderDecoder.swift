import Autograd
import Datasets
import Distributed
import Layers
import Pretrained
import Pronunciation
import Sequences
import Tasks
import Training

/// A model that makes one sequence of symbols of another, with the texts that the symbols stand for:
/// pronunciation, translation or a summary.
struct EncoderDecoder<Model: SequenceModel>: Recipe {
  typealias Settings = EncoderDecoderSettings<Model>
  typealias Examples = TextPairs

  static var name: String { Model.recipeName }
  static var source: String { Model.source }
  static var task: String { Model.tasks }
  static var unit: String { "sequences" }
  static var options: [Setting<Settings>] { Settings.options }
  static var shippedWeights: String? { Pretrained.path(of: name) }

  let settings: Settings
  let model: Model
  let sourceCodec: TextCodec
  let targetCodec: TextCodec
  var group: ProcessGroup?

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

  var configuredModel: any ConfiguredModel { model }

  init(_ settings: Settings, for learnt: TextPairs, using generator: inout Generator) throws {
    self.settings = settings
    let examples = learnt.examples
    let (sources, targets) = (examples.map(\.source), examples.map(\.target))
    let kinds = settings.task.tokens
    func codec(_ kind: TextCodec.Kind, _ texts: [String]) -> TextCodec {
      TextCodec(
        kind, learningFrom: texts, mergeCount: settings.mergeCount,
        minimumCount: settings.minimumCount)
    }
    sourceCodec = codec(kinds.source, sources)
    targetCodec = codec(kinds.target, targets)
    model = try Self.model(
      Self.configuration(settings.model, sourceCodec, targetCodec), using: &generator)
  }

  private static func configuration(
    _ options: Model.Options, _ source: TextCodec, _ target: TextCodec
  ) throws -> Model.Configuration {
    if let refusal = Model.refusal(of: options) { throw UsageError(refusal) }
    return options.configuration(
      sourceVocabulary: source.vocabulary.count, targetVocabulary: target.vocabulary.count)
  }

  init(_ settings: Settings, file: WeightsFile) throws {
    self.settings = settings
    sourceCodec = try file.value(of: Key.source, in: Self.name)
    targetCodec = try file.value(of: Key.target, in: Self.name)
    model = try Self.model(
      Self.configuration(settings.model, sourceCodec, targetCodec), of: file)
  }

  // MARK: Training

  func fit(
    _ learnt: TextPairs, heldOut: TextPairs, with trainer: inout Trainer
  ) throws -> TrainingReport {
    let examples = learnt.examples.map { example in
      let source = read(example.source)
      return (source: source, target: encode(example.target, for: source))
    }
    let (sources, targets) = (examples.map(\.source), examples.map(\.target))
    let smoothing = Float(settings.labelSmoothing)
    let batchSize = settings.training.batchSize * trainer.rankCount
    return try trainer.run(
      model,
      batches: { _, generator in
        Batches.bucketed(
          lengths: sources.map(\.symbols.count), otherLengths: targets.map(\.count),
          batchSize: batchSize, using: &generator)
      }, examples: \.count, part: { Array($0[$1]) },
      // The loss is the mean over all symbols, ends included.
      weight: { $0.reduce(0) { $0 + Double(targets[$1].count + 1) } },
      loss: { model, indices in
        let batch = SequencePairBatch(
          sources: indices.map { sources[$0].symbols }, targets: indices.map { targets[$0] },
          copies: Model.copiesWords ? indices.map { sources[$0].copies } : nil)
        return model.loss(batch, smoothing: smoothing, settings.model)
      },
      evaluate: { _ in try scores(on: heldOut, beam: 1) })
  }
}
