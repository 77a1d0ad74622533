import Autograd
import Layers

extension ModuleTable {
  /// The attention family of the articles.
  static var attention: [String: Builder] {
    [
      "AttentionLayer": attentionLayer, "QueryValueAttention": dot,
      "DotAttention": dot, "ScaledDotAttention": scaledDot, "GeneralAttention": general,
      "AdditiveAttention": additive, "ConcatAttention": concat,
    ]
  }

  private static func attentionLayer(_ weights: Weights<Scalar>) throws -> Module<Scalar> {
    var generator = Generator(seed: 0)
    let layer = AttentionLayer<Scalar>(
      try weights.attributes.integer("hidden_size"), using: &generator)
    return .single([
      "attention.weight": layer.attention.$weight, "attention.bias": layer.attention.$bias,
    ]) { try layer($0[0]) }
  }

  private static func dot(_: Weights<Scalar>) throws -> Module<Scalar> {
    module(DotScore<Scalar>(), [:])
  }

  private static func scaledDot(_: Weights<Scalar>) throws -> Module<Scalar> {
    module(ScaledDotScore<Scalar>(), [:])
  }

  private static func general(_ weights: Weights<Scalar>) throws -> Module<Scalar> {
    var generator = Generator(seed: 0)
    let score = GeneralScore<Scalar>(
      try weights.attributes.integer("query_size"), try weights.attributes.integer("key_size"),
      using: &generator)
    return module(score, ["weight": score.$weight])
  }

  private static func additive(_ weights: Weights<Scalar>) throws -> Module<Scalar> {
    var generator = Generator(seed: 0)
    let score = AdditiveScore<Scalar>(
      try weights.attributes.integer("query_size"), try weights.attributes.integer("key_size"),
      try weights.attributes.integer("hidden_size"), using: &generator)
    return module(
      score,
      [
        "query_weight": score.$queryWeight, "key_weight": score.$keyWeight, "bias": score.$bias,
        "v": score.$v,
      ])
  }

  private static func concat(_ weights: Weights<Scalar>) throws -> Module<Scalar> {
    var generator = Generator(seed: 0)
    let score = ConcatScore<Scalar>(
      try weights.attributes.integer("query_size"), try weights.attributes.integer("key_size"),
      try weights.attributes.integer("hidden_size"), using: &generator)
    return module(score, ["weight": score.$weight, "bias": score.$bias, "v": score.$v])
  }

  private static func module<Score: AttentionScore<Scalar>>(
    _ score: Score, _ parameters: [String: Parameter<Scalar>?]
  ) -> Module<Scalar> {
    let attention = Attention(score)
    return Module(parameters) { call in
      let (context, weights) = attention(
        queries: try call[0], keys: try call[1], values: call.optional(2),
        mask: call.optionalMask(3))
      return Results(outputs: [.numbers(context), .numbers(weights)])
    }
  }
}
