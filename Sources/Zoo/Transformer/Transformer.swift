public import Autograd
public import Layers
@_exported public import Sequences

/// The Transformer (Vaswani et al., 2017; article 003): every symbol looks at every other. An encoder
/// with a decoder, or either of them alone.
///
/// ```swift
/// var generator = Generator(seed: 1)
/// let model = Transformer<Float>(
///   TransformerConfiguration(sourceVocabulary: 30, targetVocabulary: 45, size: 64),
///   using: &generator)
/// let batch = SequencePairBatch(sources: [[5, 6, 7], [8]], targets: [[9, 4], [7]])
/// let (loss, gradients) = valueWithGradient(at: model, using: &generator) { model in
///   crossEntropyLoss(
///     model(batch.source, batch.input, lengths: batch.lengths), batch.labels,
///     ignoring: Int(SequenceSymbol.padding))
/// }
/// let said = model.beam([[5, 6, 7]], width: 4, limit: 20)[0][0].symbols
/// ```
public struct Transformer<Scalar: FloatingPointScalar>: ConfiguredModel, Sendable {
  /// The sizes and options that the model was made from.
  public let configuration: TransformerConfiguration
  /// `[sourceVocabulary, size]`
  public let sourceEmbedding: Embedding<Scalar>
  /// `[targetVocabulary, size]`; in a decoder it is the weight of the output, too (section 3.4). Nil
  /// in an encoder alone.
  public let targetEmbedding: Embedding<Scalar>?
  /// Empty in a decoder alone.
  public let encoderLayers: [TransformerEncoderLayer<Scalar>]
  /// The norm at the encoder's end.
  public let encoderNorm: LayerNorm<Scalar>?
  /// Of a decoder with an encoder.
  public let decoderLayers: [TransformerDecoderLayer<Scalar>]
  /// Of a decoder alone: its layers look at one sequence, source and target.
  public let soleLayers: [TransformerEncoderLayer<Scalar>]
  /// The norm at the decoder's end.
  public let decoderNorm: LayerNorm<Scalar>?
  /// Says something of each source symbol, in an encoder alone.
  public let labels: Linear<Scalar>?
  package let positions: SinusoidalPositions<Scalar>
  private let dropout: Dropout<Scalar>

  /// A model with fresh weights: Glorot-uniform, embeddings normal with deviation 1/sqrt(size).
  public init(
    _ configuration: TransformerConfiguration, using generator: inout some RandomNumberGenerator
  ) {
    if let contradiction = Self.contradiction(in: configuration) {
      trap("Transformer: \(contradiction)")
    }
    self.configuration = configuration
    let (size, form) = (configuration.size, configuration.form)
    sourceEmbedding = Self.embedding(configuration.sourceVocabulary, size, &generator)
    targetEmbedding =
      form == .encoder ? nil : Self.embedding(configuration.targetVocabulary, size, &generator)
    let isPreNorm = configuration.normPosition == .preNorm
    encoderLayers = (0..<(form == .decoder ? 0 : configuration.encoderLayers)).map { _ in
      Self.encoderLayer(configuration, &generator)
    }
    encoderNorm = isPreNorm && form != .decoder ? LayerNorm([size]) : nil
    decoderLayers = (0..<(form == .encoderDecoder ? configuration.decoderLayers : 0)).map { _ in
      TransformerDecoderLayer(
        size, heads: configuration.heads, innerSize: configuration.innerSize,
        normPosition: configuration.normPosition, dropout: configuration.dropout,
        using: &generator)
    }
    soleLayers = (0..<(form == .decoder ? configuration.decoderLayers : 0)).map { _ in
      Self.encoderLayer(configuration, &generator)
    }
    decoderNorm = isPreNorm && form != .encoder ? LayerNorm([size]) : nil
    labels =
      form == .encoder
      ? Linear(inputs: size, outputs: configuration.targetVocabulary, using: &generator) : nil
    positions = SinusoidalPositions(limit: 256, size: size)
    dropout = Dropout(configuration.dropout)
  }

  /// Why there is no such model: a phrase; nil if there is one.
  public static func contradiction(in configuration: TransformerConfiguration) -> String? {
    let (size, heads) = (configuration.size, configuration.heads)
    if heads > 0 && size % heads != 0 {
      return "\(size) features cannot be shared evenly by \(heads) heads"
    }
    return Layers.contradiction(
      sizes: [
        "sourceVocabulary": configuration.sourceVocabulary,
        "targetVocabulary": configuration.targetVocabulary, "size": size, "heads": heads,
        "innerSize": configuration.innerSize,
      ],
      layers: [
        "encoderLayers": configuration.encoderLayers, "decoderLayers": configuration.decoderLayers,
      ], rates: ["dropout": configuration.dropout])
  }

  private static func embedding(
    _ count: Int, _ size: Int, _ generator: inout some RandomNumberGenerator
  ) -> Embedding<Scalar> {
    Embedding(
      count: count, size: size, deviation: 1 / Scalar(size).squareRoot(), using: &generator)
  }

  private static func encoderLayer(
    _ configuration: TransformerConfiguration, _ generator: inout some RandomNumberGenerator
  ) -> TransformerEncoderLayer<Scalar> {
    TransformerEncoderLayer(
      configuration.size, heads: configuration.heads, innerSize: configuration.innerSize,
      normPosition: configuration.normPosition, dropout: configuration.dropout, using: &generator)
  }

