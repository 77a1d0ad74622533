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
    return .single(
      parameters(model.rnn, "rnn.").merging(parameters(model.fc, "fc.")) { $1 }
    ) { try model($0[0]) }
  }

  private static func attentionRNN(_ weights: Weights<Scalar>) throws -> Module<Scalar> {
    var generator = Generator(seed: 0)
    let model = AttentionRNN<Scalar>(
      .init(
        inputSize: try weights.attributes.integer("input_size"),
        hiddenSize: try weights.attributes.integer("hidden_size"),
        outputSize: try weights.attributes.integer("output_size")), using: &generator)
    var all = parameters(model.rnn, "rnn.")
    all.merge(parameters(model.fc, "fc.")) { $1 }
    all.merge(parameters(model.attention.attention, "attention.attention.")) { $1 }
    return .single(all) { try model($0[0]) }
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
    guard case .whole(let attention)? = model.attention,
      let score = attention.score.score as? AdditiveScore<Scalar>,
      let reverse = model.encoder.layers[0].reverse
    else { throw Missing() }
    var all: [String: Parameter<Scalar>?] = [
      "source_embedding.weight": model.sourceEmbedding.$weight,
      "target_embedding.weight": model.targetEmbedding.$weight,
      "attention.query_weight": score.$queryWeight, "attention.key_weight": score.$keyWeight,
      "attention.bias": score.$bias, "attention.v": score.$v,
    ]
    let cells = [
      ("encoder.", "_l0", model.encoder.layers[0].forward),
      ("encoder.", "_l0_reverse", reverse), ("decoder.", "", model.decoder),
    ]
    for (prefix, suffix, cell) in cells {
      for (name, parameter) in parameters(cell, suffix) { all[prefix + name] = parameter }
    }
    all.merge(parameters(model.bridge, "bridge.")) { $1 }
    all.merge(parameters(model.output, "output.")) { $1 }
    let lengths = attributes.has("lengths") ? try attributes.integers("lengths") : nil
    return .single(all) { try model($0.indices(0), $0.indices(1), lengths: lengths) }
  }

  private static func weightedSum(_: Weights<Scalar>) throws -> Module<Scalar> {
    .single([:]) { try Article001.basicAttentionMechanism($0[0], attentionScores: $0[1]) }
  }

  private static func encoderDecoder(_: Weights<Scalar>) throws -> Module<Scalar> {
    Module([:]) { call in
      let (weights, context) = Article001.attentionInEncoderDecoderModels(
        try call[0], decoderState: try call[1])
      return Results(outputs: [.numbers(weights), .numbers(context)])
    }
  }

  private static func parameters(
    _ layer: Linear<Scalar>, _ prefix: String
  ) -> [String: Parameter<Scalar>?] {
    [prefix + "weight": layer.$weight, prefix + "bias": layer.$bias]
  }

  private static func parameters(
    _ network: RNN<Scalar>, _ prefix: String
  ) -> [String: Parameter<Scalar>?] {
    var result: [String: Parameter<Scalar>?] = [:]
    for (name, parameter) in parameters(network.layers[0].forward, "_l0") {
      result[prefix + name] = parameter
    }
    return result
  }
}
