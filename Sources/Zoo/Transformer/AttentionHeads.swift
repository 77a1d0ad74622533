import Autograd
import Layers

extension Transformer {
  /// Which attention of a layer is looked at.
  enum Part {
    /// Of the source to itself.
    case encoder
    /// Of the target to itself.
    case decoder
    /// Of the target to the source.
    case memory
    /// Of source and target to both, in a decoder alone.
    case sole
  }

  /// What each layer and head looks at while the model reads a source and says a target.
  ///
  /// - Parameters:
  ///   - source: symbols of a sentence, at least one.
  ///   - target: symbols of what is said, without start and end; of an encoder alone, nothing.
  /// - Returns: the encoder's heads, source by source; of each decoder layer those to the source,
  ///   target by source, and those to the target itself.
  public func attentionHeads(source: [Int32], target: [Int32]) -> [AttentionHead] {
    var heads: [AttentionHead] = []
    var counts: [Part: Int] = [:]
    func add(_ part: Part, _ weights: Tensor<Scalar>) {
      counts[part, default: 0] += 1
      let number = counts[part]!
      for head in 0..<weights.shape[1] {
        let own = weights[0, head]  // [queries, keys]
        heads += Self.heads(part, number, head, own, source.count, target.count)
      }
    }
    let batch = SequencePairBatch(sources: [source], targets: [target])
    if configuration.form == .encoder {
      _ = encode(batch.source, nil) { add(.encoder, $0) }
    } else {
      _ = decode(batch.source, batch.input, nil, watched: add)
    }
    return heads
  }

  /// The parts of a head's weights that people look at.
  private static func heads(
    _ part: Part, _ layer: Int, _ head: Int, _ weights: Tensor<Scalar>, _ source: Int,
    _ target: Int
  ) -> [AttentionHead] {
    func piece(
      _ name: String, _ queries: AttentionHead.Side, _ keys: AttentionHead.Side,
      from row: Int = 0, _ columns: Range<Int>
    ) -> AttentionHead {
      let count = queries == .source ? source : target
      return AttentionHead(
        layer: "\(name) \(layer)", head: head, queries: queries, keys: keys,
        weights: weights.narrowed(axis: 0, to: row..<(row + count))
          .narrowed(axis: 1, to: columns))
    }
    return switch part {
    case .encoder: [piece("encoder", .source, .source, 0..<source)]
    case .decoder: [piece("decoder to itself", .target, .target, 0..<target)]
    case .memory: [piece("decoder", .target, .source, 0..<source)]
    case .sole:
      [
        piece("source to itself", .source, .source, 0..<source),
        piece("target to source", .target, .source, from: source, 0..<source),
        piece("target to itself", .target, .target, from: source, source..<(source + target)),
      ]
    }
  }
}
