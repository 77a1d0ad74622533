import Autograd
import Layers
import Seq2Seq
import Sequences
import Summarizer
import Transformer

extension Seq2Seq: SequenceModel where Scalar == Float {
  /// The sizes and options of a model, without its vocabularies.
  struct Options: Codable, Equatable, Sendable {
    var embeddingSize = 64
    var hiddenSize = 128
    var encoderLayers = 1
    var score = ScoreName.additive
    var form = DecoderForm.bahdanau
    var reach = AttentionReach.whole
    var window = 3
    /// Weight of the coverage loss beside the cross-entropy; 0 for a model without coverage.
    var coverage = 0.0
    var dropout = 0.1

    /// The configuration of a model with these options.
    func configuration(_ sourceVocabulary: Int, _ targetVocabulary: Int) -> Seq2SeqConfiguration {
      Seq2SeqConfiguration(
        sourceVocabulary: sourceVocabulary, targetVocabulary: targetVocabulary,
        embeddingSize: embeddingSize, hiddenSize: hiddenSize, encoderLayers: encoderLayers,
        score: score, form: form, reach: reach, window: window, coverage: coverage > 0,
        dropout: dropout)
    }
  }

  static var recipeName: String { "seq2seq" }
  static var tasks: String { "pronunciation of English words, translation, or summaries" }
  static var usualTask: SequenceTask { .pronunciation }
  static var copiesWords: Bool { false }
  static var source: String { "articles 001, 002, 004; Bahdanau, Cho and Bengio, 2015" }

  static func options(for task: SequenceTask) -> Options {
    switch task {
    case .pronunciation: Options()
    case .translation, .summary: Options(embeddingSize: 256, hiddenSize: 256, dropout: 0.3)
    }
  }

  static func training(for task: SequenceTask) -> TrainingSettings {
    switch task {
    case .pronunciation:
      TrainingSettings(epochs: 10, batchSize: 128, learningRate: 4e-3, averageDecay: 0.999)
    case .translation, .summary:
      TrainingSettings(epochs: 12, batchSize: 64, learningRate: 1e-3, averageDecay: 0.999)
    }
  }

  static var settings: [Setting<EncoderDecoderSettings<Self>>] {
    sizes() + [
      .choice("reach", \.model.reach, help: "how far the decoder looks"),
      .integer(
        "window", \.model.window, in: 1...1024, help: "symbols to either side in local attention"),
      .number(
        "coverage", \.model.coverage, in: 0...100,
        help: "weight of the coverage loss; 0 for no coverage"),
    ]
  }

  /// What the command line can set of any model that has these options.
  static func sizes<Model: SequenceModel>() -> [Setting<EncoderDecoderSettings<Model>>]
  where Model.Options == Options {
    [
      .integer(
        "hidden-size", \.model.hiddenSize, in: 1...8192, help: "extent of the recurrent states"),
      .integer(
        "encoder-layers", \.model.encoderLayers, in: 1...16, help: "layers of the encoder"),
      .integer(
        "embedding-size", \.model.embeddingSize, in: 1...8192, help: "extent of a symbol's vector"),
      .choice("score", \.model.score, help: "which attention the decoder has"),
      .choice("form", \.model.form, help: "when the decoder looks, and what becomes of it"),
      .number("dropout", \.model.dropout, in: 0...0.95, help: "rate of dropout"),
    ]
  }

  static func configuration(
    _ options: Options, sourceVocabulary: Int, targetVocabulary: Int
  ) -> Configuration { options.configuration(sourceVocabulary, targetVocabulary) }

  func loss(
    _ batch: SequencePairBatch, smoothing: Float, _ options: Options
  ) -> Tensor<Float> {
    let (logits, weights) = decode(batch.source, batch.input, lengths: batch.lengths)
    let loss = sequenceLoss(logits, batch, smoothing: smoothing)
    guard options.coverage > 0, let weights else { return loss }
    return loss + repetitionLoss(weights, batch) * Float(options.coverage)
  }

  func hypotheses(
    _ sources: [[Int32]], copies: [[Int32]], width: Int, limit: Int, lengthPenalty: LengthPenalty
  ) -> [SequenceHypothesis] {
    beam(sources, width: width, limit: limit, lengthPenalty: lengthPenalty).map { $0[0] }
  }
}

extension Transformer: SequenceModel where Scalar == Float {
  /// The sizes and options of a model, without its vocabularies.
  struct Options: Codable, Equatable, Sendable {
    var form = TransformerForm.encoderDecoder
    var size = 256
    var heads = 4
    var innerSize = 1024
    var encoderLayers = 3
    var decoderLayers = 3
    var normPosition = NormPosition.preNorm
    var dropout = 0.1

