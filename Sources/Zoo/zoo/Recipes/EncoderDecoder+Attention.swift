import Autograd
import Sequences
import Tasks

// What an encoder-decoder looked at.

extension EncoderDecoder {
  static var picturesExplanation: String {
    "Each row is a symbol of the answer; colour marks what it looks at in the input."
  }

  /// Every layer and head, or the one map of a model that has no more.
  func pictures(of inputs: [String]) throws -> [(any Picture)?] {
    let sources = try checked(inputs)
    return zip(sources, try hypotheses(sources, beam: settings.beam)).map { source, hypothesis in
      hypothesis.flatMap { hypothesis -> (any Picture)? in
        let heads = heads(source, hypothesis)
        if heads.isEmpty { return nil }
        return heads.count == 1
          ? heads[0].map : LayeredAttention(heads: heads, caption: source)
      }
    }
  }

  /// Which symbols of the input each symbol of an answer came from, the mean over layers and heads;
  /// nil for a model without attention.
  func alignment(_ source: String, _ hypothesis: SequenceHypothesis) -> AttentionMap? {
    let (sources, outputs) = tokens(source, hypothesis)
    let maps = heads(source, hypothesis).map(\.map).filter {
      $0.sources == sources && $0.outputs == outputs
    }
    return maps.isEmpty ? nil : AttentionMap(meanOf: maps, caption: source)
  }

  private func tokens(
    _ source: String, _ hypothesis: SequenceHypothesis
  ) -> (source: [String], target: [String]) {
    (sourceCodec.tokens(of: source), targetCodec.tokens(hypothesis.symbols))
  }

  /// What each head looked at while the model said an answer.
  private func heads(_ source: String, _ hypothesis: SequenceHypothesis) -> [LayeredAttention.Head] {
    let (sources, target) = tokens(source, hypothesis)
    let heads = withoutGradient {
      model.attentionHeads(source: sourceCodec.encode(source), target: hypothesis.symbols)
    }
    return heads.map { head in
      let map = AttentionMap(
        sources: head.keys == .source ? sources : [Self.startMark] + target.dropLast(),
        outputs: head.queries == .source ? sources : target, weights: head.weights,
        caption: source)
      return LayeredAttention.Head(
        layer: head.layer, name: "\((head.head ?? 0) + 1)", map: map)
    }
  }

  /// Stands for what the decoder reads first.
  private static var startMark: String { "→" }
}
