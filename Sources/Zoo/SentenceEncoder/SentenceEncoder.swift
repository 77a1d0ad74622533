public import Autograd
public import Layers

/// A vector for a sentence, near those of sentences that mean the same (Reimers and Gurevych, 2019): BERT
/// (Devlin et al., 2019), whose states are pooled to one. A Transformer's encoder with learned positions,
/// norms after each sublayer and one more before the first.
///
/// ```swift
/// var generator = Generator(seed: 1)
/// let model = SentenceEncoder<Float>(
///   SentenceEncoderConfiguration(vocabulary: 30, size: 64, heads: 4, layers: 2), using: &generator)
/// let symbols = Tensor<Int32>([[1, 7, 8, 2], [1, 9, 2, 0], [1, 8, 7, 2]])
/// let (loss, gradients) = valueWithGradient(at: model, using: &generator) { model in
///   let vectors = model(symbols, lengths: [4, 3, 4])  // [3, 64], each of length 1
///   return (vectors[0] * vectors[1]).sum() - (vectors[0] * vectors[2]).sum()
/// }
/// ```
public struct SentenceEncoder<Scalar: FloatingPointScalar>: ConfiguredModel, Sendable {
  /// The sizes and options that the model was made from.
  public let configuration: SentenceEncoderConfiguration
  /// `[vocabulary, size]`
  public let words: Embedding<Scalar>
  /// `[positions, size]`
  public let positions: LearnedPositions<Scalar>
  /// `[types, size]`
  public let types: Embedding<Scalar>
  /// Before the first layer.
  public let norm: LayerNorm<Scalar>
  /// One after the other.
  public let layers: [TransformerEncoderLayer<Scalar>]
  private let dropout: Dropout<Scalar>

  /// A model with fresh weights: embeddings normal with deviation 0.02, the others Glorot-uniform.
  public init(
    _ configuration: SentenceEncoderConfiguration, using generator: inout some RandomNumberGenerator
  ) {
    if let contradiction = Self.contradiction(in: configuration) {
      trap("SentenceEncoder: \(contradiction)")
    }
    self.configuration = configuration
    let (size, epsilon) = (configuration.size, Scalar(configuration.epsilon))
    words = Embedding(
      count: configuration.vocabulary, size: size, deviation: 0.02, using: &generator)
    positions = LearnedPositions(limit: configuration.positions, size: size, using: &generator)
    types = Embedding(count: configuration.types, size: size, deviation: 0.02, using: &generator)
    norm = LayerNorm([size], epsilon: epsilon)
    layers = (0..<configuration.layers).map { _ in
      TransformerEncoderLayer(
        size, heads: configuration.heads, innerSize: configuration.innerSize,
        activation: .init(rawValue: configuration.activation.rawValue)!, epsilon: epsilon,
        dropout: configuration.dropout, using: &generator)
    }
    dropout = Dropout(configuration.dropout)
  }

  /// Why there is no such model: a phrase; nil if there is one.
  public static func contradiction(in configuration: SentenceEncoderConfiguration) -> String? {
    let (size, heads) = (configuration.size, configuration.heads)
    if heads > 0 && size % heads != 0 {
      return "\(size) features cannot be shared evenly by \(heads) heads"
    }
    if !(0..<1).contains(configuration.epsilon) {
      return "epsilon is \(configuration.epsilon); at least 0 and less than 1 is expected"
    }
    return Layers.contradiction(
      sizes: [
        "vocabulary": configuration.vocabulary, "size": size, "heads": heads,
        "innerSize": configuration.innerSize, "positions": configuration.positions,
        "types": configuration.types,
      ], layers: ["layers": configuration.layers], rates: ["dropout": configuration.dropout])
  }

  /// The vectors of sentences.
  ///
  /// - Parameters:
  ///   - symbols: `[batch, time]`; what stands after a sentence's end is looked up and changes nothing.
  ///   - lengths: number of symbols of each sentence; nil where all have all. A sentence without any has
  ///     the vector 0.
  ///   - types: of each symbol, `[batch, time]`; 0 for all if nil.
  /// - Returns: `[batch, size]`
  public func callAsFunction(
    _ symbols: Tensor<Int32>, lengths: [Int]? = nil, types: Tensor<Int32>? = nil
  ) -> Tensor<Scalar> {
    let pooled = pooled(states(of: symbols, lengths: lengths, types: types), lengths)
    return configuration.isNormalized ? pooled.normalized(axis: 1) : pooled
  }