    func configuration(
      _ sourceVocabulary: Int, _ targetVocabulary: Int
    ) -> TransformerConfiguration {
      TransformerConfiguration(
        form: form, sourceVocabulary: sourceVocabulary, targetVocabulary: targetVocabulary,
        size: size, heads: heads, innerSize: innerSize, encoderLayers: encoderLayers,
        decoderLayers: decoderLayers, normPosition: normPosition, dropout: dropout)
    }
  }

  static var recipeName: String { "transformer" }
  static var tasks: String { "pronunciation of English words, translation, or summaries" }
  static var usualTask: SequenceTask { .pronunciation }
  static var copiesWords: Bool { false }
  static var source: String { "article 003; Vaswani et al., 2017" }

  static func options(for task: SequenceTask) -> Options {
    switch task {
    case .pronunciation: Options()
    case .translation, .summary: Options(heads: 8, innerSize: 512, dropout: 0.3)
    }
  }

  static func training(for task: SequenceTask) -> TrainingSettings {
    switch task {
    case .pronunciation:
      TrainingSettings(
        epochs: 30, batchSize: 128, learningRate: 1e-3, warmupSteps: 1000, averageDecay: 0.999)
    case .translation, .summary:
      TrainingSettings(
        epochs: 15, batchSize: 64, learningRate: 1e-3, warmupSteps: 1000, averageDecay: 0.999)
    }
  }

  static var settings: [Setting<EncoderDecoderSettings<Self>>] {
    [
      .choice("form", \.model.form, help: "which parts the model has"),
      .integer("size", \.model.size, in: 1...8192, help: "extent of a position's features"),
      .integer("heads", \.model.heads, in: 1...64, help: "heads of each attention"),
      .integer(
        "inner-size", \.model.innerSize, in: 1...32_768,
        help: "extent inside of the feed-forward networks"),
      .integer("encoder-layers", \.model.encoderLayers, in: 1...64, help: "layers of the encoder"),
      .integer("decoder-layers", \.model.decoderLayers, in: 1...64, help: "layers of the decoder"),
      .choice("norm", \.model.normPosition, help: "where the norms stand"),
      .number("dropout", \.model.dropout, in: 0...0.95, help: "rate of dropout"),
    ]
  }

  static func configuration(
    _ options: Options, sourceVocabulary: Int, targetVocabulary: Int
  ) -> Configuration { options.configuration(sourceVocabulary, targetVocabulary) }

  static func refusal(of options: Options) -> String? {
    options.form == .encoder ? "an encoder alone says nothing of its own length" : nil
  }

  func loss(
    _ batch: SequencePairBatch, smoothing: Float, _ options: Options
  ) -> Tensor<Float> {
    sequenceLoss(
      self(batch.source, batch.input, lengths: batch.lengths), batch, smoothing: smoothing)
  }

  func hypotheses(
    _ sources: [[Int32]], copies: [[Int32]], width: Int, limit: Int, lengthPenalty: LengthPenalty
  ) -> [SequenceHypothesis] {
    beam(sources, width: width, limit: limit, lengthPenalty: lengthPenalty).map { $0[0] }
  }
}

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
    Seq2Seq<Float>.sizes() + [
      .number(
        "coverage", \.model.coverage, in: 0...100,
        help: "weight of the coverage loss; 0 for no coverage")
    ]
  }

  static func configuration(
    _ options: Options, sourceVocabulary: Int, targetVocabulary: Int
  ) -> Configuration { options.configuration(sourceVocabulary, targetVocabulary) }

  func loss(
    _ batch: SequencePairBatch, smoothing: Float, _ options: Options
  ) -> Tensor<Float> {
    let (logProbabilities, weights) = logLikelihood(batch)
    let loss = -logProbabilities.sum() / Float(batch.symbolCount)
    return options.coverage > 0
      ? loss + repetitionLoss(weights, batch) * Float(options.coverage) : loss
  }

  func hypotheses(
    _ sources: [[Int32]], copies: [[Int32]], width: Int, limit: Int, lengthPenalty: LengthPenalty
  ) -> [SequenceHypothesis] {
    beam(sources, copies: copies, width: width, limit: limit, lengthPenalty: lengthPenalty)
      .map { $0[0] }
  }
}

/// What attending to the same places again costs, a mean over a batch's symbols.
private func repetitionLoss(_ weights: Tensor<Float>, _ batch: SequencePairBatch) -> Tensor<Float> {
  let isPadding = batch.labels .== Tensor(SequenceSymbol.padding)
  return coverageLoss(weights).filled(where: isPadding, with: 0).sum() / Float(batch.symbolCount)
}

/// The cross-entropy of the symbols that a batch should say, padding left out.
private func sequenceLoss(
  _ logits: Tensor<Float>, _ batch: SequencePairBatch, smoothing: Float
) -> Tensor<Float> {
  crossEntropyLoss(
    logits, batch.labels, ignoring: Int(SequenceSymbol.padding), smoothing: smoothing)
}
