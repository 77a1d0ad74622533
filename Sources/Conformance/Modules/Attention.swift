import ArticleExamples
import Autograd
import Layers

extension ModuleTable {
  /// The attention family of the articles.
  static var attention: [String: Builder] {
    [
      "AttentionLayer": attentionLayer, "QueryValueAttention": queryValue,
      "DotAttention": dot, "ScaledDotAttention": scaledDot, "GeneralAttention": general,
      "AdditiveAttention": additive, "ConcatAttention": concat,
      "MultiheadAttention": multiHead,
    ]
  }

  private static func attentionLayer(_ weights: Weights<Scalar>) throws -> Module<Scalar> {
    var generator = Generator(seed: 0)
    let layer = AttentionLayer<Scalar>(
      try weights.attributes.integer("hidden_size"), using: &generator)
    return .single(layer) { try layer($0[0]) }
  }

  private static func queryValue(_: Weights<Scalar>) throws -> Module<Scalar> {
    Module { call in
      let (context, alphas) = Article004.AttentionLayer()(try call[0], try call[1])
      return Results(outputs: [.numbers(context), .numbers(alphas)])
    }
  }

  private static func dot(_: Weights<Scalar>) throws -> Module<Scalar> {
    module(DotScore<Scalar>())
  }

  private static func scaledDot(_: Weights<Scalar>) throws -> Module<Scalar> {
    module(ScaledDotScore<Scalar>())
  }

  private static func general(_ weights: Weights<Scalar>) throws -> Module<Scalar> {
    var generator = Generator(seed: 0)
    let score = GeneralScore<Scalar>(
      querySize: try weights.attributes.integer("query_size"),
      keySize: try weights.attributes.integer("key_size"),
      using: &generator)
    return module(score)
  }

  private static func additive(_ weights: Weights<Scalar>) throws -> Module<Scalar> {
    var generator = Generator(seed: 0)
    let score = AdditiveScore<Scalar>(
      querySize: try weights.attributes.integer("query_size"),
      keySize: try weights.attributes.integer("key_size"),
      hiddenSize: try weights.attributes.integer("hidden_size"), using: &generator)
    return module(score)
  }

  private static func concat(_ weights: Weights<Scalar>) throws -> Module<Scalar> {
    var generator = Generator(seed: 0)
    let score = ConcatScore<Scalar>(
      querySize: try weights.attributes.integer("query_size"),
      keySize: try weights.attributes.integer("key_size"),
      hiddenSize: try weights.attributes.integer("hidden_size"), using: &generator)
    return module(score)
  }

  private static func module<Score: AttentionScore<Scalar>>(_ score: Score) -> Module<Scalar> {
    let attention = Attention(score)
    return Module(score) { call in
      let (context, weights) = attention(
        queries: try call[0], keys: try call[1], values: call.optional(2),
        keyMask: call.optionalMask(3))
      return Results(outputs: [.numbers(context), .numbers(weights)])
    }
  }

  // MARK: Several heads

  private static func multiHead(_ weights: Weights<Scalar>) throws -> Module<Scalar> {
    let attributes = weights.attributes
    let heads = try attributes.integer("num_heads")
    var generator = Generator(seed: 0)
    let layer = MultiHeadAttention<Scalar>(
      try attributes.integer("embed_dim"), heads: heads, keySize: try attributes.integer("kdim"),
      valueSize: try attributes.integer("vdim"), bias: try attributes.flag("bias"),
      using: &generator)
    let averages = try attributes.flag("average_attn_weights")
    return Module(layer) { call in
      let (output, weights) = layer(
        queries: try call[0], keys: try call[1], values: try call[2],
        keyMask: call.optionalMask(3),
        mask: try call.optionalMask(4).map { try headMask($0, batch: call[0].shape[0]) },
        averagesWeights: averages)
      return Results(outputs: [.numbers(output), .numbers(weights)])
    }
  }

  /// A mask of `[batch * heads, queries, keys]` as `[batch, heads, queries, keys]`.
  static func headMask(_ mask: Tensor<Bool>, batch: Int) -> Tensor<Bool> {
    mask.rank == 2 ? mask : mask.reshaped([batch, -1, mask.shape[1], mask.shape[2]])
  }
}
