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
    return zip(sources, try said(to: sources, beam: settings.beam)).map { source, said in
      said.flatMap { said -> (any Picture)? in
        let heads = heads(source, said)
        if heads.isEmpty { return nil }
        return heads.count == 1
          ? heads[0].map : LayeredAttention(heads: heads, caption: source)
      }
    }
  }

  /// Which symbols of the input each symbol of an answer came from, the mean over layers and heads;
  /// nil for a model without attention.
  func alignment(_ source: String, _ said: Said) -> AttentionMap? {
    let (sources, outputs) = tokens(source, said)
    let maps = heads(source, said).map(\.map).filter {
      $0.sources == sources && $0.outputs == outputs
    }
    return maps.isEmpty ? nil : AttentionMap(meanOf: maps, caption: source)
  }

  private func tokens(
    _ source: String, _ said: Said
  ) -> (source: [String], target: [String]) {
    (sourceCodec.tokens(of: source), said.tokens)
  }

  /// What each head looked at while the model said an answer.
  private func heads(_ source: String, _ said: Said) -> [LayeredAttention.Head] {
    let (sources, target) = tokens(source, said)
    let heads = withoutGradient {
      model.attentionHeads(
        source: said.source.symbols, target: said.hypothesis.symbols)
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
