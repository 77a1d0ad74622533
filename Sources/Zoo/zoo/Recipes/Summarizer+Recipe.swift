import Autograd
import Layers
import Seq2Seq
import Sequences
import Summarizer

extension Summarizer: SequenceModel where Scalar == Float {
  /// The sizes and options of a model, without its vocabularies.
  typealias Options = Seq2Seq<Float>.Options

  static var recipeName: String { "summarizer" }
  static var source: String { "article 003; See, Liu and Manning, 2017" }
  static var tasks: String { "what a line of a program does, or other summaries of texts" }
  static var usualTask: SequenceTask { .summary }
  static var copiesWords: Bool { true }

  static func options(for task: SequenceTask) -> Options {
    Options(embeddingSize: 128, hiddenSize: 256, coverage: 0.5, dropout: 0.3)
  }

  static func training(for task: SequenceTask) -> TrainingSettings {
    TrainingSettings(epochs: 20, batchSize: 32, learningRate: 2e-3, averageDecay: 0.999)
  }

  static var settings: [Setting<EncoderDecoderSettings<Self>>] {
    Seq2Seq<Float>.sizes() + [Seq2Seq<Float>.coverage()]
  }

  func loss(
    _ batch: SequencePairBatch, smoothing: Float, _ options: Options
  ) -> Tensor<Float> {
    let (logProbabilities, weights) = logLikelihood(batch)
    return -logProbabilities.sum() / Float(batch.symbolCount)
      + options.repetitionLoss(weights, batch)
  }

  func hypotheses(
    _ sources: [[Int32]], copies: [[Int32]], width: Int, limit: Int, lengthPenalty: LengthPenalty
  ) -> [SequenceHypothesis] {
    beam(sources, copies: copies, width: width, limit: limit, lengthPenalty: lengthPenalty)
      .map { $0[0] }
  }
}
