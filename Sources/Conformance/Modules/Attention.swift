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
    return .single([
      "attention.weight": layer.attention.$weight, "attention.bias": layer.attention.$bias,
    ]) { try layer($0[0]) }
  }

  private static func queryValue(_: Weights<Scalar>) throws -> Module<Scalar> {
    Module([:]) { call in
      let (context, alphas) = Article004.AttentionLayer()(try call[0], try call[1])
      return Results(outputs: [.numbers(context), .numbers(alphas)])
    }
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
      querySize: try weights.attributes.integer("query_size"),
      keySize: try weights.attributes.integer("key_size"),
      using: &generator)
    return module(score, ["weight": score.$weight])
  }

  private static func additive(_ weights: Weights<Scalar>) throws -> Module<Scalar> {
    var generator = Generator(seed: 0)
    let score = AdditiveScore<Scalar>(
      querySize: try weights.attributes.integer("query_size"),
      keySize: try weights.attributes.integer("key_size"),
      hiddenSize: try weights.attributes.integer("hidden_size"), using: &generator)
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
      querySize: try weights.attributes.integer("query_size"),
      keySize: try weights.attributes.integer("key_size"),
      hiddenSize: try weights.attributes.integer("hidden_size"), using: &generator)
    return module(score, ["weight": score.$weight, "bias": score.$bias, "v": score.$v])
  }

  private static func module<Score: AttentionScore<Scalar>>(
    _ score: Score, _ parameters: [String: Parameter<Scalar>?]
  ) -> Module<Scalar> {
    let attention = Attention(score)
    return Module(parameters) { call in
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
    let isJoint = weights.item.file.tensors["parameter.in_proj_weight"] != nil
    return Module(rows: parameters(layer, isJoint: isJoint, prefix: "")) { call in
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

  /// The parameters by PyTorch's names, which has the projections in one tensor if all are equal.
  static func parameters(
    _ layer: MultiHeadAttention<Scalar>, isJoint: Bool, prefix: String
  ) -> [String: [Parameter<Scalar>]] {
    var result = [prefix + "out_proj.weight": [layer.$outputWeight]]
    if isJoint {
      result[prefix + "in_proj_weight"] = [
        layer.$queryWeight, layer.$keyWeight, layer.$valueWeight,
      ]
    } else {
      result[prefix + "q_proj_weight"] = [layer.$queryWeight]
      result[prefix + "k_proj_weight"] = [layer.$keyWeight]
      result[prefix + "v_proj_weight"] = [layer.$valueWeight]
    }
    if let q = layer.$queryBias, let k = layer.$keyBias, let v = layer.$valueBias {
      result[prefix + "in_proj_bias"] = [q, k, v]
    }
    if let bias = layer.$outputBias { result[prefix + "out_proj.bias"] = [bias] }
    return result
  }
}