  /// What the last layer says of each symbol.
  ///
  /// - Parameters: as for a call.
  /// - Returns: `[batch, time, size]`
  public func states(
    of symbols: Tensor<Int32>, lengths: [Int]? = nil, types: Tensor<Int32>? = nil
  ) -> Tensor<Scalar> {
    let keyMask = mask(lengths, symbols)
    let type = types.map { self.types($0) } ?? self.types.weight.narrowed(axis: 0, to: 0..<1)
    var x = dropout(norm(positions(words(symbols) + type)))  // [batch, time, size]
    for layer in layers { x = layer(x, keyMask: keyMask) }
    return x
  }

  /// What each layer's heads look at.
  ///
  /// - Parameters: as for a call.
  /// - Returns: for each layer `[batch, heads, time, time]`.
  public func attention(
    of symbols: Tensor<Int32>, lengths: [Int]? = nil, types: Tensor<Int32>? = nil
  ) -> [Tensor<Scalar>] {
    let keyMask = mask(lengths, symbols)
    let type = types.map { self.types($0) } ?? self.types.weight.narrowed(axis: 0, to: 0..<1)
    var x = dropout(norm(positions(words(symbols) + type)))
    return layers.map { layer in
      let (output, weights) = layer.outputAndWeights(x, keyMask: keyMask)
      x = output
      return weights
    }
  }

  /// True = is a symbol, `[batch, time]`; nil where all are.
  private func mask(_ lengths: [Int]?, _ symbols: Tensor<Int32>) -> Tensor<Bool>? {
    guard let lengths, lengths.contains(where: { $0 < symbols.shape[1] }) else { return nil }
    return sequenceMask(lengths: lengths, time: symbols.shape[1])
  }

  /// `[batch, time, size]` to `[batch, size]`.
  private func pooled(_ states: Tensor<Scalar>, _ lengths: [Int]?) -> Tensor<Scalar> {
    let (batch, time) = (states.shape[0], states.shape[1])
    let lengths = lengths ?? Array(repeating: time, count: batch)
    let isSymbol = sequenceMask(lengths: lengths, time: time).unsqueezed(axis: 2)
    let isEmpty = Tensor<Bool>(lengths.map { $0 == 0 }, shape: [batch, 1])
    switch configuration.pooling {
    case .mean:
      let counts = Tensor<Scalar>(lengths.map { Scalar(max($0, 1)) }, shape: [batch, 1])
      return select(isSymbol, states, 0).sum(axes: 1) / counts
    case .first:
      return select(isEmpty, 0, states.selected(axis: 1, at: 0))
    case .largest:
      return select(isEmpty, 0, select(isSymbol, states, -.infinity).max(axes: 1))
    }
  }
}

extension SentenceEncoder {
  /// What Hugging Face's `BertModel` calls the parameters. It has more: its pooler, which says whether one
  /// sentence follows another, and numbers of positions.
  ///
  /// - Parameter prefix: what stands before each name, as `bert.` in a model with a head.
  public static func bertNames(prefix: String = "") -> NameMap {
    let (layer, own) = ("\(prefix)encoder.layer.*", "layers.*")
    var rules: [NameRule] = [
      .rename("words.**", to: "\(prefix)embeddings.word_embeddings.**"),
      .rename("positions.**", to: "\(prefix)embeddings.position_embeddings.**"),
      .rename("types.**", to: "\(prefix)embeddings.token_type_embeddings.**"),
      .rename("norm.**", to: "\(prefix)embeddings.LayerNorm.**"),
      .rename("\(own).norm1.**", to: "\(layer).attention.output.LayerNorm.**"),
      .rename("\(own).norm2.**", to: "\(layer).output.LayerNorm.**"),
      .rename("\(own).feedForward.first.**", to: "\(layer).intermediate.dense.**"),
      .rename("\(own).feedForward.second.**", to: "\(layer).output.dense.**"),
    ]
    let parts = [
      "query": "self.query", "key": "self.key", "value": "self.value", "output": "output.dense",
    ]
    for (part, name) in parts {
      for kind in ["Weight", "Bias"] {
        rules.append(
          .rename(
            "\(own).selfAttention.\(part)\(kind)",
            to: "\(layer).attention.\(name).\(kind.lowercased())"))
      }
    }
    return NameMap(
      .own, rules + [.skip("\(prefix)embeddings.position_ids"), .skip("\(prefix)pooler.**")])
  }
}
