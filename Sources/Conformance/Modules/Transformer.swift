import Autograd
import Layers

extension ModuleTable {
  /// Layers of Transformers.
  static var transformer: [String: Builder] {
    ["TransformerEncoderLayer": encoderLayer, "TransformerDecoderLayer": decoderLayer]
  }

  private static func encoderLayer(_ weights: Weights<Scalar>) throws -> Module<Scalar> {
    let options = try TransformerOptions<Scalar>(weights.attributes)
    var generator = Generator(seed: 0)
    let layer = TransformerEncoderLayer<Scalar>(
      options.size, heads: options.heads, innerSize: options.innerSize,
      activation: options.activation, normPosition: options.normPosition, epsilon: options.epsilon,
      bias: options.bias, using: &generator)
    return Module(layer) { call in
      let x = try call[0]
      return Results(outputs: [
        .numbers(
          layer(
            x, mask: call.optionalMask(1).map { headMask($0, batch: x.shape[0]) },
            keyMask: call.optionalMask(2)))
      ])
    }
  }

  private static func decoderLayer(_ weights: Weights<Scalar>) throws -> Module<Scalar> {
    let options = try TransformerOptions<Scalar>(weights.attributes)
    var generator = Generator(seed: 0)
    let layer = TransformerDecoderLayer<Scalar>(
      options.size, heads: options.heads, innerSize: options.innerSize,
      activation: options.activation, normPosition: options.normPosition, epsilon: options.epsilon,
      bias: options.bias, using: &generator)
    return Module(layer) { call in
      let x = try call[0]
      func mask(_ number: Int) -> Tensor<Bool>? {
        call.optionalMask(number).map { headMask($0, batch: x.shape[0]) }
      }
      return Results(outputs: [
        .numbers(
          layer(
            x, memory: try call[1], mask: mask(2), memoryMask: mask(3),
            keyMask: call.optionalMask(4), memoryKeyMask: call.optionalMask(5)))
      ])
    }
  }
}

/// The attributes of both layers.
private struct TransformerOptions<Scalar: FloatingPointScalar> {
  let size: Int
  let heads: Int
  let innerSize: Int
  let activation: FeedForward<Scalar>.Activation
  let normPosition: NormPosition
  let epsilon: Scalar
  let bias: Bool

  init(_ attributes: Attributes) throws {
    size = try attributes.integer("d_model")
    heads = try attributes.integer("nhead")
    innerSize = try attributes.integer("dim_feedforward")
    activation = try attributes.text("activation") == "gelu" ? .gelu : .relu
    normPosition = try attributes.flag("norm_first") ? .preNorm : .postNorm
    epsilon = Scalar(try attributes.number("layer_norm_eps"))
    bias = try attributes.flag("bias")
  }
}
