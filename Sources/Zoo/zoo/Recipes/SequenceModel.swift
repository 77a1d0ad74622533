import Autograd
import Layers
import Sequences

/// A model that makes one sequence of symbols of another.
protocol SequenceModel: ConfiguredModel, SendableMetatype {
  /// The sizes and options of the model, without its vocabularies.
  associatedtype Options: SequenceModelOptions where Options.Configuration == Configuration

  /// The word that names the recipe.
  static var recipeName: String { get }
  /// The article or paper that the model is from.
  static var source: String { get }
  /// What the recipe does, in a phrase.
  static var tasks: String { get }
  /// The task of a training by which nothing was asked for.
  static var usualTask: SequenceTask { get }
  /// Whether the model says words of the source that the target's vocabulary lacks.
  static var copiesWords: Bool { get }
  /// The options that are usual for a task.
  static func options(for task: SequenceTask) -> Options
  /// The course of a training that is usual for a task.
  static func training(for task: SequenceTask) -> TrainingSettings
  /// What the command line can set.
  static var settings: [Setting<EncoderDecoderSettings<Self>>] { get }
  /// Why a model with these options can't learn a task: a phrase; nil if it can.
  static func refusal(of options: Options) -> String?

  /// What training makes small: a scalar.
  func loss(_ batch: SequencePairBatch, smoothing: Float, _ options: Options) -> Tensor<Float>
  /// What the model looks at while it says a target; nothing without attention.
  func attentionHeads(source: [Int32], target: [Int32]) -> [AttentionHead]
  /// The most probable target of each source that a beam search finds.
  ///
  /// - Parameter copies: the sources' symbols as target symbols, for a model that copies them.
  func hypotheses(
    _ sources: [[Int32]], copies: [[Int32]], width: Int, limit: Int, lengthPenalty: LengthPenalty
  ) -> [SequenceHypothesis]
}

/// The sizes and options of a model of sequences, without its vocabularies, which the data decides.
protocol SequenceModelOptions: Codable, Equatable, Sendable {
  associatedtype Configuration

  /// The configuration of a model with these options.
  func configuration(sourceVocabulary: Int, targetVocabulary: Int) -> Configuration
}

extension SequenceModel {
  static var tasks: String { "pronunciation of English words, translation, or summaries" }
  static var usualTask: SequenceTask { .pronunciation }
  static var copiesWords: Bool { false }
  static func refusal(of options: Options) -> String? { nil }
}

extension SequenceModel where Self: SequenceDecoder {
  func hypotheses(
    _ sources: [[Int32]], copies: [[Int32]], width: Int, limit: Int, lengthPenalty: LengthPenalty
  ) -> [SequenceHypothesis] {
    beam(sources, width: width, limit: limit, lengthPenalty: lengthPenalty).map { $0[0] }
  }
}

/// The cross-entropy of the symbols that a batch should say, padding left out.
func sequenceLoss(
  _ logits: Tensor<Float>, _ batch: SequencePairBatch, smoothing: Float
) -> Tensor<Float> {
  crossEntropyLoss(
    logits, batch.labels, ignoring: Int(SequenceSymbol.padding), smoothing: smoothing)
}
