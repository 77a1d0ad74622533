import Autograd
public import CInterface
import Layers
public import SequenceTagger

extension SequenceTagger: CallableByName {
  /// `apply`, of `words` `[batch, time]`, `letters` `[batch, time, letters]` and `lengths` to the logits
  /// `tags` `[batch, time, tags]` and `intents` `[batch, intents]`, and to what words and sentence look
  /// at, `slotWeights` and `intentWeights`; and `predict`, to the tag of each word, `tags`
  /// `[batch, time]`, -1 after a sentence's end, and the `intents` `[batch]`.
  ///
  /// With a decoder, which tells a tag by those before it, `predict` is all there is.
  public var namedFunctions: [NamedFunction<Scalar>] {
    decoder == nil ? [applyFunction, predictFunction] : [predictFunction]
  }

  private var applyFunction: NamedFunction<Scalar> {
    NamedFunction(
      inputs: sentences,
      outputs: [
        .numbers("tags", ["batch", "time", .size(configuration.tags)]),
        .numbers("intents", ["batch", .size(configuration.intents)]),
        .numbers("slotWeights", ["batch", "time", "time"]),
        .numbers("intentWeights", ["batch", "time"]),
      ]
    ) {
      let made = logitsAndWeights(batch(of: $0))
      return [made.tags, made.intents, made.slotWeights, made.intentWeights]
    }
  }

  private var predictFunction: NamedFunction<Scalar> {
    NamedFunction(
      "predict", inputs: sentences,
      outputs: [
        .indices("tags", ["batch", "time"], in: -1..<configuration.tags),
        .indices("intents", ["batch"], in: 0..<configuration.intents),
      ]
    ) {
      let batch = batch(of: $0)
      let made = predict(batch, TagTransitions(unlimited: configuration.tags))
      let time = batch.words.shape[1]
      let tags = made.tags.flatMap { row in
        row.map { Int32($0) } + Array(repeating: SequenceTaggerBatch.noTag, count: time - row.count)
      }
      return [
        Tensor(tags, shape: [batch.count, time]), Tensor(made.intents.map { Int32($0) }),
      ]
    }
  }

  /// The cross-entropy of `tags` `[batch, time]` and of `intents` `[batch]` together.
  public var namedLoss: NamedLoss<Scalar>? {
    NamedLoss(
      inputs: sentences,
      targets: [
        .indices("tags", ["batch", "time"], in: 0..<configuration.tags),
        .indices("intents", ["batch"], in: 0..<configuration.intents),
      ]
    ) { loss(batch(of: $0, hasTargets: true)) }
  }

  private func batch(
    of arguments: NamedArguments<Scalar>, hasTargets: Bool = false
  ) -> SequenceTaggerBatch {
    let words = arguments.rows("words", lengths: "lengths")
    let letters = arguments.indices("letters")
    let (time, width, numbers) = (letters.shape[1], letters.shape[2], letters.scalars)
    return SequenceTaggerBatch(
      words: words,
      letters: words.enumerated().map { row, sentence in
        sentence.indices.map { word in
          let start = (row * time + word) * width
          return Array(numbers[start..<(start + width)])
        }
      }, tags: hasTargets ? arguments.rows("tags", lengths: "lengths") : nil,
      intents: hasTargets ? arguments.indices("intents").scalars : nil)
  }

  private var sentences: [NamedTensor] {
    [
      .indices("words", ["batch", "time"], in: 0..<configuration.words),
      .indices("letters", ["batch", "time", "letters"], in: 0..<configuration.letters),
      .lengths(of: "time"),
    ]
  }
}
