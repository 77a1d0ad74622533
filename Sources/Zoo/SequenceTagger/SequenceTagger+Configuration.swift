import Layers

extension SequenceTagger {
  /// Why there is no such model: a phrase; nil if there is one.
  public static func contradiction(in configuration: SequenceTaggerConfiguration) -> String? {
    if configuration.scoresNeighbours && configuration.tagSize > 0 {
      return "tags are scored with their neighbours or decoded one after another, not both"
    }
    return Layers.contradiction(
      sizes: [
        "words": configuration.words, "letters": configuration.letters,
        "tags": configuration.tags, "intents": configuration.intents,
        "wordSize": configuration.wordSize, "letterSize": configuration.letterSize,
        "letterWidth": configuration.letterWidth, "hiddenSize": configuration.hiddenSize,
        "attentionSize": configuration.attentionSize,
      ],
      layers: ["layers": configuration.layers],
      counts: [
        "letterFeatures": configuration.letterFeatures, "tagSize": configuration.tagSize,
      ], rates: ["dropout": configuration.dropout])
  }
}
