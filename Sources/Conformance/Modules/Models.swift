import AttentionRNN
import ArticleExamples
import Autograd
import Layers
import Seq2Seq
import SimpleRNN

extension ModuleTable {
  /// The models of the articles, and the worked examples.
  static var models: [String: Builder] {
    [
      "SimpleRNN": simpleRNN, "AttentionRNN": attentionRNN, "BahdanauSeq2Seq": seq2Seq,
      "WeightedSumExample": weightedSum, "EncoderDecoderExample": encoderDecoder,
    ]
  }

  private static func simpleRNN(_ weights: Weights<Scalar>) throws -> Module<Scalar> {
    var generator = Generator(seed: 0)
    let model = SimpleRNN<Scalar>(
      .init(
        inputSize: try weights.attributes.integer("input_size"),
        hiddenSize: try weights.attributes.integer("hidden_size"),
        outputSize: try weights.attributes.integer("output_size")), using: &generator)
    return .single(model) { try model($0[0]) }
  }

  private static func attentionRNN(_ weights: Weights<Scalar>) throws -> Module<Scalar> {
    var generator = Generator(seed: 0)
    let model = AttentionRNN<Scalar>(
      .init(
        inputSize: try weights.attributes.integer("input_size"),
        hiddenSize: try weights.attributes.integer("hidden_size"),
        outputSize: try weights.attributes.integer("output_size")), using: &generator)
    return .single(model) { try model($0[0]) }
  }

  private static func seq2Seq(_ weights: Weights<Scalar>) throws -> Module<Scalar> {
    let attributes = weights.attributes
    var generator = Generator(seed: 0)
    let model = Seq2Seq<Scalar>(
      .init(
        sourceVocabulary: try attributes.integer("source_vocabulary"),
        targetVocabulary: try attributes.integer("target_vocabulary"),
        embeddingSize: try attributes.integer("embedding_size"),
        hiddenSize: try attributes.integer("hidden_size"),
        attentionSize: try attributes.integer("attention_size")), using: &generator)
    let names = NameMap(
      .pyTorch,
      [
        .rename("sourceEmbedding.**", to: "source_embedding.**"),
        .rename("targetEmbedding.**", to: "target_embedding.**"),
        .rename("attention.score.*", to: "attention.*"),
      ])
    let lengths = attributes.has("lengths") ? try attributes.integers("lengths") : nil
    return .single(model, names) { try model($0.indices(0), $0.indices(1), lengths: lengths) }
  }

  private static func weightedSum(_: Weights<Scalar>) throws -> Module<Scalar> {
    .single { try Article001.basicAttentionMechanism($0[0], attentionScores: $0[1]) }
  }

  private static func encoderDecoder(_: Weights<Scalar>) throws -> Module<Scalar> {
    Module { call in
      let (weights, context) = Article001.attentionInEncoderDecoderModels(
        try call[0], decoderState: try call[1])
      return Results(outputs: [.numbers(weights), .numbers(context)])
    }
  }
}
