import Autograd
import Layers

extension ModuleTable {
  /// Linear, Embedding, LayerNorm.
  static var basic: [String: Builder] {
    ["Linear": linear, "Embedding": embedding, "LayerNorm": layerNorm]
  }

  private static func linear(_ weights: Weights<Scalar>) throws -> Module<Scalar> {
    var generator = Generator(seed: 0)
    let layer = Linear<Scalar>(
      inputs: try weights.attributes.integer("in_features"),
      outputs: try weights.attributes.integer("out_features"),
      bias: try weights.attributes.flag("bias"), using: &generator)
    return .single(layer) { try layer($0[0]) }
  }

  private static func embedding(_ weights: Weights<Scalar>) throws -> Module<Scalar> {
    var generator = Generator(seed: 0)
    let layer = Embedding<Scalar>(
      count: try weights.attributes.integer("num_embeddings"),
      size: try weights.attributes.integer("embedding_dim"),
      padding: try weights.attributes.optionalInteger("padding_idx"), using: &generator)
    return .single(layer) { try layer($0.indices(0)) }
  }

  private static func layerNorm(_ weights: Weights<Scalar>) throws -> Module<Scalar> {
    let isAffine = try weights.attributes.flag("elementwise_affine")
    let layer = LayerNorm<Scalar>(
      Shape(try weights.attributes.integers("normalized_shape")),
      epsilon: Scalar(try weights.attributes.number("eps")), weight: isAffine,
      bias: try isAffine && weights.attributes.flag("bias"))
    return .single(layer) { try layer($0[0]) }
  }
}
