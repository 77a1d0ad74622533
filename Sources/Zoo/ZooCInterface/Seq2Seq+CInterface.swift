import Autograd
public import CInterface
import Layers
public import Seq2Seq

extension Seq2Seq: CallableByName {
  /// `apply`, of `source` `[batch, source]`, `target`, what the decoder reads in each step, `[batch,
  /// target]`, and `lengths` of the sources to `logits` `[batch, target, targetVocabulary]`, and with
  /// attention to `weights` `[batch, target, source]`; and `beam`.
  public var namedFunctions: [NamedFunction<Scalar>] {
    let logits = NamedTensor.numbers(
      "logits", ["batch", "target", .size(configuration.targetVocabulary)])
    let weights = NamedTensor.numbers("weights", ["batch", "target", "source"])
    return [
      NamedFunction(inputs: inputs, outputs: attention == nil ? [logits] : [logits, weights]) {
        let made = decode(
          $0.indices("source"), $0.indices("target"), lengths: $0.lengths("lengths"))
        return [made.logits] + (made.weights.map { [$0] } ?? [])
      },
      beamFunction(
        source: configuration.sourceVocabulary, target: configuration.targetVocabulary),
    ]
  }

  /// The cross-entropy of `labels`, what the decoder should say, `[batch, target]`; 0 does not count.
  public var namedLoss: NamedLoss<Scalar>? {
    NamedLoss(
      inputs: inputs,
      targets: [
        .indices("labels", ["batch", "target"], in: 0..<configuration.targetVocabulary)
      ]
    ) {
      crossEntropyLoss(
        self($0.indices("source"), $0.indices("target"), lengths: $0.lengths("lengths")),
        $0.indices("labels"), ignoring: Int(SequenceSymbol.padding))
    }
  }

  private var inputs: [NamedTensor] {
    [
      .indices("source", ["batch", "source"], in: 0..<configuration.sourceVocabulary),
      .indices("target", ["batch", "target"], in: 0..<configuration.targetVocabulary),
      .lengths(of: "source"),
    ]
  }
}
