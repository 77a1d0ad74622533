import Autograd
import Layers
import Seq2Seq

extension Seq2Seq: SequenceModel where Scalar == Float {
  /// The sizes and options of a model, without its vocabularies.
  struct Options: Codable, Equatable, Sendable {
    var embeddingSize = 64
    var hiddenSize = 128
    var score = ScoreName.additive
    var dropout = 0.1
  }

  static var recipeName: String { "seq2seq" }
  static var source: String { "articles 001, 002, 004; Bahdanau, Cho and Bengio, 2015" }

  static func options(for task: SequenceTask) -> Options {
    switch task {
    case .pronunciation: Options()
    case .translation: Options(embeddingSize: 256, hiddenSize: 256, dropout: 0.3)
    }
  }

  static var settings: [Setting<EncoderDecoderSettings<Self>>] {
    [
      .integer(
        "hidden-size", \.model.hiddenSize, in: 1...8192, help: "extent of the recurrent states"),
      .integer(
        "embedding-size", \.model.embeddingSize, in: 1...8192, help: "extent of a symbol's vector"),
      .choice("score", \.model.score, help: "which attention the decoder has"),
      .number("dropout", \.model.dropout, in: 0...0.95, help: "rate of dropout"),
    ]
  }

  init(
    _ options: Options, sourceVocabulary: Int, targetVocabulary: Int,
    using generator: inout Generator
  ) {
    self.init(
      Seq2SeqConfiguration(
        sourceVocabulary: sourceVocabulary, targetVocabulary: targetVocabulary,
        embeddingSize: options.embeddingSize, hiddenSize: options.hiddenSize, score: options.score,
        dropout: options.dropout), using: &generator)
  }

  static func isPossible(_ options: Options) -> Bool {
    [options.embeddingSize, options.hiddenSize].allSatisfy { (1...1 << 16).contains($0) }
      && (0..<1).contains(options.dropout)
  }

  func logits(_ batch: Seq2SeqBatch) -> Tensor<Float> {
    self(batch.source, batch.input, lengths: batch.lengths)
  }

  func hypotheses(
    _ sources: [[Int32]], width: Int, limit: Int, lengthPenalty: LengthPenalty
  ) -> [Seq2SeqHypothesis] {
    beam(sources, width: width, limit: limit, lengthPenalty: lengthPenalty).map { $0[0] }
  }
}
