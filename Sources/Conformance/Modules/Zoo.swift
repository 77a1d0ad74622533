import AttentionRNN
import Autograd
import Layers
import Seq2Seq
import SimpleRNN

extension ModuleTable {
  /// The models of the articles.
  static var zoo: [String: Builder] {
    [
      "SimpleRNN": simpleRNN, "AttentionRNN": attentionRNN, "BahdanauSeq2Seq": seq2seq,
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
      named("rnn.", parameters(model.rnn.layers[0].forward, "_l0"))
        .merging(named("fc.", linear(model.fc))) { $1 }
    ) { model(try $0[0]) }
  }

  private static func attentionRNN(_ weights: Weights<Scalar>) throws -> Module<Scalar> {
    var generator = Generator(seed: 0)
    let model = AttentionRNN<Scalar>(
      .init(
        inputSize: try weights.attributes.integer("input_size"),
        hiddenSize: try weights.attributes.integer("hidden_size"),
        outputSize: try weights.attributes.integer("output_size")), using: &generator)
    return .single(
      named("rnn.", parameters(model.rnn.layers[0].forward, "_l0"))
        .merging(named("attention.attention.", linear(model.attention.attention))) { $1 }
        .merging(named("fc.", linear(model.fc))) { $1 }
    ) { model(try $0[0]) }
  }

  private static func seq2seq(_ weights: Weights<Scalar>) throws -> Module<Scalar> {
    let attributes = weights.attributes
    var generator = Generator(seed: 0)
    let model = Seq2Seq<Scalar>(
      Configuration(
        sourceVocabulary: try attributes.integer("source_vocabulary"),
        targetVocabulary: try attributes.integer("target_vocabulary"),
        embeddingSize: try attributes.integer("embedding_size"),
        hiddenSize: try attributes.integer("hidden_size"),
        attentionSize: try attributes.integer("attention_size")), using: &generator)
    guard let score = model.attention?.score.score as? AdditiveScore<Scalar> else {
      throw Missing()
    }
    let lengths = attributes.has("lengths") ? try attributes.integers("lengths") : nil
    let directions = model.encoder.layers[0]
    var all: [String: Parameter<Scalar>?] = [
      "source_embedding.weight": model.sourceEmbedding.$weight,
      "target_embedding.weight": model.targetEmbedding.$weight,
      "attention.query_weight": score.$queryWeight, "attention.key_weight": score.$keyWeight,
      "attention.bias": score.$bias, "attention.v": score.$v,
    ]
    for part in [
      named("encoder.", parameters(directions.forward, "_l0")),
      named("encoder.", parameters(directions.backward!, "_l0_reverse")),
      named("decoder.", parameters(model.decoder, "")), named("bridge.", linear(model.bridge)),
      named("output.", linear(model.output)),
    ] { all.merge(part) { $1 } }
    return .single(all) { call in
      model(try call.indices(0), try call.indices(1), lengths: lengths)
    }
  }

  private static func weightedSum(_: Weights<Scalar>) throws -> Module<Scalar> {
    .single([:]) { WorkedExamples.weightedSum(try $0[0], weights: try $0[1]) }
  }

  private static func encoderDecoder(_: Weights<Scalar>) throws -> Module<Scalar> {
    Module([:]) { call in
      let (weights, context) = WorkedExamples.encoderDecoder(try call[0], state: try call[1])
      return Results(outputs: [.numbers(weights), .numbers(context)])
    }
  }

  private static func linear(_ layer: Linear<Scalar>) -> [String: Parameter<Scalar>?] {
    ["weight": layer.$weight, "bias": layer.$bias]
  }

  private static func named(
    _ prefix: String, _ parameters: [String: Parameter<Scalar>?]
  ) -> [String: Parameter<Scalar>?] {
    [String: Parameter<Scalar>?](
      uniqueKeysWithValues: parameters.map { (prefix + $0.key, $0.value) })
  }
}
