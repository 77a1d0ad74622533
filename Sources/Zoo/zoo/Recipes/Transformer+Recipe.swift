import Autograd
import Layers
import Sequences
import Transformer

extension Transformer: SequenceModel where Scalar == Float {
  /// The sizes and options of a model, without its vocabularies.
  struct Options: SequenceModelOptions {
    var form = TransformerForm.encoderDecoder
    var size = 256
    var heads = 4
    var innerSize = 1024
    var encoderLayers = 3
    var decoderLayers = 3
    var normPosition = NormPosition.preNorm
    var dropout = 0.1

    func configuration(sourceVocabulary: Int, targetVocabulary: Int) -> TransformerConfiguration {
      TransformerConfiguration(
        form: form, sourceVocabulary: sourceVocabulary, targetVocabulary: targetVocabulary,
        size: size, heads: heads, innerSize: innerSize, encoderLayers: encoderLayers,
        decoderLayers: decoderLayers, normPosition: normPosition, dropout: dropout)
    }
  }

  static var recipeName: String { "transformer" }
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

  static func refusal(of options: Options) -> String? {
    options.form == .encoder ? "an encoder alone says nothing of its own length" : nil
  }

  func loss(
    _ batch: SequencePairBatch, smoothing: Float, _ options: Options
  ) -> Tensor<Float> {
    sequenceLoss(
      self(batch.source, batch.input, lengths: batch.lengths), batch, smoothing: smoothing)
  }
}