  /// Symbols with their positions, `[batch, time, size]`; see section 3.4 for the factor.
  package func embedded(
    _ symbols: Tensor<Int32>, _ table: Embedding<Scalar>, from start: Int = 0
  ) -> Tensor<Scalar> {
    let scaled = table(symbols) * Scalar(configuration.size).squareRoot()
    let end = start + symbols.shape[1]
    let waves =
      end <= positions.table.shape[0]
      ? positions : SinusoidalPositions(limit: end, size: configuration.size)
    return dropout(waves(scaled, from: start))
  }

  /// Reads the source.
  ///
  /// - Parameters:
  ///   - source: `[batch, source]`
  ///   - keyMask: true = is a symbol, `[batch, source]`; nil where all are.
  ///   - heads: is given the weights of each layer, `[batch, heads, source, source]`.
  /// - Returns: `[batch, source, size]`
  func encode(
    _ source: Tensor<Int32>, _ keyMask: Tensor<Bool>?, heads: ((Tensor<Scalar>) -> Void)? = nil
  ) -> Tensor<Scalar> {
    var x = embedded(source, sourceEmbedding)
    for layer in encoderLayers { x = apply(layer, x, nil, keyMask, heads) }
    return encoderNorm.map { $0(x) } ?? x
  }

  /// What an encoder alone says of each source symbol.
  ///
  /// - Parameters:
  ///   - source: `[batch, source]`
  ///   - lengths: number of symbols of each sequence; nil where all have all.
  /// - Returns: logits, `[batch, source, targetVocabulary]`.
  public func callAsFunction(
    labelling source: Tensor<Int32>, lengths: [Int]? = nil
  ) -> Tensor<Scalar> {
    guard let labels else { trap("Transformer: an encoder alone labels its source") }
    return labels(dropout(encode(source, sequenceKeyMask(lengths, source))))
  }

  /// The decoder with the target given (teacher forcing).
  ///
  /// - Parameters:
  ///   - source: `[batch, source]`
  ///   - target: what the decoder reads in each step, `[batch, target]`: the sentence after its
  ///     start symbol.
  ///   - lengths: number of source symbols of each sentence; nil where all have all.
  /// - Returns: logits of the next symbols, `[batch, target, targetVocabulary]`.
  public func callAsFunction(
    _ source: Tensor<Int32>, _ target: Tensor<Int32>, lengths: [Int]? = nil
  ) -> Tensor<Scalar> {
    decode(source, target, lengths, watched: nil)
  }

  /// The decoder with the target given; `watched` is given what each layer's heads look at.
  func decode(
    _ source: Tensor<Int32>, _ target: Tensor<Int32>, _ lengths: [Int]?,
    watched: ((Part, Tensor<Scalar>) -> Void)?
  ) -> Tensor<Scalar> {
    guard let targetEmbedding else {
      trap("Transformer: an encoder alone has no target; call it with labelling:")
    }
    let keyMask = sequenceKeyMask(lengths, source)
    let target = embedded(target, targetEmbedding)  // [batch, target, size]
    let time = target.shape[1]
    if configuration.form == .decoder {
      let width = source.shape[1]
      var x = Tensor.concatenated([embedded(source, sourceEmbedding), target], axis: 1)
      let keys = keyMask.map { sequence(followedBy: time, $0) }
      for layer in soleLayers {
        x = apply(layer, x, causalMask(width + time), keys, watched.map { w in { w(.sole, $0) } })
      }
      return logits(x.narrowed(axis: 1, to: width..<(width + time)))
    }
    let memory = encode(source, keyMask, heads: watched.map { w in { w(.encoder, $0) } })
    var x = target
    for layer in decoderLayers {
      guard let watched else {
        x = layer(x, memory: memory, mask: causalMask(time), memoryKeyMask: keyMask)
        continue
      }
      let made = layer.outputAndWeights(
        x, memory: memory, mask: causalMask(time), memoryKeyMask: keyMask)
      watched(.decoder, made.selfWeights)
      watched(.memory, made.memoryWeights)
      x = made.output
    }
    return logits(x)
  }

  /// A layer, with its heads watched or not.
  private func apply(
    _ layer: TransformerEncoderLayer<Scalar>, _ x: Tensor<Scalar>, _ mask: Tensor<Bool>?,
    _ keyMask: Tensor<Bool>?, _ watched: ((Tensor<Scalar>) -> Void)?
  ) -> Tensor<Scalar> {
    guard let watched else { return layer(x, mask: mask, keyMask: keyMask) }
    let (output, weights) = layer.outputAndWeights(x, mask: mask, keyMask: keyMask)
    watched(weights)
    return output
  }

  /// The decoder's last features to logits, by the target's own vectors.
  func logits(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    linear(dropout(decoderNorm.map { $0(x) } ?? x), targetEmbedding!.weight)
  }
}

/// True = is a symbol, `[batch, source]`; nil where all are.
func sequenceKeyMask(_ lengths: [Int]?, _ source: Tensor<Int32>) -> Tensor<Bool>? {
  guard let lengths, lengths.contains(where: { $0 < source.shape[1] }) else { return nil }
  return sequenceMask(lengths: lengths, time: source.shape[1])
}

/// A key mask that goes on with some positions that may all be attended to.
func sequence(followedBy count: Int, _ keyMask: Tensor<Bool>) -> Tensor<Bool> {
  let (batch, width) = (keyMask.shape[0], keyMask.shape[1])
  let old = keyMask.scalars
  let rows = (0..<batch).flatMap { row in
    old[row * width..<(row + 1) * width] + Array(repeating: true, count: count)
  }
  return Tensor(rows, shape: [batch, width + count])
}
