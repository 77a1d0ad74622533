import Autograd
import Layers
import Seq2Seq
import Sequences

extension Seq2Seq: SequenceModel where Scalar == Float {
  /// The sizes and options of a model, without its vocabularies.
  struct Options: SequenceModelOptions {
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

    func configuration(sourceVocabulary: Int, targetVocabulary: Int) -> Seq2SeqConfiguration {
      Seq2SeqConfiguration(
        sourceVocabulary: sourceVocabulary, targetVocabulary: targetVocabulary,
        embeddingSize: embeddingSize, hiddenSize: hiddenSize, encoderLayers: encoderLayers,
        score: score, form: form, reach: reach, window: window, coverage: coverage > 0,
        dropout: dropout)
    }

    /// What attending to the same places again costs, a mean over a batch's symbols; 0 without
    /// coverage.
    func repetitionLoss(_ weights: Tensor<Float>, _ batch: SequencePairBatch) -> Tensor<Float> {
      if coverage == 0 { return Tensor(0) }
      let isPadding = batch.labels .== Tensor(SequenceSymbol.padding)
      let repeated = coverageLoss(weights).filled(where: isPadding, with: 0).sum()
      return repeated / Float(batch.symbolCount) * Float(coverage)
    }
  }

  static var recipeName: String { "seq2seq" }
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
      coverage(),
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

  /// What sets the weight of coverage, of any model that has these options.
  static func coverage<Model: SequenceModel>() -> Setting<EncoderDecoderSettings<Model>>
  where Model.Options == Options {
    .number(
      "coverage", \.model.coverage, in: 0...100,
      help: "weight of the coverage loss; 0 for no coverage")
  }

  func loss(
    _ batch: SequencePairBatch, smoothing: Float, _ options: Options
  ) -> Tensor<Float> {
    let (logits, weights) = decode(batch.source, batch.input, lengths: batch.lengths)
    let loss = sequenceLoss(logits, batch, smoothing: smoothing)
    return weights.map { loss + options.repetitionLoss($0, batch) } ?? loss
  }
}
